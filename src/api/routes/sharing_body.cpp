// The request body that says who may read devices through the gateway, and write which registers.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "api/routes/commissioning_body.hpp"
#include "base/phrases_running.hpp"

namespace busbar::api {
namespace {

constexpr std::size_t most_shared = 247;

std::vector<config::SharedDevice> read_shared(RequestBody& body) {
    std::vector<config::SharedDevice> devices;
    for (std::size_t i = 0, n = body.items("devices", most_shared); i < n; ++i) {
        const std::string field = fmt::format("devices.{}.", i);
        config::SharedDevice device;
        device.id = read_id(body, field + "id");
        device.unit = static_cast<std::uint8_t>(body.integer(field + "unit", 1, 247));
        for (const auto& other : devices) {
            if (other.id == device.id)
                body.note(bad_field(field + "id", say<phrases::field_twice>(), "name each device once"));
            if (other.unit == device.unit)
                body.note(bad_field(field + "unit", say<phrases::share_unit_taken>(device.unit, other.id),
                                    "give each device another one"));
        }
        devices.push_back(std::move(device));
    }
    return devices;
}

// "47086" or "47590-47592".
std::optional<config::RegisterSpan> span_in(std::string_view text) {
    config::RegisterSpan span;
    const char* end = text.data() + text.size();
    auto [at, error] = std::from_chars(text.data(), end, span.first);
    if (error != std::errc()) return std::nullopt;
    span.last = span.first;
    if (at == end) return span;
    if (*at != '-') return std::nullopt;
    const auto [last, failed] = std::from_chars(at + 1, end, span.last);
    if (failed != std::errc() || last != end || span.last < span.first) return std::nullopt;
    return span;
}

bool holds(const std::vector<model::DeviceId>& devices, const model::DeviceId& id) {
    return std::find(devices.begin(), devices.end(), id) != devices.end();
}

void read_writable(RequestBody& body, const std::string& of, config::ModbusClient& client) {
    const std::string field = of + "writable";
    for (std::size_t i = 0, n = body.items(field, most_shared); i < n; ++i) {
        const std::string one = fmt::format("{}.{}.", field, i);
        config::ModbusClient::Writable writable{read_id(body, one + "device"), {}};
        if (!holds(client.devices, writable.device))
            body.note(bad_field(one + "device", say<phrases::share_not_theirs>(), "let it read that one too"));
        for (const auto& other : client.writable)
            if (other.device == writable.device)
                body.note(bad_field(one + "device", say<phrases::field_twice>(), "join the two entries"));
        const std::size_t spans = body.items(one + "registers", config::max_writable_spans);
        if (spans == 0)
            body.note(bad_field(one + "registers", say<phrases::field_empty>(),
                                "name the registers, as in [\"47086\", \"47590-47592\"]"));
        for (std::size_t j = 0; j < spans; ++j) {
            const std::string at = fmt::format("{}registers.{}", one, j);
            if (const auto span = span_in(body.text(at, 16)))
                writable.holding.push_back(*span);
            else
                body.note(bad_field(at, say<phrases::share_no_register>(), "write it as \"47086\" or \"47590-47592\""));
        }
        client.writable.push_back(std::move(writable));
    }
}

config::ModbusClient read_client(RequestBody& body, const std::string& of, const config::ModbusServerConfig& server) {
    config::ModbusClient client;
    const auto from = config::AddressRange::parse(body.text(of + "address", 64));
    if (from) client.from = *from;
    if (!from)
        body.note(
            bad_field(of + "address", say<phrases::share_no_network>(), "write it as 192.168.1.20 or 192.168.1.0/24"));
    else if (!from->is_private())
        body.note(bad_field(of + "address", say<phrases::share_foreign_network>(),
                            "name addresses of your own network, as in 192.168.1.20"));
    for (const auto& other : server.clients)
        if (from && other.from == *from)
            body.note(bad_field(of + "address", say<phrases::field_twice>(), "join the two entries"));
    const bool may_write = body.one_of(of + "rights", {"read", "write"}) == 1;
    std::vector<model::DeviceId> all;
    for (const auto& device : server.devices) all.push_back(device.id);
    const std::size_t count = body.items(of + "devices", most_shared);
    if (count == 0) client.devices = all;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string at = fmt::format("{}devices.{}", of, i);
        client.devices.push_back(read_id(body, at));
        if (!holds(all, client.devices.back()))
            body.note(bad_field(at, say<phrases::share_not_shared>(), "add it to 'devices' first"));
    }
    read_writable(body, of, client);
    if (may_write && client.writable.empty())
        body.note(bad_field(of + "writable", say<phrases::share_unwritten>(), "name them, or give it 'read'"));
    if (!may_write && !client.writable.empty())
        body.note(bad_field(of + "writable", "belongs to the right to write", "leave it out, or give it 'write'"));
    return client;
}

}  // namespace

config::ModbusServerConfig read_sharing(RequestBody& body) {
    config::ModbusServerConfig server;
    server.is_enabled = body.boolean("enabled");
    server.address = body.text("address", 45);
    if (!config::is_ip_address(server.address))
        body.note(bad_field("address", say<phrases::share_listen>(),
                            "0.0.0.0 is every network of the gateway, 127.0.0.1 this machine only"));
    server.port = static_cast<std::uint16_t>(body.integer("port", 1, 65'535));
    server.max_clients = static_cast<std::size_t>(body.integer("max_clients", 1, 256));
    server.cache = std::chrono::milliseconds(body.integer("cache_ms", 100, 60'000));
    server.devices = read_shared(body);
    if (server.is_enabled && server.devices.empty())
        body.note(bad_field("devices", say<phrases::share_no_device>(), "name one at least"));
    for (std::size_t i = 0, n = body.items("clients", config::max_modbus_clients); i < n; ++i)
        server.clients.push_back(read_client(body, fmt::format("clients.{}.", i), server));
    if (server.devices.empty() && !server.clients.empty())
        body.note(bad_field("devices", say<phrases::share_no_device>(), "name those that the clients may read"));
    return server;
}

}  // namespace busbar::api
