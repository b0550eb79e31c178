#include "api/routes/commissioning_body.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/network.hpp"
#include "base/phrases_running.hpp"
#include "model/profile_name.hpp"
#include "net/crypto.hpp"
#include "wire/modbus_pdu.hpp"

namespace busbar::api {
namespace {
constexpr std::size_t most_lines = 64, most_bauds = 8, most_networks = 8;
constexpr std::string_view letters_digits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

bool is_made_of(std::string_view text, std::string_view more) {
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return letters_digits.find(c) != std::string_view::npos || more.find(c) != std::string_view::npos;
    });
}

// A text for people: no line breaks, no escape sequences, not blank.
std::string read_name(RequestBody& body, std::string_view field, std::size_t most) {
    auto text = body.text(field, most);
    if (std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
        body.note(bad_field(std::string(field), say<phrases::field_control>(), "leave it out"));
    if (std::all_of(text.begin(), text.end(), [](char c) { return c == ' '; }))
        body.note(bad_field(std::string(field), say<phrases::field_empty>(), "choose a name"));
    return text;
}

std::string read_serial_number(RequestBody& body, std::string_view field) {
    auto serial = body.optional_text(field, 32).value_or("");
    if (!is_made_of(serial, "-_./"))
        body.note(bad_field(std::string(field), say<phrases::field_serial>(), "compare it with the device's label"));
    return serial;
}

config::Use read_use(RequestBody& body) {
    using enum config::Use;
    constexpr config::Use uses[] = {grid_meter, pv, hybrid, battery, charger, sub_meter};
    return uses[body.one_of("use", {"grid_meter", "pv", "hybrid", "battery", "charger", "sub_meter"})];
}

// How many addresses the network has; notes what is wrong with it.
std::size_t network_size(RequestBody& body, const std::string& field, std::string_view text) {
    const Result<Network> network = parse_network(text);
    if (network) return hosts_of(*network).size();
    const bool is_text = network.error().kind == Errc::malformed;
    body.note(bad_field(field, network.error().text,
                        is_text ? "write it as in 192.168.8.0/24"
                                : "choose the part of your own network where the devices are, as in 192.168.8.0/24"));
    return 0;
}

void read_lines(RequestBody& body, ScanOrder& order) {
    for (std::size_t i = 0, n = body.items("lines", most_lines); i < n; ++i) {
        const std::string line = fmt::format("lines.{}.", i);
        ScanOrder::Line wanted;
        wanted.bus = read_id(body, line + "bus");
        wanted.first = static_cast<int>(body.optional_integer(line + "first", 1, 247).value_or(wanted.first));
        wanted.last = static_cast<int>(
            body.optional_integer(line + "last", 1, 247).value_or(std::max(wanted.first, wanted.last)));
        if (wanted.first > wanted.last)
            body.note(
                bad_field(line + "last", say<phrases::field_last_first>(), "choose a last address after the first"));
        order.lines.push_back(std::move(wanted));
    }
}

std::vector<std::uint8_t> read_hex(RequestBody& body, std::string_view field) {
    auto text = body.text(field, 4 * wire::max_pdu_size);
    std::erase(text, ' ');
    std::vector<std::uint8_t> bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        std::uint8_t byte = 0;
        const auto [end, error] = std::from_chars(text.data() + i, text.data() + i + 2, byte, 16);
        if (error != std::errc() || end != text.data() + i + 2) break;
        bytes.push_back(byte);
    }
    if (bytes.size() * 2 != text.size() || bytes.empty())
        body.note(bad_field(std::string(field), say<phrases::field_hex>(),
                            "send the function code and data, two digits each byte: \"03 00 00 00 02\""));
    if (bytes.size() > wire::max_pdu_size)
        body.note(bad_field(std::string(field), "longer than 253 bytes", "ask for less at once"));
    return bytes;
}

struct FunctionLimits {
    wire::Function function;
    std::size_t most;  // values or count
    bool is_write, is_bits;
};
constexpr FunctionLimits functions[] = {{wire::Function::read_coils, wire::max_read_bits, false, true},
                                        {wire::Function::read_discretes, wire::max_read_bits, false, true},
                                        {wire::Function::read_holding, wire::max_read_registers, false, false},
                                        {wire::Function::read_input, wire::max_read_registers, false, false},
                                        {wire::Function::write_coil, 1, true, true},
                                        {wire::Function::write_register, 1, true, false},
                                        {wire::Function::write_coils, wire::max_write_bits, true, true},
                                        {wire::Function::write_registers, wire::max_write_registers, true, false}};

