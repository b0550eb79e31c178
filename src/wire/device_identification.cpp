#include "wire/device_identification.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.hpp"

namespace busbar::wire {
namespace {

constexpr std::size_t more_at = 4, next_at = 5, count_at = 6, objects_at = 7;

void put(Pdu& pdu, std::uint8_t value) { pdu.bytes[pdu.size++] = value; }

}  // namespace

Pdu encode_identity_request(const IdentityQuestion& question) {
    Pdu pdu;
    for (const std::uint8_t b :
         {encapsulated, device_identification, static_cast<std::uint8_t>(question.code), question.object})
        put(pdu, b);
    return pdu;
}

Result<IdentityPage> decode_identity_answer(ByteView pdu, IdentityCode asked) {
    if (pdu.size() == 2 && pdu[0] == (encapsulated | exception_bit))
        return fail(Errc::refused, fmt::format("exception {}: {}", pdu[1], exception_name(pdu[1])));
    const auto broken = [](std::string_view what) {
        return fail(Errc::malformed, fmt::format("device identification: {}", what));
    };
    ByteReader in(pdu);
    const bool is_ours =
        in.u8() == encapsulated && in.u8() == device_identification && in.u8() == static_cast<std::uint8_t>(asked);
    (void)in.u8();  // conformity: nothing depends on it
    IdentityPage page;
    page.more_follows = in.u8() != 0;
    page.next_object = in.u8();
    const std::uint8_t count = in.u8();
    if (!in.ok() || !is_ours) return broken("the answer is no such answer");
    for (unsigned i = 0; i < count && in.ok(); ++i) {
        const std::uint8_t id = in.u8(), size = in.u8();
        page.objects.push_back({id, in.take(size)});
    }
    if (!in.ok()) return broken("an object ends beyond the answer");
    if (in.left() > 0) return broken("bytes are left behind the last object");
    return page;
}

boost::system::result<IdentityQuestion, ExceptionCode> decode_identity_request(ByteView pdu) {
    if (pdu.size() < 2 || pdu[0] != encapsulated || pdu[1] != device_identification)
        return ExceptionCode::illegal_function;
    const bool is_whole = pdu.size() == 4 && pdu[2] >= static_cast<std::uint8_t>(IdentityCode::basic) &&
                          pdu[2] <= static_cast<std::uint8_t>(IdentityCode::individual);
    if (!is_whole) return ExceptionCode::illegal_data_value;
    return IdentityQuestion{static_cast<IdentityCode>(pdu[2]), pdu[3]};
}

Pdu encode_identity_answer(IdentityCode asked, std::uint8_t conformity, std::span<const IdentityObject> objects) {
    Pdu pdu;
    for (const std::uint8_t b : {encapsulated, device_identification, static_cast<std::uint8_t>(asked), conformity})
        put(pdu, b);
    pdu.size = objects_at;
    pdu.bytes[more_at] = pdu.bytes[next_at] = pdu.bytes[count_at] = 0;
    for (const IdentityObject& object : objects) {
        BUSBAR_ASSERT(object.value.size() <= max_identity_object);
        if (pdu.size + 2u + object.value.size() > max_pdu_size) {
            pdu.bytes[more_at] = 0xFF;
            pdu.bytes[next_at] = object.id;
            break;
        }
        put(pdu, object.id);
        put(pdu, static_cast<std::uint8_t>(object.value.size()));
        std::ranges::copy(object.value, pdu.bytes.begin() + pdu.size);
        pdu.size = static_cast<std::uint16_t>(pdu.size + object.value.size());
        ++pdu.bytes[count_at];
    }
    return pdu;
}

}  // namespace busbar::wire
