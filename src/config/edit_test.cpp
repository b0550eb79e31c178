#include "config/edit.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "config/load.hpp"
#include "config/rules.hpp"

using namespace busbar;
using namespace busbar::config;

namespace {

DeviceConfig car_charger() {
    DeviceConfig device;
    device.id = "wallbox";
    device.name = "Car: left";
    device.profile = "keba/p30";
    device.bus = "lan";
    device.unit = 255;
    device.use = Use::charger;
    return device;
}

const std::string flow = R"(# our house
name: Demo house   # as the neighbours say
buses:
  - {id: lan, link: tcp, host: 192.168.8.20, port: 502}

  # the cellar
  - {id: rs485-1, link: serial, port: /dev/ttyUSB0}
devices:
  - {id: roof, profile: sunspec/inverter, bus: lan, unit: 126, use: pv}   # the old one
  # next to the door
  - {id: grid, profile: chint/dtsu666, bus: rs485-1, unit: 11, use: grid_meter}

# what it does
control:
  feed_in_limit: {mode: zero}
)";

const std::string block = R"(buses:
- id: lan
  link: tcp
  host: 192.168.8.20
devices:
- id: roof
  profile: sunspec/inverter   # since May
  bus: lan
  unit: 126
  use: pv
-
  id: grid
  name: "Grid: cellar"  # door
  profile: chint/dtsu666
  bus: lan
  unit: 11
  use: grid_meter)";

std::string with(std::string text, std::string_view old, std::string_view now) {
    const auto at = text.find(old);
    REQUIRE(at != std::string::npos);
    return text.replace(at, old.size(), now);
}

std::string text_of(const Result<std::string>& edited) {
    REQUIRE_MESSAGE(edited.has_value(), (edited ? "" : edited.error().text));
    return *edited;
}

DeviceConfig device_of(const std::string& yaml, std::string_view id) {
    const auto site = load(yaml, "site.yaml");
    REQUIRE(site.has_value());
    for (const auto& device : site->config.devices)
        if (device.id == id) return device;
    FAIL("no such device");
    return {};
}

}  // namespace

TEST_CASE("a device is added behind the last one and nothing else changes") {
    const std::string line =
        "{id: wallbox, name: \"Car: left\", profile: keba/p30, bus: lan, unit: 255, use: charger}\n";
    CHECK(text_of(with_device(flow, car_charger())) ==
          with(flow, "use: grid_meter}\n", "use: grid_meter}\n  - " + line));
    CHECK(text_of(with_device(block, car_charger())) == block + "\n- " + line.substr(0, line.size() - 1));
    const std::string empty = "buses: [{id: lan, link: tcp, host: h}]\ndevices: []  # none yet\nname: x\n";
    CHECK(text_of(with_device(empty, car_charger())) ==
          with(empty, ": []  # none yet\n", ":  # none yet\n  - " + line));
    const std::string without_value = "buses:\n  - {id: lan, link: tcp, host: h}\ndevices:\nname: x\n";
    CHECK(text_of(with_device(without_value, car_charger())) ==
          with(without_value, "devices:\n", "devices:\n  - " + line));
    const std::string absent = "buses:\n  - {id: lan, link: tcp, host: h}";
    CHECK(text_of(with_device(absent, car_charger())) == absent + "\ndevices:\n  - " + line.substr(0, line.size() - 1));
}

TEST_CASE("a device is removed with its own lines only") {
    CHECK(text_of(without_device(flow, "grid")) ==
          with(flow, "  - {id: grid, profile: chint/dtsu666, bus: rs485-1, unit: 11, use: grid_meter}\n", ""));
    CHECK(text_of(without_device(flow, "roof")) ==
          with(flow, "  - {id: roof, profile: sunspec/inverter, bus: lan, unit: 126, use: pv}   # the old one\n", ""));
    const std::string rest = text_of(without_device(block, "roof"));
    CHECK(rest.find("roof") == std::string::npos);
    const std::string none = text_of(without_device(rest, "grid"));
    CHECK(none.ends_with("devices: []"));
    CHECK(text_of(without_bus(none, "lan")) == "buses: []\ndevices: []");
}

