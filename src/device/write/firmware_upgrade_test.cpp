// New firmware for a device, against a simulated one on a serial line, with everything that goes wrong on the way.
#include "device/write/firmware_upgrade.hpp"

#include <fstream>
#include <sstream>

#include "base/crc.hpp"
#include "device/bus_load.hpp"
#include "device/rigs/fake_bus.hpp"
#include "device/rigs/lab_bench.hpp"
#include "profile/load/load.hpp"

using namespace busbar;
using namespace busbar::device;
using namespace std::chrono_literals;

namespace {

std::shared_ptr<const profile::Profile> upgradable() {
    std::ifstream file("tests/profiles/busbar/upgradable.yaml");
    std::stringstream text;
    text << file.rdbuf();
    auto loaded = profile::load(text.str(), "upgradable.yaml");
    REQUIRE_MESSAGE(loaded.has_value(), (loaded ? "" : loaded.error().text));
    return std::make_shared<const profile::Profile>(std::move(*loaded));
}

Bytes image_of(std::string_view model, std::string_view version, std::size_t size = 6'000) {
    Bytes image(size - 4);
    for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<std::uint8_t>(i * 31 + i / 256);
    std::ranges::fill(image.begin(), image.begin() + 40, std::uint8_t{0});
    std::ranges::copy(std::string_view("BBFW"), image.begin());
    std::ranges::copy(model, image.begin() + 8);
    std::ranges::copy(version, image.begin() + 24);
    const std::uint32_t check = crc32(image);
    for (int shift = 24; shift >= 0; shift -= 8) image.push_back(static_cast<std::uint8_t>(check >> shift));
    return image;
}

struct Workshop : Lab {
    std::shared_ptr<UpgradeOrder> order = std::make_shared<UpgradeOrder>();
    std::vector<UpgradeState> seen;
    int released = 0;

