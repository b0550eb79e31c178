#include "config/load.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <set>

using namespace busbar;
using namespace busbar::config;

namespace {

constexpr std::string_view house = R"(
name: Demo house
timezone: Europe/Berlin
pv_peak_w: 14000
buses:
  - {id: lan, link: tcp, host: 192.168.8.20, port: 1502}
  - {id: rs485-1, link: serial, port: /dev/ttyUSB0, baud: 19200, parity: even}
devices:
  - {id: roof, name: South roof, profile: sunspec/inverter, bus: lan, unit: 126, use: pv}
  - {id: hybrid, profile: huawei/sun2000-luna2000, bus: rs485-1, unit: 1, use: hybrid, rated_power_w: 6000}
  - {id: grid, profile: chint/dtsu666, bus: rs485-1, unit: 11, use: grid_meter}
control:
  cycle_ms: 500
  self_consumption: {enabled: true, import_target_w: 20}
  feed_in_limit: {mode: percent, value: 60}
)";

LoadOutcome loaded(std::string_view yaml) {
    auto outcome = load(yaml, "site.yaml");
    REQUIRE(outcome.has_value());
    return *outcome;
}

// The house with one line replaced.
std::string with(std::string_view old, std::string_view now) {
    std::string text(house);
    const auto at = text.find(old);
    REQUIRE(at != std::string::npos);
    return text.replace(at, old.size(), now);
}

// The first block of YAML on a page of docs/.
std::string example_on(const char* page) {
    std::ifstream file(page);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    constexpr std::string_view fence = "```yaml\n";
    const auto begin = text.find(fence);
    REQUIRE(begin != std::string::npos);
    return text.substr(begin + fence.size(), text.find("```", begin + fence.size()) - begin - fence.size());
}

}  // namespace

TEST_CASE("the pages people copy from say what the reader accepts") {
    const auto reference = loaded(example_on("docs/reference/site-config.md"));
    CHECK(reference.problems.empty());
    CHECK(reference.site.empty());
    CHECK(reference.config.devices.size() == 3);
    // The empty site a real house begins with.
    const auto careful = loaded(example_on("docs/how-to/real-house.md"));
    CHECK(careful.problems.empty());
    CHECK(careful.config.timezone == "Europe/Berlin");
    CHECK(careful.config.devices.empty());
    CHECK(careful.site.empty());
    CHECK_FALSE(careful.config.control.self_consumption.enabled);
    CHECK(careful.config.control.feed_in_limit.mode == FeedInLimit::Mode::none);
}

TEST_CASE("a site as people write it") {
    const auto out = loaded(house);
    CHECK(out.problems.empty());
    CHECK(out.site.empty());
    const SiteConfig& c = out.config;
    CHECK(c.name == "Demo house");
    CHECK(std::get<TcpEndpoint>(c.buses[0].link).port == 1502);
    CHECK(std::get<SerialPort>(c.buses[1].link).baud == 19200);
    CHECK(std::get<SerialPort>(c.buses[1].link).parity == 'E');
    CHECK(c.devices[0].name == "South roof");
    CHECK(c.devices[1].name == "hybrid");
    CHECK(c.devices[1].rated_power_w == 6000);
    CHECK(c.devices[2].use == Use::grid_meter);
    CHECK(c.control.cycle == std::chrono::milliseconds(500));
    CHECK(c.control.feed_in_limit.mode == FeedInLimit::Mode::percent);
    CHECK(c.control.feed_in_limit.value == 60);
}

