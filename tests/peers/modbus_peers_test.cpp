// Our bus against libmodbus and pymodbus: programs by others must read what we write and answer what we can read, over
// TCP and over a pseudo serial line. Real time, real descriptors.
#include <doctest/doctest.h>
#include <modbus.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <functional>
#include <memory>
#include <thread>

#include "bus/make_bus.hpp"
#include "pty_wire.hpp"

using namespace busbar;
using namespace busbar::bus;
using namespace std::chrono_literals;

namespace {

std::uint16_t free_port() {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0);
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    ::close(fd);
    return ntohs(address.sin_port);
}

// libmodbus as server, in a thread of its own. Every register holds its own address.
class LibmodbusServer {
public:
    explicit LibmodbusServer(std::uint16_t port) : context_(modbus_new_tcp("127.0.0.1", port)) {
        listener_ = modbus_tcp_listen(context_, 2);
        REQUIRE(listener_ >= 0);
        start([this] { return modbus_tcp_accept(context_, &listener_) >= 0; });
    }
    LibmodbusServer(const std::string& path, int unit) : context_(modbus_new_rtu(path.c_str(), 115200, 'N', 8, 1)) {
        modbus_set_slave(context_, unit);
        REQUIRE(modbus_connect(context_) == 0);
        start([] { return true; });
    }
    ~LibmodbusServer() {
        ends_ = true;
        if (listener_ >= 0) ::shutdown(listener_, SHUT_RDWR);
        if (listener_ >= 0) ::shutdown(modbus_get_socket(context_), SHUT_RDWR);
        thread_.join();
        if (listener_ >= 0) ::close(listener_);
        modbus_close(context_);
        modbus_free(context_);
        modbus_mapping_free(map_);
    }
    std::uint16_t holding(std::size_t address) const { return map_->tab_registers[address]; }

private:
    void start(std::function<bool()> accept) {
        map_ = modbus_mapping_new(16, 16, 65536, 65536);
        for (int i = 0; i < 65536; ++i)
            map_->tab_registers[i] = map_->tab_input_registers[i] = static_cast<std::uint16_t>(i);
        modbus_set_indication_timeout(context_, 0, 100000);
        thread_ = std::thread([this, accept = std::move(accept)] {
            while (!ends_ && accept()) serve();
        });
    }
    void serve() {
        std::uint8_t request[MODBUS_TCP_MAX_ADU_LENGTH];
        while (!ends_) {
            const int n = modbus_receive(context_, request);
            if (n > 0) modbus_reply(context_, request, n, map_);
            if (n < 0 && errno != ETIMEDOUT && listener_ >= 0) return;
        }
    }

    modbus_t* context_;
    modbus_mapping_t* map_ = nullptr;
    int listener_ = -1;
    std::atomic<bool> ends_{false};
    std::thread thread_;
};

// Debian's Python with pymodbus, as a child process.
class PymodbusServer {
public:
    PymodbusServer(const char* kind, const std::string& where) {
        int out[2];
        REQUIRE(::pipe(out) == 0);
        child_ = ::fork();
        if (child_ == 0) {
            ::dup2(out[1], 1);
            ::execl("/usr/bin/python3", "python3", "tests/peers/pymodbus_server.py", kind, where.c_str(), nullptr);
            ::_exit(127);
        }
        ::close(out[1]);
        char text[6] = {};
        is_up = ::read(out[0], text, 5) == 5;
        ::close(out[0]);
    }
    ~PymodbusServer() {
        ::kill(child_, SIGKILL);
        ::waitpid(child_, nullptr, 0);
    }
    bool is_up = false;

private:
    pid_t child_;
};

struct Checked {
    int good = 0, bad = 0;
    std::string problem;
};

Task<void> use(RealLoop& loop, ModbusBus& bus, std::uint8_t unit, bool checks_exceptions, Checked& out) {
    const DeviceTiming timing{.timeout = 2s};
    const auto note = [&out](bool right, const std::string& what) {
        ++(right ? out.good : out.bad);
        if (!right && out.problem.empty()) out.problem = what;
    };
    // A server that has just started may not listen yet.
    const RegisterBlock probe{Table::holding, 0, 1};
    for (int i = 0; i < 50; ++i) {
        const auto first = co_await bus.read(unit, probe, Urgency::scan, timing);
        if (first) break;
        co_await loop.sleep_for(100ms);
    }
    for (int i = 0; i < 60; ++i) {
        const auto address = static_cast<std::uint16_t>(i * 1000);
        const auto count = static_cast<std::uint16_t>(1 + i * 2);
        const RegisterBlock block{i % 2 ? Table::input : Table::holding, address, count};
        const auto got = co_await bus.read(unit, block, Urgency::telemetry, timing);
        bool right = got.has_value() && got->count == count;
        for (std::uint16_t k = 0; right && k < count; ++k)
            right = got->words[k] == static_cast<std::uint16_t>(address + k);
        note(right, got ? "wrong values" : got.error().text);
    }
    const std::uint16_t values[] = {0xBEEF, 0x0102, 0xFFFF};
    const Status multiple = co_await bus.write(unit, 500, values, WriteForm::multiple, timing);
    note(multiple.has_value(), multiple ? "" : multiple.error().text);
    const Status single = co_await bus.write(unit, 600, std::span(values, 1), WriteForm::single, timing);
    note(single.has_value(), single ? "" : single.error().text);
    const RegisterBlock written{Table::holding, 500, 3};
    const auto back = co_await bus.read(unit, written, Urgency::telemetry, timing);
    note(back && back->words[0] == 0xBEEF && back->words[2] == 0xFFFF, "not written");
    if (checks_exceptions) {
        const RegisterBlock coils{Table::coil, 60000, 1};
        const auto refused = co_await bus.read(unit, coils, Urgency::telemetry, timing);
        note(!refused && refused.error().kind == Errc::refused, refused ? "not refused" : refused.error().text);
    }
    loop.stop();
}

