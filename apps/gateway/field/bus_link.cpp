#include "field/bus_link.hpp"

namespace busbar::gateway {

bus::LinkSettings link_of(const config::BusConfig& bus) {
    if (const auto* serial = std::get_if<config::SerialPort>(&bus.link))
        return bus::SerialSettings{serial->path, serial->baud, serial->parity, serial->stop_bits};
    const auto& tcp = std::get<config::TcpEndpoint>(bus.link);
    return bus::TcpSettings{tcp.host, tcp.port};
}

bool is_same_kind(const config::BusConfig& a, const config::BusConfig& b) {
    const auto *left = std::get_if<config::TcpEndpoint>(&a.link), *right = std::get_if<config::TcpEndpoint>(&b.link);
    if (left == nullptr || right == nullptr) return left == right;
    return left->rtu_framing == right->rtu_framing;
}

}  // namespace busbar::gateway