TEST_CASE("what is wrong with one device costs that device only, and is told with line and remedy") {
    const struct {
        const char* old;
        const char* now;
        const char* device;
        const char* text;
    } cases[] = {
        {"unit: 11, use: grid", "unit: 1, use: grid", "grid",
         "site.yaml:11: unit 1 on bus 'rs485-1' is held by device 'hybrid' (line 10)"},
        {"id: grid,", "id: roof,", "line-11", "device 'roof' (line 9) is already defined"},
        {"bus: lan, unit", "bus: lam, unit", "roof", "bus 'lam' is not defined under 'buses'; did you mean 'lan'?"},
        {"use: pv", "use: solar", "roof", "'solar' is not known here; expected one of"},
        {"unit: 126", "unit: 300", "roof", "site.yaml:9:"},
        {"unit: 126", "adress: 126", "roof", "adress"},
        {"use: hybrid,", "use: grid_meter,", "grid", "device 'hybrid' (line 10) is the grid meter already"},
        {"id: roof,", "id: 'roof/2',", "line-9", "letters, digits"},
        {"port: /dev/ttyUSB0", "port: ttyUSB0", "hybrid", "its bus 'rs485-1' cannot be used: site.yaml:7:"},
        {"id: rs485-1", "id: lan", "hybrid", "bus 'rs485-1' is not defined"},
        {"baud: 19200", "baud: 5", "grid", "site.yaml:7:"},
        {"host: 192.168.8.20", "host: 'a b'", "roof", "expected a name or an address"},
    };
    for (const auto& c : cases) {
        const auto out = loaded(with(c.old, c.now));
        CHECK(out.config.devices.size() == 3);
        bool found = false;
        for (const auto& p : out.problems)
            found |= p.device == c.device && p.error.text.find(c.text) != std::string::npos;
        CHECK_MESSAGE(found, c.now);
        CHECK(out.problems.size() <= 2);
    }
}

TEST_CASE("a device whose unit cannot be read holds no address") {
    const auto out = loaded(with("unit: 11, use: grid", "unit: 300, use: grid"));  // the hybrid has unit 1
    REQUIRE(out.problems.size() == 1);
    CHECK(out.problems[0].device == "grid");
    CHECK(out.problems[0].error.text.find("site.yaml:11: device: unit: expected a whole number from 0 to 255") == 0);
    const auto first = loaded(with("unit: 126, use: pv}",
                                   "unit: 126, use: pv}\n  - {id: far, profile: chint/dtsu666, "
                                   "bus: rs485-1, unit: 300, use: sub_meter}"));
    REQUIRE(first.problems.size() == 1);
    CHECK(first.problems[0].device == "far");
}

