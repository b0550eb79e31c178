#pragma once
// The least a program can do to poll a serial line without ever starting too early: sleep to the end of the silence,
// write, sleep to the end of the answer, read. No loop, no queue, no statistics; it knows how late this very line is.
#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "rtu_wire.hpp"
#include "wire/modbus_rtu.hpp"

namespace busbar::bench {

class RtuFloor {
public:
    explicit RtuFloor(const RtuWire& wire)
        : wire_(wire), fd_(::open(wire.path().c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)) {
        termios t{};
        if (fd_ < 0 || ::tcgetattr(fd_, &t) != 0) std::abort();
        ::cfmakeraw(&t);
        ::tcsetattr(fd_, TCSANOW, &t);
    }
    ~RtuFloor() { ::close(fd_); }
    RtuFloor(const RtuFloor&) = delete;
    RtuFloor& operator=(const RtuFloor&) = delete;

    // One request; true when the whole answer came.
    bool ask(std::uint8_t unit, std::uint16_t registers) {
        const auto pdu = wire::encode_read(wire::Function::read_holding, 0, registers);
        const wire::RtuFrame frame = wire::encode_rtu(unit, pdu.view());
        std::array<std::uint8_t, 512> bytes;
        sleep_until(last_byte_ + wire_.gap());
        while (::read(fd_, bytes.data(), bytes.size()) > 0) {
        }
        const std::size_t whole = 5 + 2u * registers;
        if (::write(fd_, frame.bytes.data(), frame.size) != frame.size) std::abort();
        const auto answer = wire_.gap() + wire_.character() * static_cast<int>(frame.size + whole);
        sleep_until(Clock::now() + answer + adapter_lag);
        std::size_t size = 0;
        while (size < whole) {
            const ssize_t n = ::read(fd_, bytes.data() + size, bytes.size() - size);
            pollfd more{fd_, POLLIN, 0};
            if (n > 0) size += static_cast<std::size_t>(n);
            if (n <= 0 && ::poll(&more, 1, 100) <= 0) break;
        }
        last_byte_ = Clock::now();
        return size == whole && wire::decode_rtu({bytes.data(), size}).has_value();
    }

private:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::microseconds adapter_lag{150};
    static void sleep_until(Clock::time_point t) {
        const auto since = std::chrono::duration_cast<std::chrono::nanoseconds>(t.time_since_epoch()).count();
        const timespec at{.tv_sec = since / 1'000'000'000, .tv_nsec = since % 1'000'000'000};
        ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr);
    }

    const RtuWire& wire_;
    int fd_;
    Clock::time_point last_byte_{};
};

}  // namespace busbar::bench
