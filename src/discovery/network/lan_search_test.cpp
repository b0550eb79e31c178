#include "discovery/network/lan_search.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "base/virtual_loop.hpp"
#include "bus/link/loopback_link.hpp"
#include "discovery/discovery.hpp"
#include "profile/load/load.hpp"
#include "wire/modbus_tcp.hpp"

using namespace busbar;
using namespace busbar::discovery;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view text = R"(profile: test/b
source: "test"
verified: "test"
products: [{brand: Test, models: [B1]}]
bus: {protocol: modbus, max_registers: 20, unit: 5}
identify:
  maker: Test
  model: {read: holding 10, count: 1, starts_with: B}
  serial: {read: holding 20, count: 2}
points:
  battery.soc: {read: holding 101, type: u16, unit: "%"}
)";

// Answers every request over one connection: nothing = silence, empty = hangs up.
using Script = std::function<std::optional<Bytes>(const wire::TcpMessage&)>;

Task<void> serve(Loop& loop, bus::LoopbackLink& link, Script script) {
    wire::TcpStream stream;
    for (;;) {
        while (stream.next() == wire::TcpStream::State::message) {
            const auto answer = script(stream.message());
            if (answer && answer->empty()) link.close();
            if (answer && !answer->empty()) (void)co_await link.write(*answer, loop.now() + 1s);
        }
        const auto got = co_await link.read_some(stream.space(), loop.now() + std::chrono::hours(1));
        if (!got) co_return;
        stream.arrived(*got);
    }
}

// A battery with the serial number "SN<n>", at one unit or at all.
Script battery(char number, int only_unit) {
    return [=](const wire::TcpMessage& m) -> std::optional<Bytes> {
        if (only_unit >= 0 && m.unit != only_unit) return std::nullopt;
        const auto request = wire::decode_request(m.pdu);
        const std::map<std::uint16_t, std::uint16_t> holding = {
            {10, 0x4231}, {20, 0x534E}, {21, static_cast<std::uint16_t>(number << 8 | '0')}, {101, 50}};
        std::vector<std::uint16_t> words;
        for (std::uint16_t i = 0; request && i < request->count; ++i)
            if (const auto w = holding.find(static_cast<std::uint16_t>(request->address + i)); w != holding.end())
                words.push_back(w->second);
        const bool is_there =
            request && request->function == wire::Function::read_holding && words.size() == request->count;
        const wire::Pdu pdu = is_there ? wire::encode_registers_answer(request->function, words)
                                       : wire::encode_exception(m.pdu[0], wire::ExceptionCode::illegal_data_address);
        const wire::TcpFrame frame = wire::encode_tcp(m.transaction, m.unit, pdu.view());
        return Bytes(frame.view().begin(), frame.view().end());
    };
}

class FakeLan final : public Lan {
public:
    explicit FakeLan(Loop& loop) : loop_(loop) {}
    std::map<Endpoint, Script> servers;
    std::vector<Announcement> names;
    std::vector<std::string> networks{"192.168.1.0/24"};
    unsigned opening = 0, most_opening = 0, connects = 0;

    std::vector<std::string> own_networks() override { return networks; }
    Task<Result<std::unique_ptr<bus::Link>>> connect(std::string host, std::uint16_t port, Duration timeout) override {
        ++connects;
        most_opening = std::max(most_opening, ++opening);
        const auto server = servers.find({host, port});
        co_await loop_.sleep_for(server == servers.end() ? timeout : 5ms);
        --opening;
        if (server == servers.end()) co_return fail(Errc::unavailable, "no answer");
        auto pair = bus::LoopbackLink::make(loop_);
        far_.push_back(std::move(pair.b));
        loop_.spawn("server", serve(loop_, *far_.back(), server->second));
        std::unique_ptr<bus::Link> link = std::move(pair.a);
        co_return link;
    }
    Task<std::vector<Announcement>> ask_names(Duration listen) override {
        co_await loop_.sleep_for(listen);
        co_return names;
    }

private:
    Loop& loop_;
    std::vector<std::unique_ptr<bus::LoopbackLink>> far_;
};

struct Site {
    VirtualLoop loop;
    FakeLan lan{loop};
    Profiles profiles;
    Discovery discovery{loop, &lan};
    std::vector<SearchedBus> buses;
    std::vector<profile::FirmwareRule> firmware;

