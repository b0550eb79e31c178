#pragma once
// Modbus/TCP over a connection. Every request has its own transaction number; an answer counts only with the number,
// unit and function of the request in flight. The late answer to a request that timed out is known by its number and
// dropped; any other foreign answer means that the two ends disagree about the stream: the link is closed and opened
// anew. Internal to bus.
#include "bus/exchange.hpp"
#include "wire/modbus_tcp.hpp"

namespace busbar::bus {

class TcpExchange final : public Exchange {
public:
    TcpExchange(Loop& loop, Link& link, const RequestQueue& rivals, FrameTap& tap)
        : loop_(loop), link_(link), rivals_(rivals), tap_(tap) {}

    Task<void> run(Transaction& transaction, Patience patience) override;
    void reset() override;
    bool needs_quarantine() const override { return false; }

private:
    enum class Step : std::uint8_t { more, done };
    Step take_message(Transaction& t);
    bool tail_is_clean();
    void show(FrameVerdict verdict);
    void show_rest();
    bool forget_late(std::uint16_t transaction);
    void remember_late(std::uint16_t transaction);
    void lose(Transaction& t, Error error);

    Loop& loop_;
    Link& link_;
    const RequestQueue& rivals_;
    FrameTap& tap_;
    wire::TcpStream stream_;
    std::uint16_t number_ = 0;  // of the request in flight
    // Requests that timed out on this connection and may still be answered; the oldest is overwritten.
    std::array<std::uint16_t, 16> late_{};
    std::size_t late_count_ = 0;
    unsigned timeouts_in_a_row_ = 0;
};

}  // namespace busbar::bus
