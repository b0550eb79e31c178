#include "field/serial_ports.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "base/rigs/temporary_folder.hpp"

using namespace busbar::gateway;
namespace fs = std::filesystem;

TEST_CASE("ports are listed with the path that stays and what their adapter says") {
    const busbar::TemporaryFolder folder;
    const fs::path root = folder.path;
    const auto put = [&](const char* file, const char* text) {
        fs::create_directories((root / file).parent_path());
        std::ofstream(root / file) << text << "\n";
    };
    // As Linux shows a USB adapter: the port's device lies below the interface, that below the USB device.
    put("sys/devices/usb1/1-1/product", "FT232R\x01 USB UART");
    put("sys/devices/usb1/1-1/manufacturer", "FTDI");
    fs::create_directories(root / "sys/devices/usb1/1-1/1-1:1.0/ttyUSB0");
    put("sys/class/tty/ttyUSB0/type", "0x");
    fs::create_directory_symlink(root / "sys/devices/usb1/1-1/1-1:1.0/ttyUSB0", root / "sys/class/tty/ttyUSB0/device");
    fs::create_directories(root / "dev/serial/by-id");
    fs::create_symlink("../../ttyUSB0", root / "dev/serial/by-id/usb-FTDI_FT232R-port0");
    put("sys/class/tty/ttyS0/type", "4");
    fs::create_directories(root / "sys/class/tty/ttyS0/device");
    put("sys/class/tty/ttyS1/type", "0");  // no hardware behind it
    fs::create_directories(root / "sys/class/tty/ttyS1/device");
    fs::create_directories(root / "sys/class/tty/console");

    const auto ports = serial_ports(root.string());
    REQUIRE(ports.size() == 2);
    CHECK(ports[0].path == "/dev/ttyS0");
    CHECK(ports[0].text.empty());
    CHECK(ports[1].path == "/dev/serial/by-id/usb-FTDI_FT232R-port0");
    CHECK(ports[1].device == "/dev/ttyUSB0");
    CHECK(ports[1].text == "FTDI FT232R USB UART");
    fs::remove_all(root);
    CHECK(serial_ports(root.string()).empty());
}
