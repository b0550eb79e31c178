// What a bus cannot be, told when it is added and not by its first device.
#include "field/bus_place.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>

#include "bus/link/peer_rule.hpp"

using namespace busbar;
using namespace busbar::gateway;

namespace {

config::BusConfig on_port(const char* id, const std::string& path) { return {id, config::SerialPort{path, 9600}, {}}; }

void refused(const Status& status, std::string_view part) {
    REQUIRE_FALSE(status.has_value());
    CHECK(status.error().kind == Errc::denied);
    CHECK_MESSAGE(status.error().text.find(part) != std::string::npos, status.error().text);
}

}  // namespace

TEST_CASE("a bus is a serial port, or none that is there yet") {
    const config::SiteConfig site;
    for (const char* path :
         {"/etc/shadow", "/etc", "/dev/null", "/dev/zero", "/dev/tty", "/dev/ptmx", "/proc/self/mem"})
        refused(check_place(site, on_port("a", path)), std::string(path) + " is no serial port");
    CHECK(check_place(site, on_port("a", "/dev/ttyUSB99")));
    CHECK(check_place(site, on_port("a", "/dev/serial/by-id/usb-none")));
}

TEST_CASE("one port under two names is one port, and its bus is named") {
    const int fd = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    REQUIRE(fd >= 0);
    REQUIRE(::unlockpt(fd) == 0);
    char slave[64];
    REQUIRE(::ptsname_r(fd, slave, sizeof slave) == 0);
    const std::string alias = "/tmp/busbar-place-" + std::to_string(::getpid()), dangling = alias + "-none";
    std::filesystem::create_symlink(slave, alias);
    std::filesystem::create_symlink("/dev/ttyUSB99", dangling);
    config::SiteConfig site;
    site.buses = {on_port("roof", slave), on_port("yard", "/dev/ttyUSB99")};
    CHECK(check_place(site, on_port("roof", alias)));  // itself, under another name
    refused(check_place(site, on_port("new", alias)),
            "is the same port as " + std::string(slave) + ", which belongs to bus 'roof'");
    refused(check_place(site, on_port("new", "/dev/pts/../pts/" + std::string(slave).substr(9))), "bus 'roof'");
    refused(check_place(site, on_port("new", dangling)), "bus 'yard'");
    CHECK(check_place(site, on_port("new", "/dev/ttyUSB98")));
    std::filesystem::remove(alias);
    std::filesystem::remove(dangling);
    ::close(fd);
}

TEST_CASE("a bus is not one of the gateway's own doors") {
    const bus::OwnPort door(8443);
    const auto at = [](const char* host, std::uint16_t port) {
        return config::BusConfig{"lan", config::TcpEndpoint{host, port, false}, {}};
    };
    refused(check_place({}, at("127.0.0.1", 8443)), "127.0.0.1:8443 is this gateway itself");
    refused(check_place({}, at("169.254.169.254", 80)), "link-local");
    CHECK(check_place({}, at("127.0.0.1", 502)));
    CHECK(check_place({}, at("192.0.2.1", 8443)));
}
