#pragma once
// Modbus/TCP over a connection: one request alone, or several on their way at once. Every request has its own
// transaction number; an answer counts only with the number, unit and function of a request in flight, and when what
// follows it can be the beginning of another expected message: else the answer was cut and filled up with the next one,
// its header is right and its values are not. The late answer to a request that timed out is known by its number and
// dropped. Everything else means that the two ends disagree about the stream: the link is closed and opened anew.
// Internal to bus.
#include "bus/master/exchange.hpp"
#include "wire/modbus_tcp.hpp"

namespace busbar::bus {

class TcpExchange final : public Exchange {
public:
    static constexpr std::size_t most_in_flight = 16;

    TcpExchange(Loop& loop, Link& link, const RequestQueue& rivals, FrameTap& tap)
        : loop_(loop), link_(link), rivals_(rivals), tap_(tap) {}

    // Alone: nothing may be in flight.
    Task<void> run(Transaction& transaction, Patience patience) override;
    void reset() override;
    bool needs_quarantine() const override { return false; }

    // Several at once:
    //   send(t, ...) for each, at most most_in_flight;  flush();
    //   while (in_flight() > 0) { co_await receive(...);  while (Transaction* t = take_ended()) ...; }
    // send() may be called while receive() waits, then flush() too. A send() alone puts nothing on the wire.
    void send(Transaction& transaction, Patience patience);
    void flush();
    // Until something has arrived, a request that was in flight at the call has timed out, or `until`.
    Task<void> receive(Instant until);
    // The first whose outcome is known; null when there is none left. All of them before the next receive().
    Transaction* take_ended();
    std::size_t in_flight() const { return flying_; }
    // The fewest that one of those in flight tolerates on its connection.
    unsigned narrowest() const;
    bool has_unit(std::uint8_t unit) const;

private:
    struct Flight {
        Transaction* transaction;
        std::uint16_t number;
        Instant deadline, most;
    };
    std::span<const Flight> in_air() const { return {flights_.data(), flying_}; }
    Task<Status> write_rest();
    void take_messages();
    bool take_message();
    Flight* find(std::uint16_t number);
    bool is_expected(ByteView head, std::uint16_t answered);
    bool is_late(std::uint16_t number) const;
    void land(Flight& flight, Outcome::Kind kind);
    void expire(Instant now);
    void disagree(Flight* culprit);
    void lose_all(const Error& error);
    void show(FrameVerdict verdict);
    void show_rest();
    bool forget_late(std::uint16_t number);
    void remember_late(std::uint16_t number);

    Loop& loop_;
    Link& link_;
    const RequestQueue& rivals_;
    FrameTap& tap_;
    wire::TcpStream stream_;
    Instant arrived_{};  // the bytes in the stream
    std::array<std::uint8_t, most_in_flight * wire::max_tcp_frame_size> out_;
    std::size_t out_size_ = 0;
    bool is_writing_ = false;
    std::array<Flight, most_in_flight> flights_;  // in the order they were sent
    std::array<Transaction*, most_in_flight> ended_;
    std::size_t flying_ = 0, ended_count_ = 0, ended_taken_ = 0;
    std::uint16_t number_ = 0;    // the last one used
    std::uint16_t answered_ = 0;  // the last one answered; some devices answer twice
    // Requests that timed out on this connection and may still be answered; the oldest is overwritten.
    std::array<std::uint16_t, 2 * most_in_flight> late_{};
    std::size_t late_count_ = 0;
    unsigned timeouts_in_a_row_ = 0;
    Instant last_timeout_{};
};

}  // namespace busbar::bus
