#pragma once
// The command line of busbar-gateway.
#include <cstdint>
#include <string>

#include "base/log.hpp"
#include "base/result.hpp"

namespace busbar::gateway {

struct Options {
    std::string site = "/etc/busbar/site.yaml";
    std::string data = "/var/lib/busbar";  // history, settings, certificate; made when absent
    std::string profiles = "/usr/share/busbar/profiles";
    std::string address = "::";
    std::uint16_t port = 8443;
    bool realtime = true;  // real-time priority for the field loop, where allowed
    Level log_level = Level::info;
    bool help = false;
    bool version = false;
};

// Errors: malformed, naming the word and what is expected.
Result<Options> parse_options(int argc, const char* const* argv);
std::string usage();

}  // namespace busbar::gateway
