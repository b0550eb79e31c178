#include "field_floor.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace busbar::bench {
namespace {

constexpr std::uint16_t registers = 100;
constexpr std::size_t points = 40;

int connected(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    a.sin_port = htons(port);
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&a), sizeof a) != 0) std::exit(1);
    return fd;
}

int each_second() {
    const int fd = ::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    const itimerspec every{.it_interval = {1, 0}, .it_value = {1, 0}};
    ::timerfd_settime(fd, 0, &every, nullptr);
    return fd;
}

void ask(int fd) {
    constexpr std::uint8_t request[] = {0, 1, 0, 0, 0, 6, floor_unit, 3, 0, 100, 0, registers};
    if (::send(fd, request, sizeof request, MSG_NOSIGNAL) != sizeof request) std::exit(1);
}

// One byte each, as the changes of slow values are kept.
std::size_t take_answer(int fd, std::uint8_t* record) {
    std::uint8_t bytes[300];
    if (::recv(fd, bytes, sizeof bytes, 0) != 9 + 2 * registers) std::exit(1);
    std::array<double, points> values{};
    for (std::size_t i = 0; i < points; ++i)
        values[i] = 0.1 * static_cast<double>(bytes[9 + 4 * i] << 8 | bytes[10 + 4 * i]);
    for (std::size_t i = 0; i < points; ++i) record[i] = static_cast<std::uint8_t>(values[i] * 10);
    return points;
}

}  // namespace

void run_floor(const std::vector<std::uint16_t>& ports, const std::string& file) {
    const int poll = ::epoll_create1(EPOLL_CLOEXEC);
    const auto watch = [&](int fd) {
        epoll_event e{.events = EPOLLIN, .data = {.fd = fd}};
        ::epoll_ctl(poll, EPOLL_CTL_ADD, fd, &e);
    };
    std::vector<int> devices;
    for (const std::uint16_t port : ports) watch(devices.emplace_back(connected(port)));
    const int timer = each_second();
    watch(timer);
    const int disk = ::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (disk < 0 || ::posix_fallocate(disk, 0, 1 << 20) != 0) std::exit(1);
    std::vector<std::uint8_t> record(points * ports.size());
    std::size_t taken = 0;
    for (std::uint64_t second = 0;;) {
        std::array<epoll_event, 128> events;
        const int n = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), -1);
        for (int i = 0; i < n; ++i) {
            const int fd = events[static_cast<std::size_t>(i)].data.fd;
            if (fd != timer) {
                taken += take_answer(fd, record.data() + taken % record.size());
                continue;
            }
            std::uint64_t ticks = 0;
            if (::read(timer, &ticks, sizeof ticks) != sizeof ticks) std::exit(1);
            for (const int device : devices) ask(device);
        }
        if (taken < record.size()) continue;
        taken = 0;
        const auto at = static_cast<off_t>(second * record.size() % (1 << 19));
        if (::pwrite(disk, record.data(), record.size(), at) < 0 || ::fdatasync(disk) != 0) std::exit(1);
        if (second++ > 0) continue;
        std::printf("floor runs\n");
        std::fflush(stdout);
    }
}

}  // namespace busbar::bench
