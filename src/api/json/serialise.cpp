#include "api/json/serialise.hpp"

#include <algorithm>

#include "api/json/commissioning_json.hpp"

namespace busbar::api {
namespace {
const Decimals whole(1), tenth(0.1);

std::int64_t to_integer(std::uint64_t value) {
    return static_cast<std::int64_t>(std::min<std::uint64_t>(value, INT64_MAX));
}

void write_flow(JsonWriter& json, std::string_view name, const Flow& flow) {
    json.key(name).begin_object().key("value").number(flow.value, tenth).key("age_ms");
    flow.age ? json.integer(flow.age->count()) : json.null();
    json.end_object();
}

void write_statistics(JsonWriter& json, const StatisticsView& s) {
    json.key("requests").integer(to_integer(s.requests)).key("answers").integer(to_integer(s.answers));
    json.key("timeouts").integer(to_integer(s.timeouts)).key("crc_errors").integer(to_integer(s.crc_errors));
    json.key("exceptions").integer(to_integer(s.exceptions));
    json.key("latency_us_p50").integer(s.latency_us_p50).key("latency_us_p90").integer(s.latency_us_p90);
    json.key("latency_us_p99").integer(s.latency_us_p99);
}

void write_step(JsonWriter& json, const model::Step& step, Decimals decimals) {
    json.begin_object().key("kind").text(to_string(step.kind)).key("rank").text(to_string(step.rank));
    json.key("source").text(step.source).key("text").text(step.text).code_of(step.text);
    json.key("low").number(step.low, decimals).key("high").number(step.high, decimals);
    json.key("value").number(step.value, decimals).end_object();
}

void write_settings(JsonWriter& json, const config::SerialPort& port) {
    json.begin_object().key("kind").text("serial").key("port").text(port.path).key("baud").integer(port.baud);
    json.key("parity").text(port.parity == 'E' ? "even" : port.parity == 'O' ? "odd" : "none");
    json.key("stop_bits").integer(port.stop_bits).end_object();
}
void write_settings(JsonWriter& json, const config::TcpEndpoint& endpoint) {
    json.begin_object().key("kind").text("tcp").key("host").text(endpoint.host).key("port").integer(endpoint.port);
    json.key("framing").text(endpoint.rtu_framing ? "rtu" : "tcp").end_object();
}

// Tight loops: a column of 1000 numbers is most of a history answer.
template <class Get>
void write_column(JsonWriter& json, std::string_view name, std::span<const Bucket> buckets, Get append) {
    json.key(name);
    std::string& out = json.value_bytes();
    out += '[';
    for (const auto& bucket : buckets) {
        append(out, bucket);
        out += ',';
    }
    if (!buckets.empty()) out.pop_back();
    out += ']';
}

void write_energy_column(JsonWriter& json, std::string_view name, std::span<const std::optional<double>> values) {
    json.key(name).begin_array();
    for (const auto& value : values) json.number(value, tenth);
    json.end_array();
}
}  // namespace

std::string_view to_string(SentenceKey key) {
    constexpr std::string_view names[] = {"charging_from_sun", "discharging_to_house", "feeding_in",
                                          "importing",         "feed_in_limited",      "feed_in_exceeded",
                                          "balanced",          "meter_unknown",        "no_devices"};
    return names[static_cast<std::size_t>(key)];
}
std::string_view to_string(Verified verified) {
    constexpr std::string_view names[] = {"documented", "single-source", "captured", "device"};
    return names[static_cast<std::size_t>(verified)];
}
std::string_view to_string(FirmwareVerdict verdict) {
    constexpr std::string_view names[] = {"unknown", "supported", "unsupported"};
    return names[static_cast<std::size_t>(verdict)];
}
std::string_view to_string(DecisionState state) {
    constexpr std::string_view names[] = {"pending", "in_force", "refused", "unreachable", "released"};
    return names[static_cast<std::size_t>(state)];
}
std::string_view to_string(config::FeedInLimit::Mode mode) {
    constexpr std::string_view names[] = {"none", "zero", "watts", "percent"};
    return names[static_cast<std::size_t>(mode)];
}

void write(JsonWriter& json, const Overview& o) {
    json.begin_object().key("at").time(o.at).key("sentence").begin_object().key("key").text(to_string(o.sentence));
    json.key("values").begin_object();
    for (const auto& [name, value] : o.sentence_values) json.key(name).number(value, tenth);
    json.end_object().end_object().key("flow").begin_object();
    write_flow(json, "pv_w", o.pv_w);
    write_flow(json, "battery_w", o.battery_w);
    write_flow(json, "grid_w", o.grid_w);
    write_flow(json, "house_w", o.house_w);
    write_flow(json, "battery_soc", o.battery_soc);
    json.end_object().key("today").begin_object();
    json.key("pv_wh").number(o.today.pv_wh, whole).key("house_wh").number(o.today.house_wh, whole);
    json.key("import_wh").number(o.today.import_wh, whole).key("export_wh").number(o.today.export_wh, whole);
    json.key("charged_wh").number(o.today.charged_wh, whole).key("discharged_wh").number(o.today.discharged_wh, whole);
    json.key("self_consumption_percent").number(o.today.self_consumption_percent, tenth);
    json.key("autarky_percent").number(o.today.autarky_percent, tenth);
    json.end_object().key("feed_in_limit").begin_object().key("mode").text(to_string(o.feed_in.mode));
    json.key("value").number(o.feed_in.value).key("limit_w").number(o.feed_in_limit_w, whole);
    json.key("active").boolean(o.feed_in_limit_active);
    json.key("exceeded").boolean(o.feed_in_exceeded).end_object();
    json.key("alarms").begin_object().key("critical").integer(o.alarms.critical).key("major").integer(o.alarms.major);
    json.key("minor").integer(o.alarms.minor).key("warning").integer(o.alarms.warning).end_object().end_object();
}

void write(JsonWriter& json, const DeviceView& d) {
    json.begin_object().key("id").text(d.id).key("name").text(d.name).key("maker").text(d.maker);
    json.key("model").text(d.model).key("serial").text(d.serial).key("firmware").text(d.firmware);
    json.key("profile").text(d.profile).key("use").text(to_string(d.use)).key("bus").text(d.bus);
    json.key("unit").integer(d.unit).key("state").text(to_string(d.state)).key("since").time(d.since);
    json.key("last_data")
        .time(d.last_data)
        .key("problem")
        .text_or_null(d.problem)
        .key("problem_said")
        .said_or_null(d.problem)
        .key("capabilities")
        .begin_array();
    for (const auto& capability : d.capabilities) json.text(capability);
    json.end_array().key("verified").text(to_string(d.verified)).key("fallback").begin_array();
    for (const auto& f : d.fallback) {
        json.begin_object().key("role").text(f.role).key("reverts").boolean(f.reverts);
        json.key("after_s").number(f.after_s).key("to").text(f.to).end_object();
    }
    json.end_array().key("statistics").begin_object();
    write_statistics(json, d.statistics);
    json.end_object().key("rated_power_w").number(d.rated_power_w, whole);
    json.key("serial_expected").text_or_null(d.serial_expected).key("via").text_or_null(d.via);
    json.key("takes_firmware").boolean(d.takes_firmware);
    json.key("firmware_support").begin_object().key("verdict").text(to_string(d.firmware_support));
    json.key("text").text(d.firmware_text).code_of(d.firmware_text).end_object().end_object();
}

void write(JsonWriter& json, const BusView& b, const std::optional<BudgetView>& budget) {
    json.begin_object().key("id").text(b.id).key("link").text(b.link).key("connected").boolean(b.connected);
    json.key("problem")
        .text_or_null(b.problem)
        .key("problem_said")
        .said_or_null(b.problem)
        .key("utilisation")
        .number(std::clamp(b.utilisation, 0.0, 1.0));
    json.key("bytes_in").integer(to_integer(b.bytes_in)).key("bytes_out").integer(to_integer(b.bytes_out));
    json.key("reconnects").integer(to_integer(b.reconnects)).key("units").begin_array();
    for (const auto& u : b.units) {
        json.begin_object().key("unit").integer(u.unit).key("silent").boolean(u.silent);
        write_statistics(json, u.statistics);
        json.end_object();
    }
    json.end_array().key("settings");
    std::visit([&](const auto& link) { write_settings(json, link); }, b.settings);
    json.key("budget");
    budget ? write(json, *budget) : static_cast<void>(json.null());
    json.end_object();
}

void write(JsonWriter& json, const DecisionView& d) {
    const auto& role = model::info(d.role.role);
    const Decimals decimals(std::min(role.resolution, 0.1));
    json.begin_object().key("at").time(d.at).key("device").text(d.device).key("role").text(model::to_string(d.role));
    json.key("unit").text(model::to_string(role.unit)).key("value").number(d.value, decimals);
    json.key("expires").time(d.expires).key("state").text(to_string(d.state));
    json.key("read_back").number(d.read_back, decimals).key("chain").begin_array();
    for (const auto& step : d.chain) write_step(json, step, decimals);
    json.end_array().end_object();
}

void write(JsonWriter& json, const AlarmView& a) {
    json.begin_object().key("id").integer(a.id).key("cause").integer(a.cause).key("name").text(a.name);
    json.key("severity").text(to_string(a.severity)).key("source").text(a.source).key("raised").time(a.raised);
    json.key("cleared")
        .time(a.cleared)
        .key("text")
        .text(a.text)
        .code_of(a.text)
        .key("suggestion")
        .text(a.suggestion)
        .end_object();
}

void write(JsonWriter& json, const BucketSeries& s) {
    const Decimals decimals(s.resolution), mean = decimals.finer();
    json.begin_object().key("series").text(s.series).key("unit").text(s.unit).key("from").integer(s.from_ms);
    json.key("to").integer(s.to_ms).key("step_ms").integer(s.step_ms);
    write_column(json, "t", s.buckets, [](std::string& out, const Bucket& b) { append_number(out, b.at_ms); });
    write_column(json, "min", s.buckets,
                 [&](std::string& out, const Bucket& b) { append_number(out, b.min, decimals); });
    write_column(json, "mean", s.buckets, [&](std::string& out, const Bucket& b) { append_number(out, b.mean, mean); });
    write_column(json, "max", s.buckets,
                 [&](std::string& out, const Bucket& b) { append_number(out, b.max, decimals); });
    write_column(json, "count", s.buckets,
                 [](std::string& out, const Bucket& b) { append_number(out, to_integer(b.count)); });
    json.end_object();
}

void write_control(JsonWriter& json, const ControlSettings& s) {
    json.key("self_consumption").begin_object().key("enabled").boolean(s.self_consumption.enabled);
    json.key("import_target_w").number(s.self_consumption.import_target_w).end_object();
    json.key("feed_in_limit").begin_object().key("mode").text(to_string(s.feed_in_limit.mode));
    json.key("value").number(s.feed_in_limit.value).end_object();
}

std::string status_json(const SiteSource& site) {
    const auto s = site.status();
    JsonWriter json;
    json.begin_object().key("name").text(site.name()).key("version").text(site.version());
    json.key("started").time(s.started).key("now").time(s.now).key("timezone").text(s.timezone);
    json.key("cycle").begin_object().key("period_ms").integer(s.period.count());
    json.key("count").integer(to_integer(s.cycles)).key("late_ms_max").number(s.late_ms_max).end_object();
    json.key("history").begin_object().key("samples").integer(to_integer(s.samples));
    json.key("bytes").integer(to_integer(s.history_bytes)).key("oldest").time(s.oldest_sample);
    json.key("lost").integer(to_integer(s.lost_samples)).end_object();
    json.key("memory_bytes").integer(to_integer(s.memory_bytes));
    json.key("cpu_percent").number(s.cpu_percent, Decimals(0.01)).end_object();
    return json.done();
}

std::string energy_json(const EnergyView& e, EnergyStep step) {
    constexpr std::string_view names[] = {"hour", "day", "month"};
    JsonWriter json(256 + e.t_ms.size() * 64);
    json.begin_object().key("step").text(names[static_cast<std::size_t>(step)]).key("t").begin_array();
    for (const auto t : e.t_ms) json.integer(t);
    json.end_array();
    write_energy_column(json, "pv_wh", e.pv);
    write_energy_column(json, "house_wh", e.house);
    write_energy_column(json, "import_wh", e.grid_import);
    write_energy_column(json, "export_wh", e.grid_export);
    write_energy_column(json, "charged_wh", e.charged);
    write_energy_column(json, "discharged_wh", e.discharged);
    json.end_object();
    return json.done();
}

std::string series_json(std::span<const SeriesView> series) {
    JsonWriter json(64 + series.size() * 96);
    const auto time = [&](std::optional<std::int64_t> ms) { ms ? json.integer(*ms) : json.null(); };
    json.begin_object().key("series").begin_array();
    for (const auto& s : series) {
        json.begin_object().key("id").text(s.id).key("unit").text(s.unit);
        json.key("resolution").number(s.resolution, Decimals(1e-6)).key("first");
        time(s.first_ms);
        json.key("last");
        time(s.last_ms);
        json.end_object();
    }
    json.end_array().end_object();
    return json.done();
}

}  // namespace busbar::api
