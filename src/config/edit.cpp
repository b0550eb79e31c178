#include "config/edit.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config/list_text.hpp"
#include "config/load.hpp"

namespace busbar::config {
namespace {

constexpr std::string_view file_name = "site.yaml";

Fields fields_of(const DeviceConfig& device) {
    Fields fields{{"id", device.id}};
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

Fields fields_of(const BusConfig& bus) {
    if (const auto* tcp = std::get_if<TcpEndpoint>(&bus.link)) {
        Fields fields{{"id", bus.id}, {"link", "tcp"}, {"host", tcp->host}, {"port", fmt::format("{}", tcp->port)}};
        if (tcp->rtu_framing) fields.emplace_back("framing", "rtu");
        return fields;
    }
    const auto& serial = std::get<SerialPort>(bus.link);
    const char* parity = serial.parity == 'E' ? "even" : serial.parity == 'O' ? "odd" : "none";
    return {{"id", bus.id},        {"link", "serial"},
            {"port", serial.path}, {"baud", fmt::format("{}", serial.baud)},
            {"parity", parity},    {"stop_bits", fmt::format("{}", serial.stop_bits)}};
}

Error write_by_hand(const Error& why, std::string_view what) {
    return fail(Errc::unsupported,
                fmt::format("{}: {}; write this by hand and restart the gateway: {}", file_name, why.text, what));
}

// The edited text, when it says what was meant and nothing else.
Result<std::string> checked(Result<std::string> edited, const SiteConfig& meant, std::string_view by_hand) {
    if (!edited) return edited.error().kind == Errc::malformed ? edited : write_by_hand(edited.error(), by_hand);
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
    const Fields fields = fields_of(item);
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

}  // namespace

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

}  // namespace busbar::config
