#pragma once
// The least that one thread can do to ask a TcpDevice over many connections, so many requests at once on each: wait
// with epoll, receive once, turn the registers into numbers, send the next requests together. No checks, no deadlines,
// no coroutines: what is above it is our own cost, what is below it nobody reaches on this kernel.
#include <chrono>
#include <cstring>
#include <utility>

#include "tcp_device.hpp"

namespace busbar::bench {

struct Spent {
    double cpu_us = 0;
    std::uint64_t requests = 0;
    double per_request() const { return cpu_us / static_cast<double>(requests); }
};

class TcpFloor {
public:
    TcpFloor(std::uint16_t port, int connections, unsigned at_once)
        : at_once_(at_once), values_(static_cast<std::size_t>(connections) * registers / 2) {
        poll_ = ::epoll_create1(0);
        sockaddr_in a{};
        a.sin_family = AF_INET;
        a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        a.sin_port = htons(port);
        for (int i = 0; i < connections; ++i) {
            const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
            const int on = 1;
            if (::connect(fd, reinterpret_cast<sockaddr*>(&a), sizeof a) != 0) std::abort();
            ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            epoll_event e{.events = EPOLLIN, .data = {.u32 = static_cast<std::uint32_t>(i)}};
            ::epoll_ctl(poll_, EPOLL_CTL_ADD, fd, &e);
            connections_.push_back({.fd = fd});
        }
        for (unsigned k = 0; k < at_once_; ++k) {
            std::uint8_t* const one = requests_.data() + k * request_size;
            one[5] = 6;
            one[6] = 1;
            one[7] = 3;
            one[11] = registers;
        }
    }
    ~TcpFloor() {
        for (const Connection& c : connections_) ::close(c.fd);
        ::close(poll_);
    }
    TcpFloor(const TcpFloor&) = delete;
    TcpFloor& operator=(const TcpFloor&) = delete;

    Spent round(std::chrono::steady_clock::duration length) {
        const double cpu = thread_cpu_us();
        const auto end = std::chrono::steady_clock::now() + length;
        std::uint64_t count = 0;
        for (Connection& c : connections_)
            if (!std::exchange(c.is_started, true)) ask(c);
        for (bool is_over = false; !is_over; is_over = std::chrono::steady_clock::now() > end) {
            std::array<epoll_event, 64> events;
            const int n = ::epoll_wait(poll_, events.data(), 64, 50);
            for (int i = 0; i < n; ++i) count += take(events[static_cast<std::size_t>(i)].data.u32);
        }
        return {thread_cpu_us() - cpu, count};
    }

private:
    static constexpr std::size_t request_size = 12, answer_size = 9 + 2 * registers, most = 16;
    struct Connection {
        int fd = -1;
        bool is_started = false;
        std::size_t filled = 0;
        unsigned answered = 0;
        std::array<std::uint8_t, most * answer_size> answers{};
    };

    void ask(Connection& c) {
        for (unsigned k = 0; k < at_once_; ++k) {
            ++number_;
            requests_[k * request_size] = static_cast<std::uint8_t>(number_ >> 8);
            requests_[k * request_size + 1] = static_cast<std::uint8_t>(number_);
        }
        const std::size_t size = at_once_ * request_size;
        if (::send(c.fd, requests_.data(), size, MSG_NOSIGNAL) != static_cast<ssize_t>(size)) std::abort();
        c.filled = c.answered = 0;
    }
    unsigned take(std::size_t index) {
        Connection& c = connections_[index];
        const ssize_t n = ::recv(c.fd, c.answers.data() + c.filled, c.answers.size() - c.filled, MSG_DONTWAIT);
        if (n <= 0) std::abort();
        c.filled += static_cast<std::size_t>(n);
        const unsigned before = c.answered;
        for (; (c.answered + 1) * answer_size <= c.filled; ++c.answered) {
            const std::uint8_t* const words = c.answers.data() + c.answered * answer_size + 9;
            for (std::size_t i = 0; i < registers / 2; ++i) {
                std::uint32_t raw = 0;
                std::memcpy(&raw, words + 4 * i, sizeof raw);
                values_[index * registers / 2 + i] = static_cast<std::int32_t>(__builtin_bswap32(raw)) * 0.1;
            }
        }
        const unsigned fresh = c.answered - before;
        if (c.answered == at_once_) ask(c);
        return fresh;
    }

    unsigned at_once_;
    int poll_ = -1;
    std::uint16_t number_ = 0;
    std::vector<Connection> connections_;
    std::vector<double> values_;
    std::array<std::uint8_t, most * request_size> requests_{};
};

}  // namespace busbar::bench
