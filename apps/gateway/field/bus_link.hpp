#pragma once
// What a bus is plugged into, from its configuration. Pure.
#include "bus/link/link_settings.hpp"
#include "config/site_config.hpp"

namespace busbar::gateway {

bus::LinkSettings link_of(const config::BusConfig& bus);
// Whether what is spoken stays the same, so that the running bus can be plugged in elsewhere.
bool is_same_kind(const config::BusConfig& a, const config::BusConfig& b);

}  // namespace busbar::gateway
