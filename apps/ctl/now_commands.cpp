// busbarctl status, points, live and why.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <iostream>

#include "answer.hpp"
#include "base/log.hpp"
#include "commands.hpp"
#include "interrupt.hpp"
#include "lookup.hpp"
#include "nearest.hpp"
#include "text.hpp"

namespace busbar::ctl {
namespace json = boost::json;
namespace {

using Rows = std::vector<std::vector<std::string>>;

// A power with the word for its direction instead of a sign: {"battery", "1.20 kW", "charging"}.
std::vector<std::string> flow_row(const json::value& flows, const char* name, const char* shown, const char* plus,
                                  const char* minus) {
    const auto* flow = field(flows, name);
    const auto watts = flow ? number_of(*flow, "value") : std::nullopt;
    if (!watts) return {shown, "unknown", ""};
    const bool is_still = std::abs(*watts) < 0.5;
    return {shown, quantity(std::abs(*watts), "W"), is_still ? "" : *watts > 0 ? plus : minus};
}

void print_flows(const json::value& overview) {
    const json::value none;
    const auto* found = field(overview, "flow");
    const json::value& flows = found ? *found : none;
    auto battery = flow_row(flows, "battery_w", "battery", "discharging", "charging");
    const auto* soc = field(flows, "battery_soc");
    if (const auto percent = soc ? number_of(*soc, "value") : std::nullopt)
        battery[2] += (battery[2].empty() ? "" : ", ") + fmt::format("{:.0f} % full", *percent);
    std::cout << table({"", "", ""}, {flow_row(flows, "pv_w", "PV", "producing", "consuming"), battery,
                                      flow_row(flows, "grid_w", "grid", "importing", "feeding in"),
                                      flow_row(flows, "house_w", "house", "consuming", "unexplained surplus")});
}

void print_today(const json::value& overview) {
    const auto* today = field(overview, "today");
    if (!today) return;
    const auto energy = [&](const char* name) { return quantity(number_of(*today, name), "Wh"); };
    fmt::print("\ntoday     PV {}, house {}, imported {}, fed in {}\n", energy("pv_wh"), energy("house_wh"),
               energy("import_wh"), energy("export_wh"));
}

void print_limit(const json::value& overview) {
    const auto* limit = field(overview, "feed_in_limit");
    if (!limit) return;
    const auto watts = number_of(*limit, "limit_w");
    if (text_of(*limit, "mode") == "none" || !watts) return fmt::print("feed-in   not limited\n");
    const auto is = [&](const char* name) {
        const auto* found = field(*limit, name);
        return found && found->is_bool() && found->as_bool();
    };
    fmt::print("feed-in   at most {}, {}\n", quantity(watts, "W"),
               is("exceeded") ? "more is fed in now"
               : is("active") ? "limiting now"
                              : "not needed now");
}

void print_alarms(const json::value& alarms) {
    const auto& all = list_of(alarms, "alarms");
    if (all.empty()) return fmt::print("alarms    none\n");
    fmt::print("alarms    {} active\n\n", all.size());
    for (const auto& alarm : all)
        fmt::print("{} since {}: {}: {}\n    {}\n", words_of(alarm, "severity"), time_of(alarm, "raised"),
                   text_of(alarm, "source"), text_of(alarm, "text"), text_of(alarm, "suggestion", ""));
}

void print_health(const json::value& state, const json::value& devices) {
    const auto& all = list_of(devices, "devices");
    const auto online =
        std::count_if(all.begin(), all.end(), [](const auto& d) { return text_of(d, "state") == "online"; });
    fmt::print("devices   {} of {} online\n", online, all.size());
    if (const auto* history = field(state, "history"))
        fmt::print("history   {} samples in {}, {} lost\n", count_of(*history, "samples"),
                   bytes(number_of(*history, "bytes").value_or(0)), count_of(*history, "lost"));
}

// The device named behind the verb exists, or none is named.
Status check_device(const Context& c) {
    if (c.arguments.words.size() < 2) return ok();
    const std::string& word = c.arguments.words[1];
    const auto found = device_named(c.session, word.substr(0, word.find('/')));
    return found ? ok() : Status(found.error());
}

// Points of the device, or the one point "device/role", that the words name; all without.
Result<json::value> wanted_points(const Context& c) {
    const auto& words = c.arguments.words;
    if (words.size() < 2) return get_json(c.session, "/api/v1/points");
    const std::string device = words[1].substr(0, words[1].find('/'));
    BUSBAR_TRY(json::value answer, get_json(c.session, "/api/v1/points?device=" + url_escape(device)));
    if (device == words[1]) return answer;
    std::vector<std::string> known;
    json::array found;
    for (const auto& p : list_of(answer, "points")) {
        known.push_back(text_of(p, "id"));
        if (known.back() == words[1]) found.push_back(p);
    }
    if (found.empty())
        return fail(Errc::malformed,
                    fmt::format("there is no point '{}'{}\n'busbarctl points {}' lists its {}", printable(words[1]),
                                did_you_mean(words[1], known), device, known.size()));
    return json::value{{"points", found}};
}

Status print_points(const Context& c) {
    BUSBAR_TRY(const json::value answer, wanted_points(c));
    if (c.arguments.json) {
        print_json(answer);
        return ok();
    }
    Rows rows;
    for (const auto& p : list_of(answer, "points"))
        rows.push_back({text_of(p, "id"), quantity(number_of(p, "value"), text_of(p, "unit", "")),
                        text_of(p, "quality"), age_of(p, "age_ms"), text_of(p, "text", "")});
    if (rows.empty())
        fmt::print("no points yet; 'busbarctl devices' shows which devices are online\n");
    else
        std::cout << table({"point", "value", "quality", "age", ""}, rows);
    return ok();
}

}  // namespace

void print_json(const json::value& value) { std::cout << json::serialize(value) << "\n"; }

Status show_status(const Context& c) {
    BUSBAR_TRY(const json::value state, get_json(c.session, "/api/v1/status"));
    BUSBAR_TRY(const json::value overview, get_json(c.session, "/api/v1/overview"));
    BUSBAR_TRY(const json::value devices, get_json(c.session, "/api/v1/devices"));
    BUSBAR_TRY(const json::value alarms, get_json(c.session, "/api/v1/alarms?active=true"));
    if (c.arguments.json) {
        print_json({{"status", state}, {"overview", overview}, {"alarms", list_of(alarms, "alarms")}});
        return ok();
    }
    const double up_ms = number_of(state, "now").value_or(0) - number_of(state, "started").value_or(0);
    fmt::print("{}, Busbar {}, up {}\n\n", text_of(state, "name"), text_of(state, "version"),
               age(static_cast<std::int64_t>(std::max(up_ms, 0.0))));
    print_flows(overview);
    print_today(overview);
    print_limit(overview);
    print_health(state, devices);
    print_alarms(alarms);
    return ok();
}

Status show_points(const Context& c) {
    if (const Status known = check_device(c); !known) return known;
    return print_points(c);
}

// Once a second until Ctrl-C, or --count times.
Status show_live(const Context& c) {
    BUSBAR_TRY(const auto count, option_number(c.arguments, "count", 0, 1'000'000'000));
    if (const Status known = check_device(c); !known) return known;
    catch_interrupt();
    const bool is_terminal = ::isatty(STDOUT_FILENO) && !c.arguments.json;
    for (long n = 0; !interrupted() && (!count || n < *count); ++n) {
        if (n > 0 && !wait_ms(1000)) break;
        if (is_terminal) std::cout << "\033[H\033[2J(Ctrl-C ends)\n\n";
        if (const Status shown = print_points(c); !shown) return shown;
        std::cout.flush();
    }
    return ok();
}

Status show_why(const Context& c) {
    if (const Status known = check_device(c); !known) return known;
    std::string path = "/api/v1/why?limit=" + url_escape(c.arguments.option("limit", "10"));
    if (c.arguments.words.size() > 1) path += "&device=" + url_escape(c.arguments.words[1]);
    BUSBAR_TRY(const json::value answer, get_json(c.session, path));
    if (c.arguments.json) {
        print_json(answer);
        return ok();
    }
    if (list_of(answer, "decisions").empty()) fmt::print("no setpoint was sent yet\n");
    for (const auto& d : list_of(answer, "decisions")) {
        const auto value = number_of(d, "value");
        fmt::print("{}  {}  {}: {} ({})\n", time_of(d, "at"), text_of(d, "device"), text_of(d, "role"),
                   value ? quantity(value, text_of(d, "unit", "")) : "handed back", words_of(d, "state"));
        Rows rows;
        for (const auto& step : list_of(d, "chain")) {
            const auto result = number_of(step, "value");
            const std::string otherwise = result ? quantity(result, text_of(d, "unit", "")) : "";
            rows.push_back({"  ", words_of(step, "kind"), words_of(step, "source"), text_of(step, "text", otherwise)});
        }
        std::cout << table({"", "", "", ""}, rows) << "\n";
    }
    return ok();
}

}  // namespace busbar::ctl
