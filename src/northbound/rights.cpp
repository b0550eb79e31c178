#include "northbound/rights.hpp"

#include <algorithm>

namespace busbar::northbound {

Rights::Rights(const config::ModbusServerConfig& config) : shared_(config.devices) {
    for (const config::ModbusClient& listed : config.clients) {
        Client client{listed.from, {}};
        for (const config::SharedDevice& shared : config.devices) {
            Device device;
            device.may_read =
                std::find(listed.devices.begin(), listed.devices.end(), shared.id) != listed.devices.end();
            for (const auto& writable : listed.writable)
                if (device.may_read && writable.device == shared.id)
                    device.writable.insert(device.writable.end(), writable.holding.begin(), writable.holding.end());
            client.devices.push_back(std::move(device));
        }
        clients_.push_back(std::move(client));
    }
}

std::optional<std::size_t> Rights::client_of(std::string_view address) const {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < clients_.size(); ++i)
        if (clients_[i].from.contains(address) && (!best || clients_[i].from.prefix() > clients_[*best].from.prefix()))
            best = i;
    return best;
}

std::optional<std::size_t> Rights::device_of(std::size_t client, std::uint8_t unit) const {
    if (client >= clients_.size()) return std::nullopt;
    for (std::size_t i = 0; i < shared_.size(); ++i)
        if (shared_[i].unit == unit && clients_[client].devices[i].may_read) return i;
    return std::nullopt;
}

bool Rights::may_write_at_all(std::size_t client, std::size_t device) const {
    return client < clients_.size() && device < shared_.size() && !clients_[client].devices[device].writable.empty();
}

bool Rights::may_write(std::size_t client, std::size_t device, std::uint16_t first, std::uint16_t last) const {
    if (!may_write_at_all(client, device)) return false;
    const auto& spans = clients_[client].devices[device].writable;
    for (std::uint32_t at = first; at <= last; ++at)
        if (std::none_of(spans.begin(), spans.end(), [&](const auto& s) { return s.first <= at && at <= s.last; }))
            return false;
    return true;
}

}  // namespace busbar::northbound
