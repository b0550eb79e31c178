#include "contract/fake_site.hpp"

#include <algorithm>

namespace busbar::test {
using namespace std::chrono_literals;
using model::Quality;
using model::Role;

namespace {
WallTime at(std::int64_t ms) { return WallTime(std::chrono::milliseconds(start_ms + ms)); }
constexpr std::int64_t samples = 3600;
}  // namespace

FakeSite::FakeSite() {
    auto layout = std::make_shared<live::Layout>();
    live::Layout::Device roof{"roof", {}, 0}, meter{"meter", {}, 3};
    roof.points = {{{Role::ac_power, 0}, 1, 3s}, {{Role::ac_voltage, 1}, 0.1, 30s}, {{Role::device_state, 0}, 1, 30s}};
    meter.points = {{{Role::meter_power, 0}, 1, 3s}, {{Role::meter_energy_import, 0}, 100, 60s}};
    layout->devices = {roof, meter};
    layout_ = std::move(layout);
    control_.feed_in_limit = {config::FeedInLimit::Mode::percent, 60};
}

std::shared_ptr<const api::LiveView> FakeSite::view(int seconds, double power_w) const {
    auto image = std::make_shared<live::LiveImage>();
    image->at = Instant(std::chrono::seconds(1000 + seconds));
    image->wall = at(seconds * 1000);
    image->layout = layout_;
    image->readings = {{power_w, image->at - 120ms, Quality::good},
                       {230.1, image->at - 1s, Quality::good},
                       {2, image->at - 1s, Quality::good},
                       {-310, image->at - 10s, Quality::good},  // older than its limit of 3 s: stale
                       {0, {}, Quality::unknown}};
    image->revisions.assign(5, 1);
    image->devices.resize(2);
    auto view = std::make_shared<api::LiveView>();
    view->image = std::move(image);
    view->texts = {{2, "running"}};
    auto& o = view->overview;
    o.at = at(seconds * 1000);
    o.sentence = api::SentenceKey::charging_from_sun;
    o.sentence_values = {{"power_w", 3400}};
    o.pv_w = {power_w, 120ms};
    o.battery_w = {-3400, 400ms};
    o.today.pv_wh = 12'345.6;
    o.today.autarky_percent = 87.25;
    o.feed_in = {config::FeedInLimit::Mode::percent, 60};
    o.feed_in_limit_w = 4800;
    o.alarms.major = 1;
    return view;
}

std::shared_ptr<const api::LiveView> FakeSite::live() const { return view(0, 4210); }

api::StatusView FakeSite::status() const {
    api::StatusView s;
    s.started = at(-60'000);
    s.now = at(0);
    s.timezone = "Europe/Berlin";
    s.cycles = 60;
    s.late_ms_max = 1.25;
    s.samples = 7200;
    s.history_bytes = 4096;
    s.oldest_sample = at(0);
    s.memory_bytes = 15'000'000;
    s.cpu_percent = 0.14;
    return s;
}

std::vector<api::DeviceView> FakeSite::devices() const {
    api::DeviceView roof;
    roof.id = "roof";
    roof.name = "<script>alert(1)</script>";
    roof.maker = "Maker \"quoted\"\n\x01";
    roof.model = "bad UTF-8 \xff\xfe";
    roof.serial = "=cmd|' /C calc'!A0";
    roof.profile = "sunspec/inverter";
    roof.use = config::Use::pv;
    roof.bus = "lan";
    roof.unit = 1;
    roof.state = live::DeviceState::online;
    roof.since = at(-50'000);
    roof.last_data = at(0);
    roof.capabilities = {"produces_ac", "limits_feed_in"};
    roof.verified = api::Verified::single_source;
    roof.fallback = {{"ac.power.limit_percent.set", true, 60, "full power"},
                     {"ac.power.limit.set", false, {}, "nothing"}};
    roof.statistics = {100, 98, 2, 0, 0, 4100, 6000, 9000};
    roof.rated_power_w = 8000;
    roof.serial_expected = "AB12345678";
    roof.firmware_support = api::FirmwareVerdict::unsupported;
    roof.firmware_text = "known to work with 1.0.8";
    api::DeviceView meter;
    meter.id = "meter";
    meter.bus = "rs485-1";
    meter.use = config::Use::grid_meter;
    meter.state = live::DeviceState::quarantined;
    meter.problem = "profile eastron/sdm630 line 12: unknown role";
    return {roof, meter};
}

std::vector<api::BusView> FakeSite::buses() const {
    api::BusView line;
    line.id = "rs485-1";
    line.link = "/dev/ttyUSB0 9600 8N1";
    line.problem = "no such port; is the adapter plugged in?";
    line.utilisation = 0.42;
    line.units = {{11, true, {5, 0, 5, 0, 0, 0, 0, 0}}};
    line.settings = config::SerialPort{"/dev/ttyUSB0", 9600, 'E', 1};
    api::BusView lan;
    lan.id = "lan";
    lan.link = "tcp 192.168.8.20:502";
    lan.settings = config::TcpEndpoint{"192.168.8.20", 502, true};
    return {line, lan};
}

api::DecisionView FakeSite::decision() {
    api::DecisionView d;
    d.at = at(0);
    d.expires = at(60'000);
    d.device = "roof";
    d.role = {Role::battery_power_set, 0};
    d.value = 520;
    d.state = api::DecisionState::in_force;
    d.read_back = 520;
    d.chain = {
        {model::Step::Kind::request, model::Rank::strategy, "self_consumption", "grid 520 W import", {}, {}, 520.0},
        {model::Step::Kind::limit, model::Rank::nameplate, "roof", "at most 5000 W", -5000.0, 5000.0, {}},
        {model::Step::Kind::result, model::Rank::strategy, "arbiter", "520 W", {}, {}, 520.0}};
    return d;
}

std::vector<api::DecisionView> FakeSite::decisions(const api::DecisionQuery& query) const {
    std::vector<api::DecisionView> out;
    api::DecisionView released = decision();
    released.at = at(-5000);
    released.value.reset();
    released.read_back.reset();
    released.state = api::DecisionState::released;
    for (const auto& d : {decision(), released})
        if ((!query.before || d.at < *query.before) && (!query.device || d.device == *query.device) &&
            out.size() < query.limit)
            out.push_back(d);
    return out;
}

api::AlarmView FakeSite::alarm() {
    return {7,         1, model::Severity::major, "meter_silent", "meter", "no answer for 12 s", "check the wiring",
            at(-1000), {}};
}

std::vector<api::AlarmView> FakeSite::alarms(bool only_active) const {
    api::AlarmView over = alarm();
    over.cleared = at(-500);
    return only_active ? std::vector{alarm()} : std::vector{alarm(), over};
}

api::ControlSettings FakeSite::control() const {
    const std::lock_guard lock(mutex_);
    return control_;
}

Status FakeSite::check_control(const api::ControlSettings& wanted) const {
    if (wanted.feed_in_limit.mode == config::FeedInLimit::Mode::watts && wanted.feed_in_limit.value > 20'000)
        return fail(Errc::out_of_range, "feed_in_limit.value: more than twice the installed 8000 W");
    return ok();
}

void FakeSite::apply_control(const api::ControlSettings& settings) {
    const std::lock_guard lock(mutex_);
    control_ = settings;
    ++applied_;
}

namespace {
Status known(const std::string& series, bool is_broken) {
    if (is_broken) return fail(Errc::corrupt, "history: block 7 fails its checksum");
    if (series == "roof/ac.power" || series == "meter/meter.power") return ok();
    return fail(Errc::unsupported, "series '" + series + "': there is none");
}
double value_of(const std::string& series, std::int64_t i) {
    return series == "roof/ac.power" ? double(i % 1000) : -double(i % 1000);
}
}  // namespace

Result<api::BucketSeries> FakeHistory::buckets(const std::string& series, std::int64_t from_ms, std::int64_t to_ms,
                                               std::size_t buckets) {
    if (auto is_known = known(series, is_broken); !is_known) return std::move(is_known).error();
    api::BucketSeries out{
        series, "W", 1, from_ms, to_ms, std::max<std::int64_t>((to_ms - from_ms) / std::int64_t(buckets), 1), {}};
    for (std::int64_t i = 0; i < samples; ++i) {
        const auto t = start_ms + i * 1000;
        if (t < from_ms || t >= to_ms) continue;
        const auto begin = from_ms + (t - from_ms) / out.step_ms * out.step_ms;
        const double v = value_of(series, i);
        if (out.buckets.empty() || out.buckets.back().at_ms != begin) out.buckets.push_back({begin, v, 0, v, 0});
        auto& b = out.buckets.back();
        b.min = std::min(b.min, v);
        b.max = std::max(b.max, v);
        b.mean = (b.mean * double(b.count) + v) / double(b.count + 1);
        ++b.count;
    }
    return out;
}

Result<std::vector<api::SeriesView>> FakeHistory::series() {
    return std::vector<api::SeriesView>{{"roof/ac.power", "W", 1, start_ms, start_ms + (samples - 1) * 1000},
                                        {"meter/meter.power", "W", 1, start_ms, start_ms + (samples - 1) * 1000},
                                        {"meter/meter.energy.import", "Wh", 100, {}, {}}};
}

Result<std::vector<api::RawSample>> FakeHistory::raw(const std::string& series, std::int64_t from_ms,
                                                     std::int64_t to_ms, std::size_t limit) {
    // Broken means here: the second page cannot be read.
    if (auto is_known = known(series, is_broken && from_ms > start_ms); !is_known) return std::move(is_known).error();
    std::vector<api::RawSample> out;
    for (std::int64_t i = 0; i < samples && out.size() < limit; ++i) {
        const auto t = start_ms + i * 1000;
        const bool is_odd_meter_gap = series == "meter/meter.power" && i % 2 == 1;
        if (t >= from_ms && t < to_ms && !is_odd_meter_gap) out.push_back({t, value_of(series, i)});
    }
    return out;
}

Result<api::EnergyView> FakeHistory::energy(std::int64_t from_ms, std::int64_t, api::EnergyStep) {
    return api::EnergyView{
        {from_ms, from_ms + 3'600'000}, {1234.5, {}}, {500, {}}, {0, {}}, {700, {}}, {{}, {}}, {{}, {}}};
}

}  // namespace busbar::test
