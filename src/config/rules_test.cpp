#include "config/rules.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace busbar;
using namespace busbar::config;

namespace {

BusConfig bus_named(const char* id, decltype(BusConfig::link) link) {
    BusConfig bus;
    bus.id = id;
    bus.link = std::move(link);
    return bus;
}
DeviceConfig device_at(const char* id, const char* bus, int unit, Use use = Use::sub_meter) {
    DeviceConfig device;
    device.id = device.name = id;
    device.profile = "chint/dtsu666";
    device.bus = bus;
    device.unit = static_cast<std::uint8_t>(unit);
    device.use = use;
    return device;
}
SiteConfig site() {
    SiteConfig s;
    s.buses = {bus_named("lan", TcpEndpoint{"192.168.8.20", 502, false}), bus_named("line", SerialPort{"/dev/ttyUSB0"}),
               bus_named("server", TcpEndpoint{"192.168.8.30", 4001, true})};
    s.devices = {device_at("grid", "line", 11, Use::grid_meter), device_at("heat", "line", 12)};
    return s;
}
void refused(const Status& status, Errc kind, const char* part) {
    REQUIRE_FALSE(status.has_value());
    CHECK(status.error().kind == kind);
    CHECK_MESSAGE(status.error().text.find(part) != std::string::npos, status.error().text);
}

}  // namespace

TEST_CASE("an address in use is refused with the device that holds it") {
    CHECK(may_add(site(), device_at("new", "line", 13)));
    CHECK(may_add(site(), device_at("new", "lan", 11)));  // another bus
    refused(may_add(site(), device_at("new", "line", 11)), Errc::denied,
            "unit 11 on bus 'line' is held by device 'grid'; delete that one first");
    refused(may_add(site(), device_at("grid", "line", 13)), Errc::denied, "device 'grid' is already defined");
    refused(may_add(site(), device_at("new", "line", 13, Use::grid_meter)), Errc::denied,
            "device 'grid' is the grid meter already");
    refused(may_add(site(), device_at("new", "linie", 13)), Errc::unsupported,
            "there is no bus 'linie'; did you mean 'line'?");
}

TEST_CASE("a serial number that another device is to have is refused with that device") {
    SiteConfig two = site();
    two.devices[1].serial = "SN4711";
    DeviceConfig again = device_at("new", "lan", 3);
    again.serial = "SN4711";
    refused(may_add(two, again), Errc::denied, "serial: SN4711 is that of device 'heat'; delete that one first");
    refused(check_place(two, again), Errc::denied, "serial: SN4711");
    DeviceConfig changed = two.devices[0];
    changed.serial = "SN4711";
    refused(may_change(two, changed), Errc::denied, "device 'heat'");
    CHECK(may_change(two, two.devices[1]));
    for (const char* other : {"", "SN4712"}) {
        again.serial = other;
        CHECK_MESSAGE(may_add(two, again), other);
    }
    // What stands there when nobody has set a number.
    two.devices[1].serial = again.serial = "0000000000";
    CHECK(may_add(two, again));
}

TEST_CASE("an address is one that can be on its bus") {
    for (const char* bus : {"line", "server"}) {
        refused(may_add(site(), device_at("new", bus, 0)), Errc::out_of_range, "expected 1 to 247");
        refused(may_add(site(), device_at("new", bus, 248)), Errc::out_of_range, "expected 1 to 247");
        CHECK(may_add(site(), device_at("new", bus, 247)));
    }
    CHECK(may_add(site(), device_at("new", "lan", 0)));
    CHECK(may_add(site(), device_at("new", "lan", 255)));
    CHECK_FALSE(check_unit(site().buses[0], 256));
    CHECK_FALSE(check_unit(site().buses[0], -1));
}

