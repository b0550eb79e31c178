#include "config/family_rules.hpp"

#include <fmt/format.h>

#include "base/phrases.hpp"
#include "model/use.hpp"

namespace busbar::config {

Status check_use(const DeviceConfig& device, const profile::Profile& family) {
    const auto roles = profile::roles_of(family);
    if (model::can_be(device.use, roles)) return ok();
    std::string instead;
    for (const Use use : model::uses_of(roles))
        instead += fmt::format("{}'{}'", instead.empty() ? "" : " or ", model::to_string(use));
    return fail(Errc::out_of_range, say<phrases::use_impossible>(model::to_string(device.use),
                                                                 model::need_of(device.use), family.name, instead));
}

Status check_serial_is_told(const DeviceConfig& device, const profile::Profile& family) {
    if (device.serial.empty() || family.identify.serial) return ok();
    return fail(Errc::out_of_range, fmt::format("serial: {} tells no serial number, so '{}' can never be checked; "
                                                "leave it out, and write it into the name if it is wanted there",
                                                family.name, device.serial));
}

}  // namespace busbar::config
