#include "field/bus_link.hpp"

#include "bus/make_bus.hpp"

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

bool is_same_place(const config::BusConfig& a, const config::BusConfig& b) {
    if (!is_same_kind(a, b)) return false;
    if (const auto* tcp = std::get_if<config::TcpEndpoint>(&a.link))
        return *tcp == std::get<config::TcpEndpoint>(b.link);
    return std::get<config::SerialPort>(a.link).path == std::get<config::SerialPort>(b.link).path;
}

std::shared_ptr<bus::ModbusBus> make_bus(RealLoop& loop, const config::BusConfig& bus) {
    const bus::LinkSettings link = link_of(bus);
    if (const auto* serial = std::get_if<bus::SerialSettings>(&link)) return bus::make_rtu_bus(loop, bus.id, *serial);
    return bus::make_tcp_bus(loop, bus.id, std::get<bus::TcpSettings>(link),
                             std::get<config::TcpEndpoint>(bus.link).rtu_framing);
}

}  // namespace busbar::gateway
