// Links in real time, over real sockets and pseudo terminals: what a process that was held up still sees, and that a
// peer that misbehaves costs its own bus only.
#include <arpa/inet.h>
#include <asm/termbits.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <memory>
#include <thread>

#include "base/real_loop.hpp"
#include "bus/link/serial_link.hpp"
#include "bus/make_bus.hpp"
#include "wire/modbus_rtu.hpp"
#include "wire/modbus_tcp.hpp"

using namespace busbar;
using namespace busbar::bus;
using namespace std::chrono_literals;

namespace {

constexpr RegisterBlock two_registers{Table::holding, 0, 2};

// A TCP port that accepts (the kernel does, from the backlog) and whose first connection a test may take.
struct Port {
    Port() : fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in a{};
        a.sin_family = AF_INET;
        a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof a;
        REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&a), size) == 0);
        REQUIRE(::listen(fd, 8) == 0);
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&a), &size);
        settings = {.host = "127.0.0.1", .port = ntohs(a.sin_port)};
    }
    ~Port() { ::close(fd); }
    int accept() const { return ::accept4(fd, nullptr, nullptr, SOCK_CLOEXEC); }
    int fd;
    TcpSettings settings;
};

// The far end of a serial port that can be pulled out and put in again: a pty behind a name that stays.
class Adapter {
public:
    explicit Adapter(const std::string& suffix = "")
        : name_("/tmp/busbar-links-test-" + std::to_string(::getpid()) + suffix) {
        plug_in();
    }
    ~Adapter() { pull_out(); }
    void plug_in() {
        fd = ::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
        REQUIRE(fd >= 0);
        REQUIRE(::grantpt(fd) == 0);
        REQUIRE(::unlockpt(fd) == 0);
        std::filesystem::create_symlink(::ptsname(fd), name_);
    }
    void pull_out() {
        if (fd >= 0) ::close(fd);
        fd = -1;
        std::filesystem::remove(name_);
    }
    const std::string& name() const { return name_; }
    int fd = -1;

private:
    std::string name_;
};

// Runs the loop until `task` has ended.
template <class... Arguments>
void run(RealLoop& loop, Task<void> (*task)(RealLoop&, Arguments...), std::type_identity_t<Arguments>... arguments) {
    auto to_the_end = [](RealLoop& l, Task<void> inner) -> Task<void> {
        co_await std::move(inner);
        l.stop();
    };
    loop.spawn("test", to_the_end(loop, task(loop, arguments...)));
    loop.run();
}

// Answers RTU requests on a pty for as long as it stays: an echo of addresses, on the loop that also asks.
Task<void> serve_rtu(RealLoop& loop, Adapter& adapter, const bool& ends) {
    while (!ends) {
        std::array<std::uint8_t, 256> bytes{};
        const ssize_t n = adapter.fd < 0 ? 0 : ::read(adapter.fd, bytes.data(), bytes.size());
        const auto content =
            wire::decode_rtu(std::span(bytes).first(static_cast<std::size_t>(std::max<ssize_t>(0, n))));
        if (content) {
            const std::uint16_t words[] = {7, 8};
            const wire::Pdu pdu = wire::encode_registers_answer(wire::Function::read_holding, words);
            const wire::RtuFrame out = wire::encode_rtu(content->unit, pdu.view());
            (void)!::write(adapter.fd, out.bytes.data(), out.size);
        }
        co_await loop.sleep_for(1ms);
    }
}

// Asks until an answer comes; gives up after a time no machine needs.
Task<void> ask_until_answered(RealLoop& loop, ModbusBus& bus, std::string& last_error, bool& answered) {
    const DeviceTiming timing{.timeout = 500ms};
    const Instant latest = loop.now() + 60s;
    answered = false;
    while (!answered && loop.now() < latest) {
        const auto got = co_await bus.read(1, two_registers, Urgency::telemetry, timing);
        answered = got && got->words[1] == 8;
        if (!got) last_error = got.error().text;
        if (!answered) co_await loop.sleep_for(20ms);
    }
}

Task<void> ask_until_refused(RealLoop& loop, ModbusBus& bus, std::string& last_error) {
    const DeviceTiming timing{.timeout = 500ms};
    const Instant latest = loop.now() + 60s;
    for (bool lost = false; !lost && loop.now() < latest;) {
        const auto got = co_await bus.read(1, two_registers, Urgency::telemetry, timing);
        lost = !got && got.error().kind == Errc::unavailable;
        if (!got) last_error = got.error().text;
        co_await loop.sleep_for(20ms);
    }
}

