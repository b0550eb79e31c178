#include "field/field.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.hpp"
#include "base/log.hpp"
#include "base/phrases_running.hpp"
#include "config/family_rules.hpp"
#include "config/rules.hpp"
#include "device/bus_load.hpp"
#include "device/modbus_device.hpp"
#include "field/bus_budget.hpp"
#include "views/verified.hpp"

namespace busbar::gateway {
namespace {

constexpr Duration report_spacing = std::chrono::milliseconds(450);

// Keeps the bus alive for as long as anybody has the device.
struct Wired {
    std::shared_ptr<bus::ModbusBus> bus;
    device::ModbusDevice device;
};

}  // namespace

Field::Field(Loop& loop, Site site, Profiles profiles, Hooks hooks)
    : loop_(loop), site_(std::move(site)), profiles_(std::move(profiles)), hooks_(std::move(hooks)) {
    registry_ = std::make_unique<device::Registry>(
        loop_, device::RegistryEvents{[this](std::size_t i) { device_opened(i); },
                                      [this](std::size_t i, const device::PollResult& r) { device_polled(i, r); },
                                      [this](std::size_t i, const device::Health& h) { health_changed(i, h); }});
    control::Site control;
    control.period = site_->config.control.cycle;
    control.pv_peak_w = site_->config.pv_peak_w;
    control.guaranteed_load_w = site_->config.control.guaranteed_load_w;
    control.grid_max_w = site_->config.control.grid_max_w;
    control.settings = {site_->config.control.self_consumption, site_->config.control.feed_in_limit};
    cycle_ = std::make_unique<control::Cycle>(loop_, live_, std::move(control));
    cycle_->log().set_sink([this](const control::Decision& d) { remember(d); });
    cycle_->on_snapshot = [this](const model::Snapshot& s) { make_report(s); };
    make_clock_upkeep();
    for (const auto& bus : site_->config.buses) add_bus(bus);
    for (const auto& device : site_->config.devices) add_device(device);
}

Field::~Field() = default;

// "UTC" is also what a site has that says nothing: set by it, the clocks of a whole site could go wrong.
void Field::make_clock_upkeep() {
    const auto zone = LocalTime::of(site_->config.timezone);
    if (!zone || site_->config.timezone == "UTC") return;
    const auto online = [this](const model::DeviceId& id) {
        return is_online(id) && !is_set_aside(id) ? device(id) : nullptr;
    };
    const auto line = [this](const model::DeviceId& id) {
        const auto slot = slot_of(id);
        return slot && units_[*slot] ? units_[*slot]->config.bus : std::string();
    };
    clocks_ = std::make_unique<ClockUpkeep>(loop_, *zone, cycle_->faults(), ClockUpkeep::Hooks{online, line});
}

void Field::start() {
    is_started_ = true;
    registry_->start();
    loop_.spawn("control cycle", cycle_->run());
    if (clocks_) loop_.spawn("clocks", clocks_->run());
    say_site_problems();
    for (const auto& unit : units_)
        if (unit) say_problem(*unit);
}

void Field::say_problem(const DeviceFacts& unit) {
    const std::string& text = unit.problem.empty() ? unit.doubt : unit.problem;
    cycle_->faults().set(!text.empty(), model::FaultKind::config_problem, unit.config.id, text);
}

// One alarm for all of them: a second one of the same kind and source would not be listed.
void Field::say_site_problems() {
    const std::string text = fmt::format("{}", fmt::join(site_->site, "\n"));
    if (text != said_) cycle_->faults().clear(model::FaultKind::config_problem, "site");
    said_ = text;
    cycle_->faults().set(!text.empty(), model::FaultKind::config_problem, "site", text);
}

std::string Field::problem_of(const config::LoadOutcome& site, const config::DeviceConfig& device,
                              const Profiles& profiles) const {
    for (const auto& problem : site.problems)
        if (problem.device == device.id) return problem.error.text;
    if (config::find_bus(site.config, device.bus) == nullptr) return say<phrases::bus_unknown>(device.bus);
    const auto profile = profiles->find(device.profile);
    if (!profile) return profile.error().text;
    const Status use = config::check_use(device, **profile);
    return use ? "" : fmt::format("{}:{}: {}", site.file, device.line.number, use.error().text);
}

void Field::add_device(const config::DeviceConfig& config) {
    DeviceFacts unit{.config = config, .info = {}, .problem = problem_of(*site_, config, profiles_), .fallback = {}};
    unit.info.id = config.id;
    unit.info.name = config.name;
    unit.info.profile = config.profile;
    const auto index = live_.add_device(config.id);
    if (!index) return log(Level::error, "device " + config.id, index.error().text);
    unit.slot = *index;
    if (units_.size() <= unit.slot) units_.resize(unit.slot + 1);
    std::shared_ptr<device::Device> device;
    if (unit.problem.empty()) {
        const auto profile = *profiles_->find(config.profile);
        unit.verified = verified_of(*profile);
        if (const Status told = config::check_serial_is_told(config, *profile); !told)
            unit.doubt = fmt::format("{}:{}: {}", site_->file, config.line.number, told.error().text);
        device = make_device(config, profile);
        reckon_load(unit, *device);
    } else {
        log(Level::warning, "device " + config.id, "quarantined: " + unit.problem);
        live_.set_state(*index, model::DeviceState::quarantined, loop_.now(), unit.problem);
    }
    units_[unit.slot] = unit;
    facts_.reset();
    const std::size_t slot =
        device ? registry_->add(device, timing_of(config)) : registry_->add_quarantined(unit.info, unit.problem);
    BUSBAR_ASSERT(slot == unit.slot);
    cycle_->add_device(*index, {config.use, device, config.rated_power_w});
    if (is_started_) say_problem(unit);
}

std::shared_ptr<device::Device> Field::make_device(const config::DeviceConfig& config,
                                                   std::shared_ptr<const profile::Profile> profile) {
    const std::shared_ptr<bus::ModbusBus> bus = line(config.bus)->bus;
    const std::shared_ptr<bus::ModbusBus> link = hooks_.watch ? hooks_.watch(bus) : bus;
    device::ModbusDeviceOptions options;
    options.id = config.id;
    options.name = config.name;
    options.unit = config.unit;
    options.rated_power_w = config.rated_power_w;
    options.expected_serial = config.serial;
    auto wired = std::shared_ptr<Wired>(
        new Wired{link, device::ModbusDevice(loop_, *link, std::move(profile), std::move(options))});
    return {wired, &wired->device};
}

void Field::reckon_load(DeviceFacts& unit, const device::Device& device) const {
    if (const auto* modbus = dynamic_cast<const device::ModbusDevice*>(&device))
        unit.load = std::make_shared<const bus::budget::Load>(
            device::load_of(*modbus, poll_timing(site_->config, unit.config)));
}

void Field::listen(std::function<void(std::size_t, const device::DeviceInfo&)> opened,
                   std::function<void(std::size_t, const device::PollResult&)> polled) {
    hooks_.opened = std::move(opened);
    hooks_.polled = std::move(polled);
    for (const auto& unit : units_)
        if (unit && !registry_->info(unit->slot).points.empty()) hooks_.opened(unit->slot, registry_->info(unit->slot));
}

Task<void> Field::stop() {
    if (clocks_) clocks_->stop();
    cycle_->stop();
    const Instant deadline = loop_.now() + std::chrono::seconds(6);
    while (!cycle_->has_stopped() && loop_.now() < deadline) co_await loop_.sleep_for(std::chrono::milliseconds(20));
    registry_->stop();
}

void Field::set_settings(const control::Settings& settings) { cycle_->set_settings(settings); }

device::PollTiming Field::timing_of(const config::DeviceConfig& device) const {
    const auto found = stretches_.find(device.bus);
    return device::stretched(poll_timing(site_->config, device), found == stretches_.end() ? 1 : found->second);
}

void Field::spread_telemetry(std::map<std::string, double> stretches) {
    stretches_ = std::move(stretches);
    for (const auto& unit : units_)
        if (unit) registry_->set_timing(unit->slot, timing_of(unit->config));
}

// ---- what happens ----

void Field::device_opened(std::size_t slot) {
    const device::DeviceInfo& info = registry_->info(slot);
    std::vector<live::PointSpec> points;
    for (const auto& point : info.points) points.push_back({point.role, point.resolution, point.stale_after});
    if (const Status set = live_.set_points(static_cast<live::DeviceIndex>(slot), points); !set)
        log(Level::error, "device " + info.id, set.error().text);
    DeviceFacts& unit = *units_[slot];
    unit.info = info;
    reckon_load(unit, *registry_->device(slot));
    unit.fallback.clear();
    for (const auto& setpoint : info.setpoints) {
        const device::Fallback f = registry_->device(slot)->fallback(setpoint.role);
        std::optional<double> after_s;
        if (f.reverts) after_s = to_seconds(f.after);
        unit.fallback.push_back({to_string(setpoint.role), f.reverts, after_s, f.to});
    }
    facts_.reset();
    log(Level::info, "device " + info.id,
        fmt::format("online: {}{}{} ({} points)", info.maker, info.maker.empty() || info.model.empty() ? "" : " ",
                    info.model, info.points.size()));
    const profile::FirmwareSupport& firmware = info.firmware_support;
    cycle_->faults().set(firmware.verdict == profile::FirmwareVerdict::unsupported,
                         model::FaultKind::unsupported_firmware, info.id, firmware.text);
    if (clocks_) clocks_->opened(info.id);
    if (hooks_.opened) hooks_.opened(slot, info);
    const auto placed = hooks_.placed ? registry_->device(slot)->placed() : nullptr;
    if (placed) hooks_.placed(unit.config, line(unit.config.bus)->bus, *placed);
}

bool Field::is_held(std::string_view id) const {
    const auto slot = slot_of(id);
    const auto actuators = cycle_->actuators();
    return slot && std::any_of(actuators.begin(), actuators.end(), [&](const control::Actuator& actuator) {
               return actuator.held && actuator.target.device == *slot;
           });
}

void Field::device_polled(std::size_t slot, const device::PollResult& result) {
    // Live state first: a fresh grid reading starts the cycle, everything else can wait.
    for (const auto& one : result.readings) live_.update(static_cast<live::DeviceIndex>(slot), one.point, one.reading);
    if (hooks_.polled) hooks_.polled(slot, result);
}

void Field::health_changed(std::size_t slot, const device::Health& health) {
    const auto index = static_cast<live::DeviceIndex>(slot);
    show_health(slot, health);
    cycle_->leave_out(index, health.is_double);
    if (health.state == model::DeviceState::quarantined && hooks_.gone) hooks_.gone(live_.id(index));
    if (health.state != model::DeviceState::online && health.state != model::DeviceState::starting)
        log(Level::warning, "device " + live_.id(index), std::string(to_string(health.state)) + ": " + health.problem);
}

void Field::remember(const control::Decision& decision) {
    told_decisions_.reset();
    auto copy = std::make_shared<const control::Decision>(decision);
    for (auto at = decisions_.rbegin(); at != decisions_.rend(); ++at) {
        if ((*at)->id == decision.id) {
            *at = std::move(copy);
            return;
        }
    }
    decisions_.push_back(std::move(copy));
    if (decisions_.size() > control::DecisionLog::capacity) decisions_.erase(decisions_.begin());
}

void Field::refresh_shared() {
    if (!told_decisions_)
        told_decisions_ = std::make_shared<std::vector<std::shared_ptr<const control::Decision>>>(decisions_);
    if (facts_) return;
    auto facts = std::make_shared<std::vector<DeviceFacts>>();
    for (const auto& device : site_->config.devices)
        if (const auto slot = slot_of(device.id)) facts->push_back(*units_[*slot]);
    facts_ = std::move(facts);
}

void Field::make_report(const model::Snapshot& snapshot) {
    const Instant now = loop_.now();
    if (last_report_ != Instant{} && now - last_report_ < report_spacing) return;
    last_report_ = now;
    refresh_shared();
    auto report = std::make_shared<FieldReport>();
    report->site = std::shared_ptr<const config::SiteConfig>(site_, &site_->config);
    report->image = live_.image(now, loop_.wall());
    report->facts = facts_;
    auto buses = std::make_shared<std::vector<BusFacts>>();
    for (const Line& line : lines_) buses->push_back({line.config, line.bus->statistics()});
    report->buses = std::move(buses);
    report->decisions = told_decisions_;
    report->faults = std::make_shared<std::vector<model::Fault>>(cycle_->faults().faults());
    report->snapshot = snapshot;
    report->cycle = cycle_->statistics();
    report->settings = cycle_->settings();
    report->feed_in_limit_w = cycle_->feed_in_limit_w();
    report->is_limiting = cycle_->is_limiting();
    if (hooks_.report) hooks_.report(std::move(report));
}

// ---- who is who ----

const Field::Line* Field::line(std::string_view id) const {
    const auto found = std::find_if(lines_.begin(), lines_.end(), [&](const Line& l) { return l.config.id == id; });
    return found == lines_.end() ? nullptr : &*found;
}

std::optional<std::size_t> Field::slot_of(std::string_view id) const {
    for (const auto& unit : units_)
        if (unit && unit->config.id == id) return unit->slot;
    return std::nullopt;
}

std::shared_ptr<device::Device> Field::device(std::string_view id) const {
    const auto slot = slot_of(id);
    return slot ? registry_->device(*slot) : nullptr;
}

std::shared_ptr<bus::ModbusBus> Field::bus(std::string_view id) const {
    const Line* found = line(id);
    return found ? found->bus : nullptr;
}

const DeviceFacts* Field::facts(std::string_view id) const {
    const auto slot = slot_of(id);
    return slot ? &*units_[*slot] : nullptr;
}

}  // namespace busbar::gateway
