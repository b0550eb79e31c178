#include "bus/make_bus.hpp"

#include "bus/serial_link.hpp"

namespace busbar::bus {

std::unique_ptr<Link> make_link(RealLoop& loop, const SerialSettings& settings) {
    return std::make_unique<SerialLink>(loop, settings);
}

std::unique_ptr<Link> make_link(RealLoop& loop, const TcpSettings& settings) {
    return std::make_unique<TcpLink>(loop, settings);
}

std::unique_ptr<ModbusBus> make_rtu_bus(RealLoop& loop, std::string name, const SerialSettings& settings) {
    MasterConfig config;
    config.name = std::move(name);
    config.framing = Framing::rtu;
    config.rtu = {.baud = settings.baud, .character_bits = settings.character_bits()};
    return std::make_unique<ModbusMaster>(loop, make_link(loop, settings), std::move(config));
}

std::unique_ptr<ModbusBus> make_tcp_bus(RealLoop& loop, std::string name, const TcpSettings& settings, bool raw_rtu) {
    MasterConfig config;
    config.name = std::move(name);
    config.framing = raw_rtu ? Framing::rtu : Framing::tcp;
    // Behind a serial server the line's own time is its matter; bytes may come in pieces as the network likes.
    config.rtu = {.baud = 0, .silence = std::chrono::milliseconds(100)};
    return std::make_unique<ModbusMaster>(loop, make_link(loop, settings), std::move(config));
}

}  // namespace busbar::bus