// The values to write, as they travel in a request.
void read_values(RequestBody& body, const FunctionLimits& limits, wire::Request& request,
                 std::vector<std::uint8_t>& data) {
    const auto n = body.items("values", limits.most);
    if (n == 0) body.note(bad_field("values", "missing", "send the values to write: [230]"));
    std::vector<std::uint16_t> values;
    for (std::size_t i = 0; i < n; ++i)
        values.push_back(
            static_cast<std::uint16_t>(body.integer(fmt::format("values.{}", i), 0, limits.is_bits ? 1 : 0xffff)));
    request.count = static_cast<std::uint16_t>(n);
    if (limits.function == wire::Function::write_coil)
        request.value = !values.empty() && values[0] ? wire::coil_on : wire::coil_off;
    else if (limits.most == 1)
        request.value = values.empty() ? std::uint16_t{0} : values[0];
    if (limits.is_bits) data.resize((n + 7) / 8);
    for (std::size_t i = 0; i < n; ++i) {
        if (limits.is_bits) {
            data[i / 8] = static_cast<std::uint8_t>(data[i / 8] | values[i] << (i % 8));
        } else {
            data.push_back(static_cast<std::uint8_t>(values[i] >> 8));
            data.push_back(static_cast<std::uint8_t>(values[i]));
        }
    }
}

std::vector<std::uint8_t> read_request(RequestBody& body) {
    const auto code = body.integer("function", 1, 127);
    const auto found = std::find_if(std::begin(functions), std::end(functions),
                                    [&](const auto& f) { return static_cast<int>(f.function) == code; });
    const auto address = static_cast<std::uint16_t>(body.integer("address", 0, 0xffff));
    if (found == std::end(functions)) {
        body.note(bad_field("function", fmt::format("{} is none of 1, 2, 3, 4, 5, 6, 15, 16", code),
                            "send any other function as pdu, in hex"));
        return {};
    }
    wire::Request request;
    request.function = found->function;
    request.address = address;
    std::vector<std::uint8_t> data;
    if (found->is_write)
        read_values(body, *found, request, data);
    else
        request.count = static_cast<std::uint16_t>(body.integer("count", 1, static_cast<std::int64_t>(found->most)));
    if (address + request.count > 0x10000)
        body.note(bad_field("count", "reaches beyond address 65535", "ask for fewer"));
    if (body.has_problem()) return {};
    request.data = data;
    const auto pdu = wire::encode_request(request);
    return {pdu.view().begin(), pdu.view().end()};
}
}  // namespace

std::string read_id(RequestBody& body, std::string_view field) {
    auto id = body.text(field, 32);
    if (id.empty() || !is_made_of(id, "-_"))
        body.note(bad_field(std::string(field), say<phrases::field_username>(),
                            "use letters, digits, '-' and '_', 1 to 32 of them"));
    return id;
}

std::string read_profile_name(RequestBody& body, std::string_view field) {
    auto name = body.text(field, 64);
    if (!model::is_profile_name(name))
        body.note(bad_field(std::string(field), "no profile's name",
                            "write maker/family in small letters, digits and dashes: acme/meter-3"));
    return name;
}

std::string read_image_name(RequestBody& body, std::string_view field) {
    auto name = body.text(field, 64);
    if (name.size() != 64 || name.find_first_not_of("0123456789abcdef") != std::string::npos)
        body.note(bad_field(std::string(field), "not a SHA-256", "send its 64 hex digits, in small letters"));
    return name;
}

DeviceChange read_device_change(RequestBody& body) {
    DeviceChange device;
    device.name = read_name(body, "name", longest_name);
    device.use = read_use(body);
    device.rated_power_w = body.optional_number("rated_power_w", 1, 1e8);
    device.serial = read_serial_number(body, "serial");
    if (body.has("via")) {
        constexpr std::string_view ways[] = {"lan", "router"};
        device.via = ways[body.one_of("via", {"lan", "router"})];
    }
    return device;
}

DeviceChange read_new_device(RequestBody& body) {
    DeviceChange device = read_device_change(body);
    if (body.has("id")) device.id = read_id(body, "id");
    device.profile = read_profile_name(body, "profile");
    device.bus = read_id(body, "bus");
    device.unit = static_cast<int>(body.integer("unit", 0, 255));
    return device;
}

Replacement read_replacement(RequestBody& body) {
    Replacement with;
    with.serial = read_serial_number(body, "serial");
    if (body.has("bus")) with.bus = read_id(body, "bus");
    if (body.has("profile")) with.profile = read_profile_name(body, "profile");
    if (const auto unit = body.optional_integer("unit", 0, 255)) with.unit = static_cast<int>(*unit);
    return with;
}

