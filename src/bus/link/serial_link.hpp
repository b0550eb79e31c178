#pragma once
// A serial port (RS-485 adapter, or one end of a pty). Loop thread only; made before, and destroyed after, the loop
// runs.
#include <memory>

#include "base/real_loop.hpp"
#include "bus/link/link.hpp"
#include "bus/link/serial_port.hpp"

namespace busbar::bus {

class SerialLink final : public Link {
public:
    // `owner`: the bus, named to another one that wants the same port.
    SerialLink(RealLoop& loop, SerialSettings settings, std::string owner = {});
    ~SerialLink() override;

    Task<Status> open(Instant deadline) override;
    void close() override;
    bool is_open() const override;
    std::size_t write_now(std::span<const std::uint8_t> bytes) override;
    Task<Status> write(std::span<const std::uint8_t> bytes, Instant deadline) override;
    Task<Result<std::size_t>> read_some(std::span<std::uint8_t> buffer, Instant deadline) override;
    std::size_t discard_input() override;
    std::size_t take_input(std::span<std::uint8_t> buffer) override;
    std::string describe() const override { return name_; }

private:
    struct Impl;
    Error failed(int number) const;
    SerialSettings settings_;
    std::string owner_;
    std::string name_;
    std::unique_ptr<Impl> impl_;
};

}  // namespace busbar::bus
