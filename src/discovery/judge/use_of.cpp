#include "discovery/judge/use_of.hpp"

#include <algorithm>

#include "model/capability.hpp"
#include "model/use.hpp"

namespace busbar::discovery {

model::Use use_of(std::span<const model::RoleKey> roles) {
    using model::Capability, model::Use;
    const model::Capabilities can = model::capabilities_of(roles);
    const auto is = [&](Use use) { return model::can_be(use, roles); };
    const bool makes_pv =
        std::ranges::any_of(roles, [](const model::RoleKey& r) { return to_string(r).starts_with("pv."); });
    if (can.has(Capability::charges_cars)) return Use::charger;
    if (can.has(Capability::stores_energy)) return makes_pv && is(Use::hybrid) ? Use::hybrid : Use::battery;
    if (is(Use::pv)) return Use::pv;
    if (is(Use::grid_meter)) return Use::grid_meter;
    return Use::sub_meter;
}

model::Use use_of(const profile::Profile& profile) { return use_of(profile::roles_of(profile)); }

}  // namespace busbar::discovery
