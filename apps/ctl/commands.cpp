#include "commands.hpp"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <csignal>
#include <functional>
#include <iostream>
#include <thread>

#include "client.hpp"
#include "text.hpp"

namespace busbar::ctl {
namespace json = boost::json;
namespace {

// Fields of the API's answers. A missing or null field is "unknown", never 0.
const json::value* field(const json::value& in, const char* name) {
    const auto* object = in.if_object();
    const auto* found = object ? object->if_contains(name) : nullptr;
    return found && !found->is_null() ? found : nullptr;
}
std::string text_of(const json::value& in, const char* name, const std::string& otherwise = "-") {
    const auto* v = field(in, name);
    return v && v->is_string() && !v->as_string().empty() ? std::string(v->as_string()) : otherwise;
}
std::optional<double> number_of(const json::value& in, const char* name) {
    const auto* v = field(in, name);
    if (!v || !v->is_number()) return std::nullopt;
    return v->to_number<double>();
}
std::string age_of(const json::value& in, const char* name) {
    const auto ms = number_of(in, name);
    return ms ? age(static_cast<std::int64_t>(*ms)) : "-";
}
std::string time_of(const json::value& in, const char* name) {
    const auto ms = number_of(in, name);
    return ms ? local_time(static_cast<std::int64_t>(*ms)) : "-";
}
const json::array& list_of(const json::value& in, const char* name) {
    static const json::array nothing;
    const auto* v = field(in, name);
    return v && v->is_array() ? v->as_array() : nothing;
}
std::string whole(std::optional<double> v) { return v ? fmt::format("{:.0f}", *v) : "-"; }

std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

void print_json(const json::value& value) { std::cout << json::serialize(value) << "\n"; }

struct Context {
    const Arguments& arguments;
    Session session;
};

Status status(const Context& c) {
    BUSBAR_TRY(const json::value state, get_json(c.session, "/api/v1/status"));
    BUSBAR_TRY(const json::value overview, get_json(c.session, "/api/v1/overview"));
    if (c.arguments.json) {
        print_json({{"status", state}, {"overview", overview}});
        return ok();
    }
    const auto flow = [&](const char* name) {
        const auto* all = field(overview, "flow");
        const auto* one = all ? field(*all, name) : nullptr;
        return one ? number_of(*one, "value") : std::nullopt;
    };
    fmt::print("{}  Busbar {}  up since {}\n\n", text_of(state, "name"), text_of(state, "version"),
               time_of(state, "started"));
    std::cout << table({"", "now", ""}, {{"PV", quantity(flow("pv_w"), "W"), "produced"},
                                         {"battery", quantity(flow("battery_w"), "W"), "+ discharge, - charge"},
                                         {"grid", quantity(flow("grid_w"), "W"), "+ import, - feed-in"},
                                         {"house", quantity(flow("house_w"), "W"), "consumed"},
                                         {"charge", quantity(flow("battery_soc"), "%"), "of the battery"}});
    if (const auto* history = field(state, "history"))
        fmt::print("\nhistory: {} samples in {}, lost {}\n", whole(number_of(*history, "samples")),
                   quantity(number_of(*history, "bytes"), "B"), whole(number_of(*history, "lost")));
    return ok();
}

Status devices(const Context& c) {
    BUSBAR_TRY(const json::value answer, get_json(c.session, "/api/v1/devices"));
    if (c.arguments.json) {
        print_json(answer);
        return ok();
    }
    std::vector<std::vector<std::string>> rows;
    for (const auto& d : list_of(answer, "devices")) {
        const json::value none;
        const auto* s = field(d, "statistics");
        const json::value& statistics = s ? *s : none;
        rows.push_back({text_of(d, "id"), text_of(d, "state"), text_of(d, "maker"), text_of(d, "model"),
                        fmt::format("{}:{}", text_of(d, "bus"), whole(number_of(d, "unit"))), text_of(d, "profile"),
                        whole(number_of(statistics, "requests")), whole(number_of(statistics, "timeouts")),
                        text_of(d, "problem", "")});
    }
    std::cout << table({"device", "state", "maker", "model", "bus", "profile", "requests", "time-outs", "problem"},
                       rows);
    return ok();
}

Status print_points(const Context& c, const std::string& path) {
    BUSBAR_TRY(const json::value answer, get_json(c.session, path));
    if (c.arguments.json) {
        print_json(answer);
        return ok();
    }
    std::vector<std::vector<std::string>> rows;
    for (const auto& p : list_of(answer, "points")) {
        const std::string name = text_of(p, "text", "");
        rows.push_back({text_of(p, "id"),
                        quantity(number_of(p, "value"), text_of(p, "unit", "")) + (name.empty() ? "" : " " + name),
                        text_of(p, "quality"), age_of(p, "age_ms")});
    }
    std::cout << table({"point", "value", "quality", "age"}, rows);
    return ok();
}

std::string points_path(const Context& c) {
    const auto& words = c.arguments.words;
    return words.size() > 1 ? "/api/v1/points?device=" + url_escape(words[1]) : "/api/v1/points";
}

Status points(const Context& c) { return print_points(c, points_path(c)); }

volatile std::sig_atomic_t interrupted = 0;

// Once a second until Ctrl-C, or --count times.
Status live(const Context& c) {
    std::signal(SIGINT, [](int) { interrupted = 1; });
    const bool terminal = ::isatty(STDOUT_FILENO) && !c.arguments.json;
    const long count = std::atol(c.arguments.option("count", "0").c_str());
    for (long n = 0; !interrupted && (count <= 0 || n < count); ++n) {
        if (n > 0) std::this_thread::sleep_for(std::chrono::seconds(1));
        if (interrupted) break;
        if (terminal) std::cout << "\033[H\033[2J" << local_time(now_ms()) << "  (Ctrl-C ends)\n\n";
        if (const Status shown = print_points(c, points_path(c)); !shown) return shown;
        std::cout.flush();
    }
    return ok();
}

// "&from=..&to=.." from --from and --to; by default the last 24 hours.
Result<std::string> span_of(const Arguments& a) {
    const std::int64_t now = now_ms();
    BUSBAR_TRY(const std::int64_t from, parse_time(a.option("from", "-24h"), now));
    BUSBAR_TRY(const std::int64_t to, parse_time(a.option("to", "now"), now));
    if (from >= to) return fail(Errc::out_of_range, "--from lies after --to");
    return fmt::format("&from={}&to={}", from, to);
}

std::string series_of(const Arguments& a) {
    std::string query;
    for (std::size_t i = 1; i < a.words.size(); ++i) query += (i > 1 ? "&series=" : "series=") + url_escape(a.words[i]);
    return query;
}

Status history(const Context& c) {
    if (c.arguments.words.size() < 2) {
        BUSBAR_TRY(const json::value answer, get_json(c.session, "/api/v1/history/series"));
        if (c.arguments.json) {
            print_json(answer);
            return ok();
        }
        std::vector<std::vector<std::string>> rows;
        for (const auto& s : list_of(answer, "series"))
            rows.push_back({text_of(s, "id"), text_of(s, "unit", ""), time_of(s, "first"), time_of(s, "last")});
        std::cout << table({"series", "unit", "first", "last"}, rows);
        return ok();
    }
    BUSBAR_TRY(const std::string span, span_of(c.arguments));
    BUSBAR_TRY(const json::value answer,
               get_json(c.session, "/api/v1/history?" + series_of(c.arguments) + span +
                                       "&buckets=" + url_escape(c.arguments.option("buckets", "48"))));
    if (c.arguments.json) {
        print_json(answer);
        return ok();
    }
    for (const auto& one : list_of(answer, "results")) {
        const std::string unit = text_of(one, "unit", "");
        const auto &t = list_of(one, "t"), &low = list_of(one, "min"), &mean = list_of(one, "mean"),
                   &high = list_of(one, "max");
        std::vector<std::vector<std::string>> rows;
        const auto at = [](const json::array& a, std::size_t i) -> std::optional<double> {
            if (i >= a.size() || !a[i].is_number()) return std::nullopt;
            return a[i].to_number<double>();
        };
        for (std::size_t i = 0; i < t.size(); ++i)
            rows.push_back({local_time(static_cast<std::int64_t>(at(t, i).value_or(0))), quantity(at(low, i), unit),
                            quantity(at(mean, i), unit), quantity(at(high, i), unit)});
        std::cout << text_of(one, "series") << "\n" << table({"time", "min", "mean", "max"}, rows) << "\n";
    }
    return ok();
}

Status export_csv(const Context& c) {
    if (c.arguments.words.size() < 2)
        return fail(Errc::malformed, "busbarctl export SERIES... [--from T] [--to T] > file.csv");
    BUSBAR_TRY(const std::string span, span_of(c.arguments));
    return stream_to_stdout(c.session, "/api/v1/export?" + series_of(c.arguments) + span);
}

Status why(const Context& c) {
    std::string path = "/api/v1/why?limit=" + url_escape(c.arguments.option("limit", "10"));
    if (c.arguments.words.size() > 1) path += "&device=" + url_escape(c.arguments.words[1]);
    BUSBAR_TRY(const json::value answer, get_json(c.session, path));
    if (c.arguments.json) {
        print_json(answer);
        return ok();
    }
    for (const auto& d : list_of(answer, "decisions")) {
        const std::string unit = text_of(d, "unit", "");
        const auto value = number_of(d, "value");
        fmt::print("{}  {} {} -> {}  ({})\n", time_of(d, "at"), text_of(d, "device"), text_of(d, "role"),
                   value ? quantity(value, unit) : "released", text_of(d, "state"));
        for (const auto& step : list_of(d, "chain"))
            fmt::print("    {:8} {:18} {}\n", text_of(step, "kind"), text_of(step, "source"),
                       text_of(step, "text", ""));
    }
    return ok();
}

Result<std::string> ask_password(const Arguments& a) {
    std::string password;
    if (a.options.contains("password-stdin") || !::isatty(STDIN_FILENO)) {
        std::getline(std::cin, password);
        return password;
    }
    std::cerr << "Password: ";
    termios before{};
    ::tcgetattr(STDIN_FILENO, &before);
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &silent);
    std::getline(std::cin, password);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &before);
    std::cerr << "\n";
    return password;
}

