#pragma once
// The plant's end of a pty or of an accepted TCP connection as a Link. It is born connected; what is closed stays
// closed.
#include <memory>
#include <string>

#include "base/real_loop.hpp"
#include "bus/link/link.hpp"

namespace busbar::plant_app {

class DescriptorLink final : public bus::Link {
public:
    // Takes over the descriptor and makes it non-blocking.
    DescriptorLink(RealLoop& loop, int descriptor, std::string name);
    ~DescriptorLink() override;

    Task<Status> open(Instant deadline) override;  // ok while it is open, else unavailable
    void close() override;
    bool is_open() const override;
    Task<Status> write(std::span<const std::uint8_t> bytes, Instant deadline) override;
    Task<Result<std::size_t>> read_some(std::span<std::uint8_t> buffer, Instant deadline) override;
    std::size_t discard_input() override;
    std::string describe() const override { return name_; }

private:
    struct State;
    std::string name_;
    std::shared_ptr<State> state_;  // shared with the timer's handler, which may run after this is gone
};

}  // namespace busbar::plant_app