    explicit Workshop(Bytes image = image_of("Upgradable", "2.0")) : Lab(upgradable(), true) {
        order->image = std::move(image);
        order->release = [this]() -> Task<Status> { return release_control(); };
        order->changed = [this](const UpgradeState& state) { seen.push_back(state); };
        REQUIRE(run(device->open()).has_value());
    }
    Task<Status> release_control() {
        ++released;
        co_return ok();
    }
    UpgradeState upgrade() { return run(device->upgrade(order)); }
    // Begins and comes back when this share of the records is there.
    void begin_and_wait(int percent) {
        loop.spawn("upgrade", keep(device->upgrade(order), ended));
        for (int i = 0; i < 6'000 && !ended && (seen.empty() || seen.back().percent() < percent); ++i)
            loop.run_for(100ms);
        REQUIRE_FALSE(ended);
    }
    UpgradeState wait() {
        for (int i = 0; i < 36'000 && !ended; ++i) loop.run_for(100ms);
        REQUIRE(ended);
        return *ended;
    }
    void fault(plant::FaultKind kind) { line->set_fault("dut", kind, 0, 0); }
    std::optional<UpgradeState> ended;
};

}  // namespace

TEST_CASE("new firmware reaches a device over a serial line, and is believed when the device says so") {
    Workshop w;
    CHECK(w.device->info().is_upgradable);
    CHECK(w.device->info().firmware == "1.0");
    const UpgradeState end = w.upgrade();
    INFO(end.text);
    CHECK(end.phase == UpgradePhase::done);
    CHECK(end.text == "runs 2.0, before 1.0");
    CHECK(end.total == 30);
    CHECK(end.percent() == 100);
    CHECK(w.released == 1);
    // Progress only grows, each phase is told, and the whole of it is kept.
    int before = 0;
    for (const UpgradeState& state : w.seen) {
        CHECK(state.percent() >= before);
        before = state.percent();
        CHECK(state.to == "2.0");
    }
    CHECK(w.seen.size() >= 30);
    const auto saw = [&](UpgradePhase phase) {
        return std::ranges::any_of(w.seen, [&](const UpgradeState& s) { return s.phase == phase; });
    };
    CHECK(saw(UpgradePhase::checking));
    CHECK(saw(UpgradePhase::installing));
    REQUIRE(w.run(w.device->open()).has_value());
    CHECK(w.device->info().firmware == "2.0");
    // Once more is refused before a byte is sent.
    const UpgradeState again = w.upgrade();
    CHECK(again.phase == UpgradePhase::failed);
    CHECK(again.text == "nothing was sent: the device runs 2.0 already");
    CHECK(w.released == 1);
}

TEST_CASE("a wrong file is refused before the device hears of it") {
    struct Case {
        Bytes image;
        std::string_view text;
    };
    Bytes damaged = image_of("Upgradable", "2.0"), other_kind = damaged;
    damaged[2000] ^= 1;
    other_kind[0] = 'X';
    const Case cases[] = {
        {image_of("Inverter", "2.0"), "nothing was sent: the file is for 'Inverter', the device is 'Upgradable-SIM'"},
        {damaged, "nothing was sent: the file is damaged"},
        {other_kind, "nothing was sent: the file is no firmware for this family"},
        {image_of("Upgradable", "2.0", 300'000),
         "nothing was sent: the file has 300000 bytes, the device takes at most"},
        {image_of("Upgradable", ""), "does not say for which model or which version"},
        {image_of("", "2.0"), "does not say for which model or which version"},
        {Bytes{}, "is no firmware for this family"},
        {Bytes(10, 'B'), "is no firmware for this family"},
    };
    for (const Case& c : cases) {
        Workshop w(c.image);
        const auto writes = w.simulated().counts().writes;
        const UpgradeState end = w.upgrade();
        CHECK(end.phase == UpgradePhase::failed);
        CHECK_MESSAGE(end.text.find(c.text) != std::string::npos, end.text);
        CHECK(w.simulated().counts().writes == writes);
        CHECK(w.released == 0);
    }
}

TEST_CASE("a link that is cut in the middle costs only the time it was away") {
    Workshop w;
    w.begin_and_wait(40);
    w.fault(plant::FaultKind::silent);
    w.loop.run_for(2min);
    CHECK_FALSE(w.ended);
    w.fault(plant::FaultKind::none);
    const auto writes = w.simulated().counts().writes;
    const UpgradeState end = w.wait();
    CHECK_MESSAGE(end.phase == UpgradePhase::done, end.text);
    CHECK(w.simulated().counts().writes - writes <= 20);  // nothing was sent twice
}

TEST_CASE("a gateway that restarts goes on where the device is") {
    UpgradeState kept;
    Workshop w;
    w.begin_and_wait(60);
    kept = w.seen.back();
    // The link is lost for longer than anybody waits: that is how it looks to a gateway that comes back later.
    w.fault(plant::FaultKind::silent);
    const UpgradeState interrupted = w.wait();
    CHECK(interrupted.phase == UpgradePhase::interrupted);
    CHECK_MESSAGE(interrupted.text.find("start it again and it goes on there") != std::string::npos, interrupted.text);
    w.fault(plant::FaultKind::none);
    w.order->resume = kept;
    w.ended.reset();
    w.seen.clear();
    const auto writes = w.simulated().counts().writes;
    w.loop.run_for(30s);
    const UpgradeState end = w.upgrade();
    CHECK_MESSAGE(end.phase == UpgradePhase::done, end.text);
    CHECK(w.seen.front().percent() >= 60);
    CHECK(w.simulated().counts().writes - writes <= 15);
}

TEST_CASE("a gateway that restarts while the device installs only waits for the new version") {
    Workshop w;
    w.begin_and_wait(90);
    while (!w.ended && w.seen.back().phase != UpgradePhase::installing) w.loop.run_for(100ms);
    const UpgradeState kept = w.seen.back();
    CHECK(w.wait().phase == UpgradePhase::done);
    Workshop later;
    later.order->image.clear();  // nobody needs it any more
    later.order->resume = kept;
    later.order->resume.to = "1.0";
    const UpgradeState end = later.upgrade();
    CHECK(end.phase == UpgradePhase::done);
}

TEST_CASE("a device that forgets what it received is begun anew") {
    Workshop w;
    w.begin_and_wait(40);
    w.simulated().restart();
    const UpgradeState end = w.wait();
    CHECK_MESSAGE(end.phase == UpgradePhase::done, end.text);
}

TEST_CASE("a damaged record is found by the check value, and nothing is installed") {
    Workshop w;
    w.simulated().upgrade()->damage(12);
    const UpgradeState end = w.upgrade();
    CHECK(end.phase == UpgradePhase::failed);
    CHECK_MESSAGE(end.text.find("what the device received is damaged; it keeps the firmware it has") == 0, end.text);
    REQUIRE(w.run(w.device->open()).has_value());
    CHECK(w.device->info().firmware == "1.0");
    // And once more, it goes through.
    w.order->resume = end;
    CHECK(w.upgrade().phase == UpgradePhase::done);
}

TEST_CASE("a device that says yes and keeps the old version is not believed") {
    Workshop w;
    w.simulated().upgrade()->keep_old_version();
    const UpgradeState end = w.upgrade();
    CHECK(end.phase == UpgradePhase::failed);
    CHECK(end.text == "the device took 2.0 and still runs 1.0 after 2 min; its own log may say why");
}

TEST_CASE("an upgrade can be cancelled until the device installs, and leaves the old firmware") {
    Workshop w;
    w.begin_and_wait(30);
    w.order->is_cancelled = true;
    const UpgradeState end = w.wait();
    CHECK(end.phase == UpgradePhase::cancelled);
    CHECK(end.text == "cancelled; the device keeps the firmware it has");
    CHECK(w.simulated().upgrade()->next() == 0);
    REQUIRE(w.run(w.device->open()).has_value());
    CHECK(w.device->info().firmware == "1.0");
}

TEST_CASE("control must let go first") {
    Workshop w;
    w.order->release = []() -> Task<Status> { co_return fail(Errc::timeout, "the battery does not answer"); };
    const auto writes = w.simulated().counts().writes;
    const UpgradeState end = w.upgrade();
    CHECK(end.phase == UpgradePhase::failed);
    CHECK(end.text == "nothing was sent: control could not let go of the device: the battery does not answer");
    CHECK(w.simulated().counts().writes == writes);
}

TEST_CASE("polls go on beside an upgrade, and a second upgrade of the same device is refused") {
    Workshop w;
    w.begin_and_wait(10);
    int polls = 0;
    for (int i = 0; i < 5; ++i) {
        const PollResult result = w.run(w.device->poll(PollClass::critical));
        if (result.failures.empty() && !result.readings.empty()) ++polls;
        w.loop.run_for(1s);
    }
    CHECK(polls == 5);
    const UpgradeState second = w.upgrade();
    CHECK(second.phase == UpgradePhase::failed);
    CHECK(second.text == "another upgrade of this device is running");
    CHECK(w.wait().phase == UpgradePhase::done);
}

TEST_CASE("damaged answers on the line cost time only") {
    Workshop w;
    w.line->set_fault("dut", plant::FaultKind::garbled, 0, 0.2);
    const UpgradeState end = w.upgrade();
    CHECK_MESSAGE(end.phase == UpgradePhase::done, end.text);
}

TEST_CASE("what a restart must know is written down before the first byte and before the device installs") {
    Workshop w;
    std::vector<UpgradeState> kept;
    std::vector<std::uint64_t> writes;
    w.order->keep = [&](UpgradeState state) -> Task<Status> {
        kept.push_back(state);
        writes.push_back(w.simulated().counts().writes);
        co_return ok();
    };
    const auto before = w.simulated().counts().writes;
    CHECK(w.upgrade().phase == UpgradePhase::done);
    REQUIRE(kept.size() == 2);
    CHECK(kept[0].phase == UpgradePhase::transferring);
    CHECK(writes[0] == before);
    CHECK(kept[1].phase == UpgradePhase::installing);
    CHECK(w.simulated().upgrade()->version() == "2.0");
}

TEST_CASE("what cannot be written down is not begun, and not installed") {
    Workshop w;
    int left = 0;
    w.order->keep = [&](UpgradeState) -> Task<Status> {
        if (left-- > 0) co_return ok();
        co_return fail(Errc::unavailable, "the disk is full");
    };
    const auto writes = w.simulated().counts().writes;
    UpgradeState end = w.upgrade();
    CHECK(end.text == "nothing was sent: the disk is full");
    CHECK(w.simulated().counts().writes == writes);
    left = 1;
    end = w.upgrade();
    CHECK(end.phase == UpgradePhase::failed);
    CHECK(end.text == "nothing was installed: the disk is full");
    CHECK(w.simulated().upgrade()->version() == "1.0");
}

TEST_CASE("a device that takes a record, drops the next and asks for the first again is given up") {
    VirtualLoop loop;
    FakeBus bus(loop);
    FakeBus::Unit& unit = bus.units[1];
    const auto place = [&](std::uint16_t at, std::string text) {
        text.resize(16);
        for (std::uint16_t i = 0; i < 8; ++i)
            unit.holding[static_cast<std::uint16_t>(at + i)] = static_cast<std::uint16_t>(
                static_cast<std::uint8_t>(text[2u * i]) << 8 | static_cast<std::uint8_t>(text[2u * i + 1]));
    };
    place(100, "Upgradable-SIM");
    place(116, "1.0");
    unit.holding[904] = 0;
    int asked_again = 0;
    unit.on_raw = [&](std::span<const std::uint8_t> pdu) {
        const auto record = static_cast<std::uint16_t>(pdu[5] << 8 | pdu[6]);
        if (record == 10) {
            unit.holding[904] = 9;
            ++asked_again;
            return std::vector<std::uint8_t>{static_cast<std::uint8_t>(pdu[0] | 0x80), 6};
        }
        unit.holding[904] = static_cast<std::uint16_t>(record + 1);
        return std::vector<std::uint8_t>(pdu.begin(), pdu.end());
    };
    auto order = std::make_shared<UpgradeOrder>();
    order->image = image_of("Upgradable", "2.0");
    const auto profile = upgradable();
    FirmwareUpgrade job(loop, ModbusUnit(bus, 1, profile->bus), profile, order);
    std::optional<UpgradeState> end;
    auto keep = [](FirmwareUpgrade& work, std::optional<UpgradeState>& into) -> Task<void> {
        into = co_await work.run();
    };
    loop.spawn("upgrade", keep(job, end));
    loop.run_for(9min);
    CHECK_MESSAGE(!end.has_value(), end->text);
    CHECK(asked_again > 10);
    loop.run_for(3min);
    REQUIRE(end.has_value());
    CHECK(end->phase == UpgradePhase::interrupted);
}

TEST_CASE("a device with new firmware is opened anew, so that it tells what it is now") {
    Workshop w;
    CHECK_FALSE(w.device->wants_reopen());
    REQUIRE(w.upgrade().phase == UpgradePhase::done);
    CHECK(w.device->wants_reopen());
    REQUIRE(w.run(w.device->open()).has_value());
    CHECK_FALSE(w.device->wants_reopen());
    CHECK(w.device->info().firmware == "2.0");
}

namespace {

// Another device of the line, asked for what control needs once a second.
struct Neighbour {
    Instant last{};
    Duration worst{};
    std::uint64_t polls = 0;
    Task<void> poll(VirtualLoop& loop, ModbusDevice& device) {
        last = loop.now();
        for (Instant next = loop.now();; next = std::max(next + 1s, loop.now())) {
            co_await loop.sleep_until(next);
            const PollResult result = co_await device.poll(PollClass::critical);
            if (result.readings.empty()) continue;
            ++polls;
            worst = std::max(worst, loop.now() - last);
            last = loop.now();
        }
    }
};

}  // namespace

TEST_CASE("a transfer leaves the neighbours on its line their critical values") {
    Workshop w(image_of("Upgradable", "2.0", 60'000));
    const plant::Plug plug{"next", w.device->info().profile, "lab", 8, 0};
    const auto profile = upgradable();
    auto made = plant::SimulatedDevice::create(*profile, plug,
                                               plant::DeviceView(*w.site, plant::DeviceView::Kind::whole_site, 0));
    REQUIRE(made.has_value());
    w.line->add(std::move(*made), "");
    ModbusDevice next(w.loop, *w.master, profile, {"next", "Next", 8, std::nullopt});
    REQUIRE(w.run(next.open()).has_value());
    Neighbour beside;
    w.loop.spawn("neighbour", beside.poll(w.loop, next));
    w.loop.run_for(60s);
    const Duration quiet = std::exchange(beside.worst, {});
    beside.polls = 0;
    const Instant begun = w.loop.now();
    const UpgradeState end = w.upgrade();
    CHECK_MESSAGE(end.phase == UpgradePhase::done, end.text);
    const double took_s = to_seconds(w.loop.now() - begun);
    MESSAGE("9600 baud, 60 kB in ", took_s, " s; a neighbour's critical value at worst ", to_seconds(beside.worst),
            " s apart, ", to_seconds(quiet), " s without the transfer; ", beside.polls, " polls");
    // One record and its answer may be on the wire, and the turn-around after it.
    CHECK(beside.worst <= quiet + 600ms);
    // The budget of this line has it, from the profile and what was measured.
    const bus::budget::Line line{9600, 10};
    std::vector<bus::budget::Load> loads{load_of(*w.device, {}), load_of(next, {})};
    for (std::size_t i = 0; i < loads.size(); ++i) {
        loads[i].telemetry = loads[i].slow = loads[i].writes = {};  // nobody asks for these here
        loads[i].by_hand = 0;
        for (const auto& unit : w.master->statistics().units)
            if (unit.unit == (i == 0 ? 7 : 8)) use_measured(loads[i], line, unit);
    }
    loads[0].critical = {};  // nor for these of the one that is upgraded
    CHECK(loads[0].record == 100);
    const bus::budget::Plan plan = bus::budget::plan(line, loads);
    REQUIRE(plan.refresh[1].while_upgrading.has_value());
    CHECK(quiet <= *plan.refresh[1].guaranteed);
    CHECK(beside.worst > *plan.refresh[1].guaranteed);  // so it is worth being told
    CHECK(beside.worst <= *plan.refresh[1].while_upgrading);
    CHECK(beside.worst > *plan.refresh[1].while_upgrading * 2 / 3);
    MESSAGE("guaranteed ", to_seconds(*plan.refresh[1].guaranteed), " s, ",
            to_seconds(*plan.refresh[1].while_upgrading), " s while firmware is brought");
    CHECK(static_cast<double>(beside.polls) >= 0.95 * took_s);
}
