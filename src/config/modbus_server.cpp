#include "config/modbus_server.hpp"

#include <algorithm>

#include "profile/scan.hpp"
#include "profile/section.hpp"

namespace busbar::config {
namespace {

using profile::Node;
using profile::Report;
using profile::Section;

constexpr std::size_t most_units = 247;

bool is_list(const Section& section, std::string_view key, std::size_t most, const Node* list) {
    if (list != nullptr && list->kind == Node::Kind::list && !list->items.empty() && list->items.size() <= most)
        return true;
    section.problem(key, fmt::format("expected a list of 1 to {}", most));
    return false;
}

// "47086" or "47590-47592".
std::optional<RegisterSpan> scan_span(std::string_view text) {
    const auto dash = text.find('-', 1);
    const auto first = profile::scan_integer(text.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : profile::scan_integer(text.substr(dash + 1));
    if (!first || !last || *first < 0 || *last < *first || *last > 0xFFFF) return std::nullopt;
    return RegisterSpan{static_cast<std::uint16_t>(*first), static_cast<std::uint16_t>(*last)};
}

class Reader {
public:
    Reader(const Node& node, Report& report)
        : section_(node, report, "modbus_server",
                   {"enabled", "address", "port", "max_clients", "cache_ms", "devices", "clients"}) {}

    ModbusServerConfig read() {
        if (const auto is_on = section_.flag("enabled")) config_.is_enabled = *is_on;
        if (const auto address = section_.text("address")) config_.address = *address;
        if (!is_ip_address(config_.address))
            section_.problem("address",
                             "expected the address to listen on: 0.0.0.0 or :: for every network, "
                             "127.0.0.1 for this machine only");
        if (const auto port = section_.integer("port", 1, 65'535)) config_.port = static_cast<std::uint16_t>(*port);
        if (const auto most = section_.integer("max_clients", 1, 256))
            config_.max_clients = static_cast<std::size_t>(*most);
        if (const auto ms = section_.integer("cache_ms", 100, 60'000)) config_.cache = std::chrono::milliseconds(*ms);
        read_devices();
        const Node* clients = section_.find("clients");
        if (clients == nullptr) return config_;  // a server that lets nobody in, as it says
        if (is_list(section_, "clients", max_modbus_clients, clients))
            for (const Node& client : clients->items) read_client(client);
        return config_;
    }

private:
    // In the order of this list, so that a device which is added to the site or taken from it renumbers nobody.
    void read_devices() {
        const Node* list = section_.find("devices");
        if (!is_list(section_, "devices", most_units, list)) return;
        for (const Node& item : list->items) {
            SharedDevice device;
            device.unit = static_cast<std::uint8_t>(config_.devices.size() + 1);
            if (item.kind == Node::Kind::scalar) {
                device.id = item.text;
            } else {
                const Section one(item, section_.report(), "modbus_server: device", {"id", "unit"});
                if (const auto id = one.required_text("id")) device.id = *id;
                if (const auto unit = one.integer("unit", 1, 247)) device.unit = static_cast<std::uint8_t>(*unit);
            }
            for (const SharedDevice& other : config_.devices) {
                if (other.id == device.id)
                    say(item, fmt::format("device '{}' stands here twice; delete one", device.id));
                else if (other.unit == device.unit)
                    say(item, fmt::format("unit {} belongs to '{}' already; give '{}' another with "
                                          "{{id: {}, unit: ...}}",
                                          device.unit, other.id, device.id, device.id));
            }
            config_.devices.push_back(std::move(device));
        }
    }

    void read_client(const Node& node) {
        const Section section(node, section_.report(), "modbus_server: client",
                              {"address", "rights", "devices", "writable"});
        ModbusClient client;
        const auto address = section.required_text("address");
        const auto from = address ? AddressRange::parse(*address) : std::nullopt;
        if (address && !from)
            section.problem("address", "expected an address or a network, as in 192.168.1.7 or 192.168.1.0/24");
        if (from) client.from = *from;
        for (const ModbusClient& other : config_.clients)
            if (from && other.from == *from) section.problem("address", "stands here twice; join the two entries");
        read_devices_of(section, client);
        const auto rights = section.required_text("rights");
        const Node* writable = section.find("writable");
        if (rights && *rights == "write")
            read_writable(section, writable, client);
        else if (rights && *rights != "read")
            section.problem("rights", "expected read or write");
        else if (writable != nullptr)
            section.problem("writable", "belongs to 'rights: write'");
        config_.clients.push_back(std::move(client));
    }

    void read_devices_of(const Section& section, ModbusClient& client) {
        const Node* list = section.find("devices");
        if (list == nullptr) {
            for (const SharedDevice& device : config_.devices) client.devices.push_back(device.id);
            return;
        }
        if (!is_list(section, "devices", most_units, list)) return;
        for (const Node& item : list->items)
            if (is_shared(item, item.text)) client.devices.push_back(item.text);
    }

    void read_writable(const Section& section, const Node* map, ModbusClient& client) {
        if (map == nullptr || map->kind != Node::Kind::map || map->entries.empty())
            return section.problem("writable",
                                   "'rights: write' needs the registers, per device: writable: {hybrid: [47086, "
                                   "47590-47592]}");
        for (const profile::Entry& entry : map->entries) {
            if (!is_shared(entry.value, entry.key)) continue;
            if (std::find(client.devices.begin(), client.devices.end(), entry.key) == client.devices.end())
                say(entry.value, fmt::format("'{}' is not among the devices of this client; add it there", entry.key));
            ModbusClient::Writable writable{entry.key, {}};
            if (entry.value.kind != Node::Kind::list || entry.value.items.size() > max_writable_spans)
                say(entry.value, fmt::format("expected a list of registers, at most {}", max_writable_spans));
            for (const Node& item : entry.value.items) {
                if (const auto span = scan_span(item.text))
                    writable.holding.push_back(*span);
                else
                    say(item,
                        fmt::format("'{}' is no register; expected 47086 or 47590-47592", item.text.substr(0, 64)));
            }
            client.writable.push_back(std::move(writable));
        }
    }

    bool is_shared(const Node& at, std::string_view id) {
        std::vector<std::string_view> names;
        for (const SharedDevice& device : config_.devices) names.push_back(device.id);
        if (std::find(names.begin(), names.end(), id) != names.end()) return true;
        const auto near = profile::nearest(id, names);
        say(at, fmt::format("'{}' is not under 'devices' of modbus_server{}", id.substr(0, 64),
                            near ? fmt::format("; did you mean '{}'?", *near) : "; add it there first"));
        return false;
    }

    void say(const Node& at, std::string_view what) {
        section_.report().add(at.line, fmt::format("modbus_server: {}", what));
    }

    Section section_;
    ModbusServerConfig config_;
};

}  // namespace

std::optional<ModbusServerConfig> read_modbus_server(const Node& node, std::string_view file_name,
                                                     std::string& problem) {
    Report report(file_name);
    ModbusServerConfig config = Reader(node, report).read();
    if (report.empty()) return config;
    problem = report.text();
    return std::nullopt;
}

}  // namespace busbar::config