TEST_CASE("a device is deleted only by whom it is named rightly") {
    CHECK(may_remove(site(), "heat", {"line", "chint/dtsu666", 12}));
    for (const DevicePlace& wrong : {DevicePlace{"lan", "chint/dtsu666", 12}, DevicePlace{"line", "huawei/emma", 12},
                                     DevicePlace{"line", "chint/dtsu666", 11}})
        refused(may_remove(site(), "heat", wrong), Errc::denied, "is chint/dtsu666 at unit 12 on bus 'line', not what");
    refused(may_remove(site(), "hea", {}), Errc::unsupported, "there is no device 'hea'; did you mean 'heat'?");
    refused(may_remove(site(), std::string(10'000, 'x'), {}), Errc::unsupported, "there is no device");
}

TEST_CASE("limits per line and per site are settings; a file beyond them runs and is told") {
    SiteConfig full = site();
    full.limits = {.devices_per_bus = 3, .devices = 5};
    CHECK(may_add(full, device_at("c", "line", 13)));
    full.devices.push_back(device_at("c", "line", 13));
    refused(may_add(full, device_at("d", "line", 14)), Errc::denied,
            "bus 'line' has 3 devices, the limit of a line is 3; use another line, or raise 'limits: devices_per_bus'");
    for (const int unit : {1, 2}) full.devices.push_back(device_at(unit == 1 ? "e" : "f", "lan", unit));
    refused(may_add(full, device_at("g", "lan", 3)), Errc::denied, "the site has 5 devices, its limit is 5");
    CHECK(doubts(full).empty());
    full.devices.push_back(device_at("h", "line", 15));
    CHECK(doubts(full).size() == 2);
    // One that is there already may change without moving, and move only where there is room.
    DeviceConfig same = full.devices.front();
    same.name = "Grid";
    CHECK(may_change(full, same));
    same.bus = "lan";
    same.unit = 77;
    CHECK_FALSE(may_change(full, same));
    // Many units behind one connection are no line.
    SiteConfig logger = site();
    logger.limits.devices_per_bus = 1;
    for (int unit = 1; unit < 40; ++unit) {
        const DeviceConfig device = device_at(fmt::format("d{}", unit).c_str(), "lan", unit);
        CHECK(may_add(logger, device));
        logger.devices.push_back(device);
    }
}

TEST_CASE("names and serial numbers are short and made of what belongs there") {
    DeviceConfig device = device_at("new", "lan", 1);
    device.name = std::string(10'000, 'x');
    refused(may_add(site(), device), Errc::out_of_range, "name: 10000 bytes; a name has at most 64");
    for (const char* bad : {"", "two\nlines", "bell\a"}) {
        device.name = bad;
        CHECK_FALSE(may_add(site(), device));
    }
    device.name = "Zähler Süd";
    CHECK(may_add(site(), device));
    for (const char* good : {"", "ES2470012345", "SN-12_3/4.5", "x"}) CHECK_MESSAGE(check_serial(good, "a/b"), good);
    refused(check_serial("AB 12", "a/b"), Errc::out_of_range, "character ' '");
    refused(check_serial("AB\x01", "a/b"), Errc::out_of_range, "character 0x01");
    refused(check_serial("ÄB", "a/b"), Errc::out_of_range, "character 0xC3");
    refused(check_serial(std::string(33, '1'), "a/b"), Errc::out_of_range, "at most 32");
    CHECK(check_serial("ABC1234567", "growatt/sph"));
    refused(check_serial("ABC123456", "growatt/sph"), Errc::out_of_range, "exactly 10 letters and digits");
    refused(check_serial("ABC-123456", "atess/hps"), Errc::out_of_range, "exactly 10 letters and digits");
    for (const std::string& id : {std::string(), std::string(33, 'a'), std::string("a b"), std::string("ä")}) {
        DeviceConfig odd = device_at("x", "lan", 1);
        odd.id = id;
        refused(may_add(site(), odd), Errc::out_of_range, "letters, digits");
    }
}

TEST_CASE("one charger may hang anywhere, two only on the router") {
    const auto charger = [](const char* id, int unit, Via via) {
        DeviceConfig device = device_at(id, "lan", unit, Use::charger);
        device.via = via;
        return device;
    };
    for (const Via first : {Via::unsaid, Via::lan, Via::router}) {
        SiteConfig s = site();
        REQUIRE(may_add(s, charger("left", 1, first)));
        s.devices.push_back(charger("left", 1, first));
        for (const Via second : {Via::unsaid, Via::lan, Via::router}) {
            const Status added = may_add(s, charger("right", 2, second));
            if (first == Via::router && second == Via::router)
                CHECK(added);
            else
                refused(added, Errc::denied, "two chargers must both be on the router");
        }
        refused(may_change(s, charger("none", 1, first)), Errc::unsupported, "there is no device");
    }
    SiteConfig two = site();
    for (const int unit : {1, 2}) two.devices.push_back(charger(unit == 1 ? "left" : "right", unit, Via::router));
    refused(may_add(two, charger("third", 3, Via::router)), Errc::denied, "at most two chargers: device 'left' and");
    refused(may_change(two, charger("left", 1, Via::lan)), Errc::denied, "'left' to the router");
    CHECK(doubts(two).empty());
    two.devices.back().via = Via::lan;
    REQUIRE(doubts(two).size() == 1);
    CHECK(doubts(two)[0].find("device 'right': two chargers must both be on the router") != std::string::npos);
    DeviceConfig meter = device_at("m", "lan", 9);
    meter.via = Via::lan;
    refused(may_add(site(), meter), Errc::out_of_range, "belongs to 'use: charger'");
}

TEST_CASE("a charger on a serial line counts among the two, and hangs on no network") {
    SiteConfig s = site();
    s.devices.push_back(device_at("wallbox", "line", 20, Use::charger));
    for (const Via way : {Via::unsaid, Via::lan, Via::router}) {
        DeviceConfig second = device_at("second", "lan", 1, Use::charger);
        second.via = way;
        CHECK(may_add(s, second));
    }
    CHECK(may_add(s, device_at("other", "line", 21, Use::charger)));
    s.devices.push_back(device_at("second", "lan", 1, Use::charger));
    refused(may_add(s, device_at("third", "lan", 2, Use::charger)), Errc::denied, "at most two chargers");
}

TEST_CASE("a bus is added where none is, and removed when nobody is on it") {
    CHECK(may_add_bus(site(), bus_named("attic", SerialPort{"/dev/ttyUSB1"})));
    refused(may_add_bus(site(), bus_named("attic", SerialPort{"/dev/ttyUSB0"})), Errc::denied,
            "/dev/ttyUSB0 already belongs to bus 'line'");
    refused(may_add_bus(site(), bus_named("line", SerialPort{"/dev/ttyUSB1"})), Errc::denied, "is already defined");
    refused(may_add_bus(site(), bus_named("x", TcpEndpoint{"192.168.8.20", 502, false})), Errc::denied,
            "already is bus 'lan'");
    SiteConfig named = site();
    named.buses.push_back(bus_named("gateway", TcpEndpoint{"Inverter.local", 502, false}));
    for (const char* host : {"inverter.local", "INVERTER.LOCAL.", "Inverter.local"})
        refused(may_add_bus(named, bus_named("x", TcpEndpoint{host, 502, false})), Errc::denied, "is bus 'gateway'");
    CHECK(may_add_bus(named, bus_named("x", TcpEndpoint{"inverter.local.lan", 502, false})));
    refused(may_add_bus(named, bus_named("x", TcpEndpoint{"192.168.8.20.", 502, false})), Errc::denied, "bus 'lan'");
    refused(may_add_bus(site(), bus_named("x", TcpEndpoint{"a b", 502, false})), Errc::out_of_range, "host:");
    refused(may_add_bus(site(), bus_named("x", TcpEndpoint{"h", 0, false})), Errc::out_of_range, "port:");
    refused(may_add_bus(site(), bus_named("x", SerialPort{"ttyUSB1"})), Errc::out_of_range, "port:");
    refused(may_add_bus(site(), bus_named("x", SerialPort{"/dev/x", 300})), Errc::out_of_range, "baud:");
    refused(may_add_bus(site(), bus_named("x", SerialPort{"/dev/x", 9600, 'X'})), Errc::out_of_range, "parity:");
    refused(may_add_bus(site(), bus_named("x", SerialPort{"/dev/x", 9600, 'N', 3})), Errc::out_of_range, "stop_bits:");
    refused(may_remove_bus(site(), "line"), Errc::denied, "device 'grid' is on bus 'line'");
    CHECK(may_remove_bus(site(), "lan"));
    refused(may_remove_bus(site(), "lam"), Errc::unsupported, "did you mean 'lan'?");
    CHECK(may_change_bus(site(), bus_named("line", SerialPort{"/dev/ttyUSB0", 115200})));
    SiteConfig far = site();
    far.devices.push_back(device_at("zero", "lan", 0));
    refused(may_change_bus(far, bus_named("lan", TcpEndpoint{"h", 502, true})), Errc::out_of_range,
            "device 'zero': unit: 0 cannot be an address");
}
