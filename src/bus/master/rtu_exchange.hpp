#pragma once
// Modbus RTU over a serial line (or raw through a serial server: baud 0). Knows the line's time: starts no frame before
// the legal gap behind the last byte seen, sleeps until an answer can be complete instead of waking for every byte, and
// after anything unexpected listens until the line is silent. Internal to bus.
#include "bus/master/answer_lag.hpp"
#include "bus/master/exchange.hpp"
#include "wire/modbus_rtu.hpp"

#include <optional>

namespace busbar::bus {

struct RtuTiming {
    std::uint32_t baud = 9600;     // 0: the line's time is unknown (serial server behind TCP)
    unsigned character_bits = 10;  // start, data, parity, stop: 8N1 = 10, 8E1 = 11
    // A frame has stopped half-way when nothing came for this long. USB adapters hold bytes back for up to 16 ms, a
    // busy system for far longer.
    Duration stall = std::chrono::milliseconds(100);
    // After a wrong frame the line is silent again when nothing came for this long.
    Duration silence = std::chrono::milliseconds(30);
};

// Behind a serial server the line's own time is its matter; bytes may come in pieces as the network likes.
RtuTiming rtu_timing(const LinkSettings& settings);

class RtuExchange final : public Exchange {
public:
    RtuExchange(Loop& loop, Link& link, const RequestQueue& rivals, FrameTap& tap, const RtuTiming& timing);

    Task<void> run(Transaction& transaction, Patience patience) override;
    void reset() override { last_byte_ = loop_.now(); }
    bool needs_quarantine() const override { return true; }

private:
    Task<bool> wait_for_gap(Transaction& t);
    Task<bool> send(Transaction& t);
    Instant when_to_look(const Transaction& t, Patience patience);
    Task<bool> first_bytes(Transaction& t, Patience patience);
    Task<void> rest(Transaction& t);
    Task<Result<std::size_t>> read_more(Instant deadline);
    Task<void> drain();
    std::size_t wanted(const Transaction& t) const;
    void judge(Transaction& t);
    std::size_t throw_away();
    void show(const Transaction& t);
    void lose(Transaction& t, Error error);
    Duration line_time(std::size_t bytes) const { return character_ * static_cast<std::int64_t>(bytes); }
    ByteView arrived() const { return {buffer_.data(), size_}; }
    // Room for a whole frame and a little more, so that a too long one is seen to be too long.
    static constexpr std::size_t buffer_size = wire::max_rtu_frame_size + 16;

    Loop& loop_;
    Link& link_;
    const RequestQueue& rivals_;
    FrameTap& tap_;
    Duration character_, gap_, stall_, silence_;
    Instant last_byte_{};  // on the line, in either direction
    std::array<std::uint8_t, buffer_size> buffer_{};
    std::size_t size_ = 0;
    std::array<AnswerLag, 256> lags_{};     // by unit
    std::optional<Instant> measures_from_;  // where the lag of the answer in flight counts from, when it is measured
};

}  // namespace busbar::bus
