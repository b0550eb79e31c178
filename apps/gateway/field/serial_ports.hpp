#pragma once
// The serial ports of this machine, for people who choose one. Asks the kernel; quick.
#include <string>
#include <vector>

namespace busbar::gateway {

struct SerialPortFound {
    std::string path;    // the one that stays when adapters are plugged in another order, where there is one
    std::string text;    // what the adapter says it is; may be empty
    std::string device;  // "/dev/ttyUSB0"
};
// `root`: "/" in production.
std::vector<SerialPortFound> serial_ports(const std::string& root = "/");

}  // namespace busbar::gateway
