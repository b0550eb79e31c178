#pragma once
// One byte stream to the outside: serial port, TCP connection, or in tests a loopback. Loop thread only; one reader and
// one writer at a time. A link never interprets bytes.
#include <cstdint>
#include <span>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/task.hpp"

namespace busbar::bus {

class Link {
public:
    virtual ~Link() = default;

    // Errors: unavailable with the place and the remedy ("/dev/ttyUSB0: no such port; is the adapter plugged in?").
    virtual Task<Status> open(Instant deadline) = 0;
    virtual void close() = 0;
    virtual bool is_open() const = 0;

    // Hands over what can go at once; returns how many bytes that was. The rest, and any error, is for write().
    virtual std::size_t write_now(std::span<const std::uint8_t>) { return 0; }
    virtual Task<Status> write(std::span<const std::uint8_t> bytes, Instant deadline) = 0;
    // At least one byte, at most buffer.size(). Errors: timeout at the deadline, unavailable when the other end closed.
    virtual Task<Result<std::size_t>> read_some(std::span<std::uint8_t> buffer, Instant deadline) = 0;
    // Throws away what has arrived and was not read. Returns how many bytes that was.
    virtual std::size_t discard_input() = 0;
    // What has arrived and was not read, without waiting; as much as fits. A link that cannot shows nothing to
    // monitors.
    virtual std::size_t take_input(std::span<std::uint8_t>) { return 0; }

    virtual std::string describe() const = 0;  // "/dev/ttyUSB0 9600 8N1", "tcp 192.168.8.20:502"
};

}  // namespace busbar::bus
