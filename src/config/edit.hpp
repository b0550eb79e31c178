#pragma once
// Changes of a site, written into the text of the person's own file: comments, order and everything that is not
// concerned stay. Pure: text in, text out; rules.hpp is asked before, the gateway writes the file.
//
// The result is loaded again and must say exactly what was meant. Where that cannot be had, because the file is written
// in a way that cannot be edited line by line, nothing is changed and the error tells what to write by hand
// (unsupported). Other errors: malformed (the file itself cannot be read), out_of_range (it would be too large).
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "config/site_config.hpp"

namespace busbar::config {

// Key and value of each line of its entry, as it would be written.
using Entry = std::vector<std::pair<std::string, std::string>>;
Entry entry_of(const DeviceConfig& device);
Entry entry_of(const BusConfig& bus);

Result<std::string> with_device(std::string_view yaml, const DeviceConfig& device);
Result<std::string> without_device(std::string_view yaml, std::string_view id);
// The device with this id becomes `device`; it keeps its place in the list.
Result<std::string> with_changed_device(std::string_view yaml, const DeviceConfig& device);

Result<std::string> with_bus(std::string_view yaml, const BusConfig& bus);
Result<std::string> without_bus(std::string_view yaml, std::string_view id);
Result<std::string> with_changed_bus(std::string_view yaml, const BusConfig& bus);

// The whole section is written anew; comments inside it are lost. nullopt: the section goes.
Result<std::string> with_modbus_server(std::string_view yaml, const std::optional<ModbusServerConfig>& server);

}  // namespace busbar::config