config::BusConfig read_bus(RequestBody& body) {
    config::BusConfig bus;
    if (body.one_of("settings.kind", {"serial", "tcp"}) == 0) {
        auto& port = bus.link.emplace<config::SerialPort>();
        port.path = read_name(body, "settings.port", 200);
        if (!port.path.starts_with('/') || port.path.find("..") != std::string::npos)
            body.note(bad_field("settings.port", "not a port's path", "take it from /api/v1/ports"));
        port.baud = static_cast<std::uint32_t>(body.integer("settings.baud", 1200, 921'600));
        port.parity = std::string_view("NEO")[body.one_of("settings.parity", {"none", "even", "odd"})];
        port.stop_bits = static_cast<int>(body.integer("settings.stop_bits", 1, 2));
    } else {
        auto& endpoint = bus.link.emplace<config::TcpEndpoint>();
        endpoint.host = body.text("settings.host", 253);
        if (endpoint.host.empty() || !is_made_of(endpoint.host, ".-:"))
            body.note(bad_field("settings.host", "no name and no address", "write it as in 192.168.8.20"));
        endpoint.port = static_cast<std::uint16_t>(body.integer("settings.port", 1, 65'535));
        endpoint.rtu_framing = body.one_of("settings.framing", {"tcp", "rtu"}) == 1;
    }
    return bus;
}

ScanOrder read_scan(RequestBody& body) {
    ScanOrder order;
    read_lines(body, order);
    for (std::size_t i = 0, n = body.items("bauds", most_bauds); i < n; ++i)
        order.bauds.push_back(static_cast<int>(body.integer(fmt::format("bauds.{}", i), 1200, 921'600)));
    std::size_t addresses = 0;
    for (std::size_t i = 0, n = body.items("networks", most_networks); i < n; ++i) {
        const auto field = fmt::format("networks.{}", i);
        order.networks.push_back(body.text(field, 32));
        addresses += network_size(body, field, order.networks.back());
    }
    if (addresses > most_scan_addresses)
        body.note(bad_field("networks", fmt::format("{} addresses are more than {}", addresses, most_scan_addresses),
                            "search one part after the other"));
    order.own_networks = body.boolean_or("own_networks", false);
    if (order.lines.empty() && order.networks.empty() && !order.own_networks)
        body.note(bad_field("lines", "nothing to search", "name lines, networks, or own_networks: true"));
    return order;
}

RawRequest read_raw_request(RequestBody& body) {
    RawRequest request;
    request.unit = static_cast<int>(body.integer("unit", 0, 255));
    request.pdu = body.has("pdu") ? read_hex(body, "pdu") : read_request(body);
    if (!request.pdu.empty() && (request.pdu[0] == 0 || request.pdu[0] >= wire::exception_bit))
        body.note(bad_field("pdu", fmt::format("{} is no function code", request.pdu[0]), "begin with 1 to 127"));
    return request;
}

FirmwarePiece read_firmware_piece(RequestBody& body) {
    FirmwarePiece piece;
    piece.image = read_image_name(body, "image");
    piece.size = static_cast<std::uint64_t>(body.integer("size", 1, static_cast<std::int64_t>(largest_image)));
    piece.offset = static_cast<std::uint64_t>(body.integer("offset", 0, static_cast<std::int64_t>(largest_image)));
    const auto data = body.optional_text("data", largest_piece * 4 / 3 + 4).value_or("");
    auto bytes = net::base64_decoded(data);
    if (!bytes || bytes->size() > largest_piece)
        body.note(bad_field("data", bytes ? "longer than 32 KiB" : "not base64", "send pieces of 32 KiB as base64"));
    if (bytes) piece.bytes = std::move(*bytes);
    if (piece.offset + piece.bytes.size() > piece.size)
        body.note(bad_field("offset", "this piece reaches beyond the size", "check offset and size"));
    return piece;
}

void check_unit(RequestBody& body, std::string_view field, int unit, const std::string& bus,
                const std::vector<BusView>& buses) {
    const auto found = std::find_if(buses.begin(), buses.end(), [&](const BusView& b) { return b.id == bus; });
    if (found == buses.end() || !std::holds_alternative<config::SerialPort>(found->settings)) return;
    if (unit < 1 || unit > 247)
        body.note(
            bad_field(std::string(field), fmt::format("{} is no address on a serial line", unit), "choose 1 to 247"));
}

}  // namespace busbar::api
