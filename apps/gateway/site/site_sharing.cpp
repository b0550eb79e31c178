// Who may read devices through the gateway, as one more change of the site.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "config/edit.hpp"
#include "config/rules.hpp"
#include "site/site_changes.hpp"

namespace busbar::gateway {
namespace {

// For the audit log. Ids and addresses are checked: nothing in them has to be escaped.
std::string json_of(const config::ModbusServerConfig& s) {
    std::vector<std::string> devices, clients;
    for (const auto& device : s.devices) devices.push_back(fmt::format("\"{}\":{}", device.id, device.unit));
    for (const auto& client : s.clients)
        clients.push_back(fmt::format("\"{}\":\"{}\"", client.from.text(), client.writable.empty() ? "read" : "write"));
    return fmt::format(R"({{"enabled":{},"address":"{}","port":{},"devices":{{{}}},"clients":{{{}}}}})", s.is_enabled,
                       s.address, s.port, fmt::join(devices, ","), fmt::join(clients, ","));
}

}  // namespace

// Switched off before anything was shared: there is nothing to keep.
Task<Status> SiteChanges::change_sharing(config::ModbusServerConfig wanted, api::By by) {
    co_await my_turn();
    if (const Status may = config::may_share(site(), wanted); !may) co_return may;
    Words words{
        wanted.is_enabled ? "sharing of devices changed" : "sharing of devices switched off", {}, json_of(wanted)};
    if (const auto& now = site().modbus_server) words.before = json_of(*now);
    std::optional<config::ModbusServerConfig> kept;
    if (wanted.is_enabled || !wanted.devices.empty()) kept = std::move(wanted);
    Edit edit = [kept](std::string_view yaml) { return config::with_modbus_server(yaml, kept); };
    co_return co_await make(std::move(edit), std::move(words), std::move(by));
}

}  // namespace busbar::gateway
