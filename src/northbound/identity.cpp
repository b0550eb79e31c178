#include "northbound/identity.hpp"

#include "wire/device_identification.hpp"

namespace busbar::northbound {
namespace {

constexpr std::uint8_t basic_and_individual = 0x81;  // conformity: the three basic objects, streamed or one by one
constexpr std::size_t longest_text = 64;

}  // namespace

std::optional<wire::Pdu> identity_answer(ByteView request, const Identity& identity) {
    const auto asked = wire::decode_identity_request(request);
    if (!asked && asked.error() == wire::ExceptionCode::illegal_function) return std::nullopt;
    if (!asked) return wire::encode_exception(wire::encapsulated, asked.error());
    const std::string_view texts[] = {identity.vendor, identity.product, identity.version};
    std::vector<wire::IdentityObject> objects;
    for (const std::string_view text : texts)
        objects.push_back({static_cast<std::uint8_t>(objects.size()), as_bytes(text.substr(0, longest_text))});
    const bool is_known = asked->object < objects.size();
    const auto from = [&](std::size_t first) { return std::span<const wire::IdentityObject>(objects).subspan(first); };
    if (asked->code != wire::IdentityCode::individual)  // an unknown object means the first, as the protocol wants it
        return encode_identity_answer(asked->code, basic_and_individual, from(is_known ? asked->object : 0));
    if (!is_known) return wire::encode_exception(wire::encapsulated, wire::ExceptionCode::illegal_data_address);
    return encode_identity_answer(asked->code, basic_and_individual, from(asked->object).first(1));
}

}  // namespace busbar::northbound
