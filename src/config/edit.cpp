#include "config/edit.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "config/list_text.hpp"
#include "config/load.hpp"

namespace busbar::config {
namespace {

constexpr std::string_view file_name = "site.yaml";

Error write_by_hand(const Error& why, std::string_view what) {
    return fail(Errc::unsupported,
                fmt::format("{}: {}; write this by hand and restart the gateway: {}", file_name, why.text, what));
}

// The edited text, when it says what was meant and nothing else.
Result<std::string> checked(Result<std::string> edited, const SiteConfig& meant, std::string_view by_hand) {
    if (!edited && edited.error().kind == Errc::malformed) return edited;
    if (!edited && edited.error().kind == Errc::denied) return because(file_name, edited.error());
    if (!edited) return write_by_hand(edited.error(), by_hand);
    if (edited->size() > max_file_bytes)
        return fail(Errc::out_of_range, fmt::format("{}: it would have {} bytes, at most {} are allowed; shorten it",
                                                    file_name, edited->size(), max_file_bytes));
    const auto again = load(*edited, file_name);
    if (again && again->config == meant) return edited;
    return write_by_hand(fail(Errc::unsupported, "the file cannot be changed line by line without changing more"),
                         by_hand);
}

template <class Item>
void put(std::vector<Item>& items, const Item& item) {
    const auto known = std::find_if(items.begin(), items.end(), [&](const Item& i) { return i.id == item.id; });
    if (known == items.end())
        items.push_back(item);
    else
        *known = item;
}
template <class Item>
void drop(std::vector<Item>& items, std::string_view id) {
    std::erase_if(items, [&](const Item& i) { return i.id == id; });
}

template <class Item>
Result<std::string> put_into(std::string_view yaml, std::string_view list, std::vector<Item> SiteConfig::*items,
                             const Item& item, bool is_new) {
    BUSBAR_TRY(LoadOutcome site, load(yaml, file_name));
    put(site.config.*items, item);
    const Fields fields = entry_of(item);
    auto edited = is_new ? add_entry(yaml, list, fields) : change_entry(yaml, list, item.id, fields);
    return checked(std::move(edited), site.config, fmt::format("under '{}:' the entry - {}", list, entry_text(fields)));
}

template <class Item>
Result<std::string> drop_from(std::string_view yaml, std::string_view list, std::vector<Item> SiteConfig::*items,
                              std::string_view id) {
    BUSBAR_TRY(LoadOutcome site, load(yaml, file_name));
    drop(site.config.*items, id);
    return checked(remove_entry(yaml, list, id), site.config,
                   fmt::format("remove the entry with id '{}' under '{}:'", id, list));
}

std::string span_text(const RegisterSpan& span) {
    return span.first == span.last ? fmt::format("{}", span.first) : fmt::format("{}-{}", span.first, span.last);
}

std::string client_text(const ModbusServerConfig& server, const ModbusClient& client) {
    std::string text = fmt::format("{{address: {}, rights: {}", scalar_text(client.from.text()),
                                   client.writable.empty() ? "read" : "write");
    std::vector<model::DeviceId> all;
    for (const SharedDevice& device : server.devices) all.push_back(device.id);
    if (client.devices != all) text += fmt::format(", devices: [{}]", fmt::join(client.devices, ", "));
    std::vector<std::string> writable;
    for (const auto& of : client.writable) {
        std::vector<std::string> spans;
        for (const RegisterSpan& span : of.holding) spans.push_back(span_text(span));
        writable.push_back(fmt::format("{}: [{}]", of.device, fmt::join(spans, ", ")));
    }
    if (!writable.empty()) text += fmt::format(", writable: {{{}}}", fmt::join(writable, ", "));
    return text + "}";
}

std::vector<std::string> lines_of(const ModbusServerConfig& server) {
    std::vector<std::string> lines{"modbus_server:"};
    if (!server.is_enabled) lines.emplace_back("  enabled: false");
    lines.push_back("  address: " + scalar_text(server.address));
    lines.push_back(fmt::format("  port: {}", server.port));
    lines.push_back(fmt::format("  max_clients: {}", server.max_clients));
    lines.push_back(fmt::format("  cache_ms: {}", server.cache.count()));
    lines.emplace_back("  devices:");
    for (const SharedDevice& device : server.devices)
        lines.push_back(fmt::format("    - {{id: {}, unit: {}}}", scalar_text(device.id), device.unit));
    if (!server.clients.empty()) lines.emplace_back("  clients:");
    for (const ModbusClient& client : server.clients) lines.push_back("    - " + client_text(server, client));
    return lines;
}

}  // namespace

Entry entry_of(const DeviceConfig& device) {
    Entry fields{{"id", device.id}};
    if (device.name != device.id) fields.emplace_back("name", device.name);
    fields.emplace_back("profile", device.profile);
    fields.emplace_back("bus", device.bus);
    fields.emplace_back("unit", fmt::format("{}", device.unit));
    fields.emplace_back("use", model::to_string(device.use));
    if (device.rated_power_w) fields.emplace_back("rated_power_w", fmt::format("{:.12g}", *device.rated_power_w));
    if (!device.serial.empty()) fields.emplace_back("serial", device.serial);
    if (device.via != Via::unsaid) fields.emplace_back("via", device.via == Via::lan ? "lan" : "router");
    return fields;
}

Entry entry_of(const BusConfig& bus) {
    if (const auto* tcp = std::get_if<TcpEndpoint>(&bus.link)) {
        Entry fields{{"id", bus.id}, {"link", "tcp"}, {"host", tcp->host}, {"port", fmt::format("{}", tcp->port)}};
        if (tcp->rtu_framing) fields.emplace_back("framing", "rtu");
        return fields;
    }
    const auto& serial = std::get<SerialPort>(bus.link);
    const char* parity = serial.parity == 'E' ? "even" : serial.parity == 'O' ? "odd" : "none";
    return {{"id", bus.id},        {"link", "serial"},
            {"port", serial.path}, {"baud", fmt::format("{}", serial.baud)},
            {"parity", parity},    {"stop_bits", fmt::format("{}", serial.stop_bits)}};
}

Result<std::string> with_device(std::string_view yaml, const DeviceConfig& device) {
    return put_into(yaml, "devices", &SiteConfig::devices, device, true);
}
Result<std::string> without_device(std::string_view yaml, std::string_view id) {
    return drop_from(yaml, "devices", &SiteConfig::devices, id);
}
Result<std::string> with_changed_device(std::string_view yaml, const DeviceConfig& device) {
    return put_into(yaml, "devices", &SiteConfig::devices, device, false);
}
Result<std::string> with_bus(std::string_view yaml, const BusConfig& bus) {
    return put_into(yaml, "buses", &SiteConfig::buses, bus, true);
}
Result<std::string> without_bus(std::string_view yaml, std::string_view id) {
    return drop_from(yaml, "buses", &SiteConfig::buses, id);
}
Result<std::string> with_changed_bus(std::string_view yaml, const BusConfig& bus) {
    return put_into(yaml, "buses", &SiteConfig::buses, bus, false);
}

Result<std::string> with_modbus_server(std::string_view yaml, const std::optional<ModbusServerConfig>& server) {
    BUSBAR_TRY(LoadOutcome site, load(yaml, file_name));
    site.config.modbus_server = server;
    const std::vector<std::string> lines = server ? lines_of(*server) : std::vector<std::string>{};
    return checked(put_section(yaml, "modbus_server", lines), site.config,
                   fmt::format("these lines in place of the section modbus_server: {}", fmt::join(lines, "\n")));
}

}  // namespace busbar::config
