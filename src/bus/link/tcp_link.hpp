#pragma once
// A TCP connection to a device, gateway or serial server. Small frames leave at once (no Nagle), a peer that vanished
// is noticed by keep-alive, and opening is bounded by its deadline, name resolution included. Loop thread only; made
// before, and destroyed after, the loop runs; loop thread only.
#include <memory>

#include "base/real_loop.hpp"
#include "bus/link/link.hpp"
#include "bus/link/link_settings.hpp"

namespace busbar::bus {

class TcpLink final : public Link {
public:
    TcpLink(RealLoop& loop, TcpSettings settings);
    ~TcpLink() override;

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
    TcpSettings settings_;
    std::string name_;
    std::unique_ptr<Impl> impl_;
};

}  // namespace busbar::bus
