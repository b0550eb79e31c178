#pragma once
// The device of bench_field_tcp: a Modbus TCP server on a thread and a core of its own, quicker than any client.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <thread>

#include "measure.hpp"

namespace busbar::bench {

constexpr std::uint16_t registers = 100;

// A device that never answers: its connections are made by the kernel and taken by nobody.
class DeadTcpDevice {
public:
    DeadTcpDevice() {
        sockaddr_in a{};
        a.sin_family = AF_INET;
        a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof a;
        if (::bind(listener, reinterpret_cast<sockaddr*>(&a), size) != 0 || ::listen(listener, 64) != 0) std::abort();
        ::getsockname(listener, reinterpret_cast<sockaddr*>(&a), &size);
        port = ntohs(a.sin_port);
    }
    ~DeadTcpDevice() { ::close(listener); }
    DeadTcpDevice(const DeadTcpDevice&) = delete;
    DeadTcpDevice& operator=(const DeadTcpDevice&) = delete;
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    std::uint16_t port = 0;
};

// Answers every request with 100 registers, the cheapest way there is.
class TcpDevice : public DeadTcpDevice {
public:
    TcpDevice() : thread_([this] { serve(); }) {}
    ~TcpDevice() {
        ends_ = true;
        thread_.join();
    }

private:
    void serve() {
        pin_to(1);
        run_first();
        ::pthread_setname_np(::pthread_self(), "server");  // for profilers
        const int poll = ::epoll_create1(0);
        const auto watch = [&](int fd) {
            epoll_event e{.events = EPOLLIN, .data = {.fd = fd}};
            ::epoll_ctl(poll, EPOLL_CTL_ADD, fd, &e);
        };
        watch(listener);
        while (!ends_) {
            std::array<epoll_event, 64> events;
            const int n = ::epoll_wait(poll, events.data(), 64, 50);
            for (int i = 0; i < n; ++i) {
                const int fd = events[static_cast<std::size_t>(i)].data.fd;
                if (fd == listener) {
                    const int client = ::accept(listener, nullptr, nullptr);
                    const int on = 1;
                    ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                    watch(client);
                } else if (!answer(fd)) {
                    ::close(fd);
                }
            }
        }
        ::close(poll);
    }
    template <std::size_t count, std::size_t size>
    static std::array<std::uint8_t, count * size> prepared() {
        std::array<std::uint8_t, count * size> out{};
        for (std::size_t k = 0; k < count; ++k) {
            std::uint8_t* const one = out.data() + k * size;
            one[5] = 3 + 2 * registers;
            one[7] = 3;
            one[8] = 2 * registers;
            for (std::size_t i = 0; i < registers; ++i) one[10 + 2 * i] = static_cast<std::uint8_t>(i);
        }
        return out;
    }
    // All requests that came together are answered together, as a device that takes several would do it.
    static bool answer(int fd) {
        static constexpr std::size_t request_size = 12, answer_size = 9 + 2 * registers, most = 16;
        std::uint8_t requests[most * request_size];
        const ssize_t n = ::recv(fd, requests, sizeof requests, 0);
        if (n < static_cast<ssize_t>(request_size) || n % static_cast<ssize_t>(request_size) != 0) return false;
        const std::size_t count = static_cast<std::size_t>(n) / request_size;
        static std::array<std::uint8_t, most* answer_size> out = prepared<most, answer_size>();
        for (std::size_t k = 0; k < count; ++k) {  // number and unit are the request's
            std::uint8_t* const one = out.data() + k * answer_size;
            std::copy_n(requests + k * request_size, 2, one);
            one[6] = requests[k * request_size + 6];
        }
        const std::size_t size = count * answer_size;
        return ::send(fd, out.data(), size, MSG_NOSIGNAL) == static_cast<ssize_t>(size);
    }
    std::atomic<bool> ends_{false};
    std::thread thread_;
};

}  // namespace busbar::bench
