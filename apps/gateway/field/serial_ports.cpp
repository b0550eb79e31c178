#include "field/serial_ports.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

namespace busbar::gateway {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t most_ports = 256;
constexpr std::size_t longest_text = 100;

std::vector<fs::path> entries_of(const fs::path& folder) {
    std::vector<fs::path> entries;
    std::error_code ec;
    for (fs::directory_iterator it(folder, ec), end; !ec && it != end && entries.size() < most_ports; it.increment(ec))
        entries.push_back(it->path());
    std::sort(entries.begin(), entries.end());
    return entries;
}

// First line, printable part of it: an adapter says what it likes.
std::string line_of(const fs::path& file) {
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    std::erase_if(line,
                  [](char c) { return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7E; });
    return line.substr(0, longest_text);
}

// The USB device above a port tells maker and product; a port of the board has neither.
std::string text_of(fs::path device) {
    for (int level = 0; level < 4 && device.has_relative_path(); ++level, device = device.parent_path()) {
        const std::string product = line_of(device / "product");
        if (product.empty()) continue;
        const std::string maker = line_of(device / "manufacturer");
        return maker.empty() || product.starts_with(maker) ? product : maker + " " + product;
    }
    return {};
}

// A port without hardware behind it has type 0.
bool is_real(const fs::path& entry) {
    std::error_code ec;
    return fs::exists(entry / "device", ec) && line_of(entry / "type") != "0";
}

}  // namespace

std::vector<SerialPortFound> serial_ports(const std::string& root) {
    const fs::path top(root);
    std::map<std::string, std::string> lasting;  // "ttyUSB0" -> "/dev/serial/by-id/..."
    std::error_code ec;
    for (const fs::path& link : entries_of(top / "dev/serial/by-id"))
        lasting.emplace(fs::read_symlink(link, ec).filename().string(),
                        "/dev/serial/by-id/" + link.filename().string());
    std::vector<SerialPortFound> ports;
    for (const fs::path& entry : entries_of(top / "sys/class/tty")) {
        if (!is_real(entry)) continue;
        const std::string name = entry.filename().string(), device = "/dev/" + name;
        const auto stays = lasting.find(name);
        ports.push_back(
            {stays == lasting.end() ? device : stays->second, text_of(fs::canonical(entry / "device", ec)), device});
    }
    return ports;
}

}  // namespace busbar::gateway
