// CPU per request for reading 100 holding registers over Modbus/TCP on 16 connections: our bus on one loop, with one
// request in flight on each and with eight, against libmodbus with one blocking thread per connection (it knows one at
// a time only), in turns, same server, same core. Ours also turns the registers into numbers and keeps them; libmodbus
// only delivers the registers.
#include <modbus.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <memory>
#include <thread>

#include "base/real_loop.hpp"
#include "bus/make_bus.hpp"
#include "measure.hpp"

using namespace busbar;
using namespace busbar::bench;
using namespace std::chrono_literals;

namespace {

constexpr int connections = 16;
constexpr int rounds = 7;
constexpr auto round_length = 400ms;
constexpr std::uint16_t registers = 100;

// Answers every request with 100 registers, the cheapest way there is.
class Server {
public:
    Server() {
        listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in a{};
        a.sin_family = AF_INET;
        a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof a;
        if (::bind(listener_, reinterpret_cast<sockaddr*>(&a), size) != 0 || ::listen(listener_, 64) != 0) std::abort();
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&a), &size);
        port = ntohs(a.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~Server() {
        ends_ = true;
        thread_.join();
        ::close(listener_);
    }
    std::uint16_t port = 0;

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
        watch(listener_);
        while (!ends_) {
            std::array<epoll_event, 64> events;
            const int n = ::epoll_wait(poll, events.data(), 64, 50);
            for (int i = 0; i < n; ++i) {
                const int fd = events[static_cast<std::size_t>(i)].data.fd;
                if (fd == listener_) {
                    const int client = ::accept(listener_, nullptr, nullptr);
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
    int listener_ = -1;
    std::atomic<bool> ends_{false};
    std::thread thread_;
};

struct Spent {
    double cpu_us = 0;
    std::uint64_t requests = 0;
    double per_request() const { return cpu_us / static_cast<double>(requests); }
};

struct Ours {
    Ours(std::uint16_t port, unsigned at_once) : timing{.timeout = 30s, .pipeline = at_once} {
        const bus::TcpSettings settings{"127.0.0.1", port};
        for (int i = 0; i < connections; ++i) buses.push_back(bus::make_tcp_bus(loop, std::to_string(i), settings));
        values.resize(connections * registers / 2);
        for (unsigned k = 0; k < at_once; ++k)
            for (int i = 0; i < connections; ++i) loop.spawn("poll", poll(*this, i));
    }
    static Task<void> poll(Ours& self, int index) {
        bus::ModbusBus& b = *self.buses[static_cast<std::size_t>(index)];
        double* out = self.values.data() + index * registers / 2;
        const bus::RegisterBlock block{bus::Table::holding, 0, registers};
        for (;;) {
            const auto got = co_await b.read(1, block, bus::Urgency::telemetry, self.timing);
            if (!got) std::abort();
            for (std::size_t i = 0; i < registers / 2; ++i)
                out[i] = static_cast<std::int32_t>(got->words[2 * i] << 16 | got->words[2 * i + 1]) * 0.1;
            ++self.count;
        }
    }
    Spent round() {
        const double cpu = thread_cpu_us();
        const std::uint64_t before = count;
        auto stop = [](RealLoop& l) -> Task<void> {
            co_await l.sleep_for(round_length);
            l.stop();
        };
        loop.spawn("stop", stop(loop));
        loop.run();
        return {thread_cpu_us() - cpu, count - before};
    }
    bus::DeviceTiming timing;
    RealLoop loop;
    std::vector<std::unique_ptr<bus::ModbusBus>> buses;
    std::vector<double> values;
    std::uint64_t count = 0;
};

Spent libmodbus_round(std::uint16_t port) {
    std::vector<std::thread> threads;
    std::vector<Spent> spent(connections);
    std::atomic<bool> ends{false};
    for (int i = 0; i < connections; ++i)
        threads.emplace_back([&, i] {
            modbus_t* m = modbus_new_tcp("127.0.0.1", port);
            if (modbus_connect(m) != 0) std::abort();
            std::uint16_t words[registers];
            if (modbus_read_registers(m, 0, registers, words) != registers) std::abort();
            const double cpu = thread_cpu_us();
            Spent& mine = spent[static_cast<std::size_t>(i)];
            while (!ends) {
                if (modbus_read_registers(m, 0, registers, words) != registers) std::abort();
                ++mine.requests;
            }
            mine.cpu_us = thread_cpu_us() - cpu;
            modbus_close(m);
            modbus_free(m);
        });
    std::this_thread::sleep_for(round_length);
    ends = true;
    Spent all;
    for (auto& t : threads) t.join();
    for (const Spent& s : spent) {
        all.cpu_us += s.cpu_us;
        all.requests += s.requests;
    }
    return all;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view part = argc > 1 ? argv[1] : "";  // --only-ours, --only-pipelined: for profilers
    pin_to(0);
    Server server;
    run_first();
    Ours plain(server.port, 1), pipelined(server.port, 8);
    (void)plain.round();  // connections, caches
    (void)pipelined.round();
    if (!part.empty()) {
        Ours& one = part == "--only-pipelined" ? pipelined : plain;
        for (int i = 0; i < rounds; ++i) fmt::print("{:.2f} us\n", one.round().per_request());
        return 0;
    }
    (void)libmodbus_round(server.port);
    std::vector<double> mine, mine_piped, theirs, ratios, ratios_piped;
    for (int i = 0; i < rounds; ++i) {
        mine.push_back(plain.round().per_request());
        theirs.push_back(libmodbus_round(server.port).per_request());
        mine_piped.push_back(pipelined.round().per_request());
        ratios.push_back(mine.back() / theirs.back());
        ratios_piped.push_back(mine_piped.back() / theirs.back());
    }
    const auto tell = [&](const char* how, const std::vector<double>& us, const std::vector<double>& ratio,
                          double goal) {
        print({.measure = fmt::format("Modbus TCP, 100 registers, 16 connections{}: CPU per request", how),
               .ours = median(us),
               .peer = median(theirs),
               .ratio = median(ratio),
               .goal = goal,
               .unit = "us",
               .peer_name = "libmodbus",
               .goal_is_ratio = true});
    };
    tell("", mine, ratios, 0.6);
    tell(", 8 requests at once", mine_piped, ratios_piped, 0.12);
}
