#pragma once
// From plain settings to a link, and to a whole bus of production: what the gateway's wiring calls, once per bus of the
// site. Nothing is opened here; the bus opens its link with the first request.
#include <memory>
#include <string>

#include "base/real_loop.hpp"
#include "bus/link/serial_port.hpp"
#include "bus/link/tcp_link.hpp"
#include "bus/master/modbus_master.hpp"

namespace busbar::bus {

// `owner`: the bus it is for, named to others that want the same port.
std::unique_ptr<Link> make_link(RealLoop& loop, const SerialSettings& settings, const std::string& owner = {});
std::unique_ptr<Link> make_link(RealLoop& loop, const TcpSettings& settings);

// Modbus RTU on a serial port.
std::unique_ptr<ModbusBus> make_rtu_bus(RealLoop& loop, std::string name, const SerialSettings& settings);
// Modbus/TCP; with `raw_rtu` RTU frames without MBAP header, as serial servers pass them through.
std::unique_ptr<ModbusBus> make_tcp_bus(RealLoop& loop, std::string name, const TcpSettings& settings,
                                        bool raw_rtu = false);

}  // namespace busbar::bus
