#include "options.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <charconv>

namespace busbar::gateway {
namespace {

// Names are refused here, at the console: a server that cannot listen is tried again for ever.
bool is_address(const std::string& host) {
    in6_addr bytes{};
    const std::string without_zone = host.substr(0, host.find('%'));
    return ::inet_pton(AF_INET, host.c_str(), &bytes) == 1 || ::inet_pton(AF_INET6, without_zone.c_str(), &bytes) == 1;
}

// "192.168.8.10:8443", "[::1]:8443", ":8443"
Status read_listen(std::string_view text, Options& into) {
    const auto colon = text.rfind(':');
    unsigned port = 0;
    if (colon != std::string_view::npos) {
        const std::string_view digits = text.substr(colon + 1);
        const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
        if (ec == std::errc{} && end == digits.data() + digits.size() && port <= 65535) {
            std::string_view host = text.substr(0, colon);
            if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
            const std::string address(host.empty() ? into.address : host);
            if (is_address(address)) {
                into.address = address;
                into.port = static_cast<std::uint16_t>(port);
                return ok();
            }
        }
    }
    return fail(Errc::malformed,
                fmt::format("--listen {}: expected IP-ADDRESS:PORT, for instance 127.0.0.1:8443 or [::]:8443",
                            printable(text)));
}

Status read_level(std::string_view text, Options& into) {
    if (text == "debug")
        into.log_level = Level::debug;
    else if (text == "info")
        into.log_level = Level::info;
    else if (text == "warning")
        into.log_level = Level::warning;
    else if (text == "error")
        into.log_level = Level::error;
    else
        return fail(Errc::malformed, fmt::format("--log {}: expected debug, info, warning or error", printable(text)));
    return ok();
}

}  // namespace

Result<Options> parse_options(int argc, const char* const* argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string_view name = argv[i];
        if (name == "--help" || name == "-h")
            options.help = true;
        else if (name == "--version")
            options.version = true;
        else if (name == "--no-realtime")
            options.realtime = false;
        else if (name == "--site" || name == "--data" || name == "--profiles" || name == "--listen" ||
                 name == "--log") {
            if (++i == argc) return fail(Errc::malformed, fmt::format("{} lacks its value; see --help", name));
            const std::string_view value = argv[i];
            Status read = ok();
            if (name == "--site")
                options.site = value;
            else if (name == "--data")
                options.data = value;
            else if (name == "--profiles")
                options.profiles = value;
            else if (name == "--listen")
                read = read_listen(value, options);
            else
                read = read_level(value, options);
            if (!read) return read.error();
        } else {
            return fail(Errc::malformed, fmt::format("unknown option {}; see --help", printable(name)));
        }
    }
    return options;
}

std::string usage() {
    const Options d;
    return fmt::format(
        "busbar-gateway - polls and controls the devices of one site, keeps their history, serves the web interface\n\n"
        "  --site FILE          what is connected where (default {})\n"
        "  --data DIR           history, settings and certificate (default {})\n"
        "  --profiles DIR       device profiles (default {})\n"
        "  --listen ADDR:PORT   where the web interface answers (default [{}]:{})\n"
        "  --log LEVEL          debug, info, warning or error (default info)\n"
        "  --no-realtime        do not ask for real-time priority\n"
        "  --version, --help\n",
        d.site, d.data, d.profiles, d.address, d.port);
}

}  // namespace busbar::gateway
