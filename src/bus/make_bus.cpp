#include "bus/make_bus.hpp"

#include "bus/link/serial_link.hpp"

namespace busbar::bus {

std::unique_ptr<Link> make_link(RealLoop& loop, const SerialSettings& settings, const std::string& owner) {
    return std::make_unique<SerialLink>(loop, settings, owner);
}

std::unique_ptr<Link> make_link(RealLoop& loop, const TcpSettings& settings) {
    return std::make_unique<TcpLink>(loop, settings);
}

namespace {

std::unique_ptr<ModbusBus> make_bus(RealLoop& loop, std::string name, LinkSettings settings, Framing framing) {
    const auto make = [&loop, name](const LinkSettings& s) -> std::unique_ptr<Link> {
        if (const auto* serial = std::get_if<SerialSettings>(&s)) return make_link(loop, *serial, name);
        return make_link(loop, std::get<TcpSettings>(s));
    };
    MasterConfig config;
    config.name = std::move(name);
    config.framing = framing;
    config.rtu = rtu_timing(settings);
    config.make_link = make;
    auto link = make(settings);
    config.settings = std::move(settings);
    return std::make_unique<ModbusMaster>(loop, std::move(link), std::move(config));
}

}  // namespace

std::unique_ptr<ModbusBus> make_rtu_bus(RealLoop& loop, std::string name, const SerialSettings& settings) {
    return make_bus(loop, std::move(name), settings, Framing::rtu);
}

std::unique_ptr<ModbusBus> make_tcp_bus(RealLoop& loop, std::string name, const TcpSettings& settings, bool raw_rtu) {
    return make_bus(loop, std::move(name), settings, raw_rtu ? Framing::rtu : Framing::tcp);
}

}  // namespace busbar::bus
