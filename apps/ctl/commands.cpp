#include "commands.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <chrono>
#include <cmath>
#include <csignal>
#include <iostream>
#include <set>
#include <thread>

#include "answer.hpp"
#include "base/log.hpp"
#include "nearest.hpp"
#include "sign_in.hpp"
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

Result<std::vector<std::string>> device_ids(const Session& session) {
    BUSBAR_TRY(const json::value answer, get_json(session, "/api/v1/devices"));
    std::vector<std::string> ids;
    for (const auto& d : list_of(answer, "devices")) ids.push_back(text_of(d, "id"));
    return ids;
}

// The device named behind the verb exists, or none is named. Errors: malformed, with the nearest names.
Status check_device(const Context& c) {
    if (c.arguments.words.size() < 2) return ok();
    const std::string& word = c.arguments.words[1];
    const std::string device = word.substr(0, word.find('/'));
    BUSBAR_TRY(const auto ids, device_ids(c.session));
    if (std::find(ids.begin(), ids.end(), device) != ids.end()) return ok();
    return fail(Errc::malformed, fmt::format("there is no device '{}'{}\n'busbarctl devices' lists all {}",
                                             printable(device), did_you_mean(device, ids), ids.size()));
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

volatile std::sig_atomic_t interrupted = 0;

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

Status show_devices(const Context& c) {
    BUSBAR_TRY(const json::value answer, get_json(c.session, "/api/v1/devices"));
    if (c.arguments.json) {
        print_json(answer);
        return ok();
    }
    Rows rows;
    std::string problems;
    for (const auto& d : list_of(answer, "devices")) {
        const json::value none;
        const auto* found = field(d, "statistics");
        const json::value& statistics = found ? *found : none;
        rows.push_back({text_of(d, "id"), words_of(d, "state"), words_of(d, "use"), text_of(d, "maker"),
                        text_of(d, "model"), fmt::format("{} unit {}", text_of(d, "bus"), count_of(d, "unit")),
                        count_of(statistics, "requests"), count_of(statistics, "timeouts")});
        if (const std::string problem = text_of(d, "problem", ""); !problem.empty())
            problems += fmt::format("\n{}: {}\n", text_of(d, "id"), problem);
    }
    if (rows.empty()) {
        fmt::print("no devices; describe them in site.yaml and restart the gateway\n");
        return ok();
    }
    std::cout << table({"device", "state", "use", "maker", "model", "bus", "requests", "time-outs"}, rows) << problems;
    return ok();
}

Status show_points(const Context& c) {
    if (const Status known = check_device(c); !known) return known;
    return print_points(c);
}

// Once a second until Ctrl-C, or --count times.
Status show_live(const Context& c) {
    const std::string text = c.arguments.option("count", "0");
    long count = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (ec != std::errc{} || end != text.data() + text.size() || count < 0)
        return fail(Errc::malformed, "--count " + printable(text) + ": expected a number, for instance 10");
    if (const Status known = check_device(c); !known) return known;
    std::signal(SIGINT, [](int) { interrupted = 1; });
    const bool is_terminal = ::isatty(STDOUT_FILENO) && !c.arguments.json;
    for (long n = 0; !interrupted && (count == 0 || n < count); ++n) {
        if (n > 0) std::this_thread::sleep_for(std::chrono::seconds(1));
        if (interrupted) break;
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

std::string usage() {
    return "busbarctl - ask a Busbar gateway\n\n"
           "  busbarctl setup ADDRESS --user NAME --code CODE   make the first account with the setup code\n"
           "  busbarctl login ADDRESS --user NAME           sign in; the session is kept for the other verbs\n"
           "  busbarctl logout                              end the session\n"
           "  busbarctl status                              what happens now, and active alarms\n"
           "  busbarctl devices                             devices, their state and their bus\n"
           "  busbarctl points [DEVICE | POINT]             values with quality and age\n"
           "  busbarctl live [DEVICE | POINT] [--count N]   the same, each second\n"
           "  busbarctl history [SERIES...] [--from T] [--to T] [--buckets N]\n"
           "  busbarctl export SERIES... [--from T] [--to T]   every sample as CSV\n"
           "  busbarctl why [DEVICE] [--limit N]            the last setpoints and who decided them\n\n"
           "  ADDRESS         192.168.8.10, box.local:8443 (without a port: 8443)\n"
           "  T               now, today, yesterday, -6h, -7d, 2026-11-21, 2026-11-21T14:05 (local), ...Z (UTC)\n"
           "  --json          print the API's JSON instead of tables\n"
           "  --password-stdin, --fingerprint AB:CD:...   setup and login in scripts: the password's first line, and "
           "the\n"
           "                  certificate the gateway printed at its start\n";
}

namespace {

// What a verb takes behind its name. A word that nobody reads is a mistake, and is told before anything is asked.
struct Verb {
    std::size_t most_words;
    std::set<std::string_view> options;
    Status (*show)(const Context&);  // nullptr: about the session itself
};
constexpr std::size_t any_number = 1000;

const std::map<std::string, Verb>& verbs() {
    static const std::map<std::string, Verb> all = {
        {"setup", {1, {"user", "code", "fingerprint", "password-stdin"}, nullptr}},
        {"login", {1, {"user", "fingerprint", "password-stdin"}, nullptr}},
        {"logout", {0, {}, nullptr}},
        {"status", {0, {}, show_status}},
        {"devices", {0, {}, show_devices}},
        {"points", {1, {}, show_points}},
        {"live", {1, {"count"}, show_live}},
        {"why", {1, {"limit"}, show_why}},
        {"history", {any_number, {"from", "to", "buckets"}, show_history}},
        {"export", {any_number, {"from", "to"}, export_history}},
    };
    return all;
}

Status check_words(const Arguments& a, const Verb& verb) {
    for (const auto& [name, unused] : a.options)
        if (!verb.options.contains(name))
            return fail(Errc::malformed,
                        fmt::format("'{}' takes no --{}; 'busbarctl help' shows what it takes", a.words[0], name));
    if (a.words.size() > verb.most_words + 1)
        return fail(Errc::malformed, fmt::format("'{}' takes no '{}'; 'busbarctl help' shows what it takes", a.words[0],
                                                 printable(a.words[verb.most_words + 1])));
    return ok();
}

}  // namespace

Status run(const Arguments& a) {
    const std::string& verb = a.words[0];
    const auto found = verbs().find(verb);
    if (found == verbs().end()) {
        std::vector<std::string> known;
        for (const auto& [name, unused] : verbs()) known.push_back(name);
        return fail(Errc::malformed, fmt::format("there is no verb '{}'{} 'busbarctl help' lists them", printable(verb),
                                                 did_you_mean(verb, known)));
    }
    if (const Status checked = check_words(a, found->second); !checked) return checked;
    if (verb == "logout") return sign_out();
    if (!found->second.show) return sign_in(a);
    BUSBAR_TRY(Session session, load_session(session_path()));
    return found->second.show(Context{a, std::move(session)});
}

}  // namespace busbar::ctl
