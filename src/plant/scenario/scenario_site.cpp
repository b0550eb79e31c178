// `site` lines: what the plant consists of and how its devices can be read.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "plant/scenario/scenario_parts.hpp"
#include "plant/scenario/text.hpp"

namespace busbar::plant {
namespace {

constexpr double mega = 1e6;

bool is_id(std::string_view id) {
    return !id.empty() && id.size() <= 32 && std::ranges::all_of(id, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}
bool is_profile(std::string_view name) {
    return name.size() >= 3 && name.size() <= 64 && name.find("..") == std::string_view::npos && name.front() != '/' &&
           std::ranges::all_of(name, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '/' || c == '.';
           });
}

// on=LINE unit=N id=ID, shared by everything that can be plugged in. False: the key is none of these.
Result<bool> plug_key(Words& words, KeyValue kv, Plug& plug) {
    if (kv.key == "on") {
        plug.line = kv.value;
        if (!is_id(plug.line)) return words.error(fmt::format("on={}: not the id of a line", clipped(kv.value)));
    } else if (kv.key == "unit") {
        BUSBAR_TRY(const double unit, words.checked(kv.value, Measure::plain, 0, 255));
        plug.unit = static_cast<std::uint8_t>(unit);
    } else if (kv.key == "id") {
        plug.id = kv.value;
        if (!is_id(plug.id)) return words.error("an id has 1 to 32 letters, digits, '-' or '_'");
    } else {
        return false;
    }
    return true;
}

Status set_profile(Words& words, std::string_view name, Plug& plug) {
    if (!is_profile(name))
        return words.error(fmt::format("'{}' is no profile name such as eastron/sdm630", clipped(name)));
    plug.profile = name;
    return ok();
}

Status unknown_word(Words& words, std::string_view word, std::string_view what, std::string_view known) {
    return words.error(fmt::format("'{}' means nothing for {}; known are: {}", clipped(word), what, known));
}

Status trace_key(Words& words, std::string_view value, std::string& trace) {
    if (value.find(':') == std::string_view::npos || value.size() > 128)
        return words.error(
            fmt::format("trace={}: write NAME:COLUMN, with NAME from a 'site trace' line", clipped(value)));
    trace = value;
    return ok();
}

Status parse_grid(Words& words, GridItem& grid) {
    while (!words.done()) {
        const auto word = words.take();
        const auto kv = split_key(word);
        if (kv.key == "meter" && kv.has_value) {
            if (auto s = set_profile(words, kv.value, grid.meter); !s) return s;
        } else if (kv.key == "resistance") {
            BUSBAR_TRY(grid.spec.resistance_ohm, words.checked(kv.value, Measure::resistance, 0, 10));
        } else if (!kv.has_value && word.ends_with("Hz")) {
            BUSBAR_TRY(grid.spec.frequency_hz, words.checked(word, Measure::frequency, 40, 70));
        } else if (!kv.has_value && word.ends_with('V')) {
            BUSBAR_TRY(grid.spec.voltage_v, words.checked(word, Measure::voltage, 90, 500));
        } else {
            BUSBAR_TRY(const bool known, plug_key(words, kv, grid.meter));
            if (!known) return unknown_word(words, word, "the grid", "230V 50Hz resistance= meter= on= unit= id=");
        }
    }
    return ok();
}

// pv POWER ... and battery[=PROFILE] ENERGY ... share most keys; a hybrid has both.
class SourceReader {
public:
    SourceReader(Words& words, SourceItem& item) : words_(words), item_(item) {}

