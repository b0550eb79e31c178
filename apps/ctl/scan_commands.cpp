// busbarctl scan and profiles.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
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

std::vector<std::string> parts_of(const std::string& typed) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at <= typed.size();) {
        const auto comma = std::min(typed.find(',', at), typed.size());
        parts.push_back(typed.substr(at, comma - at));
        at = comma + 1;
    }
    return parts;
}

// The lines named, else every serial line.
Result<json::array> lines_of(const Context& c) {
    BUSBAR_TRY(const auto first, option_number(c.arguments, "first", 1, 247));
    BUSBAR_TRY(const auto last, option_number(c.arguments, "last", 1, 247));
    std::vector<std::string> buses;
    if (c.arguments.options.contains("bus")) {
        for (const auto& bus : parts_of(c.arguments.option("bus"))) {
            if (const auto known = bus_named(c.session, bus); !known) return known.error();
            buses.push_back(bus);
        }
    } else if (!c.arguments.options.contains("lan") && !c.arguments.options.contains("network")) {
        BUSBAR_TRY(const json::value answer, get_json(c.session, "/api/v1/buses"));
        for (const auto& bus : list_of(answer, "buses"))
            if (const auto* settings = field(bus, "settings"); settings && text_of(*settings, "kind") == "serial")
                buses.push_back(text_of(bus, "id"));
        if (buses.empty())
            return fail(Errc::malformed,
                        "there is no serial line to search; add --lan to search the network, or a line with 'busbarctl "
                        "buses add'");
    }
    json::array lines;
    for (const auto& bus : buses) {
        json::object line{{"bus", bus}};
        if (first) line["first"] = *first;
        if (last) line["last"] = *last;
        lines.emplace_back(std::move(line));
    }
    return lines;
}