Task<void> read_held_up(RealLoop& loop, Link& link, int writer, int seen_by, std::string& got) {
    std::array<std::uint8_t, 8> buffer{};
    const Instant deadline = loop.now() + 20ms;
    // The next thing this thread does: a byte arrives, then the system holds the process up past the deadline.
    loop.post([&, deadline] {
        (void)!::write(writer, "x", 1);
        for (int waiting = 0; waiting == 0 || monotonic_now() < deadline + 20ms;) {
            std::this_thread::sleep_for(1ms);
            if (seen_by < 0 || ::ioctl(seen_by, FIONREAD, &waiting) != 0) waiting = 1;
        }
    });
    const auto n = co_await link.read_some(buffer, deadline);
    got = n ? std::string(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(*n)) : n.error().text;
}

Task<void> open(RealLoop& loop, Link& link, std::string& problem) {
    const Status opened = co_await link.open(loop.now() + 30s);
    problem = opened ? "" : opened.error().text;
}

}  // namespace

TEST_CASE("what arrived in time counts, though the process was held up past the deadline") {
    RealLoop loop;
    std::string problem, got;
    SUBCASE("TCP") {
        Port port;
        TcpLink link(loop, port.settings);
        run(loop, open, link, problem);
        REQUIRE(problem == "");
        const int far = port.accept();
        run(loop, read_held_up, link, far, -1, got);
        CHECK(got == "x");
        ::close(far);
    }
    SUBCASE("serial") {
        Adapter adapter;
        SerialLink link(loop, {.path = adapter.name()});
        run(loop, open, link, problem);
        REQUIRE(problem == "");
        const int watch = ::open(adapter.name().c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
        run(loop, read_held_up, link, adapter.fd, watch, got);
        CHECK(got == "x");
        ::close(watch);
    }
}

TEST_CASE("an adapter that is pulled out is named, and used again once it is back") {
    RealLoop loop;
    Adapter adapter;
    const auto bus = make_rtu_bus(loop, "line", {.path = adapter.name(), .baud = 115200});
    std::string error;
    bool answered = false, ends = false;
    loop.spawn("device", serve_rtu(loop, adapter, ends));
    run(loop, ask_until_answered, *bus, error, answered);
    CHECK(answered);
    for (int i = 0; i < 2; ++i) {
        adapter.pull_out();
        run(loop, ask_until_refused, *bus, error);
        CAPTURE(error);
        CHECK(error.find("plugged in?") != std::string::npos);
        CHECK_FALSE(bus->statistics().connected);
        adapter.plug_in();
        run(loop, ask_until_answered, *bus, error, answered);
        CHECK(answered);
    }
    CHECK(bus->statistics().reconnects == 2);
    ends = true;
}

namespace {
Task<void> change(RealLoop&, ModbusBus& bus, const SerialSettings& settings, bool& changed) {
    const LinkSettings wanted = settings;
    const Status done = co_await bus.relink(wanted);
    changed = done.has_value();
}
}  // namespace

TEST_CASE("a port is driven with the new settings from the next request on") {
    RealLoop loop;
    Adapter adapter;
    SerialSettings settings{.path = adapter.name(), .baud = 9600};
    const auto bus = make_rtu_bus(loop, "line", settings);
    std::string error;
    bool answered = false, changed = false, ends = false;
    loop.spawn("device", serve_rtu(loop, adapter, ends));
    run(loop, ask_until_answered, *bus, error, answered);
    CHECK(answered);
    settings.baud = 57600;
    settings.parity = 'E';
    settings.stop_bits = 2;
    run(loop, change, *bus, settings, changed);
    CHECK(changed);
    run(loop, ask_until_answered, *bus, error, answered);
    CHECK(answered);
    termios2 t{};
    REQUIRE(::ioctl(adapter.fd, TCGETS2, &t) == 0);
    CHECK(t.c_ospeed == 57600);
    CHECK((t.c_cflag & CSTOPB) != 0);
    // Another port of the same bus: it is asked there.
    Adapter other("-other");
    settings.path = other.name();
    run(loop, change, *bus, settings, changed);
    run(loop, ask_until_refused, *bus, error);  // nobody listens on it yet
    bool other_ends = false;
    loop.spawn("device", serve_rtu(loop, other, other_ends));
    run(loop, ask_until_answered, *bus, error, answered);
    CHECK(answered);
    ends = other_ends = true;
}
