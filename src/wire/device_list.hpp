#pragma once
// The list of devices that a logger or energy manager (Huawei SmartLogger, EMMA) tells through device identification:
// object 0x87 is their number, 0x88 and so on one text each, "1=SUN2000;2=V100R001;4=BZ123;5=2"; behind 0xFF it goes on
// with 0x00. The search for devices reads it, the played loggers tell it. Pure.
//
// The list is the logger's word about others, and hostile until looked at: the ids only ever go forward round the ring
// of 256, so it ends after 255 texts whatever the logger says about more to follow. Nothing here decides whether a
// device is there: whoever reads the list asks it.
#include <optional>
#include <string>
#include <vector>

#include "wire/device_identification.hpp"

namespace busbar::wire {

inline constexpr std::size_t max_listed_text = 64;  // characters of one field that are kept

// Texts are printable ASCII, at most 64 characters; empty where the logger does not tell.
struct ListedDevice {
    std::string model, firmware, serial;
    std::optional<std::uint8_t> unit;  // none: nothing that has an address of its own
    bool operator==(const ListedDevice&) const = default;
};

struct DeviceList {
    std::vector<ListedDevice> devices;     // in the order told; two may claim one unit
    std::optional<std::uint8_t> promised;  // how many there are, as told beforehand
    unsigned unreadable = 0;               // texts that are none, or say nothing that is understood
    // Everything it promised was read.
    bool is_complete() const { return promised == devices.size() && unreadable == 0; }
};

// One text of the list. nullopt: unprintable, or without a single field that is understood.
std::optional<ListedDevice> parse_listed_device(ByteView text);
// The other way round: what a played logger says. Texts are cut so that the whole fits an object.
std::string to_text(const ListedDevice& device);

// Reads a list, answer by answer: ask request(), give the answer to take(), until it says that nothing more follows.
class DeviceListReader {
public:
    // `first`: the object with the number.
    explicit DeviceListReader(std::uint8_t first) : first_(first), next_(first) {}

    Pdu request() const { return encode_identity_request({IdentityCode::extended, next_}); }
    // True: ask again. Errors: refused, as the device says; unsupported, when it tells other objects than a list;
    // malformed, also when it goes round in circles. What was read before stays in list().
    Result<bool> take(ByteView answer);
    const DeviceList& list() const { return list_; }

private:
    // Where an object stands in the ring that begins with the number.
    unsigned place_of(std::uint8_t id) const { return static_cast<std::uint8_t>(id - first_); }
    void take_object(const IdentityObject& object);

    std::uint8_t first_, next_;
    DeviceList list_;
};

// The objects of a list, the number first, as a server tells them with encode_identity_answer(). `texts` must stay, at
// most 255 of them; `count` is where the number is kept.
std::vector<IdentityObject> device_list_objects(std::uint8_t first, std::span<const std::string> texts,
                                                std::uint8_t& count);

}  // namespace busbar::wire
