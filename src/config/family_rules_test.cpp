#include "config/family_rules.hpp"

#include <doctest/doctest.h>

using namespace busbar;
using namespace busbar::config;

namespace {

profile::Profile family_with(std::vector<model::Role> roles) {
    profile::Profile family;
    family.name = "acme/thing";
    for (const model::Role role : roles) {
        profile::Point point;
        point.role = {role, 0};
        family.points.push_back(point);
    }
    return family;
}
DeviceConfig used_as(Use use) {
    DeviceConfig device;
    device.id = "thing";
    device.profile = "acme/thing";
    device.use = use;
    return device;
}

}  // namespace

TEST_CASE("a device is not used as what it cannot be") {
    const auto meter = family_with({model::Role::meter_power, model::Role::meter_frequency});
    CHECK(check_use(used_as(Use::grid_meter), meter));
    CHECK(check_use(used_as(Use::sub_meter), meter));
    const Status battery = check_use(used_as(Use::battery), meter);
    REQUIRE_FALSE(battery.has_value());
    CHECK(battery.error().kind == Errc::out_of_range);
    CHECK(battery.error().text ==
          "use: 'battery' needs battery.power, and acme/thing does not tell that; choose 'grid_meter' or 'sub_meter'");
    CHECK_FALSE(check_use(used_as(Use::pv), meter).has_value());
    CHECK(check_use(used_as(Use::pv), family_with({model::Role::ac_power, model::Role::battery_power})));
}

TEST_CASE("a serial number is expected only of a family that tells one") {
    auto family = family_with({model::Role::meter_power});
    DeviceConfig device = used_as(Use::grid_meter);
    CHECK(check_serial_is_told(device, family));
    device.serial = "A17";
    const Status told = check_serial_is_told(device, family);
    REQUIRE_FALSE(told.has_value());
    CHECK(told.error().kind == Errc::out_of_range);
    CHECK(told.error().text.starts_with("serial: acme/thing tells no serial number, so 'A17' can never be checked; "));
    family.identify.serial.emplace();
    CHECK(check_serial_is_told(device, family));
}
