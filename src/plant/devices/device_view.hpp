#pragma once
// What a device at a certain place of the site would measure and obey: the bridge from roles to physics. No registers
// here.
#include <cstdint>
#include <optional>

#include "model/role.hpp"
#include "plant/site.hpp"

namespace busbar::plant {

enum class Activity : std::uint8_t { off, running, limited };

class DeviceView {
public:
    enum class Kind : std::uint8_t { grid_meter, load_meter, converter, whole_site };
    // `index`: which load or converter. The site outlives the view. `whole_site` sums up all converters, as loggers do.
    DeviceView(Site& site, Kind kind, std::size_t index) : site_(&site), kind_(kind), index_(index) {}

    // In the role's unit and sign; nullopt = this device does not know such a value.
    std::optional<double> value(model::RoleKey key) const;
    Activity activity() const;

    // A setpoint arrives. False: nothing here obeys such a role.
    bool apply(model::Role role, double value, double lease_s);
    void release(model::Role role);
    bool in_force(model::Role role) const;
    double left_s(model::Role role) const;  // of its lease
    const Site& site() const { return *site_; }
    bool has_battery() const;

private:
    std::optional<double> meter(model::RoleKey key) const;
    std::optional<double> charger(model::RoleKey key) const;
    std::optional<double> weather(model::RoleKey key) const;
    std::optional<double> converter(model::RoleKey key) const;
    std::optional<double> battery(model::Role role) const;
    std::optional<double> whole_site(model::RoleKey key) const;
    std::optional<double> string_value(model::RoleKey key) const;
    const Converter& source() const { return site_->converters()[index_]; }
    template <class Action>
    void hand_on(Action action) const;
    RemoteValue* remote(model::Role role) const;

    Site* site_;
    Kind kind_;
    std::size_t index_;
};

}  // namespace busbar::plant
