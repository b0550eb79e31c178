// CPU per request for reading 100 holding registers over Modbus/TCP on 16 connections: our bus on one loop, with one
// request in flight on each and with eight, against libmodbus with one blocking thread per connection (it knows one at
// a time only), in turns, same server, same core. Ours also turns the registers into numbers and keeps them; libmodbus
// only delivers the registers. The floor is the least a program can do for the same duty: a loop of epoll_wait, recv
// and send without anything around it.
#include <modbus.h>

#include <atomic>
#include <memory>
#include <thread>

#include "base/real_loop.hpp"
#include "bus/make_bus.hpp"
#include "measure.hpp"
#include "tcp_device.hpp"
#include "tcp_floor.hpp"

using namespace busbar;
using namespace busbar::bench;
using namespace std::chrono_literals;

namespace {

constexpr int connections = 16;
constexpr int rounds = 7;
constexpr auto round_length = 400ms;

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

struct Series {
    std::vector<double> us, ratio;
    void add(double mine, double peer) {
        us.push_back(mine);
        ratio.push_back(mine / peer);
    }
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
    TcpDevice server;
    run_first();
    Ours plain(server.port, 1), pipelined(server.port, 8);
    (void)plain.round();  // connections, caches
    (void)pipelined.round();
    if (!part.empty()) {
        Ours& one = part == "--only-pipelined" ? pipelined : plain;
        for (int i = 0; i < rounds; ++i) fmt::print("{:.2f} us\n", one.round().per_request());
        fmt::print("{} requests\n", plain.count + pipelined.count);
        return 0;
    }
    TcpFloor floor(server.port, connections, 1), floor_piped(server.port, connections, 8);
    (void)libmodbus_round(server.port);
    Series one, eight, least, least_eight;
    std::vector<double> theirs;
    for (int i = 0; i < rounds; ++i) {
        const double mine = plain.round().per_request();
        const double peer = libmodbus_round(server.port).per_request();
        theirs.push_back(peer);
        one.add(mine, peer);
        eight.add(pipelined.round().per_request(), peer);
        least.add(floor.round(round_length).per_request(), peer);
        least_eight.add(floor_piped.round(round_length).per_request(), peer);
    }
    const auto tell = [&](const char* how, const Series& figures, double goal) {
        print({.measure = fmt::format("Modbus TCP, 100 registers, 16 connections{}: CPU per request", how),
               .ours = median(figures.us),
               .peer = median(theirs),
               .ratio = median(figures.ratio),
               .goal = goal,
               .unit = "us",
               .peer_name = "libmodbus",
               .goal_is_ratio = true});
    };
    tell("", one, 0.6);
    tell(", 8 requests at once", eight, 0.12);
    tell(", floor", least, 0.6);
    tell(", 8 requests at once, floor", least_eight, 0.12);
}
