#pragma once
// Request bodies of the operations that change a site, read and checked as far as they can be without knowing the site.
// What is wrong is noted in the body: ask body.problem() afterwards. Pure.
#include <string>
#include <string_view>
#include <vector>

#include "api/commissioning.hpp"
#include "api/firmware_images.hpp"
#include "api/request/request_body.hpp"

namespace busbar::api {

inline constexpr std::size_t longest_pack = 64 * 1024;    // bytes of a device pack
inline constexpr std::size_t longest_name = 64;           // characters, of devices
inline constexpr std::size_t most_scan_addresses = 4096;  // of all networks together
inline constexpr std::size_t largest_piece = 32 * 1024;   // bytes of an image in one request
inline constexpr std::size_t largest_image = 16u << 20;   // bytes

// Letters, digits, '-' and '_', 1 to 32 of them.
std::string read_id(RequestBody& body, std::string_view field);
// "maker/family" of lower-case letters, digits, '-', '_', '.'; nothing that leads out of a folder.
std::string read_profile_name(RequestBody& body, std::string_view field);
// SHA-256 in hex.
std::string read_image_name(RequestBody& body, std::string_view field);

DeviceChange read_new_device(RequestBody& body);
DeviceChange read_device_change(RequestBody& body);  // name, use, rated power, serial, via
Replacement read_replacement(RequestBody& body);
config::BusConfig read_bus(RequestBody& body);               // `settings`
config::ModbusServerConfig read_sharing(RequestBody& body);  // sharing_body.cpp
ScanOrder read_scan(RequestBody& body);
// A PDU in hex, or function, address and count or values.
RawRequest read_raw_request(RequestBody& body);
FirmwarePiece read_firmware_piece(RequestBody& body);

// Serial lines have units 1 to 247 (0 is for everybody, nobody answers); endpoints in the network 0 to 255.
void check_unit(RequestBody& body, std::string_view field, int unit, const std::string& bus,
                const std::vector<BusView>& buses);

}  // namespace busbar::api