TEST_CASE("what is added and removed again leaves the old text") {
    const std::string dos = [] {
        std::string text;
        for (const char c : flow) text += c == '\n' ? std::string("\r\n") : std::string(1, c);
        return text;
    }();
    for (const std::string& yaml :
         {flow, block, block + "\n", dos, flow + "\n\n# the end\n", std::string("---\n") + flow, flow + "...\n",
          std::string("devices: []\nbuses:\n  - {id: lan, link: tcp, host: h}\n"),
          std::string(
              "buses:\n    - {id: lan, link: tcp, host: h}  # LAN\n    # more to come\ndevices: []  # none\n")}) {
        CAPTURE(yaml);
        const std::string more = text_of(with_device(yaml, car_charger()));
        CHECK(more != yaml);
        CHECK(device_of(more, "wallbox") == car_charger());
        CHECK(text_of(without_device(more, "wallbox")) == yaml);
        BusConfig bus;
        bus.id = "attic";
        bus.link = SerialPort{"/dev/serial/by-id/usb-FTDI:1.0", 19200, 'E', 2};
        const std::string wired = text_of(with_bus(yaml, bus));
        CHECK(text_of(without_bus(wired, "attic")) == yaml);
        const auto again = load(wired, "x");
        REQUIRE(again.has_value());
        CHECK(again->config.buses.back() == bus);
    }
}

TEST_CASE("a changed entry keeps its place, its comments and its style") {
    DeviceConfig roof = device_of(flow, "roof");
    roof.serial = "SN-12/A.4";
    roof.name = "South roof";
    roof.unit = 3;
    const std::string changed = text_of(with_changed_device(flow, roof));
    CHECK(changed == with(flow, "{id: roof, profile: sunspec/inverter, bus: lan, unit: 126, use: pv}   # the old one",
                          "{id: roof, name: South roof, profile: sunspec/inverter, bus: lan, unit: 3, use: pv, serial: "
                          "SN-12/A.4}   # the old one"));
    roof = device_of(block, "roof");
    roof.profile = "fronius/gen24";
    roof.rated_power_w = 8200.5;
    CHECK(text_of(with_changed_device(block, roof)) ==
          with(with(block, "profile: sunspec/inverter   # since May", "profile: fronius/gen24   # since May"),
               "  use: pv\n", "  use: pv\n  rated_power_w: 8200.5\n"));
    DeviceConfig grid = device_of(block, "grid");
    grid.name = "Zähler \"A\"";
    CHECK(text_of(with_changed_device(block, grid)) ==
          with(block, "\"Grid: cellar\"  # door", "\"Zähler \\\"A\\\"\"  # door"));
    grid.name = "grid";  // the default needs no line
    CHECK(text_of(with_changed_device(block, grid)) == with(block, "  name: \"Grid: cellar\"  # door\n", ""));

    const std::string folded =
        "buses:\n  - {id: lan, link: tcp, host: h}\ndevices:\n  - {id: roof, profile: a/b,\n"
        "     bus: lan, unit: 1, use: pv}\n";
    roof = device_of(folded, "roof");
    roof.unit = 2;
    CHECK(text_of(with_changed_device(folded, roof))
              .ends_with("devices:\n  - {id: roof, profile: a/b, bus: lan, unit: 2, use: pv}\n"));
    BusConfig lan;
    lan.id = "lan";
    lan.link = TcpEndpoint{"192.168.8.21", 1502, true};
    CHECK(text_of(with_changed_bus(flow, lan)) ==
          with(flow, "host: 192.168.8.20, port: 502}", "host: 192.168.8.21, port: 1502, framing: rtu}"));
}

TEST_CASE("a file that cannot be edited line by line is left alone, and the error says what to write") {
    const auto refused = [](const Result<std::string>& edited, const char* part) {
        REQUIRE_FALSE(edited.has_value());
        CHECK(edited.error().kind == Errc::unsupported);
        CHECK_MESSAGE(edited.error().text.find(part) != std::string::npos, edited.error().text);
    };
    const std::string one_line =
        "buses: [{id: lan, link: tcp, host: h}]\n"
        "devices: [{id: roof, profile: a/b, bus: lan, unit: 1, use: pv}]\n";
    refused(with_device(one_line, car_charger()),
            "write this by hand and restart the gateway: under 'devices:' the entry - "
            "{id: wallbox, name: \"Car: left\"");
    refused(without_device(one_line, "roof"), "remove the entry with id 'roof' under 'devices:'");
    refused(without_device(flow, "nobody"), "'nobody' is not to be found once");
    // Twice the same id: which one is meant?
    refused(without_device(with(flow, "id: grid", "id: roof"), "roof"), "by hand");
    const std::string quoted_key = "buses:\n  - {id: lan, link: tcp, host: h}\n\"devices\": []\n";
    refused(with_device(quoted_key, car_charger()), "by hand");
    const std::string commented =
        "buses:\n  - {id: lan, link: tcp, host: h}\ndevices:\n  - {id: roof, profile: a/b,  # b\n"
        "     bus: lan, unit: 1, use: pv}\n";
    DeviceConfig roof = device_of(commented, "roof");
    roof.unit = 2;
    refused(with_changed_device(commented, roof), "comments in between");
    CHECK(with_device("buses: [", car_charger()).error().kind == Errc::malformed);
    const std::string large = flow + "#" + std::string(max_file_bytes - flow.size() - 20, '-') + "\n";
    CHECK(with_device(large, car_charger()).error().kind == Errc::out_of_range);
}

