#pragma once
// Modbus function 43, type 14 ("read device identification"), both directions: a device tells who it is as numbered
// objects, as many at a time as fit into one answer. Used by the search for devices, and by whoever plays a device.
// Pure, as modbus_pdu.hpp. Source: MODBUS Application Protocol V1.1b3, 6.21.
//
// What the objects mean is not known here; device_list.hpp reads the ones that loggers tell.
#include <boost/system/result.hpp>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "wire/modbus_pdu.hpp"

namespace busbar::wire {

inline constexpr std::uint8_t encapsulated = 43, device_identification = 14;
inline constexpr std::size_t max_identity_object = 244;  // bytes of one object, so that it fits an answer of its own

// How much is asked for: a stream of objects from one on, or exactly one.
enum class IdentityCode : std::uint8_t { basic = 1, regular = 2, extended = 3, individual = 4 };

struct IdentityQuestion {
    IdentityCode code = IdentityCode::basic;
    std::uint8_t object = 0;  // the first one wanted
};

struct IdentityObject {
    std::uint8_t id = 0;
    ByteView value{};  // at most 244 bytes; points into the answer, or to what is to be told
};

// ---- client side ----

Pdu encode_identity_request(const IdentityQuestion& question);

struct IdentityPage {
    std::vector<IdentityObject> objects;  // in the order told; ids as they came, in any order; views into the answer
    bool more_follows = false;
    std::uint8_t next_object = 0;  // where to go on; means nothing unless more follows
};
// Errors: refused ("exception 2: illegal data address"); malformed, when lengths or counts do not fit.
Result<IdentityPage> decode_identity_answer(ByteView pdu, IdentityCode asked);

// ---- server side ----

// Refused: other types than 14 (illegal function), wrong lengths and codes (illegal data value).
boost::system::result<IdentityQuestion, ExceptionCode> decode_identity_request(ByteView pdu);

// As many of `objects` as fit, in their order; says where to go on when some do not. `conformity` is what the standard
// calls so: 1 to 3, plus 0x80 when objects are also told one by one.
Pdu encode_identity_answer(IdentityCode asked, std::uint8_t conformity, std::span<const IdentityObject> objects);

}  // namespace busbar::wire
