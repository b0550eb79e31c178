// What people do by hand while control and upgrades are at work.
#include "field/by_hand.hpp"

#include "field/field_bench.hpp"

using namespace busbar;
using namespace busbar::gateway;

namespace {

// The battery is told to cover what the meter sees.
std::string controlled_site(const char* link) {
    return fmt::format(
        "buses:\n"
        "  - {{id: a, {}}}\n"
        "  - {{id: b, link: serial, port: /dev/b}}\n"
        "devices:\n"
        "  - {{id: grid, profile: test/meter, bus: b, unit: 1, use: grid_meter}}\n"
        "  - {{id: store, profile: test/battery, bus: a, unit: 3, use: battery}}\n"
        "control: {{self_consumption: {{enabled: true}}, feed_in_limit: {{mode: none}}}}\n",
        link);
}
constexpr const char* serial = "link: serial, port: /dev/a";
constexpr const char* tcp = "link: tcp, host: 192.168.8.20";

struct ControlledBench : FieldBench {
    explicit ControlledBench(const char* link = serial) : FieldBench(controlled_site(link), {3, 4}) {
        lines["b"]->place_meter(1, 900);
        for (auto& [unit, device] : lines["a"]->wire.units)
            device.on_raw = [this](std::span<const std::uint8_t> pdu) {
                ++sent;
                return std::vector<std::uint8_t>(pdu.begin(), pdu.end());
            };
        for (int i = 0; i < 60 && !field.is_held("store"); ++i) run_for(1s);
        REQUIRE(field.is_held("store"));
    }
    // "ok", or why not.
    std::string ask(int unit, std::vector<std::uint8_t> pdu) {
        const auto answer = run(ask_raw(field, "a", {unit, std::move(pdu)}));
        if (answer) return "ok";
        return (answer.error().kind == Errc::denied ? "denied: " : "failed: ") + answer.error().text;
    }
    std::string write(const char* key, double value) {
        const auto written = run(write_setting(field, "store", key, value, true));
        if (written) return "ok";
        return (written.error().kind == Errc::unavailable ? "not now: " : "failed: ") + written.error().text;
    }
    void let_go() {
        control::Settings idle;
        idle.self_consumption.enabled = false;
        field.set_settings(idle);
        for (int i = 0; i < 60 && field.is_held("store"); ++i) run_for(1s);
        REQUIRE_FALSE(field.is_held("store"));
    }
    int sent = 0;
};

const std::vector<std::vector<std::uint8_t>> writes_of_control = {
    {6, 0, 201, 0, 1},
    {16, 0, 199, 0, 2, 4, 0, 1, 0, 2},
    {22, 0, 204, 0, 0xF2, 0, 0x25},
    {23, 0, 100, 0, 1, 0, 203, 0, 2, 4, 0, 1, 0, 2},
    {16, 0, 201, 0, 2, 4, 0, 1},  // cut off: the device may still obey
    {8, 0, 1, 0, 0},              // a restart
    {100, 1, 2, 3},               // the maker's own
};

bool starts(const std::string& text, std::string_view begin) { return text.starts_with(begin); }

}  // namespace

TEST_CASE("by hand nobody writes what control writes while it holds the device, with whatever function") {
    ControlledBench b;
    for (const auto& pdu : writes_of_control) {
        const std::string said = b.ask(3, pdu);
        CHECK_MESSAGE(starts(said, "denied: control holds device 'store'"), said);
    }
    CHECK(b.sent == 0);
    CHECK(b.ask(3, {3, 0, 200, 0, 4}) == "ok");
    CHECK(b.ask(3, {6, 0, 250, 0, 1}) == "ok");
    CHECK(b.ask(3, {5, 0, 201, 0xFF, 0}) == "ok");  // a coil is no register
    CHECK(b.ask(4, {6, 0, 201, 0, 1}) == "ok");     // somebody else on the line
    CHECK(b.sent == 4);
    b.let_go();
    for (const auto& pdu : writes_of_control) CHECK(b.ask(3, pdu) == "ok");
}

TEST_CASE("behind a TCP endpoint a unit that nobody knows may be any of its devices") {
    ControlledBench b(tcp);
    CHECK(starts(b.ask(4, {6, 0, 201, 0, 1}), "denied: control holds device 'store'"));
    CHECK(b.ask(4, {6, 0, 250, 0, 1}) == "ok");
    CHECK(b.ask(4, {3, 0, 201, 0, 1}) == "ok");
}

TEST_CASE("while a device gets new firmware nobody else asks it, nor its endpoint") {
    for (const char* link : {serial, tcp}) {
        ControlledBench b(link);
        REQUIRE(b.run(b.field.set_aside("store")).has_value());
        CHECK(starts(b.ask(3, {3, 0, 100, 0, 1}), "denied: device 'store' is getting new firmware"));
        CHECK(starts(b.ask(4, {3, 0, 100, 0, 1}), link == tcp ? "denied: device 'store' is" : "ok"));
        CHECK(starts(b.write("reserve", 30), "not now: device 'store' is getting new firmware"));
        CHECK(b.field.objection_to_search({"a"}, false).has_value());
        CHECK_FALSE(b.field.objection_to_search({"b"}, false).has_value());
        CHECK(b.field.objection_to_search({"b"}, true).has_value() == (link == tcp));
        std::string moved = controlled_site("link: serial, port: /dev/a, baud: 19200");
        const Status changed = b.change(moved);
        REQUIRE_FALSE(changed.has_value());
        CHECK(changed.error().kind == Errc::denied);
        b.field.take_back("store");
        CHECK(b.write("reserve", 30) == "ok");
        CHECK(b.ask(3, {3, 0, 100, 0, 1}) == "ok");
        CHECK(b.change(moved).has_value());
    }
}