    Status pv() {
        BUSBAR_TRY(const double peak_w, words_.measure(Measure::power, 1, 10 * mega));
        array().peak_w = peak_w;
        return keys("a PV array", "inverter= rated= tilt= azimuth= strings= response= trace= scale= on= unit= id=");
    }
    Status battery(std::string_view profile) {
        if (!profile.empty())
            if (auto s = set_profile(words_, profile, item_.plug); !s) return s;
        item_.spec.battery.emplace();
        BUSBAR_TRY(item_.spec.battery->capacity_wh, words_.measure(Measure::energy, 100, 100 * mega));
        return keys("a battery", "soc= power= pv= inverter= rated= response= tilt= azimuth= on= unit= id=");
    }
    Status finish() {
        auto& spec = item_.spec;
        if (spec.inverter.rated_w <= 0)
            spec.inverter.rated_w =
                std::max(spec.array ? spec.array->peak_w : 0, spec.battery ? spec.battery->discharge_max_w : 0);
        return ok();
    }

private:
    PvArray& array() {
        if (!item_.spec.array) item_.spec.array.emplace();
        return *item_.spec.array;
    }
    Status keys(std::string_view what, std::string_view known) {
        while (!words_.done()) {
            const auto word = words_.take();
            const auto kv = split_key(word);
            BUSBAR_TRY(const bool is_plug, plug_key(words_, kv, item_.plug));
            if (is_plug) continue;
            BUSBAR_TRY(const bool is_array, array_key(kv));
            if (is_array) continue;
            BUSBAR_TRY(const bool is_power, power_key(kv));
            if (!is_power) return unknown_word(words_, word, what, known);
        }
        return finish();
    }
    Result<bool> array_key(KeyValue kv) {
        if (kv.key == "pv" && item_.spec.battery) {
            BUSBAR_TRY(array().peak_w, words_.checked(kv.value, Measure::power, 1, 10 * mega));
        } else if (kv.key == "tilt") {
            BUSBAR_TRY(array().orientation.tilt_deg, words_.checked(kv.value, Measure::plain, 0, 90));
        } else if (kv.key == "azimuth") {
            BUSBAR_TRY(array().orientation.azimuth_deg, words_.checked(kv.value, Measure::plain, 0, 360));
        } else if (kv.key == "strings") {
            BUSBAR_TRY(const double strings, words_.checked(kv.value, Measure::plain, 1, 24));
            array().strings = static_cast<int>(strings);
        } else if (kv.key == "trace") {
            array();
            if (auto s = trace_key(words_, kv.value, item_.trace); !s) return s.error();
        } else if (kv.key == "scale") {
            BUSBAR_TRY(item_.trace_scale, words_.checked(kv.value, Measure::plain, 0, 1e9));
        } else {
            return false;
        }
        return true;
    }
    Result<bool> power_key(KeyValue kv) {
        auto& spec = item_.spec;
        if (kv.key == "rated") {
            BUSBAR_TRY(spec.inverter.rated_w, words_.checked(kv.value, Measure::power, 1, 10 * mega));
        } else if (kv.key == "response") {
            BUSBAR_TRY(spec.inverter.response_s, words_.checked(kv.value, Measure::time, 0, 600));
        } else if (kv.key == "inverter") {
            if (auto s = set_profile(words_, kv.value, item_.plug); !s) return s.error();
        } else if (kv.key == "soc" && spec.battery) {
            BUSBAR_TRY(spec.soc_percent, words_.checked(kv.value, Measure::percent, 0, 100));
        } else if (kv.key == "power" && spec.battery) {
            BUSBAR_TRY(const double power_w, words_.checked(kv.value, Measure::power, 1, 10 * mega));
            spec.battery->charge_max_w = spec.battery->discharge_max_w = power_w;
        } else {
            return false;
        }
        return true;
    }