Checked run(const std::function<std::unique_ptr<ModbusBus>(RealLoop&)>& make, std::uint8_t unit,
            bool checks_exceptions) {
    RealLoop loop;
    const auto bus = make(loop);
    Checked out;
    loop.spawn("use", use(loop, *bus, unit, checks_exceptions, out));
    loop.run();
    CHECK(bus->statistics().units.at(0).mismatches == 0);
    CHECK(bus->statistics().units.at(0).crc_errors == 0);
    return out;
}

}  // namespace

TEST_CASE("libmodbus over TCP") {
    const std::uint16_t port = free_port();
    LibmodbusServer server(port);
    const TcpSettings settings{"127.0.0.1", port};
    const Checked c = run([&](RealLoop& loop) { return make_tcp_bus(loop, "tcp", settings); }, 17, true);
    CHECK(c.problem == "");
    CHECK(c.good == 64);
    CHECK(server.holding(501) == 0x0102);
    CHECK(server.holding(600) == 0xBEEF);
}

TEST_CASE("libmodbus over a pseudo serial line") {
    tests::PtyWire wire;
    LibmodbusServer server(wire.end_b(), 17);
    const SerialSettings settings{.path = wire.end_a(), .baud = 115200};
    const Checked c = run([&](RealLoop& loop) { return make_rtu_bus(loop, "rtu", settings); }, 17, true);
    CHECK(c.problem == "");
    CHECK(c.good == 64);
    CHECK(server.holding(600) == 0xBEEF);
}

TEST_CASE("pymodbus over TCP") {
    const std::uint16_t port = free_port();
    PymodbusServer server("tcp", std::to_string(port));
    REQUIRE_MESSAGE(server.is_up, "pymodbus did not start; ./dev setup installs python3-pymodbus and python3-serial");
    const TcpSettings settings{"127.0.0.1", port};
    const Checked c = run([&](RealLoop& loop) { return make_tcp_bus(loop, "tcp", settings); }, 3, false);
    CHECK(c.problem == "");
    CHECK(c.good == 63);
}

TEST_CASE("pymodbus behind a serial server: RTU frames over TCP") {
    const std::uint16_t port = free_port();
    PymodbusServer server("raw", std::to_string(port));
    REQUIRE_MESSAGE(server.is_up, "pymodbus did not start; ./dev setup installs python3-pymodbus and python3-serial");
    const TcpSettings settings{"127.0.0.1", port};
    const Checked c = run([&](RealLoop& loop) { return make_tcp_bus(loop, "raw", settings, true); }, 3, false);
    CHECK(c.problem == "");
    CHECK(c.good == 63);
}

TEST_CASE("pymodbus over a pseudo serial line") {
    tests::PtyWire wire;
    PymodbusServer server("rtu", wire.end_b());
    REQUIRE_MESSAGE(server.is_up, "pymodbus did not start; ./dev setup installs python3-pymodbus and python3-serial");
    const SerialSettings settings{.path = wire.end_a(), .baud = 115200};
    const Checked c = run([&](RealLoop& loop) { return make_rtu_bus(loop, "rtu", settings); }, 3, false);
    CHECK(c.problem == "");
    CHECK(c.good == 63);
}

TEST_CASE("ports and hosts that are not there are named, with the remedy") {
    struct Case {
        std::function<std::unique_ptr<ModbusBus>(RealLoop&)> make;
        const char* want;
    };
    const std::uint16_t port = free_port();
    const Case cases[] = {
        {[](RealLoop& l) { return make_rtu_bus(l, "a", {.path = "/dev/ttyNone"}); }, "is the adapter plugged in?"},
        {[](RealLoop& l) { return make_rtu_bus(l, "b", {.path = "/dev/null"}); }, "not a serial port"},
        {[port](RealLoop& l) {
             return make_tcp_bus(l, "c", {"127.0.0.1", port});
         },
         "is Modbus switched on there?"},
        {[](RealLoop& l) {
             return make_tcp_bus(l, "d", {"no.such.host.invalid", 502});
         },
         "check the host"},
    };
    for (const Case& c : cases) {
        RealLoop loop;
        const auto bus = c.make(loop);
        std::string text;
        auto ask = [](RealLoop& l, ModbusBus& b, std::string& out) -> Task<void> {
            const RegisterBlock block{Table::holding, 0, 1};
            const DeviceTiming timing;
            const auto got = co_await b.read(1, block, Urgency::scan, timing);
            out = got ? "answered" : got.error().text;
            l.stop();
        };
        loop.spawn("ask", ask(loop, *bus, text));
        loop.run();
        CAPTURE(text);
        CHECK(text.find(c.want) != std::string::npos);
        CHECK(bus->statistics().last_error.find(c.want) != std::string::npos);
    }
}
