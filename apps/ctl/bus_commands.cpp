// busbarctl buses, buses add/change/remove, and ports.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iostream>

#include "answer.hpp"
#include "base/log.hpp"
#include "commands.hpp"
#include "lookup.hpp"
#include "text.hpp"

namespace busbar::ctl {
namespace json = boost::json;
namespace {

std::string bus_path(const std::string& id) { return "/api/v1/buses/" + url_escape(id); }

std::string percent(std::optional<double> share) {
    return share ? fmt::format("{:.0f} %", *share * 100) : std::string("-");
}

std::string latency(const json::value& in, const char* name) {
    const auto us = number_of(in, name);
    return us && *us > 0 ? fmt::format("{:.1f} ms", *us / 1000) : "-";
}

// The slowest of the guaranteed refreshes: what every control-critical point keeps.
std::string worst_refresh(const json::value& budget) {
    double worst_ms = -1;
    for (const auto& r : list_of(budget, "refresh"))
        worst_ms = std::max(worst_ms, number_of(r, "guaranteed_ms").value_or(-1));
    return worst_ms < 0 ? "-" : fmt::format("{:.1f} s", worst_ms / 1000);
}

// A refusal is an answer. Rounded down: one lost answer is to be seen.
std::string answered(const json::value& unit) {
    const double requests = number_of(unit, "requests").value_or(0);
    if (requests <= 0) return "-";
    const double heard = number_of(unit, "answers").value_or(0) + number_of(unit, "exceptions").value_or(0);
    return fmt::format("{:.2f} %", std::floor(std::min(heard / requests, 1.0) * 10'000) / 100);
}

std::string yes_no(const json::value& in, const char* name, const char* yes, const char* no) {
    const auto* value = field(in, name);
    return value && value->is_bool() && value->as_bool() ? yes : no;
}

std::string state_of(const json::value& unit) {
    if (number_of(unit, "answers").value_or(0) + number_of(unit, "exceptions").value_or(0) <= 0)
        return "never answered";
    return yes_no(unit, "silent", "silent", "answers");
}

void print_buses(const json::array& buses) {
    std::vector<std::vector<std::string>> rows;
    std::string notes;
    const json::value none;
    for (const auto& b : buses) {
        const auto* found = field(b, "budget");
        const json::value& budget = found ? *found : none;
        rows.push_back({text_of(b, "id"), yes_no(b, "connected", "connected", "not connected"), text_of(b, "link"),
                        fmt::format("{}", list_of(b, "units").size()), percent(number_of(b, "utilisation")),
                        percent(number_of(budget, "utilisation")), worst_refresh(budget),
                        words_of(budget, "verdict") + yes_no(budget, "estimated", " (estimated)", "")});
        if (const auto problem = text_of(b, "problem", ""); !problem.empty())
            notes += fmt::format("\n{}: {}\n", text_of(b, "id"), problem);
        if (const auto text = text_of(budget, "text", ""); !text.empty() && text_of(budget, "verdict") != "fits")
            notes += fmt::format("\n{}: {}\n", text_of(b, "id"), text);
    }
    std::cout << table({"bus", "state", "link", "units", "busy", "planned", "each at least", "verdict"}, rows) << notes;
}

// One bus: its units, and what each device is promised.
void print_bus(const json::value& bus) {
    print_buses({bus});
    std::vector<std::vector<std::string>> rows;
    for (const auto& u : list_of(bus, "units"))
        rows.push_back({count_of(u, "unit"), state_of(u), count_of(u, "requests"), answered(u), count_of(u, "timeouts"),
                        count_of(u, "crc_errors"), count_of(u, "exceptions"), latency(u, "latency_us_p50"),
                        latency(u, "latency_us_p90"), latency(u, "latency_us_p99")});
    if (!rows.empty())
        std::cout << "\n"
                  << table({"unit", "", "requests", "answered", "time-outs", "bad checksums", "refusals", "half within",
                            "90 %", "99 %"},
                           rows);
    rows.clear();
    if (const auto* budget = field(bus, "budget"))
        for (const auto& r : list_of(*budget, "refresh"))
            rows.push_back({text_of(r, "device"), age_of(r, "guaranteed_ms"), age_of(r, "measured_ms"),
                            age_of(r, "upgrading_ms")});
    if (!rows.empty())
        std::cout << "\n"
                  << table({"device", "refresh promised", "worst lately", "promised while firmware is brought"}, rows);
    if (const auto* budget = field(bus, "budget"))
        for (const auto& s : list_of(*budget, "spread"))
            fmt::print("\n{}: telemetry every {:.0f} s instead of {:.0f} s, because the line is full\n",
                       text_of(s, "device"), number_of(s, "every_s").value_or(0), number_of(s, "wanted_s").value_or(0));
}

// The link as typed: a path is a serial port, anything else HOST or HOST:PORT.
Status put_link(const std::string& typed, json::object& settings) {
    if (typed.starts_with('/')) {
        if (text_of(settings, "kind", "") != "serial")
            settings = {{"kind", "serial"}, {"baud", 9600}, {"parity", "none"}, {"stop_bits", 1}};
        settings["port"] = typed;
        return ok();
    }
    if (text_of(settings, "kind", "") != "tcp") settings = {{"kind", "tcp"}, {"port", 502}, {"framing", "tcp"}};
    const auto colon = typed.rfind(':');
    const bool has_port = colon != std::string::npos && typed.find(':') == colon;
    settings["host"] = typed.substr(0, has_port ? colon : std::string::npos);
    if (!has_port) return ok();
    BUSBAR_TRY(const auto port, whole_number("PORT", typed.substr(colon + 1), 1, 65'535));
    settings["port"] = port;
    return ok();
}

Status put_options(const Arguments& a, json::object& settings) {
    const bool is_serial = settings["kind"] == "serial";
    for (const auto& [option, unused] : a.options)
        if (option != "anyway" && (option == "framing") == is_serial)
            return fail(Errc::malformed, fmt::format("--{} is for {}", option,
                                                     is_serial ? "endpoints (HOST[:PORT])"
                                                               : "serial lines (a port such as /dev/ttyUSB0)"));
    BUSBAR_TRY(const auto baud, option_number(a, "baud", 1200, 921'600));
    if (baud) settings["baud"] = *baud;
    BUSBAR_TRY(const auto stop_bits, option_number(a, "stop-bits", 1, 2));
    if (stop_bits) settings["stop_bits"] = *stop_bits;
    for (const char* name : {"parity", "framing"})
        if (a.options.contains(name)) settings[name] = a.option(name);
    return ok();
}

}  // namespace

Status show_buses(const Context& c) {
    BUSBAR_TRY(json::value answer, get_json(c.session, "/api/v1/buses"));
    if (c.arguments.words.size() > 1) {
        BUSBAR_TRY(const json::value bus, bus_named(c.session, c.arguments.words[1]));
        c.arguments.json ? print_json(bus) : print_bus(bus);
        return ok();
    }
    if (c.arguments.json)
        print_json(answer);
    else if (list_of(answer, "buses").empty())
        fmt::print("no buses; 'busbarctl ports' lists the serial ports, 'busbarctl buses add' adds one\n");
    else
        print_buses(list_of(answer, "buses"));
    return ok();
}

Status add_bus(const Context& c) {
    json::object settings;
    if (const Status put = put_link(c.arguments.words[3], settings); !put) return put;
    if (const Status put = put_options(c.arguments, settings); !put) return put;
    const json::object body{{"id", c.arguments.words[2]}, {"settings", settings}};
    BUSBAR_TRY(const json::value answer, send_json(c.session, "POST", "/api/v1/buses", body));
    print_done(
        c, answer,
        fmt::format("{} added; 'busbarctl scan --bus {}' searches it", text_of(answer, "id"), text_of(answer, "id")));
    return ok();
}

Status change_bus(const Context& c) {
    const auto& words = c.arguments.words;
    BUSBAR_TRY(const json::value bus, bus_named(c.session, words[2]));
    const auto* now = field(bus, "settings");
    json::object settings = now && now->is_object() ? now->as_object() : json::object();
    if (words.size() > 3)
        if (const Status put = put_link(words[3], settings); !put) return put;
    if (words.size() == 3 && c.arguments.options.empty())
        return fail(Errc::malformed, "what changes? Add the port or host, --baud, --parity, --stop-bits or --framing");
    if (const Status put = put_options(c.arguments, settings); !put) return put;
    json::object body{{"settings", settings}};
    if (c.arguments.options.contains("anyway")) body["set_anyway"] = true;
    BUSBAR_TRY(const json::value answer, send_json(c.session, "PUT", bus_path(words[2]), body));
    print_done(c, answer, words[2] + " changed");
    return ok();
}

Status remove_bus(const Context& c) {
    const std::string& id = c.arguments.words[2];
    if (const auto known = bus_named(c.session, id); !known) return known.error();
    BUSBAR_TRY(const json::value answer, delete_json(c.session, bus_path(id)));
    print_done(c, answer, id + " removed");
    return ok();
}

Status show_ports(const Context& c) {
    BUSBAR_TRY(const json::value answer, get_json(c.session, "/api/v1/ports"));
    if (c.arguments.json) {
        print_json(answer);
        return ok();
    }
    std::vector<std::vector<std::string>> rows;
    for (const auto& p : list_of(answer, "ports"))
        rows.push_back({text_of(p, "path"), text_of(p, "bus", "free"), text_of(p, "text", "")});
    if (rows.empty())
        fmt::print("no serial ports; is the adapter plugged in?\n");
    else
        std::cout << table({"port", "bus", ""}, rows);
    return ok();
}

}  // namespace busbar::ctl