TEST_CASE("a name of ten thousand characters is cut short and told, and its device runs") {
    const auto out = loaded(with("South roof", std::string(10'000, 'x')));
    CHECK(out.problems.empty());
    REQUIRE(out.site.size() == 1);
    CHECK(out.site[0] == "site.yaml:9: name: 10000 bytes; a name has at most 64, shorten it");
    CHECK(out.config.devices[0].name == std::string(64, 'x'));
}

TEST_CASE("devices without a usable id are told apart also within one line") {
    const auto out = loaded("name: House\ndevices: [{id: 'a b'}, {id: 'c d'}, {unit: 3}]\n");
    std::set<std::string> ids;
    for (const DeviceConfig& device : out.config.devices) CHECK(ids.insert(device.id).second);
    CHECK(ids.size() == 3);
    CHECK(out.problems.size() == 3);
}

TEST_CASE("a feed-in limit that cannot be read counts as zero feed-in") {
    for (const char* text : {"{mode: procent, value: 60}", "{mode: percent}", "{mode: percent, value: 160}",
                             "{value: 60}", "{mode: watts, value: -1}", "[60]", "{mode: percent, value: sixty}"}) {
        const auto out = loaded(with("{mode: percent, value: 60}", text));
        CHECK_MESSAGE(out.config.control.feed_in_limit.mode == FeedInLimit::Mode::zero, text);
        CHECK_MESSAGE(out.site.size() == 1, text);
    }
    const auto out = loaded(with("pv_peak_w: 14000\n", "\n"));
    CHECK(out.config.control.feed_in_limit.mode == FeedInLimit::Mode::zero);
    CHECK(out.site.at(0).find("pv_peak_w") != std::string::npos);
}

TEST_CASE("a typing slip at any level does not switch a feed-in limit off") {
    using Mode = FeedInLimit::Mode;
    const struct {
        const char* control;  // in place of the house's control section
        Mode mode;
        const char* text;  // of the problem; nullptr: there is none
    } cases[] = {
        {"controll: {feed_in_limit: {mode: zero}}", Mode::zero,
         "site.yaml:12: site: unknown key 'controll'; did you mean"},
        {"Control: {feed_in_limit: {mode: percent, value: 60}}", Mode::zero, "unknown key 'Control'"},
        {"feed_in_limit: {mode: percent, value: 60}", Mode::zero, "unknown key 'feed_in_limit'"},
        {"control: {feed_in_limt: {mode: percent, value: 60}}", Mode::zero, "did you mean 'feed_in_limit'"},
        {"control: {feed-in-limit: {mode: percent, value: 60}}", Mode::zero, "unknown key 'feed-in-limit'"},
        {"control: {self_consumption: {feed_in_limit: {mode: zero}}}", Mode::zero, "unknown key 'feed_in_limit'"},
        {"control: {feed_in_limit: {mod: percent, value: 60}}", Mode::zero, "unknown key 'mod'"},
        {"control: {feed_in_limit: {mode: percent, valeu: 60}}", Mode::zero, "unknown key 'valeu'"},
        {"control: {feed_in_limit: {mode: none, vlaue: 60}}", Mode::zero, "unknown key 'vlaue'"},
        {"control: {feed_in_limit: {mode: Percent, value: 60}}", Mode::zero, "'Percent' is not known here"},
        {"control: {feed_in_limit: {mode: [percent], value: 60}}", Mode::zero, "mode: expected a text"},
        {"control: {feed_in_limit: {mode: percent, value: -60}}", Mode::zero, "expected a number from 0 to 100 %"},
        {"control: {feed_in_limit: {mode: percent, value: .nan}}", Mode::zero, "expected a number"},
        {"control: {feed_in_limit: {mode: watts, value: inf}}", Mode::zero, "expected a number"},
        {"control: {feed_in_limit: {mode: watts, value: 1e9}}", Mode::zero, "expected a number"},
        {"control: {feed_in_limit: {mode: watts, value: '60 %'}}", Mode::zero, "expected a number"},
        {"control: {feed_in_limit: {mode: watts, value: [60]}}", Mode::zero, "value: expected a text"},
        {"control: {feed_in_limit: 60}", Mode::zero, "feed_in_limit: expected keys with values"},
        {"control: {feed_in_limit: }", Mode::zero, "feed_in_limit: expected keys with values"},
        {"control: [feed_in_limit]", Mode::zero, "control: expected keys with values"},
        {"control: none", Mode::zero, "control: expected keys with values"},
        {"control:", Mode::zero, "control: expected keys with values"},
        {"control: {cycle_ms: fast}", Mode::zero, "cycle_ms: expected a whole number"},
        {"control: {cycle_ms: fast, feed_in_limit: {mode: none}}", Mode::none, "cycle_ms: expected a whole number"},
        {"controll: {}\ncontrol: {feed_in_limit: {mode: watts, value: 5}}", Mode::watts, "unknown key 'controll'"},
        {"control: {feed_in_limit: {mode: none}}", Mode::none, nullptr},
        {"control: {cycle_ms: 500}", Mode::none, nullptr},
        {"", Mode::none, nullptr},
    };
    const auto head = house.substr(0, house.find("control:"));
    for (const auto& c : cases) {
        CAPTURE(c.control);
        const auto out = loaded(std::string(head) + c.control + "\n");
        CHECK(out.config.control.feed_in_limit.mode == c.mode);
        CHECK(out.config.devices.size() == 3);
        CHECK(out.site.size() == (c.text == nullptr ? 0 : 1));
        if (c.text == nullptr || out.site.empty()) continue;
        CHECK_MESSAGE(out.site[0].find(c.text) != std::string::npos, out.site[0]);
        CHECK((out.site[0].find("nothing is fed in until") != std::string::npos) == (c.mode == Mode::zero));
    }
}

TEST_CASE("names for browsers are checked one by one") {
    CHECK(loaded(house).config.host_names.empty());
    const auto good = loaded("host_names: [gateway.example.org, Haus-7.example]\n");
    CHECK(good.config.host_names == std::vector<std::string>{"gateway.example.org", "Haus-7.example"});
    CHECK(good.site.empty());
    for (const char* name : {"'*'", "'*.example.org'", "a..b", "'a b'", "'https://a.b'", "'a.b:8443'", "[a]", "''"}) {
        const auto out = loaded("host_names: [fine.example, " + std::string(name) + "]\n");
        CHECK_MESSAGE(out.config.host_names == std::vector<std::string>{"fine.example"}, name);
        CHECK_MESSAGE(out.site.at(0).starts_with("site.yaml:1: site: host_names: "), name);
        CHECK(out.config.control.feed_in_limit.mode == FeedInLimit::Mode::none);
    }
    CHECK(loaded("host_names: gateway.example.org\n").site.at(0).find("expected a list") != std::string::npos);
}

TEST_CASE("a file without a grid meter says so, an empty one is a site without devices") {
    CHECK(loaded(with("use: grid_meter", "use: sub_meter")).site.at(0).find("no device has 'use: grid_meter'") !=
          std::string::npos);
    const auto empty = loaded("name: New site\n");
    CHECK(empty.config.devices.empty());
    CHECK(empty.site.empty());
}

TEST_CASE("what is no site file at all is refused with the place") {
    for (const char* text : {"", "- a\n", "text", "a: [1\n", "a: &x 1\nb: *x\n", "name: a\nname: b\n"}) {
        const auto out = load(text, "site.yaml");
        CHECK_FALSE_MESSAGE(out.has_value(), text);
        if (!out) CHECK(out.error().text.starts_with("site.yaml:"));
    }
    CHECK_FALSE(load(std::string(max_file_bytes + 1, 0x23), "site.yaml").has_value());
}

namespace {

std::string shared_house(std::string_view server) {
    return std::string(house) + "modbus_server:\n" + std::string(server);
}
constexpr std::string_view server = R"(  address: 0.0.0.0
  cache_ms: 500
  devices: [roof, {id: hybrid, unit: 10}, grid]
  clients:
    - {address: 192.168.1.0/24, rights: read}
    - {address: 192.168.1.7, rights: write, devices: [hybrid, roof], writable: {hybrid: [47086, 47590-47592]}}
)";

}  // namespace

TEST_CASE("devices are shared with whom the section says, and with nobody else") {
    CHECK_FALSE(loaded(house).config.modbus_server.has_value());
    const auto out = loaded(shared_house(server));
    CHECK(out.site.empty());
    REQUIRE(out.config.modbus_server.has_value());
    const ModbusServerConfig& c = *out.config.modbus_server;
    CHECK(c.address == "0.0.0.0");
    CHECK(c.port == 1502);
    CHECK(c.max_clients == 16);
    CHECK(c.cache == std::chrono::milliseconds(500));
    REQUIRE(c.devices.size() == 3);
    CHECK((c.devices[0].id == "roof" && c.devices[0].unit == 1));
    CHECK((c.devices[1].id == "hybrid" && c.devices[1].unit == 10));
    CHECK((c.devices[2].id == "grid" && c.devices[2].unit == 3));
    REQUIRE(c.clients.size() == 2);
    CHECK(c.clients[0].devices == std::vector<std::string>{"roof", "hybrid", "grid"});
    CHECK(c.clients[0].writable.empty());
    CHECK(c.clients[1].devices == std::vector<std::string>{"hybrid", "roof"});
    REQUIRE(c.clients[1].writable.size() == 1);
    CHECK(c.clients[1].writable[0].holding == std::vector<RegisterSpan>{{47086, 47086}, {47590, 47592}});
    const auto least = loaded(shared_house("  devices: [roof]\n"));
    REQUIRE(least.config.modbus_server.has_value());
    CHECK(least.config.modbus_server->address == "127.0.0.1");
    CHECK(least.config.modbus_server->clients.empty());
}

TEST_CASE("a mistake in the section keeps the server off, says the line, and costs nothing else") {
    const struct {
        const char* old;
        const char* now;
        const char* text;
    } cases[] = {
        {"address: 0.0.0.0", "address: lan", "site.yaml:17: modbus_server: address: expected the address to listen on"},
        {"cache_ms: 500", "cache_ms: 5", "expected a whole number from 100 to 60000"},
        {"cache_ms: 500", "cash_ms: 500", "unknown key 'cash_ms'; did you mean 'cache_ms'?"},
        {"[roof, {", "[roof, roof, {", "device 'roof' stands here twice"},
        {"unit: 10", "unit: 1", "unit 1 belongs to 'roof' already; give 'hybrid' another"},
        {"unit: 10", "unit: 248", "expected a whole number from 1 to 247"},
        {"  devices: [roof, {id: hybrid, unit: 10}, grid]\n", "", "devices: expected a list of 1 to 247"},
        {"192.168.1.0/24", "192.168.1.7/24", "expected an address or a network"},
        {"192.168.1.0/24", "192.168.1.7", "stands here twice"},
        {"rights: read", "rights: all", "rights: expected read or write"},
        {"rights: read", "rigths: read", "'rights' is missing"},
        {"rights: write, ", "rights: read, ", "belongs to 'rights: write'"},
        {", writable: {hybrid: [47086, 47590-47592]}", "", "needs the registers, per device"},
        {"writable: {hybrid:", "writable: {hybird:", "site.yaml:22: modbus_server: 'hybird' is not under 'devices'"},
        {"devices: [hybrid, roof]", "devices: [roof]", "'hybrid' is not among the devices of this client"},
        {"47590-47592", "47592-47590", "'47592-47590' is no register"},
        {"47086", "-1", "'-1' is no register"},
        {"47086", "65536", "'65536' is no register"},
    };
    for (const auto& c : cases) {
        CAPTURE(c.now);
        std::string text = shared_house(server);
        text.replace(text.find(c.old), std::string_view(c.old).size(), c.now);
        const auto out = loaded(text);
        CHECK_FALSE(out.config.modbus_server.has_value());
        REQUIRE(out.site.size() == 1);
        CHECK_MESSAGE(out.site[0].find(c.text) != std::string::npos, out.site[0]);
        CHECK(out.site[0].find("modbus_server stays off") != std::string::npos);
        CHECK(out.config.control.feed_in_limit.mode == FeedInLimit::Mode::percent);
        CHECK(out.problems.empty());
    }
    const auto gone = loaded(shared_house("  devices: [cellar]\n"));
    CHECK(gone.config.modbus_server.has_value());
    CHECK(gone.site.at(0).find("shares 'cellar', which is not under 'devices'") != std::string::npos);
}

TEST_CASE("a range of addresses holds what people expect") {
    const auto in = [](const char* range, const char* address) {
        const auto parsed = AddressRange::parse(range);
        REQUIRE(parsed.has_value());
        CHECK(parsed->text() == range);
        return parsed->contains(address);
    };
    CHECK(in("192.168.1.7", "192.168.1.7"));
    CHECK_FALSE(in("192.168.1.7", "192.168.1.8"));
    CHECK(in("192.168.1.7", "::ffff:192.168.1.7"));
    CHECK(in("192.168.1.0/24", "192.168.1.255"));
    CHECK_FALSE(in("192.168.1.0/24", "192.168.2.0"));
    CHECK(in("10.0.0.0/8", "10.255.0.1"));
    CHECK(in("0.0.0.0/0", "8.8.8.8"));
    CHECK_FALSE(in("0.0.0.0/0", "fd00::1"));
    CHECK_FALSE(in("::/0", "8.8.8.8"));
    CHECK(in("fd00::/8", "fd12::1"));
    CHECK_FALSE(in("fd00::/8", "fe80::1"));
    CHECK_FALSE(in("192.168.1.0/24", ""));
    CHECK_FALSE(in("192.168.1.0/24", "192.168.1"));
    for (const char* text : {"", "/24", "192.168.1.0/", "192.168.1.0/33", "192.168.1.0/-1", "192.168.1.0/24x", "lan",
                             "192.168.1.1/24", "192.168.1", "256.0.0.1", "fd00::/129", " 10.0.0.1"})
        CHECK_FALSE_MESSAGE(AddressRange::parse(text).has_value(), text);
    CHECK(is_ip_address("::"));
    CHECK_FALSE(is_ip_address("192.168.1.0/24"));
}
