#pragma once
// The verbs of busbarctl. Each asks the API, prints for people or, with --json, the API's own JSON, and returns the
// exit status: 0 done, 1 the gateway said no or was not reached, 2 the words are wrong. commands.cpp has the verbs
// about now, history_commands.cpp those about the past, sign_in.cpp those about the session.
#include <map>
#include <string>
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

void print_json(const boost::json::value& value);
std::string usage();

}  // namespace busbar::ctl
