#include "field/bus_place.hpp"

#include "base/phrases.hpp"
#include "bus/link/peer_rule.hpp"
#include "bus/link/serial_name.hpp"

namespace busbar::gateway {

Status check_place(const config::SiteConfig& site, const config::BusConfig& bus) {
    const auto* serial = std::get_if<config::SerialPort>(&bus.link);
    if (serial == nullptr) {
        const auto& tcp = std::get<config::TcpEndpoint>(bus.link);
        return bus::check_peer(tcp.host, tcp.port);
    }
    if (const Status port = bus::check_serial_name(serial->path); !port) return port;
    for (const config::BusConfig& other : site.buses) {
        const auto* theirs = std::get_if<config::SerialPort>(&other.link);
        if (theirs == nullptr || other.id == bus.id || !bus::is_same_port(serial->path, theirs->path)) continue;
        return fail(Errc::denied, say<phrases::port_alias>(serial->path, theirs->path, other.id));
    }
    return ok();
}

}  // namespace busbar::gateway
