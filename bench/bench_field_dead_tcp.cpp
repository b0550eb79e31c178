// What a TCP device that takes the connection and never answers costs the others: how late their polls are, from the
// instant they are due to their answer, with the dead one polled beside them and without it, in turns. Ours on one
// loop against libmodbus on one thread that goes round its devices.
#include <modbus.h>

#include <memory>

#include "base/real_loop.hpp"
#include "bus/make_bus.hpp"
#include "measure.hpp"
#include "tcp_device.hpp"

using namespace busbar;
using namespace busbar::bench;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int devices = 16;
constexpr int rounds = 3;
constexpr auto round_length = 2s;
constexpr auto period = 20ms;
constexpr auto timeout = 500ms;  // libmodbus's own

struct Late {
    double p50_ms = 0, p99_ms = 0;
};
Late summary(std::vector<double> late_ms) {
    if (late_ms.empty()) std::abort();
    std::sort(late_ms.begin(), late_ms.end());
    return {late_ms[late_ms.size() / 2], late_ms[late_ms.size() * 99 / 100]};
}

class Ours {
public:
    Ours(std::uint16_t port, std::uint16_t dead_port) {
        for (int i = 0; i < devices; ++i) buses_.push_back(make("live " + std::to_string(i), port));
        dead_ = make("dead", dead_port);
    }
    Late round(bool with_dead) {
        late_ms_.clear();
        end_ = loop_.now() + round_length;
        pollers_ = devices;
        for (int i = 0; i < devices; ++i) loop_.spawn("poll", poll(*this, i));
        if (with_dead) {
            ++pollers_;
            loop_.spawn("poll", poll_dead(*this));
        }
        loop_.run();
        return summary(late_ms_);
    }

private:
    std::unique_ptr<bus::ModbusBus> make(const std::string& name, std::uint16_t port) {
        const bus::TcpSettings settings{"127.0.0.1", port};
        return bus::make_tcp_bus(loop_, name, settings);
    }
    static Task<void> poll(Ours& self, int index) {
        bus::ModbusBus& bus = *self.buses_[static_cast<std::size_t>(index)];
        const bus::RegisterBlock block{bus::Table::holding, 0, registers};
        const bus::DeviceTiming timing{.timeout = timeout};
        Instant due = self.loop_.now() + period * index / devices;
        for (; due < self.end_; due += period) {
            co_await self.loop_.sleep_until(due);
            const auto got = co_await bus.read(1, block, bus::Urgency::critical, timing);
            if (!got) std::abort();
            self.late_ms_.push_back(1e3 * to_seconds(got->received - due));
        }
        self.ended();
    }
    static Task<void> poll_dead(Ours& self) {
        const bus::RegisterBlock block{bus::Table::holding, 0, registers};
        const bus::DeviceTiming timing{.timeout = timeout};
        for (Instant due = self.loop_.now(); due < self.end_; due += period) {
            co_await self.loop_.sleep_until(due);
            (void)co_await self.dead_->read(1, block, bus::Urgency::critical, timing);
        }
        self.ended();
    }
    void ended() {
        if (--pollers_ == 0) loop_.stop();
    }
    RealLoop loop_;
    std::vector<std::unique_ptr<bus::ModbusBus>> buses_;
    std::unique_ptr<bus::ModbusBus> dead_;
    std::vector<double> late_ms_;
    Instant end_{};
    int pollers_ = 0;
};

class Libmodbus {
public:
    Libmodbus(std::uint16_t port, std::uint16_t dead_port) {
        dead_ = connect(dead_port);
        for (int i = 0; i < devices; ++i) live_.push_back(connect(port));
    }
    ~Libmodbus() {
        live_.push_back(dead_);
        for (modbus_t* m : live_) {
            modbus_close(m);
            modbus_free(m);
        }
    }
    Libmodbus(const Libmodbus&) = delete;
    Libmodbus& operator=(const Libmodbus&) = delete;

    Late round(bool with_dead) {
        std::vector<double> late_ms;
        std::uint16_t words[registers];
        const Clock::time_point end = Clock::now() + round_length;
        for (Clock::time_point due = Clock::now(); due < end; due = std::max(due + period, Clock::now())) {
            std::this_thread::sleep_until(due);
            if (with_dead) (void)modbus_read_registers(dead_, 0, registers, words);
            for (modbus_t* m : live_) {
                if (modbus_read_registers(m, 0, registers, words) != registers) std::abort();
                late_ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - due).count());
            }
        }
        return summary(late_ms);
    }

private:
    static modbus_t* connect(std::uint16_t port) {
        modbus_t* const m = modbus_new_tcp("127.0.0.1", port);
        modbus_set_response_timeout(m, 0, 500'000);
        if (modbus_connect(m) != 0) std::abort();
        return m;
    }
    std::vector<modbus_t*> live_;
    modbus_t* dead_ = nullptr;
};

}  // namespace

int main() {
    pin_to(0);
    TcpDevice live;
    DeadTcpDevice dead;
    run_first();
    Ours ours(live.port, dead.port);
    Libmodbus libmodbus(live.port, dead.port);
    (void)ours.round(false);  // connections, caches
    std::vector<double> mine, theirs, mine_p50;
    for (int i = 0; i < rounds; ++i) {
        const Late alone = ours.round(false), beside = ours.round(true);
        mine.push_back(beside.p99_ms - alone.p99_ms);
        mine_p50.push_back(beside.p50_ms - alone.p50_ms);
        const double peer_alone = libmodbus.round(false).p99_ms;
        theirs.push_back(libmodbus.round(true).p99_ms - peer_alone);
    }
    const auto tell = [&](const char* what, const std::vector<double>& ms, std::optional<double> peer) {
        print({.measure = fmt::format("a dead TCP device beside 16: {}", what),
               .ours = median(ms),
               .peer = peer,
               .ratio = peer ? std::optional(median(ms) / *peer) : std::nullopt,
               .goal = 1,
               .unit = "ms",
               .peer_name = peer ? "libmodbus, one thread" : ""});
    };
    tell("delay of the others' polls, 99 of 100", mine, median(theirs));
    tell("delay of the others' polls, median", mine_p50, std::nullopt);
}
