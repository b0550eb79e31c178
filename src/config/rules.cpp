#include "config/rules.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/phrases.hpp"
#include "model/serial_number.hpp"
#include "profile/section.hpp"

namespace busbar::config {
namespace {

constexpr std::size_t most_chargers = 2;

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

// Makers whose portal knows a device by ten characters.
bool has_portal_serials(std::string_view profile) {
    return profile.starts_with("growatt/") || profile.starts_with("atess/");
}

// A line with devices in parallel on two wires, here or behind a serial server.
bool is_line(const BusConfig& bus) {
    const auto* tcp = std::get_if<TcpEndpoint>(&bus.link);
    return tcp == nullptr || tcp->rtu_framing;
}

// As the network sees a name: letters are alike, large and small, and the dot of the root says nothing. Whether two
// names lead to one address is known when the devices there have said who they are (device/registry).
std::string folded(std::string_view host) {
    while (host.ends_with('.')) host.remove_suffix(1);
    std::string text(host);
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

std::string at_line(FileLine line) { return line.number > 0 ? fmt::format(" (line {})", line.number) : ""; }
std::string named(const DeviceConfig& device) { return fmt::format("device '{}'{}", device.id, at_line(device.line)); }

std::size_t count_on(const SiteConfig& site, std::string_view bus) {
    return static_cast<std::size_t>(
        std::count_if(site.devices.begin(), site.devices.end(), [&](const auto& d) { return d.bus == bus; }));
}

SiteConfig without(const SiteConfig& site, std::string_view id) {
    SiteConfig rest = site;
    std::erase_if(rest.devices, [&](const DeviceConfig& d) { return d.id == id; });
    return rest;
}

Error no_such_device(const SiteConfig& site, std::string_view id) {
    std::vector<std::string_view> known;
    for (const auto& device : site.devices) known.push_back(device.id);
    const std::string_view shown = id.substr(0, 64);
    const auto near = profile::nearest(id, known);
    return fail(Errc::unsupported, near ? say<phrases::no_device_but>(shown, *near) : say<phrases::no_device>(shown));
}
Error no_such_bus(const SiteConfig& site, std::string_view id) {
    std::vector<std::string_view> known;
    for (const auto& bus : site.buses) known.push_back(bus.id);
    const std::string_view shown = id.substr(0, 64);
    const auto near = profile::nearest(id, known);
    return fail(Errc::unsupported, near ? say<phrases::no_bus_but>(shown, *near) : say<phrases::no_bus>(shown));
}

bool is_wired(const SiteConfig& site, const DeviceConfig& device) {
    const BusConfig* bus = find_bus(site, device.bus);
    return bus != nullptr && is_line(*bus);
}

// A charger alone may hang on the gateway's own LAN port; two talk to each other through the router. One on a serial
// line counts, but hangs on neither.
Status check_chargers(const SiteConfig& site, const DeviceConfig& device) {
    if (device.use != Use::charger) {
        if (device.via == Via::unsaid) return ok();
        return fail(Errc::out_of_range, say<phrases::charger_via>());
    }
    std::vector<const DeviceConfig*> others;
    for (const DeviceConfig& other : site.devices)
        if (other.use == Use::charger) others.push_back(&other);
    if (others.size() >= most_chargers)
        return fail(Errc::denied, say<phrases::chargers_two>(others[0]->id, at_line(others[0]->line), others[1]->id,
                                                             at_line(others[1]->line)));
    if (others.empty() || is_wired(site, device) || is_wired(site, *others[0])) return ok();
    for (const DeviceConfig* one : {&device, others[0]})
        if (one->via != Via::router) return fail(Errc::denied, say<phrases::chargers_router>(one->id));
    return ok();
}

Status check_limits(const SiteConfig& site, const DeviceConfig& device) {
    if (site.devices.size() >= site.limits.devices)
        return fail(Errc::denied, say<phrases::site_full>(site.devices.size(), site.limits.devices));
    const BusConfig* bus = find_bus(site, device.bus);
    if (bus == nullptr || !is_line(*bus)) return ok();
    if (const std::size_t count = count_on(site, bus->id); count >= site.limits.devices_per_bus)
        return fail(Errc::denied, say<phrases::line_full>(bus->id, count, site.limits.devices_per_bus));
    return ok();
}

Status check_values(const DeviceConfig& device) {
    if (!is_id(device.id))
        return fail(Errc::out_of_range, fmt::format("id '{}': expected {}", device.id.substr(0, 64), id_rule));
    if (const Status name = check_name(device.name); !name) return name;
    if (device.profile.empty() || device.profile.size() > 100)
        return fail(Errc::out_of_range, say<phrases::profile_name>());
    if (device.rated_power_w && !(*device.rated_power_w >= 1 && *device.rated_power_w <= 1e8))
        return fail(Errc::out_of_range, say<phrases::rated_power>());
    return check_serial(device.serial, device.profile);
}

Status check_link(const SiteConfig& site, const BusConfig& bus) {
    for (const BusConfig& other : site.buses) {
        if (other.id == bus.id) continue;
        const auto *mine = std::get_if<SerialPort>(&bus.link), *theirs = std::get_if<SerialPort>(&other.link);
        if (mine && theirs && mine->path == theirs->path)
            return fail(Errc::denied, say<phrases::port_taken>(mine->path, other.id, at_line(other.line)));
        const auto *here = std::get_if<TcpEndpoint>(&bus.link), *there = std::get_if<TcpEndpoint>(&other.link);
        if (here && there && folded(here->host) == folded(there->host) && here->port == there->port)
            return fail(Errc::denied,
                        say<phrases::endpoint_taken>(here->host, here->port, other.id, at_line(other.line)));
    }
    return ok();
}

Status check_bus_values(const BusConfig& bus) {
    if (!is_id(bus.id)) return fail(Errc::out_of_range, fmt::format("bus id: expected {}", id_rule));
    if (const auto* serial = std::get_if<SerialPort>(&bus.link)) {
        if (!serial->path.starts_with('/') || serial->path.size() > 200 ||
            std::any_of(serial->path.begin(), serial->path.end(), is_control))
            return fail(Errc::out_of_range, say<phrases::port_path>());
        if (serial->baud < 1200 || serial->baud > 921'600) return fail(Errc::out_of_range, say<phrases::baud_range>());
        if (serial->parity != 'N' && serial->parity != 'E' && serial->parity != 'O')
            return fail(Errc::out_of_range, "parity: expected none, even or odd");
        if (serial->stop_bits != 1 && serial->stop_bits != 2)
            return fail(Errc::out_of_range, "stop_bits: expected 1 or 2");
        return ok();
    }
    const auto& tcp = std::get<TcpEndpoint>(bus.link);
    const auto is_part = [](char c) { return is_letter_or_digit(c) || c == '.' || c == '-' || c == ':'; };
    if (tcp.host.empty() || tcp.host.size() > 253 || !std::all_of(tcp.host.begin(), tcp.host.end(), is_part))
        return fail(Errc::out_of_range, say<phrases::host_name>());
    if (tcp.port == 0) return fail(Errc::out_of_range, "port: expected a number from 1 to 65535");
    return ok();
}

}  // namespace

bool is_id(std::string_view text) {
    return !text.empty() && text.size() <= 32 &&
           std::all_of(text.begin(), text.end(), [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; });
}

const DeviceConfig* find_device(const SiteConfig& site, std::string_view id) {
    const auto found =
        std::find_if(site.devices.begin(), site.devices.end(), [&](const DeviceConfig& d) { return d.id == id; });
    return found == site.devices.end() ? nullptr : &*found;
}

const BusConfig* find_bus(const SiteConfig& site, std::string_view id) {
    const auto found =
        std::find_if(site.buses.begin(), site.buses.end(), [&](const BusConfig& b) { return b.id == id; });
    return found == site.buses.end() ? nullptr : &*found;
}

Status check_serial(std::string_view serial, std::string_view profile) {
    if (serial.empty()) return ok();
    const auto is_fine = [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_' || c == '/' || c == '.'; };
    const auto bad = std::find_if_not(serial.begin(), serial.end(), is_fine);
    if (bad != serial.end())
        return fail(Errc::out_of_range,
                    say<phrases::serial_character>(is_control(*bad) || *bad < 0
                                                       ? fmt::format("0x{:02X}", static_cast<unsigned char>(*bad))
                                                       : fmt::format("'{}'", *bad)));
    if (serial.size() > max_serial_bytes)
        return fail(Errc::out_of_range, say<phrases::serial_long>(serial.size(), max_serial_bytes));
    const bool is_plain = std::all_of(serial.begin(), serial.end(), is_letter_or_digit);
    if (has_portal_serials(profile) && (serial.size() != 10 || !is_plain))
        return fail(Errc::out_of_range, say<phrases::serial_of_maker>(serial));
    return ok();
}

Status check_name(std::string_view name) {
    if (name.empty()) return fail(Errc::out_of_range, say<phrases::name_missing>());
    if (name.size() > max_name_bytes)
        return fail(Errc::out_of_range, say<phrases::name_long>(name.size(), max_name_bytes));
    if (std::any_of(name.begin(), name.end(), is_control))
        return fail(Errc::out_of_range, say<phrases::name_control>());
    return ok();
}

Status check_unit(const BusConfig& bus, int unit) {
    const int first = is_line(bus) ? 1 : 0, last = is_line(bus) ? 247 : 255;
    if (unit >= first && unit <= last) return ok();
    return fail(Errc::out_of_range, say<phrases::address_range>(unit, bus.id, first, last));
}

Status check_place(const SiteConfig& site, const DeviceConfig& device) {
    for (const DeviceConfig& other : site.devices) {
        if (other.id == device.id)
            return fail(Errc::denied, say<phrases::device_defined>(other.id, at_line(other.line)));
        const bool has_places = other.has_unit && device.has_unit;
        if (has_places && other.bus == device.bus && other.unit == device.unit)
            return fail(Errc::denied,
                        say<phrases::address_taken>(int{device.unit}, device.bus, other.id, at_line(other.line)));
        if (other.serial == device.serial && model::names_one_device(device.serial))
            return fail(Errc::denied, say<phrases::serial_taken>(device.serial, other.id, at_line(other.line)));
        if (device.use == Use::grid_meter && other.use == Use::grid_meter)
            return fail(Errc::denied, say<phrases::grid_meter_there>(other.id, at_line(other.line)));
    }
    if (const BusConfig* bus = find_bus(site, device.bus)) {
        if (const Status unit = check_unit(*bus, device.unit); !unit) return unit;
    }
    return ok();
}

Status may_add(const SiteConfig& site, const DeviceConfig& device) {
    if (const Status values = check_values(device); !values) return values;
    if (find_bus(site, device.bus) == nullptr) return no_such_bus(site, device.bus);
    if (const Status place = check_place(site, device); !place) return place;
    if (const Status chargers = check_chargers(site, device); !chargers) return chargers;
    return check_limits(site, device);
}

Status may_change(const SiteConfig& site, const DeviceConfig& wanted) {
    const DeviceConfig* now = find_device(site, wanted.id);
    if (now == nullptr) return no_such_device(site, wanted.id);
    if (const Status values = check_values(wanted); !values) return values;
    if (find_bus(site, wanted.bus) == nullptr) return no_such_bus(site, wanted.bus);
    const SiteConfig others = without(site, wanted.id);
    if (const Status place = check_place(others, wanted); !place) return place;
    if (const Status chargers = check_chargers(others, wanted); !chargers) return chargers;
    return now->bus == wanted.bus ? ok() : check_limits(others, wanted);
}

Status may_remove(const SiteConfig& site, std::string_view id, const DevicePlace& said) {
    const DeviceConfig* device = find_device(site, id);
    if (device == nullptr) return no_such_device(site, id);
    if (device->bus == said.bus && device->unit == said.unit && device->profile == said.profile) return ok();
    return fail(Errc::denied, say<phrases::not_the_named>(id, device->profile, int{device->unit}, device->bus));
}

Status may_add_bus(const SiteConfig& site, const BusConfig& bus) {
    if (const Status values = check_bus_values(bus); !values) return values;
    if (const BusConfig* other = find_bus(site, bus.id))
        return fail(Errc::denied, say<phrases::bus_defined>(other->id, at_line(other->line)));
    return check_link(site, bus);
}

Status may_change_bus(const SiteConfig& site, const BusConfig& wanted) {
    if (find_bus(site, wanted.id) == nullptr) return no_such_bus(site, wanted.id);
    if (const Status values = check_bus_values(wanted); !values) return values;
    for (const DeviceConfig& device : site.devices)
        if (device.bus == wanted.id)
            if (const Status unit = check_unit(wanted, device.unit); !unit) return because(named(device), unit.error());
    return check_link(site, wanted);
}

Status may_remove_bus(const SiteConfig& site, std::string_view id) {
    if (find_bus(site, id) == nullptr) return no_such_bus(site, id);
    for (const DeviceConfig& device : site.devices)
        if (device.bus == id) return fail(Errc::denied, say<phrases::bus_in_use>(device.id, at_line(device.line), id));
    return ok();
}

Status may_share(const SiteConfig& site, const ModbusServerConfig& wanted) {
    for (const SharedDevice& shared : wanted.devices)
        if (find_device(site, shared.id) == nullptr) return no_such_device(site, shared.id);
    for (const ModbusClient& client : wanted.clients)
        if (!client.from.is_private()) return fail(Errc::out_of_range, say<phrases::share_public>(client.from.text()));
    return ok();
}

std::vector<std::string> doubts(const SiteConfig& site) {
    std::vector<std::string> told;
    if (site.devices.size() > site.limits.devices)
        told.push_back(
            fmt::format("{} devices, and 'limits: devices' is {}; all of them run, no further one can be added",
                        site.devices.size(), site.limits.devices));
    for (const BusConfig& bus : site.buses)
        if (const std::size_t count = count_on(site, bus.id); is_line(bus) && count > site.limits.devices_per_bus)
            told.push_back(
                fmt::format("{} devices on bus '{}', and 'limits: devices_per_bus' is {}; all of them run, each "
                            "is read less often",
                            count, bus.id, site.limits.devices_per_bus));
    SiteConfig before = site;
    before.devices.clear();
    for (const DeviceConfig& device : site.devices) {
        if (const Status wired = check_chargers(before, device); !wired)
            told.push_back(named(device) + ": " + wired.error().text);
        before.devices.push_back(device);
    }
    return told;
}

}  // namespace busbar::config
