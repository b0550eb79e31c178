#include "views/site_view.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "views/overview.hpp"

namespace busbar::gateway {
namespace {

double used_cpu_s() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

std::uint64_t resident_bytes() {
    std::ifstream file("/proc/self/statm");
    std::uint64_t total = 0, resident = 0;
    file >> total >> resident;
    return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

api::StatisticsView statistics_view(const bus::UnitStatistics& u) {
    return {u.requests,   u.answers,        u.timeouts,       u.crc_errors,
            u.exceptions, u.latency_us_p50, u.latency_us_p90, u.latency_us_p99};
}

api::FirmwareVerdict verdict_of(profile::FirmwareVerdict verdict) {
    using From = profile::FirmwareVerdict;
    if (verdict == From::supported) return api::FirmwareVerdict::supported;
    return verdict == From::unsupported ? api::FirmwareVerdict::unsupported : api::FirmwareVerdict::unknown;
}

api::DecisionState state_view(control::Decision::State state) {
    using From = control::Decision::State;
    switch (state) {
        case From::pending:
            return api::DecisionState::pending;
        case From::in_force:
            return api::DecisionState::in_force;
        case From::refused:
            return api::DecisionState::refused;
        case From::unreachable:
            return api::DecisionState::unreachable;
        case From::released:
            return api::DecisionState::released;
    }
    return api::DecisionState::pending;
}

std::string place_of(const config::BusConfig& bus) {
    if (const auto* serial = std::get_if<config::SerialPort>(&bus.link))
        return fmt::format("{} {} 8{}{}", serial->path, serial->baud, serial->parity, serial->stop_bits);
    const auto& tcp = std::get<config::TcpEndpoint>(bus.link);
    return fmt::format("tcp {}:{}{}", tcp.host, tcp.port, tcp.rtu_framing ? " (RTU frames)" : "");
}

api::Overview::Alarms count_active(const std::vector<model::Fault>& faults) {
    api::Overview::Alarms n;
    for (const auto& fault : faults) {
        if (fault.cleared) continue;
        switch (model::info(fault.kind).severity) {
            case model::Severity::critical:
                ++n.critical;
                break;
            case model::Severity::major:
                ++n.major;
                break;
            case model::Severity::minor:
                ++n.minor;
                break;
            case model::Severity::warning:
                ++n.warning;
                break;
        }
    }
    return n;
}

bool is_active(const std::vector<model::Fault>& faults, model::FaultKind kind) {
    return std::any_of(faults.begin(), faults.end(), [&](const auto& f) { return f.kind == kind && !f.cleared; });
}

// Names of state codes, where the profile has one for the value of now.
std::vector<std::pair<std::uint32_t, std::string>> state_texts(const FieldReport& report) {
    std::vector<std::pair<std::uint32_t, std::string>> texts;
    for (const DeviceFacts& facts : *report.facts) {
        const auto& points = facts.info.points;
        const auto& shown = report.image->layout->devices[facts.slot];
        for (std::size_t p = 0; p < std::min(points.size(), shown.points.size()); ++p) {
            const auto& reading = report.image->reading(facts.slot, p);
            if (points[p].role.role != model::Role::device_state || reading.quality != model::Quality::good) continue;
            for (const auto& [code, words] : points[p].names)
                if (code == reading.value) texts.emplace_back(static_cast<std::uint32_t>(shown.first + p), words);
        }
    }
    std::sort(texts.begin(), texts.end());  // devices stand in the image by slot, in the facts as in the site
    return texts;
}

}  // namespace

api::DecisionView decision_view(const control::Decision& d) {
    return {.at = d.at,
            .expires = d.expires,
            .device = d.device,
            .role = d.target.role,
            .value = d.value,
            .read_back = d.read_back,
            .state = state_view(d.state),
            .chain = d.chain};
}

api::AlarmView alarm_view(const model::Fault& fault) {
    const auto& kind = model::info(fault.kind);
    return {.id = static_cast<std::int64_t>(fault.id),
            .cause = static_cast<std::int64_t>(fault.kind) + 1,
            .severity = kind.severity,
            .name = std::string(kind.name),
            .source = fault.source,
            .text = fault.text.empty() ? std::string(kind.text) : fault.text,
            .suggestion = std::string(kind.suggestion),
            .raised = fault.raised,
            .cleared = fault.cleared};
}

SiteView::SiteView(std::shared_ptr<const config::SiteConfig> site, std::string version, WallTime started, Hooks hooks)
    : version_(std::move(version)),
      started_(started),
      hooks_(std::move(hooks)),
      control_{site->control.self_consumption, site->control.feed_in_limit} {
    auto report = std::make_shared<FieldReport>();
    report->site = std::move(site);
    auto image = std::make_shared<live::LiveImage>();
    image->layout = std::make_shared<live::Layout>();
    image->wall = started;
    report->image = image;
    report->facts = std::make_shared<std::vector<DeviceFacts>>();
    report->buses = std::make_shared<std::vector<BusFacts>>();
    report->decisions = std::make_shared<std::vector<std::shared_ptr<const control::Decision>>>();
    report->faults = std::make_shared<std::vector<model::Fault>>();
    show(report, {});
}

void SiteView::measure_cpu(Instant at) {
    if (const double used = used_cpu_s(); at - cpu_at_ >= std::chrono::seconds(10) || cpu_s_ == 0) {
        if (cpu_s_ > 0) cpu_percent_ = 100 * (used - cpu_s_) / to_seconds(at - cpu_at_);
        cpu_s_ = used;
        cpu_at_ = at;
    }
}

void SiteView::take(std::shared_ptr<const FieldReport> report) {
    measure_cpu(report->image->at);
    show(report, hooks_.today(*report));
}

void SiteView::show(std::shared_ptr<const FieldReport> report, const api::Overview::Today& today) {
    report_ = std::move(report);
    auto view = std::make_shared<api::LiveView>();
    view->image = report_->image;
    view->overview = make_overview({.now = report_->snapshot,
                                    .wall = report_->image->wall,
                                    .devices = report_->site->devices.size(),
                                    .feed_in = control_.feed_in_limit,
                                    .feed_in_limit_w = report_->feed_in_limit_w,
                                    .is_limiting = report_->is_limiting,
                                    .is_exceeding = is_active(*report_->faults, model::FaultKind::feed_in_exceeded),
                                    .today = today,
                                    .alarms = count_active(*report_->faults)});
    view->texts = state_texts(*report_);
    live_ = std::move(view);
}

WallTime SiteView::wall_of(Instant at) const {
    return report_->image->wall - std::chrono::duration_cast<std::chrono::milliseconds>(report_->image->at - at);
}

api::StatusView SiteView::status() const {
    const HistoryFigures history = hooks_.history();
    api::StatusView s;
    s.started = started_;
    s.now = report_->image->wall;
    s.timezone = report_->site->timezone;
    s.period = report_->site->control.cycle;
    s.cycles = report_->cycle.count;
    s.late_ms_max = to_seconds(report_->cycle.late_max) * 1000;
    s.samples = history.samples;
    s.history_bytes = history.bytes;
    s.lost_samples = history.lost;
    s.oldest_sample = history.oldest;
    s.memory_bytes = resident_bytes();
    s.cpu_percent = cpu_percent_;
    return s;
}

std::vector<api::DeviceView> SiteView::devices() const {
    std::vector<api::DeviceView> views;
    for (const DeviceFacts& facts : *report_->facts) {
        const config::DeviceConfig& config = facts.config;
        const live::DeviceStatus& status = report_->image->devices[facts.slot];
        api::DeviceView v;
        v.id = config.id;
        v.name = config.name;
        v.maker = facts.info.maker;
        v.model = facts.info.model;
        v.serial = facts.info.serial;
        v.firmware = facts.info.firmware;
        v.profile = config.profile;
        v.bus = config.bus;
        v.use = config.use;
        v.unit = config.unit;
        v.rated_power_w = config.rated_power_w;
        v.serial_expected = config.serial;
        v.via = config.via == config::Via::lan ? "lan" : config.via == config::Via::router ? "router" : "";
        v.state = status.state;
        if (status.since != Instant{}) v.since = wall_of(status.since);
        if (status.has_data) v.last_data = wall_of(status.last_data);
        v.problem = status.problem;
        for (unsigned c = 0; c < static_cast<unsigned>(model::Capability::count_); ++c)
            if (facts.info.capabilities.has(static_cast<model::Capability>(c)))
                v.capabilities.emplace_back(to_string(static_cast<model::Capability>(c)));
        v.verified = facts.verified;
        v.fallback = facts.fallback;
        v.takes_firmware = facts.info.is_upgradable;
        v.firmware_support = verdict_of(facts.info.firmware_support.verdict);
        v.firmware_text = facts.info.firmware_support.text;
        for (const BusFacts& bus : *report_->buses)
            if (bus.config.id == config.bus)
                for (const auto& unit : bus.statistics.units)
                    if (unit.unit == config.unit) v.statistics = statistics_view(unit);
        views.push_back(std::move(v));
    }
    return views;
}

std::vector<api::BusView> SiteView::buses() const {
    std::vector<api::BusView> views;
    for (const BusFacts& bus : *report_->buses) {
        const bus::BusStatistics& s = bus.statistics;
        api::BusView v{.id = bus.config.id,
                       .link = place_of(bus.config),
                       .problem = s.last_error,
                       .connected = s.connected,
                       .utilisation = s.utilisation,
                       .bytes_in = s.bytes_in,
                       .bytes_out = s.bytes_out,
                       .reconnects = s.reconnects,
                       .units = {},
                       .settings = bus.config.link};
        for (const auto& unit : s.units) v.units.push_back({unit.unit, unit.silent, statistics_view(unit)});
        views.push_back(std::move(v));
    }
    return views;
}

std::vector<api::DecisionView> SiteView::decisions(const api::DecisionQuery& query) const {
    std::vector<api::DecisionView> views;
    const auto& decisions = *report_->decisions;
    for (auto at = decisions.rbegin(); at != decisions.rend() && views.size() < query.limit; ++at) {
        const control::Decision& d = **at;
        if (query.before && d.at >= *query.before) continue;
        if (query.device && d.device != *query.device) continue;
        views.push_back(decision_view(d));
    }
    return views;
}

std::vector<api::AlarmView> SiteView::alarms(bool only_active) const {
    std::vector<api::AlarmView> views;
    for (auto f = report_->faults->rbegin(); f != report_->faults->rend(); ++f)
        if (!only_active || !f->cleared) views.push_back(alarm_view(*f));
    return views;
}

Status SiteView::check_control(const api::ControlSettings& wanted) const {
    using Mode = config::FeedInLimit::Mode;
    if (wanted.feed_in_limit.mode == Mode::percent && report_->site->pv_peak_w <= 0)
        return fail(Errc::out_of_range,
                    "feed_in_limit.mode: percent needs the installed PV power; set pv_peak_w in site.yaml");
    const bool can_limit = std::any_of(report_->facts->begin(), report_->facts->end(), [](const DeviceFacts& f) {
        return f.info.capabilities.has(model::Capability::limits_feed_in);
    });
    if (wanted.feed_in_limit.mode != Mode::none && !can_limit)
        return fail(Errc::unsupported, "feed_in_limit.mode: no device of this site can limit its output");
    return ok();
}

void SiteView::apply_control(const api::ControlSettings& settings) {
    control_ = settings;
    hooks_.apply(settings);
}

}  // namespace busbar::gateway