TEST_CASE("what is new gets no second entry beside one that is wrong and has its name") {
    const std::string wrong = "buses:\n  - {id: attic, link: serial, device: /dev/ttyUSB0}\n";
    BusConfig bus;
    bus.id = "attic";
    bus.link = SerialPort{"/dev/ttyUSB0"};
    const auto refused = with_bus(wrong, bus);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().kind == Errc::denied);
    CHECK(refused.error().text ==
          "site.yaml: line 2: there is an entry 'attic' under 'buses:' already; correct or remove it there, or choose "
          "another id");
    bus.id = "cellar";
    CHECK(with_bus(wrong, bus).has_value());
}

TEST_CASE("whatever a name holds is read back as it was") {
    for (const char* name : {"null", "~", "true", "12", " x",    "x ", "a: b", "a #b", "{x}", "[", "- y", "'", "\"",
                             "\\n",  "Ü", "日本", "%",  "@home", "&a", "*a",   "!t",   "|",   ">", "x,y", "?"}) {
        CAPTURE(name);
        DeviceConfig device = car_charger();
        device.name = name;
        CHECK(device_of(text_of(with_device(flow, device)), "wallbox").name == name);
        CHECK(device_of(text_of(with_device(block, device)), "wallbox").name == name);
        DeviceConfig grid = device_of(block, "grid");
        grid.name = name;
        CHECK(device_of(text_of(with_changed_device(block, grid)), "grid").name == name);
    }
}

namespace {
ModbusServerConfig shared() {
    ModbusServerConfig server;
    server.address = "::";
    server.devices = {{"roof", 1}, {"grid", 7}};
    server.clients.push_back({*AddressRange::parse("192.168.1.0/24"), {"roof", "grid"}, {}});
    server.clients.push_back({*AddressRange::parse("fd00::7"), {"grid"}, {{"grid", {{5, 5}, {47590, 47592}}}}});
    return server;
}
}  // namespace

TEST_CASE("who may read through the gateway is written as one section, everything else stays") {
    const std::string with_it = text_of(with_modbus_server(flow, shared()));
    CHECK(with_it.starts_with(flow));
    CHECK(load(with_it, "site.yaml")->config.modbus_server == shared());
    ModbusServerConfig off = shared();
    off.is_enabled = false;
    off.clients.pop_back();
    const std::string off_text = text_of(with_modbus_server(with_it, off));
    CHECK(load(off_text, "site.yaml")->config.modbus_server == off);
    CHECK(off_text.find("enabled: false") != std::string::npos);
    CHECK(text_of(with_modbus_server(off_text, std::nullopt)) == flow);
    CHECK(text_of(with_modbus_server(flow, std::nullopt)) == flow);
    const std::string between = with(flow, "# what it does", "modbus_server:\n  devices: [roof]\n\n# what it does");
    const std::string changed = text_of(with_modbus_server(between, shared()));
    CHECK(changed.find("\n\n# what it does\ncontrol:") != std::string::npos);
    CHECK(load(changed, "site.yaml")->config.modbus_server == shared());
    const auto in_braces = with_modbus_server("{buses: [], modbus_server: {devices: [a]}}", shared());
    REQUIRE_FALSE(in_braces.has_value());
    CHECK(in_braces.error().text.find("by hand") != std::string::npos);
}

TEST_CASE("clients of the internet are not let in through the API") {
    const auto site = load(flow, "site.yaml")->config;
    const auto may = [&](const char* from) {
        ModbusServerConfig server = shared();
        server.clients[0].from = *AddressRange::parse(from);
        return may_share(site, server).has_value();
    };
    for (const char* home : {"192.168.1.20", "10.0.0.0/8", "172.16.0.0/12", "127.0.0.1", "169.254.0.0/16", "::1",
                             "fe80::/64", "fd00::/8", "100.64.0.0/10"})
        CHECK_MESSAGE(may(home), home);
    for (const char* all : {"0.0.0.0/0", "::/0", "8.8.8.8", "192.0.0.0/8", "172.32.0.0/16", "2001:db8::1"})
        CHECK_FALSE_MESSAGE(may(all), all);
    ModbusServerConfig server = shared();
    server.devices[0].id = "nobody";
    CHECK(may_share(site, server).error().text.find("nobody") != std::string::npos);
}
