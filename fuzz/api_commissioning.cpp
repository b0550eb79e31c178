// Request bodies of the routes that change a site: the first byte says which, the rest is the body. Whatever is let
// through is within the limits that the parts behind rely on; what says who may read devices comes back as it went in.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "api/json/commissioning_json.hpp"
#include "api/routes/commissioning_body.hpp"

using namespace busbar;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

// True when the body is let through.
bool is_good(api::RequestBody& body) {
    const auto problem = body.problem();
    if (problem) require(!problem->text.empty() && problem->status >= 400 && problem->status < 500);
    return !problem;
}

void check_device(const api::DeviceChange& device) {
    require(!device.name.empty() && device.name.size() <= 4 * api::longest_name);
    require(device.unit >= 0 && device.unit <= 255);
    require(device.serial.size() <= 32 && device.id.size() <= 32);
    require(device.profile.find("../") == std::string::npos && !device.profile.starts_with('/'));
    if (device.rated_power_w) require(*device.rated_power_w >= 1 && *device.rated_power_w <= 1e8);
}

void check_bus(const config::BusConfig& bus) {
    if (const auto* serial = std::get_if<config::SerialPort>(&bus.link)) {
        require(serial->path.starts_with('/') && serial->path.find("..") == std::string::npos);
        require(serial->baud >= 1200 && serial->baud <= 921'600);
        require(serial->parity == 'N' || serial->parity == 'E' || serial->parity == 'O');
    } else {
        const auto& endpoint = std::get<config::TcpEndpoint>(bus.link);
        require(!endpoint.host.empty() && endpoint.port != 0);
    }
}

void check_scan(const api::ScanOrder& order) {
    require(order.lines.size() <= 64 && order.bauds.size() <= 8 && order.networks.size() <= 16);
    require(!order.lines.empty() || !order.networks.empty() || order.own_networks);
    for (const auto& line : order.lines) require(line.first >= 1 && line.first <= line.last && line.last <= 247);
}

// What is let in can be shown, and what is shown can be put again.
void check_sharing(const config::ModbusServerConfig& server) {
    for (const auto& device : server.devices) require(device.unit >= 1 && device.unit <= 247);
    for (const auto& client : server.clients) {
        require(client.from.is_private() && !client.devices.empty());
        for (const auto& of : client.writable) require(!of.holding.empty());
    }
    api::SharingView view;
    view.settings = server;
    api::JsonWriter json;
    api::write(json, view);
    auto shown = api::RequestBody::parse_text(json.done());
    require(shown.has_value() && api::read_sharing(*shown) == server);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    auto body = api::RequestBody::parse_text({reinterpret_cast<const char*>(data) + 1, size - 1});
    if (!body) return 0;
    switch (data[0] % 8) {
        case 0:
            if (const auto device = api::read_new_device(*body); is_good(*body)) check_device(device);
            break;
        case 1:
            if (const auto device = api::read_device_change(*body); is_good(*body)) check_device(device);
            break;
        case 2:
            if (const auto with = api::read_replacement(*body); is_good(*body)) require(with.serial.size() <= 32);
            break;
        case 3:
            if (const auto bus = api::read_bus(*body); is_good(*body)) check_bus(bus);
            break;
        case 4:
            if (const auto order = api::read_scan(*body); is_good(*body)) check_scan(order);
            break;
        case 5:
            if (const auto request = api::read_raw_request(*body); is_good(*body))
                require(!request.pdu.empty() && request.pdu.size() <= 253 && request.pdu[0] >= 1 &&
                        request.pdu[0] < 128);
            break;
        case 6:
            if (const auto piece = api::read_firmware_piece(*body); is_good(*body))
                require(piece.bytes.size() <= api::largest_piece && piece.offset + piece.bytes.size() <= piece.size);
            break;
        case 7:
            if (const auto server = api::read_sharing(*body); is_good(*body)) check_sharing(server);
            break;
    }
    return 0;
}
