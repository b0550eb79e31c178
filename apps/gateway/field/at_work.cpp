#include "field/at_work.hpp"

#include <fmt/format.h>

#include "base/phrases.hpp"
#include "config/rules.hpp"

namespace busbar::gateway {
namespace {

// Whether the device, or the line it is on, is another one afterwards. A name is for people.
bool concerns(const config::SiteConfig& before, const config::SiteConfig& after, const std::string& id) {
    const config::DeviceConfig *was = config::find_device(before, id), *is = config::find_device(after, id);
    if (was == nullptr) return false;
    if (is == nullptr) return true;
    config::DeviceConfig renamed = *is;
    renamed.name = was->name;
    const config::BusConfig *line = config::find_bus(before, was->bus), *next = config::find_bus(after, was->bus);
    const bool is_same_line = line == nullptr ? next == nullptr : next != nullptr && line->link == next->link;
    return !(renamed == *was) || !is_same_line;
}

}  // namespace

Error busy_with_firmware(const std::string& id) { return fail(Errc::denied, say<phrases::busy_firmware>(id)); }

Status leaves_alone(const std::set<std::string>& at_work, const config::SiteConfig& before,
                    const config::SiteConfig& after, const std::set<std::string>& renewed) {
    for (const std::string& id : at_work)
        if (renewed.contains(id) || concerns(before, after, id)) return busy_with_firmware(id);
    return ok();
}

}  // namespace busbar::gateway