TEST_CASE("who is about to write to a device ends that before it is set aside, and nobody begins anew") {
    ControlledBench b;
    b.lines["a"]->wire.answer_time = 300ms;
    std::string told;
    std::optional<Status> aside;
    auto write = [](ControlledBench& bench, std::string& into) -> Task<void> {
        const auto written = co_await write_setting(bench.field, "store", "reserve", 40, true);
        into = written ? "written" : written.error().text;
    };
    auto set_aside = [](ControlledBench& bench, std::optional<Status>& into) -> Task<void> {
        into = co_await bench.field.set_aside("store");
    };
    const auto reserve = [&] { return b.lines["a"]->wire.units[3].holding[302]; };
    b.let_go();  // else control takes long anyway
    b.loop.spawn("write", write(b, told));
    b.run_for(100ms);
    b.loop.spawn("set aside", set_aside(b, aside));
    for (int i = 0; i < 10'000 && !aside; ++i) {
        b.run_for(1ms);
        if (i == 100) CHECK(starts(b.write("reserve", 50), "not now: device 'store' is getting new firmware"));
    }
    REQUIRE(aside.has_value());
    CHECK(aside->has_value());
    CHECK(told == "written");
    CHECK(reserve() == 40);
    // Likewise a raw request.
    b.field.take_back("store");
    aside.reset();
    auto ask = [](ControlledBench& bench, std::string& into) -> Task<void> {
        api::RawRequest request{3, {6, 0, 250, 0, 1}};
        (void)co_await ask_raw(bench.field, "a", std::move(request));
        into = "asked";
    };
    told.clear();
    b.loop.spawn("raw", ask(b, told));
    b.run_for(10ms);
    b.loop.spawn("set aside", set_aside(b, aside));
    for (int i = 0; i < 10'000 && !aside; ++i) b.run_for(1ms);
    REQUIRE(aside.has_value());
    CHECK(told == "asked");
}

TEST_CASE("a search and the work on a device never begin beside each other") {
    ControlledBench b;
    bool is_searching = true;
    b.field.is_searching = [&] { return is_searching; };
    const Status aside = b.run(b.field.set_aside("store"));
    REQUIRE_FALSE(aside.has_value());
    CHECK(aside.error().kind == Errc::denied);
    CHECK(aside.error().text.find("cancel it") != std::string::npos);
    CHECK_FALSE(b.field.is_set_aside("store"));
    CHECK(b.field.is_held("store"));
    is_searching = false;
    // The search that asks while control still lets go of the device comes too late.
    auto setting_aside = [](Field& field, std::optional<Status>& into) -> Task<void> {
        into = co_await field.set_aside("store");
    };
    std::optional<Status> done;
    b.loop.spawn("set aside", setting_aside(b.field, done));
    b.run_for(1ms);
    CHECK_FALSE(done.has_value());
    CHECK(b.field.objection_to_search({"a"}, false).has_value());
    b.run_for(10s);
    REQUIRE(done.has_value());
    CHECK(done->has_value());
}

TEST_CASE("no search begins while the site is being changed") {
    ControlledBench b;
    auto change = [](FieldBench& bench) -> Task<void> {
        Field::Site next = site_of(controlled_site("link: serial, port: /dev/a, baud: 19200"));
        std::set<std::string> none;
        (void)co_await bench.field.change(std::move(next), bench.profiles, std::move(none));
    };
    b.loop.spawn("change", change(b));
    b.run_for(10ms);
    const auto objection = b.field.objection_to_search({"b"}, false);
    REQUIRE(objection.has_value());
    CHECK(objection->kind == Errc::unavailable);
    b.run_for(10s);
    CHECK_FALSE(b.field.objection_to_search({"b"}, false).has_value());
}

TEST_CASE("a recording leaves the field as frames, and becomes a capture elsewhere") {
    FieldBench b(controlled_site(serial), {3});
    CHECK_FALSE(b.run(copy_recording(b.field, b.loop, "a")).has_value());  // nothing watched
    CHECK(b.run(read_frames(b.field, b.loop, "a", 0, 10)).has_value());    // from here on
    const std::vector<std::uint8_t> request{3, 3, 0, 100, 0, 1, 0x84, 0x37};
    for (int i = 0; i < 2000; ++i)
        b.lines["a"]->frames.add(bus::FrameDirection::request, bus::FrameVerdict::ok, b.loop.now(), request);
    const auto recording = b.run(copy_recording(b.field, b.loop, "a"));
    REQUIRE(recording.has_value());
    CHECK(recording->frames.size() == 512);
    CHECK(recording->notes.name == "bus a");
    CHECK(recording->notes.lost > 0);
    CHECK(device::write_capture(recording->frames, recording->notes).find("bus a") != std::string::npos);
}
