#pragma once
// The verbs of busbarctl. Each asks the API, prints for people or, with --json, the API's own JSON, and returns the
// exit status: 0 done, 1 the gateway said no or was not reached, 2 the words are wrong. verbs.cpp lists them; one file
// each has those about now, the past, devices, buses, the site, the search, talking on a bus, firmware and the session.
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "client.hpp"

namespace busbar::ctl {

struct Arguments {
    std::vector<std::string> words;              // "history" "roof/ac.power"
    std::map<std::string, std::string> options;  // --from -6h
    bool json = false;

    std::string option(const std::string& name, const std::string& otherwise = {}) const {
        const auto at = options.find(name);
        return at == options.end() ? otherwise : at->second;
    }
};

struct Context {
    const Arguments& arguments;
    Session session;
};

// Errors: malformed (wrong words or options, with the usage line), or what the API answered.
Status run(const Arguments& arguments);

Status show_status(const Context& context);
Status show_devices(const Context& context);
Status show_points(const Context& context);
Status show_live(const Context& context);
Status show_why(const Context& context);
Status show_history(const Context& context);
Status export_history(const Context& context);

Status add_device(const Context& context);
Status change_device(const Context& context);
Status rename_device(const Context& context);
Status replace_device(const Context& context);
Status remove_device(const Context& context);
Status device_settings(const Context& context);
Status upgrade_device(const Context& context);

Status scan_devices(const Context& context);
Status show_profiles(const Context& context);
Status add_profile(const Context& context);
Status remove_profile(const Context& context);

Status show_buses(const Context& context);
Status add_bus(const Context& context);
Status change_bus(const Context& context);
Status remove_bus(const Context& context);
Status show_ports(const Context& context);
Status show_sharing(const Context& context);
Status switch_sharing(const Context& context);  // "sharing on", "sharing off"
Status reload_site(const Context& context);
Status ask_bus(const Context& context);
Status monitor_bus(const Context& context);

// Whether the option is followed by a value; nullopt: no verb takes it.
std::optional<bool> takes_value(std::string_view option);
// After a change: the API's answer with --json, else the sentence.
void print_done(const Context& context, const boost::json::value& answer, const std::string& text);

void print_json(const boost::json::value& value);
std::string usage();

}  // namespace busbar::ctl