    Site() {
        auto loaded = profile::load(text, "test.yaml");
        REQUIRE(loaded.has_value());
        profiles.push_back(std::make_shared<const profile::Profile>(std::move(*loaded)));
    }
    Status start(LanRequest lan_request = {}) {
        ScanRequest request;
        request.lan = std::move(lan_request);
        return discovery.start(std::move(request), buses, {profiles, firmware});
    }
    const ScanState& run(LanRequest request = {}) {
        const Status started = start(std::move(request));
        REQUIRE_MESSAGE(started.has_value(), (started ? "" : started.error().text));
        for (int i = 0; i < 3000 && discovery.is_running(); ++i) loop.run_for(100ms);
        REQUIRE(discovery.state().phase == Phase::done);
        return discovery.state();
    }
};

constexpr std::uint32_t host_20 = 0xC0A80114;  // 192.168.1.20

}  // namespace

TEST_CASE("the own network: devices are found, what answers everywhere is one device") {
    Site site;
    site.lan.servers[{"192.168.1.20", 502}] = battery('1', -1);
    site.lan.servers[{"192.168.1.21", 502}] = battery('2', 5);
    site.lan.servers[{"192.168.1.22", 502}] = [](const wire::TcpMessage&) { return std::nullopt; };
    const ScanState& state = site.run();
    CHECK(site.lan.connects == 254);
    CHECK(site.lan.most_opening == 32);
    REQUIRE(state.found.size() == 3);
    CHECK(state.found[0].host == "192.168.1.20");
    CHECK(state.found[0].port == 502);
    CHECK(state.found[0].unit == 5);
    CHECK(state.found[0].certainty == Certainty::identified);
    CHECK(state.found[0].serial == "SN10");
    CHECK(state.found[0].notes ==
          std::vector<std::string>{"answers at each of the 8 unit addresses asked: one device"});
    CHECK(state.found[1].serial == "SN20");
    CHECK(state.found[1].unit == 5);
    CHECK(state.found[1].notes.empty());
    CHECK(state.found[2].certainty == Certainty::unknown);
    CHECK(state.found[2].reason.starts_with("the port is open, but no Modbus device answers"));
    CHECK(state.progress[0].done == state.progress[0].total);
}

TEST_CASE("who announces himself is asked first, wherever his port; strangers' addresses are not") {
    Site site;
    site.lan.servers[{"192.168.1.20", 1502}] = battery('1', 1);
    site.lan.names = {{"inverter", "_modbus._tcp", host_20, 1502},    {"shellyplug-1", "_shelly._tcp", host_20 + 1, 80},
                      {"evil", "_modbus._tcp", 0x08080808, 502},      {"own", "_modbus._tcp", 0x7F000001, 22},
                      {"beside", "_modbus._tcp", host_20 + 100, 502}, {"elsewhere", "_shelly._tcp", 0x0A000005, 80}};
    const ScanState& state = site.run({.networks = {"192.168.1.9", "192.168.1.20/31"}});
    CHECK(site.lan.connects == 4);
    REQUIRE(state.found.size() == 2);
    CHECK(state.found[0].name == "inverter");
    CHECK(state.found[0].port == 1502);
    CHECK(state.found[0].profile == "test/b");
    CHECK(state.found[1].name == "shellyplug-1");
    CHECK(state.found[1].reason == "announces itself as _shelly._tcp; no Modbus there");
}

TEST_CASE("a switch that announces a firmware not known to work is shown with a warning") {
    Site site;
    profile::FirmwareRule rule;
    rule.models = {"Plus 2PM", "Plus2PM"};
    rule.known_good = {"1.0.8"};
    rule.is_complete = true;
    site.firmware = {rule};
    site.lan.names = {{"relay-1", "_http._tcp", host_20, 80},
                      {"relay-1", "_shelly._tcp", host_20, 80, "Plus2PM", "1.0.8"},
                      {"relay-2", "_shelly._tcp", host_20 + 1, 80, "Plus2PM", "0.9.1"},
                      {"relay-3", "_shelly._tcp", host_20 + 2, 80, "Pro4PM", "0.9.1"}};
    const ScanState& state = site.run({.networks = {"192.168.1.20/30"}});
    REQUIRE(state.found.size() == 3);
    CHECK(state.found[0].maker == "Shelly");
    CHECK(state.found[0].model == "Plus2PM");
    CHECK(state.found[0].firmware == "1.0.8");
    CHECK(state.found[0].reason == "announces itself as _shelly._tcp; no Modbus there");
    CHECK(state.found[0].notes.empty());
    CHECK(state.found[1].notes ==
          std::vector<std::string>{"Firmware 0.9.1 is not among those known to work with Plus2PM: 1.0.8."});
    CHECK(state.found[2].notes.empty());
}

