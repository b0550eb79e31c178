// busbar-gateway: reads the command line and runs the gateway.
#include <fmt/format.h>

#include <cstdio>

#include "gateway.hpp"
#include "version.hpp"

int main(int argc, char** argv) {
    using namespace busbar;
    const auto options = gateway::parse_options(argc, argv);
    if (!options) {
        fmt::print(stderr, "busbar-gateway: {}\n", options.error().text);
        return 2;
    }
    if (options->help) {
        fmt::print("{}", gateway::usage());
        return 0;
    }
    if (options->version) {
        fmt::print("busbar-gateway {}\n", gateway::version);
        return 0;
    }
    set_log_level(options->log_level);
    gateway::Gateway gateway(*options);
    if (const Status started = gateway.start(); !started) {
        fmt::print(stderr, "busbar-gateway: cannot start: {}\n", started.error().text);
        return 1;
    }
    gateway.run();
    return 0;
}