    Words& words_;
    SourceItem& item_;
};

Status parse_load(Words& words, LoadItem& load) {
    if (!words.done() && !words.peek().starts_with("trace=")) {
        BUSBAR_TRY(load.spec.base_w, words.measure(Measure::power, 0, 10 * mega));
    }
    while (!words.done()) {
        const auto word = words.take();
        const auto kv = split_key(word);
        if (word == "appliances") {
            load.spec.appliances = true;
        } else if (kv.key == "every") {
            BUSBAR_TRY(load.spec.every_s, words.checked(kv.value, Measure::time, 1, 1e7));
        } else if (kv.key == "for") {
            BUSBAR_TRY(load.spec.on_s, words.checked(kv.value, Measure::time, 0, 1e7));
        } else if (kv.key == "trace") {
            if (auto s = trace_key(words, kv.value, load.spec.trace); !s) return s;
        } else if (kv.key == "scale") {
            BUSBAR_TRY(load.spec.trace_scale, words.checked(kv.value, Measure::plain, 0, 1e9));
        } else if (kv.key == "meter") {
            if (auto s = set_profile(words, kv.value, load.meter); !s) return s;
        } else {
            BUSBAR_TRY(const bool known, plug_key(words, kv, load.meter));
            if (!known)
                return unknown_word(words, word, "a load", "appliances every= for= trace= scale= meter= on= unit= id=");
        }
    }
    if ((load.spec.every_s > 0) != (load.spec.on_s > 0))
        return words.error("'every=' and 'for=' only mean something together");
    return ok();
}

Status parse_watcher(Words& words, WatcherItem& watcher) {
    if (auto s = set_profile(words, words.take(), watcher.plug); !s) return s;
    while (!words.done()) {
        const auto word = words.take();
        const auto kv = split_key(word);
        if (kv.key == "of" && kv.has_value) {
            watcher.of = kv.value;
            continue;
        }
        BUSBAR_TRY(const bool known, plug_key(words, kv, watcher.plug));
        if (!known) return unknown_word(words, word, "a device", "of= on= unit= id=");
    }
    return ok();
}

Status line_format(Words& words, std::string_view format, LineSpec& line) {
    if (format.size() != 3 || format[0] != '8' || std::string_view("NEO").find(format[1]) == std::string_view::npos ||
        (format[2] != '1' && format[2] != '2'))
        return words.error(fmt::format("'{}' is no character format; write 8N1, 8E1, 8O1 or 8N2", clipped(format)));
    line.parity = format[1];
    line.stop_bits = format[2] - '0';
    return ok();
}

Status parse_line(Words& words, Scenario& scenario) {
    LineSpec line;
    line.id = words.take();
    if (!is_id(line.id)) return words.error("a line needs an id: line rs485-1 serial 9600");
    if (scenario.line(line.id)) return words.error(fmt::format("line '{}' stands twice; choose another id", line.id));
    if (words.accept("serial")) {
        line.kind = LineSpec::Kind::serial;
        BUSBAR_TRY(const double baud, words.measure(Measure::plain, 300, 921600));
        line.baud = static_cast<std::uint32_t>(baud);
        if (!words.done() && !split_key(words.peek()).has_value)
            if (auto s = line_format(words, words.take(), line); !s) return s;
    } else if (!words.accept("tcp")) {
        return words.error("a line is 'serial BAUD' or 'tcp'");
    }
    while (!words.done()) {
        const auto kv = split_key(words.take());
        if (kv.key != "turnaround") return unknown_word(words, kv.key, "a line", "turnaround=");
        BUSBAR_TRY(line.turnaround_s, words.checked(kv.value, Measure::time, 0, 10));
    }
    scenario.lines.push_back(std::move(line));
    return ok();
}

Status parse_trace_item(Words& words, Scenario& scenario, int at_line) {
    TraceItem trace;
    trace.line = at_line;
    trace.name = words.take();
    if (!is_id(trace.name)) return words.error("a trace needs a name: trace day file=home.csv");
    while (!words.done()) {
        const auto kv = split_key(words.take());
        if (kv.key == "file") {
            trace.file = kv.value;
        } else if (kv.key == "from") {
            trace.from_utc_s = parse_instant_s(kv.value);
            if (!trace.from_utc_s) {
                BUSBAR_TRY(trace.from_s, words.checked(kv.value, Measure::time, 0, 1e9));
            }
        } else {
            return unknown_word(words, kv.key, "a trace", "file= from=");
        }
    }
    if (trace.file.empty() || trace.file.size() > 256) return words.error("a trace needs file=NAME.csv or .csv.gz");
    scenario.traces.push_back(std::move(trace));
    return ok();
}

Status parse_price(Words& words, Scenario& scenario) {
    while (!words.done()) {
        const auto kv = split_key(words.take());
        if (kv.key == "trace") {
            if (auto s = trace_key(words, kv.value, scenario.price_trace); !s) return s;
        } else if (kv.key == "scale") {
            BUSBAR_TRY(scenario.price_scale, words.checked(kv.value, Measure::plain, 0, 1e6));
        } else {
            return unknown_word(words, kv.key, "the price", "trace= scale=");
        }
    }
    return ok();
}

Status parse_weather(Words& words, Scenario& scenario) {
    const auto word = words.take();
    if (word == "clear")
        scenario.weather = Weather::clear;
    else if (word == "fair")
        scenario.weather = Weather::fair;
    else if (word == "broken")
        scenario.weather = Weather::broken;
    else if (word == "overcast")
        scenario.weather = Weather::overcast;
    else
        return unknown_word(words, word, "the weather", "clear, fair, broken, overcast");
    return ok();
}

Status parse_start(Words& words, Scenario& scenario) {
    const auto word = words.take();
    const auto at = parse_instant_s(word);
    if (!at || *at < 0 || *at > 4e9)
        return words.error(fmt::format("'{}': write the start as 2024-06-15T11:00:00Z", clipped(word)));
    scenario.start = WallTime{std::chrono::milliseconds(static_cast<std::int64_t>(*at * 1000))};
    return ok();
}

Status parse_place(Words& words, Scenario& scenario) {
    BUSBAR_TRY(scenario.place.latitude_deg, words.measure(Measure::plain, -90, 90));
    BUSBAR_TRY(scenario.place.longitude_deg, words.measure(Measure::plain, -180, 180));
    return ok();
}

}  // namespace

Status parse_site_item(Words& words, Scenario& scenario, int line) {
    const auto head = split_key(words.take());
    Status status = ok();
    if (head.key == "grid") {
        status = parse_grid(words, scenario.grid);
        scenario.grid.meter.at_line = line;
    } else if (head.key == "pv" || head.key == "battery") {
        auto& item = scenario.sources.emplace_back();
        item.plug.at_line = line;
        SourceReader reader(words, item);
        status = head.key == "pv" ? reader.pv() : reader.battery(head.value);
    } else if (head.key == "load") {
        auto& item = scenario.loads.emplace_back();
        item.meter.at_line = line;
        status = parse_load(words, item);
    } else if (head.key == "device") {
        auto& item = scenario.watchers.emplace_back();
        item.plug.at_line = line;
        status = parse_watcher(words, item);
    } else if (head.key == "line") {
        status = parse_line(words, scenario);
    } else if (head.key == "trace") {
        status = parse_trace_item(words, scenario, line);
    } else if (head.key == "price") {
        status = parse_price(words, scenario);
    } else if (head.key == "name") {
        scenario.name = words.take().substr(0, 64);
    } else if (head.key == "place") {
        status = parse_place(words, scenario);
    } else if (head.key == "start") {
        status = parse_start(words, scenario);
    } else if (head.key == "weather") {
        status = parse_weather(words, scenario);
    } else if (head.key == "air") {
        BUSBAR_TRY(scenario.air_c, words.measure(Measure::temperature, -60, 70));
    } else {
        return unknown_word(words, head.key, "a site",
                            "name place start weather air line trace price grid pv battery load device");
    }
    return status ? words.end() : status;
}

}  // namespace busbar::plant