TEST_CASE("who announces a hundred ports of one address is knocked at a few of them") {
    Site site;
    for (std::uint16_t port = 1; port <= 100; ++port) site.lan.names.push_back({"many", "_modbus._tcp", host_20, port});
    CHECK(site.run({.networks = {"192.168.1.20"}}).found.size() == 1);
    CHECK(site.lan.connects == 5);
}

TEST_CASE("endpoints of the site keep their connection to themselves") {
    Site site;
    site.lan.servers[{"192.168.1.20", 502}] = battery('1', -1);
    site.buses.push_back({.id = "roof", .bus = nullptr, .line = {}, .host = "192.168.1.20", .port = 502, .known = {}});
    const ScanState& state = site.run({.networks = {"192.168.1.16/28"}, .asks_names = false});
    CHECK(state.found.empty());
    CHECK(site.lan.connects == 13);
}

TEST_CASE("peers that hang up, babble or answer for others cost themselves only") {
    Site site;
    site.lan.servers[{"192.168.1.17", 502}] = [](const wire::TcpMessage&) { return Bytes{}; };
    site.lan.servers[{"192.168.1.18", 502}] = [](const wire::TcpMessage&) { return Bytes(300, 0x55); };
    site.lan.servers[{"192.168.1.19", 502}] = [](const wire::TcpMessage& m) {
        const wire::Pdu pdu = wire::encode_exception(m.pdu[0], wire::ExceptionCode::illegal_data_address);
        const wire::TcpFrame frame =
            wire::encode_tcp(static_cast<std::uint16_t>(m.transaction - 1), m.unit, pdu.view());
        return Bytes(frame.view().begin(), frame.view().end());
    };
    site.lan.servers[{"192.168.1.20", 502}] = battery('1', 1);
    const ScanState& state = site.run({.networks = {"192.168.1.16/28"}, .asks_names = false});
    REQUIRE(state.found.size() == 4);
    CHECK(state.found[0].certainty == Certainty::unknown);
    CHECK(state.found[1].certainty != Certainty::identified);
    CHECK(state.found[2].certainty == Certainty::unknown);
    CHECK(state.found[3].serial == "SN10");
}

TEST_CASE("a cancelled search of the network opens nothing more") {
    Site site;
    site.lan.servers[{"192.168.1.5", 502}] = [](const wire::TcpMessage&) { return std::nullopt; };
    REQUIRE(site.start().has_value());
    site.loop.run_for(3s);
    site.discovery.cancel();
    site.loop.run_for(2500ms);
    CHECK(site.discovery.state().phase == Phase::done);
    const unsigned connects = site.lan.connects;
    CHECK(connects < 254);
    site.loop.run_for(30s);
    CHECK(site.lan.connects == connects);
}

TEST_CASE("networks that cannot be searched are told with the reason") {
    Site site;
    CHECK(site.start({.networks = {"10.0.0.0/16"}}).error().text ==
          "10.0.0.0/16: too large to search; at most /22, 1022 hosts");
    CHECK(site.start({.networks = {"127.0.0.1"}}).error().kind == Errc::out_of_range);
    CHECK(site.start({.ports = {}}).error().kind == Errc::out_of_range);
    CHECK(site.start({.ports = {0}}).error().kind == Errc::out_of_range);
    site.lan.networks = {"10.0.0.0/8"};
    CHECK(site.start().error().text == "no own network can be searched; name one, such as 192.168.1.0/24");
    site.lan.networks = {"10.0.0.0/8", "192.168.1.0/30"};
    CHECK(site.run().messages ==
          std::vector<std::string>{"lan: not searched: 10.0.0.0/8: too large to search; at most /22, 1022 hosts"});
    Discovery without(site.loop);
    ScanRequest request;
    request.lan.emplace();
    CHECK(without.start(request, {}, {site.profiles, {}}).error().kind == Errc::unsupported);
}
