// busbarctl ask and monitor: one request by hand, and what goes over a line.
#include <fmt/format.h>

#include <fstream>
#include <iostream>

#include "answer.hpp"
#include "base/log.hpp"
#include "commands.hpp"
#include "interrupt.hpp"
#include "lookup.hpp"
#include "text.hpp"

namespace busbar::ctl {
namespace json = boost::json;
namespace {

std::string bus_path(const std::string& id, const char* below) { return "/api/v1/buses/" + url_escape(id) + below; }

// "0b0304" -> "0b 03 04"
std::string spaced(const std::string& hex) {
    std::string out;
    for (std::size_t i = 0; i < hex.size(); i += 2) out += (i ? " " : "") + hex.substr(i, 2);
    return out;
}

Result<json::array> values_of(const std::string& typed) {
    json::array values;
    for (std::size_t at = 0; at <= typed.size();) {
        const auto comma = std::min(typed.find(',', at), typed.size());
        BUSBAR_TRY(const auto value, whole_number("--values", typed.substr(at, comma - at), 0, 65'535));
        values.emplace_back(value);
        at = comma + 1;
    }
    return values;
}

// What the words say: --pdu, or function, address and count or --values.
Result<json::object> request_of(const Arguments& a) {
    BUSBAR_TRY(const auto unit, whole_number("UNIT", a.words[2], 0, 255));
    json::object body{{"unit", unit}};
    if (a.options.contains("pdu")) {
        if (a.words.size() > 3 || a.options.contains("values"))
            return fail(Errc::malformed, "--pdu is the whole request: leave function, address and values out");
        body["pdu"] = a.option("pdu");
        return body;
    }
    if (a.words.size() < 5)
        return fail(Errc::malformed,
                    "busbarctl ask BUS UNIT FUNCTION ADDRESS COUNT, with --values 1,2 to write, or --pdu HEX; for "
                    "instance: ask rs485-1 11 3 0 2");
    BUSBAR_TRY(const auto function, whole_number("FUNCTION", a.words[3], 1, 127));
    BUSBAR_TRY(const auto address, whole_number("ADDRESS", a.words[4], 0, 65'535));
    body["function"] = function;
    body["address"] = address;
    if (a.options.contains("values")) {
        BUSBAR_TRY(json::array values, values_of(a.option("values")));
        body["values"] = std::move(values);
    }
    if (a.words.size() > 5) {
        BUSBAR_TRY(const auto count, whole_number("COUNT", a.words[5], 1, 2000));
        body["count"] = count;
    } else if (function <= 4) {
        body["count"] = 1;
    }
    return body;
}

void print_answer(const json::object& asked, const json::value& answer) {
    const auto* exception = field(answer, "exception");
    fmt::print("{}  ({:.1f} ms)\n", spaced(text_of(answer, "pdu", "")), number_of(answer, "took_ms").value_or(0));
    if (exception)
        return fmt::print("refused, code {}: {}\n", count_of(*exception, "code"), text_of(*exception, "text"));
    const auto first = number_of(asked, "address").value_or(0);
    std::vector<std::vector<std::string>> rows;
    for (const auto& value : list_of(answer, "values")) {
        const auto number = value.is_int64() ? value.as_int64() : 0;
        rows.push_back({fmt::format("{:.0f}", first + static_cast<double>(rows.size())), fmt::format("{}", number),
                        number > 32'767 ? fmt::format("{}", number - 65'536) : "", fmt::format("{:04x}", number)});
    }
    if (asked.contains("address") && !rows.empty()) std::cout << table({"address", "value", "signed", "hex"}, rows);
}

// One line of the monitor: when, which way, in words, then the bytes.
void print_frame(const json::value& frame) {
    const auto at_ms = static_cast<std::int64_t>(number_of(frame, "at").value_or(0));
    std::string words = text_of(frame, "text", "");
    if (const std::string note = text_of(frame, "note", "ok"); note != "ok")
        words = note + (words.empty() ? "" : "; " + words);
    fmt::print("{}.{:03} {} {:44}  {}\n", local_time(at_ms).substr(11), at_ms % 1000,
               text_of(frame, "direction") == "sent" ? ">" : "<", words, spaced(text_of(frame, "hex", "")));
}

Status save_capture(const Context& c, const std::string& bus, const std::string& path) {
    BUSBAR_TRY(const std::string text, get_text(c.session, bus_path(bus, "/capture")));
    std::ofstream file(path, std::ios::binary);
    file << text;
    file.close();
    if (!file) return fail(Errc::unavailable, printable(path) + ": cannot be written");
    fmt::print(stderr, "{} written to {}\n", bytes(static_cast<double>(text.size())), printable(path));
    return ok();
}

}  // namespace

Status ask_bus(const Context& c) {
    if (const auto known = bus_named(c.session, c.arguments.words[1]); !known) return known.error();
    BUSBAR_TRY(const json::object body, request_of(c.arguments));
    BUSBAR_TRY(const json::value answer,
               send_json(c.session, "POST", bus_path(c.arguments.words[1], "/request"), body));
    c.arguments.json ? print_json(answer) : print_answer(body, answer);
    return ok();
}

// Until Ctrl-C, or --count frames.
Status monitor_bus(const Context& c) {
    const std::string& bus = c.arguments.words[1];
    if (const auto known = bus_named(c.session, bus); !known) return known.error();
    BUSBAR_TRY(const auto count, option_number(c.arguments, "count", 1, 1'000'000'000));
    catch_interrupt();
    if (!c.arguments.json) fmt::print(stderr, "{}: > sent, < heard (Ctrl-C ends)\n", bus);
    std::int64_t next = 0, shown = 0;
    do {
        BUSBAR_TRY(const json::value answer,
                   get_json(c.session, bus_path(bus, "/frames?limit=1000&from=") + std::to_string(next)));
        for (const auto& frame : list_of(answer, "frames")) {
            if (count && shown++ >= *count) break;
            c.arguments.json ? print_json(frame) : print_frame(frame);
        }
        std::cout.flush();
        std::fflush(stdout);
        next = static_cast<std::int64_t>(number_of(answer, "next").value_or(0));
        if (const auto lost = number_of(answer, "dropped").value_or(0); lost > 0)
            fmt::print(stderr, "{:.0f} frames were dropped: the line is faster than this connection\n", lost);
    } while ((!count || shown < *count) && wait_ms(300));
    return c.arguments.options.contains("capture") ? save_capture(c, bus, c.arguments.option("capture")) : ok();
}

}  // namespace busbar::ctl
