#include "closed_loop/closed_loop.hpp"

#include "device/modbus_device.hpp"
#include "plant_files.hpp"
#include "wire/modbus_rtu.hpp"

namespace busbar::closed_loop {
namespace {

using namespace std::chrono_literals;

Result<profile::Profile> profile_named(std::string_view name) { return plant_app::read_profile("profiles", name); }

model::Use use_named(std::string_view name) {
    for (const model::Use use : {model::Use::grid_meter, model::Use::pv, model::Use::hybrid, model::Use::battery})
        if (to_string(use) == name) return use;
    return model::Use::sub_meter;
}

control::Settings settings_of(const plant::ControlWish& wish) {
    using Mode = strategy::FeedInLimitSettings::Mode;
    using FeedIn = plant::ControlWish::FeedIn;
    const Mode mode = wish.feed_in == FeedIn::none    ? Mode::none
                      : wish.feed_in == FeedIn::zero  ? Mode::zero
                      : wish.feed_in == FeedIn::watts ? Mode::watts
                                                      : Mode::percent;
    return {{wish.self_consumption, wish.import_target_w}, {mode, wish.feed_in_value}};
}

}  // namespace

Result<std::unique_ptr<ClosedLoop>> ClosedLoop::create(const std::string& plant_file, std::uint64_t seed,
                                                       const std::string& traces) {
    BUSBAR_TRY(const std::string text, plant_app::read_text(plant_file));
    BUSBAR_TRY(plant::Scenario scenario, plant::parse(text, plant_file));
    BUSBAR_TRY(auto measured, plant_app::read_traces(scenario, {traces}));
    BUSBAR_TRY(auto world, plant::World::create(std::move(scenario), seed,
                                                {.profile = profile_named, .traces = std::move(measured)}));
    std::unique_ptr<ClosedLoop> made(new ClosedLoop(std::move(world)));
    made->registry_ = std::make_unique<device::Registry>(made->loop_, made->events());
    for (plant::Line& line : made->world_->lines())
        if (auto connected = made->connect(line); !connected) return connected.error();
    made->site_.pv_peak_w = made->world_->scenario().pv_peak_w();
    made->site_.settings = settings_of(made->world_->wish());
    made->cycle_ = std::make_unique<control::Cycle>(made->loop_, made->live_, made->site_);
    plant::World& world_ref = *made->world_;
    world_ref.expect_fault_reports();
    made->cycle_->faults().set_sink(
        [&world_ref](const model::Fault& fault) { world_ref.fault(model::info(fault.kind).name, !fault.cleared); });
    made->loop_.spawn("plant", plant::run(made->loop_, world_ref));
    made->loop_.spawn("wishes", made->follow_wishes());
    made->registry_->start();
    made->loop_.spawn("cycle", made->cycle_->run());
    return made;
}

Status ClosedLoop::connect(plant::Line& line) {
    const plant::LineSpec& spec = line.spec();
    const bool is_serial = spec.kind == plant::LineSpec::Kind::serial;
    const Duration character = is_serial ? wire::rtu_character_time(spec.baud, spec.bits_per_character()) : 0ns;
    auto pair = bus::LoopbackLink::make(loop_, character, spec.id);
    bus::MasterConfig config{.name = spec.id, .framing = is_serial ? bus::Framing::rtu : bus::Framing::tcp};
    if (is_serial) config.rtu = {.baud = spec.baud, .character_bits = spec.bits_per_character()};
    masters_.push_back(std::make_unique<bus::ModbusMaster>(loop_, std::move(pair.a), config));
    far_ends_.push_back(std::move(pair.b));
    loop_.spawn("line", is_serial ? plant::serve_rtu(loop_, *far_ends_.back(), line, plant::Pacing::link)
                                  : plant::serve_tcp_for_ever(loop_, *far_ends_.back(), line));
    for (const plant::Line::Place& place : line.places())
        if (auto added = add_device(place, *masters_.back()); !added) return added;
    return ok();
}

Status ClosedLoop::add_device(const plant::Line::Place& place, bus::ModbusBus& bus) {
    BUSBAR_TRY(profile::Profile profile, profile_named(place.profile));
    BUSBAR_TRY(const live::DeviceIndex index, live_.add_device(place.id));
    auto device = std::make_shared<device::ModbusDevice>(
        loop_, bus, std::make_shared<const profile::Profile>(std::move(profile)),
        device::ModbusDeviceOptions{.id = place.id, .name = place.id, .unit = place.unit, .rated_power_w = {}});
    const model::Use use = use_named(place.use);
    site_.devices.push_back({.use = use, .device = device, .rated_power_w = {}});
    device::PollTiming timing;
    if (use == model::Use::grid_meter) timing.phase = 100ms;  // as the gateway asks it
    const std::size_t added = registry_->add(std::move(device), timing);
    return added == index ? ok() : Status(fail(Errc::internal, "registry and live state disagree"));
}

device::RegistryEvents ClosedLoop::events() {
    return {.opened =
                [this](std::size_t i) {
                    std::vector<live::PointSpec> points;
                    for (const device::PointInfo& point : registry_->info(i).points)
                        points.push_back({point.role, point.resolution, point.stale_after});
                    (void)live_.set_points(static_cast<live::DeviceIndex>(i), points);
                },
            .polled =
                [this](std::size_t i, const device::PollResult& result) {
                    for (const device::PointReading& r : result.readings)
                        live_.update(static_cast<live::DeviceIndex>(i), r.point, r.reading);
                },
            .health_changed =
                [this](std::size_t i, const device::Health& health) {
                    live_.set_state(static_cast<live::DeviceIndex>(i), health.state, loop_.now(), health.problem);
                }};
}

// Scenario events change the gateway's settings as a person would.
Task<void> ClosedLoop::follow_wishes() {
    plant::ControlWish known = world_->wish();
    for (;;) {
        co_await loop_.sleep_for(100ms);
        if (world_->wish() == known) continue;
        known = world_->wish();
        cycle_->set_settings(settings_of(known));
    }
}

void ClosedLoop::run_for(Duration time) { loop_.run_for(time); }
void ClosedLoop::run() {
    loop_.run_for(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(world_->scenario().run_s)));
}

}  // namespace busbar::closed_loop
