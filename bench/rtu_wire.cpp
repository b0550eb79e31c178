#include "rtu_wire.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

#include "measure.hpp"
#include "wire/modbus_rtu.hpp"

namespace busbar::bench {
using namespace std::chrono_literals;

RtuWire::RtuWire(const Options& options)
    : options_(options),
      character_(wire::rtu_character_time(options.baud, 10)),
      gap_(wire::rtu_gap(options.baud, 10)),
      dead_unit_(options.dead_unit) {
    master_ = ::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (master_ < 0 || ::grantpt(master_) != 0 || ::unlockpt(master_) != 0) throw std::runtime_error("no pty");
    path_ = ::ptsname(master_);
    held_ = ::open(path_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
    termios t{};
    ::tcgetattr(held_, &t);
    ::cfmakeraw(&t);
    ::tcsetattr(held_, TCSANOW, &t);
    thread_ = std::thread([this] { run(); });
}

RtuWire::~RtuWire() {
    ends_ = true;
    thread_.join();
    ::close(held_);
    ::close(master_);
}

void RtuWire::run() {
    pin_to(options_.cpu);
    ::pthread_setname_np(::pthread_self(), "wire");
    run_first();
    std::array<std::uint8_t, 512> frame;
    std::size_t size = 0;
    while (!ends_)
        if (take_request(frame.data(), size)) answer(frame.data(), size);
}

// The kernel hands over a request in one piece the moment it was written: that is when its first byte starts.
bool RtuWire::take_request(std::uint8_t* frame, std::size_t& size) {
    pollfd watched{master_, POLLIN, 0};
    if (::poll(&watched, 1, 20) <= 0) return false;
    const Clock::time_point begin = Clock::now();
    const ssize_t n = ::read(master_, frame, 512);
    if (n <= 0) return false;
    size = static_cast<std::size_t>(n);
    if (++requests_ == 1) first_begin_ = std::chrono::nanoseconds(begin.time_since_epoch()).count();
    if (begin < line_end_ + gap_) ++early_;
    line_end_ = std::max(begin, line_end_) + character_ * n;
    return true;
}

void RtuWire::answer(const std::uint8_t* frame, std::size_t size) {
    const auto content = wire::decode_rtu({frame, size});
    if (!content || content->unit == dead_unit_) return;
    const auto request = wire::decode_request(content->pdu);
    if (!request) return;
    std::array<std::uint16_t, 125> words{};
    for (std::size_t i = 0; i < request->count && i < words.size(); ++i) words[i] = static_cast<std::uint16_t>(i);
    const wire::Pdu pdu = request->is_read()
                              ? wire::encode_registers_answer(request->function, std::span(words).first(request->count))
                              : wire::encode_write_answer(*request);
    const wire::RtuFrame out = wire::encode_rtu(content->unit, pdu.view());
    const Clock::time_point begin = line_end_ + gap_ + options_.turnaround;
    for (std::size_t i = 0; i < out.size; ++i) {
        wait_until(begin + character_ * static_cast<int>(i + 1));
        line_end_ = Clock::now();  // before the write: whoever is held up behind it must not blame the master
        if (::write(master_, out.bytes.data() + i, 1) != 1) return;
    }
    last_end_ = std::chrono::nanoseconds(line_end_.time_since_epoch()).count();
    ++answers_;
}

// Sleeps to a little before the instant and spins the rest: the timer alone is too coarse for a character at 115200.
void RtuWire::wait_until(Clock::time_point t) {
    constexpr auto spin = 60us;
    const auto early = t - spin;
    if (early > Clock::now()) {
        const auto since = early.time_since_epoch();
        const timespec at{.tv_sec = std::chrono::duration_cast<std::chrono::seconds>(since).count(),
                          .tv_nsec = (since % 1s).count()};
        ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr);
    }
    while (Clock::now() < t) {
    }
}

}  // namespace busbar::bench
