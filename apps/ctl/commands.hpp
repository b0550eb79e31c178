#pragma once
// The verbs of busbarctl. Each asks the API, prints for people or, with --json, the API's own JSON, and returns the
// exit status: 0 done, 1 the gateway said no or was not reached.
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"

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

// Errors: malformed (wrong words or options, with the usage line), or what the API answered.
Status run(const Arguments& arguments);

std::string usage();

}  // namespace busbar::ctl
