#include "model/use.hpp"

#include <doctest/doctest.h>

using namespace busbar::model;

TEST_CASE("a device can be what its values make of it") {
    using Roles = std::vector<RoleKey>;
    using Uses = std::vector<Use>;
    CHECK(uses_of(Roles{{Role::meter_power}, {Role::meter_voltage, 1}}) == Uses{Use::grid_meter, Use::sub_meter});
    CHECK(uses_of(Roles{{Role::ac_power}}) == Uses{Use::pv, Use::sub_meter});
    CHECK(uses_of(Roles{{Role::pv_power}, {Role::battery_soc}}) == Uses{Use::pv, Use::hybrid, Use::sub_meter});
    CHECK(uses_of(Roles{{Role::ac_power}, {Role::battery_power}}) ==
          Uses{Use::pv, Use::hybrid, Use::battery, Use::sub_meter});
    CHECK(uses_of(Roles{{Role::battery_soc}}) == Uses{Use::sub_meter});
    CHECK(uses_of(Roles{{Role::charger_state}}) == Uses{Use::charger, Use::sub_meter});
    CHECK(uses_of(Roles{{Role::meter_phase_power, 1}}) == Uses{Use::sub_meter});  // a phase is not the whole
    CHECK(uses_of({}) == Uses{Use::sub_meter});
}
