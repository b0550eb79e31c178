#include "discovery/judge/use_of.hpp"

#include <algorithm>
#include <vector>

#include "model/capability.hpp"

namespace busbar::discovery {

model::Use use_of(std::span<const model::RoleKey> roles) {
    using model::Capability;
    const model::Capabilities can = model::capabilities_of(roles);
    const bool makes_pv =
        std::ranges::any_of(roles, [](const model::RoleKey& r) { return to_string(r).starts_with("pv."); });
    if (can.has(Capability::charges_cars)) return model::Use::charger;
    if (can.has(Capability::stores_energy)) return makes_pv ? model::Use::hybrid : model::Use::battery;
    if (can.has(Capability::produces_ac) || makes_pv) return model::Use::pv;
    if (can.has(Capability::meters_power)) return model::Use::grid_meter;
    return model::Use::sub_meter;
}

model::Use use_of(const profile::Profile& profile) {
    std::vector<model::RoleKey> roles;
    for (const profile::Point& point : profile.points) roles.push_back(point.role);
    for (const profile::Control& control : profile.controls) roles.push_back(control.role);
    return use_of(roles);
}

}  // namespace busbar::discovery
