#pragma once
// What a bus is plugged into, from its configuration; and the bus itself.
#include <memory>

#include "base/real_loop.hpp"
#include "bus/link/link_settings.hpp"
#include "bus/modbus_bus.hpp"
#include "config/site_config.hpp"

namespace busbar::gateway {

bus::LinkSettings link_of(const config::BusConfig& bus);
// Whether what is spoken stays the same, so that the running bus can be plugged in elsewhere.
bool is_same_kind(const config::BusConfig& a, const config::BusConfig& b);
// Whether the same devices stand behind it, whatever the speed of the line: the same port, the same endpoint.
bool is_same_place(const config::BusConfig& a, const config::BusConfig& b);

// Opens nothing yet.
std::shared_ptr<bus::ModbusBus> make_bus(RealLoop& loop, const config::BusConfig& bus);

}  // namespace busbar::gateway
