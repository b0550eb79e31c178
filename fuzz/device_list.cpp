// A logger may answer anything when it is asked for its list of devices: each byte of length, then so many bytes of one
// answer. The list ends, its texts are printable and short.
#include <algorithm>
#include <cstdlib>

#include "wire/device_list.hpp"

using namespace busbar;
using namespace busbar::wire;

namespace {

void demand(bool condition) {
    if (!condition) std::abort();
}

void check(const std::string& text) {
    demand(text.size() <= max_listed_text);
    demand(std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; }));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ByteReader in({data, size});
    DeviceListReader reader(in.u8());
    unsigned pages = 0;
    for (bool is_more = true; is_more && in.left() > 0; ++pages) {
        const auto taken = reader.take(in.take(std::min<std::size_t>(in.u8(), in.left())));
        is_more = taken && *taken;
    }
    demand(pages <= 256);
    const DeviceList& list = reader.list();
    demand(list.devices.size() + list.unreadable <= 255);
    for (const ListedDevice& device : list.devices) {
        check(device.model);
        check(device.firmware);
        check(device.serial);
        const std::string told = to_text(device);
        demand(told.size() <= max_identity_object);
        (void)parse_listed_device(as_bytes(told));
    }
    return 0;
}