// `login` signs in, `setup` makes the first account with the one-time code; both keep the session.
Status sign_in(const Arguments& a, const std::string& path, json::object body) {
    if (a.words.size() < 2 || !a.words[1].starts_with("https://") || a.option("user").empty())
        return fail(Errc::malformed, "busbarctl " + a.words[0] + " https://ADDRESS:PORT --user NAME" +
                                         (a.words[0] == "setup" ? " --code CODE" : "") + " [--password-stdin]");
    Session session;
    session.url = a.words[1];
    while (session.url.ends_with('/')) session.url.pop_back();
    BUSBAR_TRY(const Response hello, request(session, "GET", "/api/v1/setup"));
    session.pinned_key = hello.server_key;  // from here on, this key and no other
    BUSBAR_TRY(const std::string password, ask_password(a));
    body["username"] = a.option("user");
    body["password"] = password;
    BUSBAR_TRY(const Response answer, request(session, "POST", path, json::serialize(body)));
    if (answer.status >= 400) {
        boost::system::error_code bad;
        const json::value value = json::parse(answer.body, bad);
        const auto* error = bad ? nullptr : field(value, "error");
        return fail(Errc::denied,
                    error ? text_of(*error, "text") : fmt::format("the gateway answered {}", answer.status));
    }
    session.token = answer.token;
    if (session.token.empty()) return fail(Errc::malformed, "the answer holds no token: is this a Busbar gateway?");
    if (const Status saved = save_session(session_path(), session); !saved) return saved;
    fmt::print("signed in at {} as {}\nkey of the gateway: {}\n", session.url, a.option("user"), session.pinned_key);
    return ok();
}

}  // namespace

