#pragma once
// A serial line in real time for measuring masters: a pty whose other side hands bytes over at their instants on the
// wire, with devices that answer as early as the protocol allows. Counts what was asked and what began too early.
// Half-duplex: one frame at a time. A thread of its own, with real-time priority where allowed.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

namespace busbar::bench {

class RtuWire {
public:
    struct Options {
        std::uint32_t baud = 9600;               // 8N1
        int dead_unit = -1;                      // never answers
        std::chrono::nanoseconds turnaround{0};  // beyond the silence that ends the request
        unsigned cpu = 1;
    };
    explicit RtuWire(const Options& options);
    ~RtuWire();

    const std::string& path() const { return path_; }
    struct Counts {
        std::uint64_t requests = 0, answers = 0, early = 0;
        std::chrono::nanoseconds first_begin{0}, last_end{0};  // of a request, of an answer; on the steady clock
    };
    Counts counts() const {
        return {requests_, answers_, early_, std::chrono::nanoseconds(first_begin_),
                std::chrono::nanoseconds(last_end_)};
    }
    // The line is quiet: counting begins anew with the next request.
    void start_over() { requests_ = answers_ = early_ = 0, first_begin_ = last_end_ = 0; }
    void revive() { dead_unit_ = -1; }

    std::chrono::nanoseconds character() const { return character_; }
    std::chrono::nanoseconds gap() const { return gap_; }
    // The least time a read of `registers` takes on this line, silence before and in between included.
    std::chrono::nanoseconds least_exchange(int registers) const {
        return (8 + 5 + 2 * registers) * character_ + 2 * gap_ + options_.turnaround;
    }

private:
    using Clock = std::chrono::steady_clock;
    void run();
    bool take_request(std::uint8_t* frame, std::size_t& size);
    void answer(const std::uint8_t* frame, std::size_t size);
    void wait_until(Clock::time_point t);

    Options options_;
    std::chrono::nanoseconds character_, gap_;
    int master_ = -1, held_ = -1;
    std::string path_;
    Clock::time_point line_end_{};  // when the last byte was on the wire
    std::atomic<int> dead_unit_;
    std::atomic<std::uint64_t> requests_{0}, answers_{0}, early_{0};
    std::atomic<std::int64_t> first_begin_{0}, last_end_{0};
    std::atomic<bool> ends_{false};
    std::thread thread_;
};

}  // namespace busbar::bench
