#pragma once
// Who may what, as the section modbus_server of the site says it: made once from the checked configuration, then only
// asked. Default deny: everything here answers no unless it stands in the list. Any thread.
#include <optional>
#include <string_view>

#include "config/modbus_server.hpp"
#include "northbound/device_rules.hpp"

namespace busbar::northbound {

class Rights {
public:
    explicit Rights(const config::ModbusServerConfig& config);

    // Which entry of the list counts for this address: the narrowest that holds it; nullopt: nobody we know.
    std::optional<std::size_t> client_of(std::string_view address) const;
    // The device behind a unit id, as index into config.devices, when this client may read it.
    std::optional<std::size_t> device_of(std::size_t client, std::uint8_t unit) const;
    bool may_write_at_all(std::size_t client, std::size_t device) const;
    // Every register of the span.
    bool may_write(std::size_t client, std::size_t device, std::uint16_t first, std::uint16_t last) const;

private:
    struct Device {
        bool may_read = false;
        std::vector<config::RegisterSpan> writable;
    };
    struct Client {
        config::AddressRange from;
        std::vector<Device> devices;  // as in config.devices
    };
    std::vector<config::SharedDevice> shared_;
    std::vector<Client> clients_;
};

}  // namespace busbar::northbound