Result<json::object> order_of(const Context& c) {
    BUSBAR_TRY(json::array lines, lines_of(c));
    json::object order{{"lines", std::move(lines)}, {"own_networks", c.arguments.options.contains("lan")}};
    json::array bauds, networks;
    if (c.arguments.options.contains("baud"))
        for (const auto& part : parts_of(c.arguments.option("baud"))) {
            BUSBAR_TRY(const auto baud, whole_number("--baud", part, 1200, 921'600));
            bauds.emplace_back(baud);
        }
    if (c.arguments.options.contains("network"))
        for (const auto& part : parts_of(c.arguments.option("network"))) networks.emplace_back(part);
    order["bauds"] = std::move(bauds);
    order["networks"] = std::move(networks);
    return order;
}

// One line on the terminal that is written over; nothing where standard error is no terminal.
void show_progress(const json::value& scan) {
    if (!::isatty(STDERR_FILENO)) return;
    const double total = number_of(scan, "total").value_or(0), asked = number_of(scan, "asked").value_or(0);
    const auto left_s = number_of(scan, "remaining_s");
    const std::string left = left_s ? ", " + age(static_cast<std::int64_t>(*left_s * 1000)) + " left" : "";
    fmt::print(stderr, "\r\033[K{:3.0f} %  {} found{}  {}", total > 0 ? 100 * asked / total : 0,
               list_of(scan, "found").size(), left, text_of(scan, "now", "").substr(0, 48));
    std::fflush(stderr);
}

// Until it is done; Ctrl-C ends it on the gateway too, and what was found stays.
Result<json::value> wait_for_scan(const Context& c, json::value scan) {
    catch_interrupt();
    while (text_of(scan, "state") == "running") {
        show_progress(scan);
        if (!wait_ms(500)) {
            const auto ended = delete_json(c.session, "/api/v1/scan");
            if (!ended) return ended.error();
        }
        BUSBAR_TRY(scan, get_json(c.session, "/api/v1/scan"));
        if (interrupted()) break;
    }
    if (::isatty(STDERR_FILENO)) fmt::print(stderr, "\r\033[K");
    return scan;
}

// It is a device of the site, or another find, once more.
bool is_double(const json::value& found) {
    const auto* said = field(found, "is_double");
    return said != nullptr && said->is_bool() && said->as_bool();
}

std::string standing_of(const json::value& found) {
    if (const auto device = text_of(found, "device", ""); !device.empty()) return "is " + device;
    if (is_double(found)) return "double";
    return text_of(found, "profile", "").empty() ? "unknown" : "new";
}

void print_found(const json::value& scan) {
    std::vector<std::vector<std::string>> rows;
    std::string notes;
    for (const auto& f : list_of(scan, "found")) {
        const std::string place = fmt::format("{} unit {}", text_of(f, "place"), count_of(f, "unit"));
        rows.push_back({place, standing_of(f), text_of(f, "maker"), text_of(f, "model"), text_of(f, "serial"),
                        text_of(f, "firmware"), text_of(f, "profile")});
        std::string could;
        for (const auto& candidate : list_of(f, "candidates"))
            if (candidate.is_string())
                could += (could.empty() ? "; it could be " : ", ") + printable(candidate.as_string());
        const auto doubts = text_of(f, "note", "");
        const auto note = doubts.empty() ? text_of(f, "reason", "") : doubts;
        if (!note.empty() || !could.empty())
            notes += fmt::format("\n{}: {}{}\n", place, note.empty() ? "answers" : note, could);
    }
    for (const auto& message : list_of(scan, "messages"))
        if (message.is_string()) notes += "\n" + printable(message.as_string()) + "\n";
    if (rows.empty())
        fmt::print("nothing found; is it powered, A and B not swapped, the baud rate right (--baud 19200,38400)?\n");
    else
        std::cout << table({"place", "", "maker", "model", "serial", "firmware", "profile"}, rows);
    std::cout << notes;
}

// The bus an endpoint of the network gets: "lan-192-168-8-20".
Result<std::string> bus_for(const Context& c, const json::value& found) {
    const auto bus = text_of(found, "bus", "");
    if (!bus.empty()) return bus;
    const auto host = text_of(found, "host", "");
    const auto port = static_cast<std::int64_t>(number_of(found, "port").value_or(502));
    std::string id = "lan-" + host.substr(0, 28);
    std::replace_if(
        id.begin(), id.end(), [](unsigned char ch) { return !std::isalnum(ch); }, '-');
    if (port != 502) id = id.substr(0, 26) + "-" + std::to_string(port);
    BUSBAR_TRY(const json::value buses, get_json(c.session, "/api/v1/buses"));
    for (const auto& b : list_of(buses, "buses"))
        if (text_of(b, "id") == id) return id;  // of another unit behind the same endpoint, a moment ago
    const json::object body{{"id", id},
                            {"settings", {{"kind", "tcp"}, {"host", host}, {"port", port}, {"framing", "tcp"}}}};
    BUSBAR_TRY(const json::value answer, send_json(c.session, "POST", "/api/v1/buses", body));
    return text_of(answer, "id");
}

Result<std::string> add_found(const Context& c, const json::value& found) {
    BUSBAR_TRY(const std::string bus, bus_for(c, found));
    BUSBAR_TRY(const std::string use, usual_use(c.session, text_of(found, "use")));
    const std::string model = text_of(found, "model", text_of(found, "profile"));
    json::object body{{"name", model.substr(0, 64)},
                      {"profile", text_of(found, "profile")},
                      {"bus", bus},
                      {"unit", number_of(found, "unit").value_or(1)},
                      {"use", use}};
    if (const auto serial = text_of(found, "serial", ""); !serial.empty()) body["serial"] = serial;
    BUSBAR_TRY(const json::value answer, send_json(c.session, "POST", "/api/v1/devices", body));
    return text_of(answer, "id");
}

// Everything that is known by a profile and not yet a device. One that cannot be added keeps no other from it; what
// would be in service twice is left to a person.
Status add_all(const Context& c, const json::value& scan) {
    std::size_t failed = 0, added = 0;
    for (const auto& f : list_of(scan, "found")) {
        if (is_double(f))
            fmt::print(stderr, "busbarctl: {} unit {} not added: {}\n", text_of(f, "place"), count_of(f, "unit"),
                       text_of(f, "note"));
        if (standing_of(f) != "new") continue;
        const auto id = add_found(c, f);
        id ? ++added : ++failed;
        const std::string place = fmt::format("{} unit {}", text_of(f, "place"), count_of(f, "unit"));
        if (id && !c.arguments.json) fmt::print("{} added as {}\n", place, *id);
        if (!id) fmt::print(stderr, "busbarctl: {} not added: {}\n", place, id.error().text);
    }
    if (failed > 0) return fail(Errc::refused, fmt::format("{} added, {} not", added, failed));
    if (added == 0 && !c.arguments.json) fmt::print("nothing to add\n");
    return ok();
}

}  // namespace

Status scan_devices(const Context& c) {
    BUSBAR_TRY(const json::object order, order_of(c));
    BUSBAR_TRY(json::value begun, send_json(c.session, "POST", "/api/v1/scan", order));
    BUSBAR_TRY(const json::value scan, wait_for_scan(c, std::move(begun)));
    c.arguments.json ? print_json(scan) : print_found(scan);
    if (!c.arguments.options.contains("add") || interrupted()) return ok();
    return add_all(c, scan);
}

Status show_profiles(const Context& c) {
    BUSBAR_TRY(const json::value answer, get_json(c.session, "/api/v1/profiles"));
    if (c.arguments.json) {
        print_json(answer);
        return ok();
    }
    std::vector<std::vector<std::string>> rows;
    std::string problems;
    for (const auto& p : list_of(answer, "profiles")) {
        const auto is = [&](const char* name) {
            const auto* found = field(p, name);
            return found && found->is_bool() && found->as_bool();
        };
        const auto& products = list_of(p, "products");
        std::string product = products.empty() || !products[0].is_string() ? "-" : printable(products[0].as_string());
        if (products.size() > 1) product += fmt::format(" and {} more", products.size() - 1);
        rows.push_back({text_of(p, "name"), words_of(p, "use"), text_of(p, "verified"),
                        is("identifies") ? "by the scan" : "by hand",
                        is("over_shipped") ? "pack over the shipped one"
                        : is("pack")       ? "pack"
                                           : "",
                        product});
        if (const auto problem = text_of(p, "problem", ""); !problem.empty())
            problems += fmt::format("\n{}: {}\n", text_of(p, "name"), problem);
    }
    std::cout << table({"profile", "use", "rests on", "found", "", "products"}, rows) << problems;
    return ok();
}

// The name stands in the file's own `profile:` line unless --name says another.
Status add_profile(const Context& c) {
    const std::string& path = c.arguments.words[2];
    std::ifstream file(path, std::ios::binary);
    std::string text(64 * 1024 + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!file.eof() && !file) return fail(Errc::malformed, printable(path) + ": cannot be read");
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
    if (text.size() > 64 * 1024)
        return fail(Errc::malformed, printable(path) + ": longer than 64 KiB; is this a device pack?");
    std::string name = c.arguments.option("name");
    if (const auto at = ("\n" + text).find("\nprofile:"); name.empty() && at != std::string::npos) {
        name = text.substr(at + 8, text.find('\n', at) - at - 8);
        name.erase(0, name.find_first_not_of(" \"'"));
        name.erase(name.find_last_not_of(" \"'\r") + 1);
    }
    if (name.empty())
        return fail(Errc::malformed,
                    printable(path) + ": no line 'profile: maker/family' in it; add --name MAKER/FAMILY");
    const bool is_over_shipped = c.arguments.options.contains("over-shipped");
    const json::object body{{"name", name}, {"text", text}, {"over_shipped", is_over_shipped}};
    BUSBAR_TRY(const json::value answer, send_json(c.session, "POST", "/api/v1/profiles", body));
    print_done(c, answer,
               text_of(answer, "name") + (is_over_shipped ? " added, over the shipped one if there is one" : " added") +
                   "; devices that wait for it are tried now");
    return ok();
}

Status remove_profile(const Context& c) {
    const std::string& name = c.arguments.words[2];
    BUSBAR_TRY(const json::value answer, delete_json(c.session, "/api/v1/profiles?name=" + url_escape(name)));
    print_done(c, answer, printable(name) + " removed");
    return ok();
}

}  // namespace busbar::ctl
