#include "northbound/identity.hpp"

#include <algorithm>

namespace busbar::northbound {
namespace {

constexpr std::uint8_t encapsulated = 43, device_identification = 14;
constexpr std::uint8_t basic_and_individual = 0x81;  // conformity: the three basic objects, streamed or one by one
constexpr std::uint8_t objects = 3;
enum Code : std::uint8_t { basic = 1, extended = 3, individual = 4 };

void put(wire::Pdu& pdu, std::uint8_t value) { pdu.bytes[pdu.size++] = value; }
void put_object(wire::Pdu& pdu, std::uint8_t id, std::string_view text) {
    text = text.substr(0, 64);
    put(pdu, id);
    put(pdu, static_cast<std::uint8_t>(text.size()));
    for (const char c : text) put(pdu, static_cast<std::uint8_t>(c));
}

}  // namespace

std::optional<wire::Pdu> identity_answer(ByteView request, const Identity& identity) {
    if (request.size() < 2 || request[0] != encapsulated || request[1] != device_identification) return std::nullopt;
    if (request.size() != 4 || request[2] < basic || request[2] > individual)
        return wire::encode_exception(encapsulated, wire::ExceptionCode::illegal_data_value);
    const std::uint8_t code = request[2];
    std::uint8_t first = request[3];
    if (code == individual && first >= objects)
        return wire::encode_exception(encapsulated, wire::ExceptionCode::illegal_data_address);
    if (first >= objects) first = 0;  // as the protocol wants it
    const std::uint8_t last = code == individual ? first : objects - 1;
    const std::string_view texts[objects] = {identity.vendor, identity.product, identity.version};
    wire::Pdu pdu;
    for (const std::uint8_t b : {encapsulated, device_identification, code, basic_and_individual}) put(pdu, b);
    put(pdu, 0);  // no more follows
    put(pdu, 0);  // next object
    put(pdu, static_cast<std::uint8_t>(last - first + 1));
    for (std::uint8_t id = first; id <= last; ++id) put_object(pdu, id, texts[id]);
    return pdu;
}

}  // namespace busbar::northbound
