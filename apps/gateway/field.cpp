#include "field.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.hpp"
#include "bus/make_bus.hpp"
#include "device/modbus_device.hpp"

namespace busbar::gateway {
namespace {

constexpr Duration report_spacing = std::chrono::milliseconds(450);

api::Verified verified_of(const profile::Profile& profile) {
    const std::string_view text = profile.verified;
    if (text.starts_with("device")) return api::Verified::device;
    if (text.starts_with("capture")) return api::Verified::captured;
    if (text.starts_with("single") || text.starts_with("one ") || text.starts_with("bus observation"))
        return api::Verified::single_source;
    return api::Verified::documented;
}

}  // namespace

Field::Field(RealLoop& loop, const config::LoadOutcome& site, const device::ProfileStore& profiles, Hooks hooks)
    : loop_(loop), site_(site), hooks_(std::move(hooks)) {
    make_buses();
    make_devices(profiles);
    control::Site control;
    for (std::size_t i = 0; i < site_.config.devices.size(); ++i) {
        const auto& device = site_.config.devices[i];
        control.devices.push_back({device.use, registry_->device(i), device.rated_power_w});
        if (device.use == model::Use::grid_meter) live_.set_grid_meter(static_cast<live::DeviceIndex>(i));
    }
    control.period = site_.config.control.cycle;
    control.pv_peak_w = site_.config.pv_peak_w;
    control.guaranteed_load_w = site_.config.control.guaranteed_load_w;
    control.grid_max_w = site_.config.control.grid_max_w;
    control.settings = {site_.config.control.self_consumption, site_.config.control.feed_in_limit};
    cycle_ = std::make_unique<control::Cycle>(loop_, live_, std::move(control));
    cycle_->log().set_sink([this](const control::Decision& d) { remember(d); });
    cycle_->on_snapshot = [this](const model::Snapshot& s) { make_report(s); };
}

Field::~Field() = default;

void Field::make_buses() {
    for (const auto& bus : site_.config.buses) {
        if (const auto* serial = std::get_if<config::SerialPort>(&bus.link)) {
            const bus::SerialSettings settings{serial->path, serial->baud, serial->parity, serial->stop_bits};
            buses_.push_back(bus::make_rtu_bus(loop_, bus.id, settings));
        } else if (const auto* tcp = std::get_if<config::TcpEndpoint>(&bus.link)) {
            buses_.push_back(bus::make_tcp_bus(loop_, bus.id, {tcp->host, tcp->port}, tcp->rtu_framing));
        }
    }
}

std::string Field::problem_of(std::size_t device) const {
    for (const auto& problem : site_.problems)
        if (problem.device == site_.config.devices[device].id) return problem.error.text;
    return {};
}

void Field::make_devices(const device::ProfileStore& profiles) {
    registry_ = std::make_unique<device::Registry>(
        loop_, device::RegistryEvents{[this](std::size_t i) { device_opened(i); },
                                      [this](std::size_t i, const device::PollResult& r) { device_polled(i, r); },
                                      [this](std::size_t i, const device::Health& h) { health_changed(i, h); }});
    auto facts = std::make_shared<std::vector<DeviceFacts>>();
    for (std::size_t i = 0; i < site_.config.devices.size(); ++i) {
        const auto& config = site_.config.devices[i];
        device::DeviceInfo known;
        known.id = config.id;
        known.name = config.name;
        known.profile = config.profile;
        facts->push_back({known, api::Verified::documented, {}});
        verified_.push_back(api::Verified::documented);
        (void)live_.add_device(config.id);  // bounded: config allows fewer devices than live state
        std::string problem = problem_of(i);
        const auto bus = std::find_if(site_.config.buses.begin(), site_.config.buses.end(),
                                      [&](const auto& b) { return b.id == config.bus; });
        if (problem.empty() && bus == site_.config.buses.end())
            problem = fmt::format("bus '{}' is not configured", config.bus);
        auto profile = profiles.find(config.profile);
        if (problem.empty() && !profile) problem = profile.error().text;
        if (!problem.empty()) {
            log(Level::warning, "device " + config.id, "quarantined: " + problem);
            registry_->add_quarantined(known, problem);
            live_.set_state(static_cast<live::DeviceIndex>(i), live::DeviceState::quarantined, loop_.now(), problem);
            continue;
        }
        verified_[i] = verified_of(**profile);
        (*facts)[i].verified = verified_[i];
        auto& link = *buses_[static_cast<std::size_t>(bus - site_.config.buses.begin())];
        // A cycle faster than the grid meter is read would decide on nothing new.
        device::PollTiming timing;
        if (config.use == model::Use::grid_meter)
            timing.critical = std::min<Duration>(timing.critical, site_.config.control.cycle);
        registry_->add(std::make_unique<device::ModbusDevice>(
                           loop_, link, *profile,
                           device::ModbusDeviceOptions{config.id, config.name, config.unit, config.rated_power_w}),
                       timing);
    }
    facts_ = std::move(facts);
}

void Field::start() {
    registry_->start();
    loop_.spawn("control cycle", cycle_->run());
    // One alarm for all of them: a second one of the same kind and source would not be listed.
    cycle_->faults().set(!site_.site.empty(), model::FaultKind::config_problem, "site",
                         fmt::format("{}", fmt::join(site_.site, "\n")));
    for (std::size_t i = 0; i < registry_->size(); ++i)
        if (const auto& health = registry_->health(i); health.state == model::DeviceState::quarantined)
            cycle_->faults().raise(model::FaultKind::config_problem, site_.config.devices[i].id, health.problem);
}

void Field::listen(std::function<void(std::size_t, const device::DeviceInfo&)> opened,
                   std::function<void(std::size_t, const device::PollResult&)> polled) {
    hooks_.opened = std::move(opened);
    hooks_.polled = std::move(polled);
    for (std::size_t i = 0; i < registry_->size(); ++i)
        if (!registry_->info(i).points.empty()) hooks_.opened(i, registry_->info(i));
}

Task<void> Field::stop() {
    cycle_->stop();
    const Instant deadline = loop_.now() + std::chrono::seconds(6);
    while (!cycle_->has_stopped() && loop_.now() < deadline) co_await loop_.sleep_for(std::chrono::milliseconds(20));
    registry_->stop();
}

void Field::set_settings(const control::Settings& settings) { cycle_->set_settings(settings); }

void Field::device_opened(std::size_t i) {
    const device::DeviceInfo& info = registry_->info(i);
    std::vector<live::PointSpec> points;
    for (const auto& point : info.points) points.push_back({point.role, point.resolution, point.stale_after});
    if (const Status set = live_.set_points(static_cast<live::DeviceIndex>(i), points); !set)
        log(Level::error, "device " + info.id, set.error().text);
    auto facts = std::make_shared<std::vector<DeviceFacts>>(*facts_);
    DeviceFacts& mine = (*facts)[i];
    mine.info = info;
    mine.fallback.clear();
    for (const auto& setpoint : info.setpoints) {
        const device::Fallback f = registry_->device(i)->fallback(setpoint.role);
        std::optional<double> after_s;
        if (f.reverts) after_s = to_seconds(f.after);
        mine.fallback.push_back({to_string(setpoint.role), f.reverts, after_s, f.to});
    }
    facts_ = std::move(facts);
    log(Level::info, "device " + info.id,
        fmt::format("online: {}{}{} ({} points)", info.maker, info.maker.empty() || info.model.empty() ? "" : " ",
                    info.model, info.points.size()));
    if (hooks_.opened) hooks_.opened(i, info);
}

void Field::device_polled(std::size_t i, const device::PollResult& result) {
    // Live state first: a fresh grid reading starts the cycle, everything else can wait.
    for (const auto& one : result.readings) live_.update(static_cast<live::DeviceIndex>(i), one.point, one.reading);
    if (hooks_.polled) hooks_.polled(i, result);
}

void Field::health_changed(std::size_t i, const device::Health& health) {
    const auto index = static_cast<live::DeviceIndex>(i);
    live_.set_state(index, health.state, health.since, health.problem);
    if (health.state != model::DeviceState::online && health.state != model::DeviceState::starting)
        log(Level::warning, "device " + live_.id(index), std::string(to_string(health.state)) + ": " + health.problem);
}

void Field::remember(const control::Decision& decision) {
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

void Field::make_report(const model::Snapshot& snapshot) {
    if (last_report_ != Instant{} && snapshot.at - last_report_ < report_spacing) return;
    last_report_ = snapshot.at;
    auto report = std::make_shared<FieldReport>();
    report->image = live_.image(snapshot.at, loop_.wall());
    report->facts = facts_;
    auto buses = std::make_shared<std::vector<bus::BusStatistics>>();
    for (const auto& bus : buses_) buses->push_back(bus->statistics());
    report->buses = std::move(buses);
    report->decisions = decisions_;
    report->faults = std::make_shared<std::vector<model::Fault>>(cycle_->faults().faults());
    report->snapshot = snapshot;
    report->cycle = cycle_->statistics();
    report->settings = cycle_->settings();
    report->feed_in_limit_w = cycle_->feed_in_limit_w();
    report->is_limiting = cycle_->is_limiting();
    hooks_.report(std::move(report));
}

}  // namespace busbar::gateway