std::string usage() {
    return "busbarctl - ask a Busbar gateway\n\n"
           "  busbarctl setup URL --user NAME --code CODE   make the first account with the one-time code\n"
           "  busbarctl login URL --user NAME               sign in; the session is kept for the other verbs\n"
           "  busbarctl logout                              end the session\n"
           "  busbarctl status                              what happens now\n"
           "  busbarctl devices                             devices, their state and their bus\n"
           "  busbarctl points [DEVICE]                     values with quality and age\n"
           "  busbarctl live [DEVICE] [--count N]           the same, each second\n"
           "  busbarctl history [SERIES...] [--from T] [--to T] [--buckets N]\n"
           "  busbarctl export SERIES... [--from T] [--to T]   every sample as CSV\n"
           "  busbarctl why [DEVICE] [--limit N]            the last setpoints and who decided them\n\n"
           "  --json   print the API's JSON instead of tables\n"
           "  T        now, today, yesterday, -6h, -7d, 2026-11-21, 2026-11-21T14:05 (local), ...Z (UTC)\n";
}

Status run(const Arguments& a) {
    static const std::map<std::string, std::function<Status(const Context&)>> verbs = {
        {"status", status}, {"devices", devices}, {"points", points},     {"live", live},
        {"why", why},       {"history", history}, {"export", export_csv},
    };
    if (a.words.empty()) return fail(Errc::malformed, usage());
    const std::string& verb = a.words[0];
    if (verb == "login") return sign_in(a, "/api/v1/session", {});
    if (verb == "setup") return sign_in(a, "/api/v1/setup", {{"code", a.option("code")}, {"language", "en"}});
    const auto found = verbs.find(verb);
    if (found == verbs.end() && verb != "logout")
        return fail(Errc::malformed, "no verb '" + verb + "'; 'busbarctl help' lists them");
    BUSBAR_TRY(Session session, load_session(session_path()));
    if (verb == "logout") {
        const auto ended = request(session, "DELETE", "/api/v1/session");
        session.token.clear();
        const Status saved = save_session(session_path(), session);
        return ended ? saved : Status(ended.error());
    }
    return found->second(Context{a, std::move(session)});
}

}  // namespace busbar::ctl
