#include "bus/link/link_settings.hpp"

#include <fmt/format.h>

namespace busbar::bus {
namespace {

constexpr std::uint32_t least_baud = 300, most_baud = 4'000'000;

Status check_one(const SerialSettings& s) {
    const bool is_right = !s.path.empty() && s.baud >= least_baud && s.baud <= most_baud &&
                          (s.parity == 'N' || s.parity == 'E' || s.parity == 'O') &&
                          (s.stop_bits == 1 || s.stop_bits == 2);
    if (is_right) return ok();
    return fail(Errc::out_of_range,
                fmt::format("a serial line of {} baud with these settings cannot be: a path, {}..{} baud, parity N, E "
                            "or O, 1 or 2 stop bits",
                            s.baud, least_baud, most_baud));
}

Status check_one(const TcpSettings& s) {
    if (!s.host.empty() && s.port != 0) return ok();
    return fail(Errc::out_of_range, "an endpoint has a host and a port 1..65535");
}

}  // namespace

Status check(const LinkSettings& settings) {
    return std::visit([](const auto& s) { return check_one(s); }, settings);
}

}  // namespace busbar::bus
