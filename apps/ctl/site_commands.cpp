// busbarctl sharing and site reload: who else reads the devices, and the site file read again.
#include <fmt/format.h>

#include <iostream>

#include "answer.hpp"
#include "commands.hpp"
#include "lookup.hpp"
#include "text.hpp"

namespace busbar::ctl {
namespace json = boost::json;
namespace {

constexpr const char* sharing_path = "/api/v1/sharing";

bool is_true(const json::value& in, const char* name) {
    const auto* value = field(in, name);
    return value && value->is_bool() && value->as_bool();
}

std::vector<std::string> split(const std::string& list) {
    std::vector<std::string> parts;
    for (std::size_t from = 0; from <= list.size();) {
        const std::size_t comma = std::min(list.find(',', from), list.size());
        if (comma > from) parts.push_back(list.substr(from, comma - from));
        from = comma + 1;
    }
    return parts;
}

std::string joined(const json::array& names) {
    std::string text;
    for (const auto& name : names)
        if (name.is_string()) text += (text.empty() ? "" : ", ") + std::string(name.as_string());
    return text;
}

std::string writable_text(const json::value& client) {
    std::string text;
    for (const auto& of : list_of(client, "writable"))
        text +=
            fmt::format("{}{} {}", text.empty() ? "" : "; ", text_of(of, "device"), joined(list_of(of, "registers")));
    return text.empty() ? "-" : text;
}

void print_sharing(const json::value& s) {
    if (!is_true(s, "enabled")) {
        fmt::print(
            "off: nobody reads devices through this gateway\n"
            "'busbarctl sharing on --clients 192.168.1.20 --listen 0.0.0.0' lets that machine read all of them\n");
        return;
    }
    fmt::print("{} {} port {}, {} connections, {} turned away\n",
               is_true(s, "listening") ? "listens on" : "NOT listening:", text_of(s, "address"), count_of(s, "port"),
               count_of(s, "connections"), count_of(s, "turned_away"));
    if (const auto problem = text_of(s, "problem", ""); !problem.empty()) fmt::print("{}\n", problem);
    std::vector<std::vector<std::string>> rows;
    for (const auto& device : list_of(s, "devices")) rows.push_back({count_of(device, "unit"), text_of(device, "id")});
    std::cout << "\n" << table({"unit", "device"}, rows);
    rows.clear();
    for (const auto& client : list_of(s, "clients"))
        rows.push_back({text_of(client, "address"), text_of(client, "rights"), joined(list_of(client, "devices")),
                        writable_text(client)});
    if (rows.empty())
        fmt::print("\nno client is let in; name them with --clients\n");
    else
        std::cout << "\n" << table({"client", "may", "devices", "writes registers"}, rows);
    rows.clear();
    for (const auto& c : list_of(s, "seen"))
        rows.push_back({text_of(c, "address"), count_of(c, "requests"), count_of(c, "from_cache"),
                        count_of(c, "refused"), count_of(c, "writes"), time_of(c, "last_seen"), age_of(c, "age_ms"),
                        age_of(c, "age_max_ms")});
    if (!rows.empty())
        std::cout << "\n"
                  << table({"seen", "requests", "from memory", "refused", "writes", "last", "age given", "oldest"},
                           rows);
}

// All devices of the gateway, those that are shared already under their units.
Status put_devices(const Context& c, json::object& settings) {
    std::vector<std::string> wanted = split(c.arguments.option("devices"));
    if (wanted.empty() && !list_of(settings, "devices").empty()) return ok();
    if (wanted.empty()) {
        BUSBAR_TRY(const json::value all, get_json(c.session, "/api/v1/devices"));
        for (const auto& device : list_of(all, "devices")) wanted.push_back(text_of(device, "id"));
    }
    json::array devices;
    for (const auto& id : wanted)
        devices.push_back(json::object{{"id", id}, {"unit", static_cast<std::int64_t>(devices.size() + 1)}});
    settings["devices"] = std::move(devices);
    for (auto& client : settings["clients"].as_array()) client.as_object()["devices"] = json::array();
    return ok();
}

// Those named may read; what they could write before they still can.
void put_clients(const Context& c, json::object& settings) {
    const auto wanted = split(c.arguments.option("clients"));
    if (wanted.empty()) return;
    json::array clients;
    for (const auto& address : wanted) {
        json::value client = json::object{{"address", address}, {"rights", "read"}};
        for (const auto& known : list_of(settings, "clients"))
            if (text_of(known, "address") == address) client = known;
        clients.push_back(std::move(client));
    }
    settings["clients"] = std::move(clients);
}

// What the API wants back of what it shows.
json::object settings_of(const json::value& shown) {
    json::object settings;
    for (const char* key : {"enabled", "address", "port", "max_clients", "cache_ms"})
        if (const auto* value = field(shown, key)) settings[key] = *value;
    for (const char* key : {"devices", "clients"}) settings[key] = list_of(shown, key);
    return settings;
}

}  // namespace

Status show_sharing(const Context& c) {
    BUSBAR_TRY(const json::value answer, get_json(c.session, sharing_path));
    c.arguments.json ? print_json(answer) : print_sharing(answer);
    return ok();
}

Status switch_sharing(const Context& c) {
    BUSBAR_TRY(const json::value now, get_json(c.session, sharing_path));
    json::object settings = settings_of(now);
    const bool is_on = c.arguments.words[1] == "on";
    settings["enabled"] = is_on;
    if (is_on) {
        put_clients(c, settings);
        if (const Status put = put_devices(c, settings); !put) return put;
        if (c.arguments.options.contains("listen")) settings["address"] = c.arguments.option("listen");
        BUSBAR_TRY(const auto port, option_number(c.arguments, "port", 1, 65'535));
        if (port) settings["port"] = *port;
    }
    BUSBAR_TRY(const json::value answer, send_json(c.session, "PUT", sharing_path, settings));
    c.arguments.json ? print_json(answer) : print_sharing(answer);
    return ok();
}

Status reload_site(const Context& c) {
    const bool is_applied = !c.arguments.options.contains("check");
    const json::object order{{"apply", is_applied}};
    BUSBAR_TRY(const json::value answer, send_json(c.session, "POST", "/api/v1/site/reload", order));
    if (c.arguments.json) {
        print_json(answer);
        return ok();
    }
    const auto& differences = list_of(answer, "differences");
    std::vector<std::vector<std::string>> rows;
    for (const auto& d : differences)
        rows.push_back({words_of(d, "part"), text_of(d, "id", ""), text_of(d, "change"), text_of(d, "text", ""),
                        is_true(d, "needs_restart") ? "with the next start" : ""});
    if (rows.empty()) {
        fmt::print("the gateway runs on what the file says\n");
        return ok();
    }
    std::cout << table({"", "", "", "", ""}, rows);
    fmt::print("{}\n",
               is_applied ? "the gateway runs on the file now" : "nothing was changed; without --check it would be");
    return ok();
}

}  // namespace busbar::ctl
