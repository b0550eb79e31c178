// What the gateway costs with 60 devices of 40 points each at 1 Hz over Modbus/TCP: CPU, memory, and how many of the
// requests that this means were really made. The devices are one thread of this program. Not run beside us, but quoted:
// Node with modbus-serial and InfluxDB for the same duty, 1.4 % of a core and 87 MB.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cmath>
#include <filesystem>
#include <set>
#include <thread>

#include "gateway.hpp"
#include "measure.hpp"
#include "wire/modbus_tcp.hpp"

using namespace busbar;
using namespace busbar::bench;

namespace {

constexpr int devices = 60;
constexpr int points = 40;
constexpr double watched_s = 60;

// Each device is a port. Registers hold what changes with time as voltages and currents do; from 10 on stands the
// model.
class Devices {
public:
    Devices() {
        for (int i = 0; i < devices; ++i) {
            const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
            sockaddr_in a{};
            a.sin_family = AF_INET;
            a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            socklen_t size = sizeof a;
            if (::bind(fd, reinterpret_cast<sockaddr*>(&a), size) != 0 || ::listen(fd, 8) != 0) std::abort();
            ::getsockname(fd, reinterpret_cast<sockaddr*>(&a), &size);
            ports.push_back(ntohs(a.sin_port));
            listeners_.insert(fd);
        }
        thread_ = std::thread([this] { serve(); });
    }
    ~Devices() {
        ends_ = true;
        thread_.join();
        for (const int fd : listeners_) ::close(fd);
    }
    std::vector<std::uint16_t> ports;
    std::atomic<std::uint64_t> large_reads{0};  // those of the 40 points

private:
    void serve() {
        const int poll = ::epoll_create1(EPOLL_CLOEXEC);
        const auto watch = [&](int fd) {
            epoll_event e{.events = EPOLLIN, .data = {.fd = fd}};
            ::epoll_ctl(poll, EPOLL_CTL_ADD, fd, &e);
        };
        for (const int fd : listeners_) watch(fd);
        while (!ends_) {
            std::array<epoll_event, 64> events;
            const int n = ::epoll_wait(poll, events.data(), 64, 50);
            for (int i = 0; i < n; ++i) {
                const int fd = events[static_cast<std::size_t>(i)].data.fd;
                if (listeners_.contains(fd))
                    watch(::accept4(fd, nullptr, nullptr, SOCK_CLOEXEC));
                else if (!answer(fd))
                    ::close(fd);
            }
        }
        ::close(poll);
    }
    bool answer(int fd) {
        std::uint8_t bytes[300];
        const ssize_t n = ::recv(fd, bytes, sizeof bytes, 0);
        if (n < 12) return false;
        const auto request =
            wire::decode_request({bytes + wire::mbap_size, static_cast<std::size_t>(n) - wire::mbap_size});
        if (!request || !request->is_read()) return false;
        if (request->count > 50) ++large_reads;
        std::array<std::uint16_t, wire::max_read_registers> words{};
        const double s = std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
        for (int i = 0; i < request->count; ++i) words[static_cast<std::size_t>(i)] = word(request->address + i, s);
        const wire::Pdu pdu = wire::encode_registers_answer(request->function, std::span(words).first(request->count));
        const auto number = static_cast<std::uint16_t>(bytes[0] << 8 | bytes[1]);
        const wire::TcpFrame out = wire::encode_tcp(number, bytes[6], pdu.view());
        return ::send(fd, out.bytes.data(), out.size, MSG_NOSIGNAL) == out.size;
    }
    static std::uint16_t word(int address, double s) {
        constexpr std::array<std::uint16_t, 4> model{'B' << 8 | 'E', 'N' << 8 | 'C', 'H' << 8 | '1', 0};
        if (address >= 10 && address < 14) return model[static_cast<std::size_t>(address - 10)];
        return static_cast<std::uint16_t>(2300 + 40 * std::sin(s / 7 + address));
    }
    std::set<int> listeners_;
    std::atomic<bool> ends_{false};
    std::thread thread_;
};

constexpr const char* profile = R"(profile: bench/forty
source: "made for this measurement"
verified: "nothing"
products: [{brand: Bench, models: [BENCH1]}]
bus: {protocol: modbus, max_registers: 125, max_gap: 20}
identify: {maker: Bench, model: {read: holding 10, count: 4, starts_with: BENCH}}
points:
  pv.string.voltage.1..20: {read: holding 100, step: 2, type: u16, unit: 0.1 V, every: critical}
  pv.string.current.1..19: {read: holding 141, step: 3, type: u16, unit: 0.01 A, every: critical}
  ac.power: {read: holding 199, type: u16, unit: W, sign: export_positive, every: critical}
)";

std::string site(const Devices& all) {
    std::string text = "name: Sixty\ntimezone: Europe/Berlin\nbuses:\n", list = "devices:\n";
    for (int i = 0; i < devices; ++i) {
        text += fmt::format("  - {{id: b{}, link: tcp, host: 127.0.0.1, port: {}}}\n", i,
                            all.ports[static_cast<std::size_t>(i)]);
        list += fmt::format("  - {{id: d{}, profile: bench/forty, bus: b{}, unit: 1, use: pv}}\n", i, i);
    }
    return text + list;
}

}  // namespace

int main() {
    Devices all;
    TemporaryFolder folder;
    std::filesystem::create_directories(folder.path() + "/profiles/bench");
    write_file(folder.path() + "/profiles/bench/forty.yaml", profile);
    write_file(folder.path() + "/site.yaml", site(all));
    Gateway gateway(folder.path(), {"--profiles", folder.path() + "/profiles"});
    std::this_thread::sleep_for(std::chrono::seconds(20));  // devices open, first chunks
    const double cpu = gateway.process().cpu_s();
    const std::uint64_t reads = all.large_reads;
    std::this_thread::sleep_for(std::chrono::duration<double>(watched_s));
    const double share = static_cast<double>(all.large_reads - reads) / (devices * watched_s);
    if (share == 0) {
        fmt::print(stderr, "bench: the gateway polls none of the devices\n");
        return 1;
    }
    const double percent = 100 * (gateway.process().cpu_s() - cpu) / watched_s;
    const auto tell = [](const char* measure, double ours, std::optional<double> peer, double goal, const char* unit) {
        print({.measure = fmt::format("gateway with {} devices x {} points at 1 Hz: {}", devices, points, measure),
               .ours = ours,
               .peer = peer,
               .ratio = peer ? std::optional(ours / *peer) : std::nullopt,
               .goal = goal,
               .unit = unit,
               .peer_name = peer ? "Node, modbus-serial and InfluxDB, quoted" : ""});
    };
    tell("CPU of one core", percent, 1.4, 0.15, "%");
    tell("resident memory", gateway.process().resident_mb(), 87, 16, "MB");
    print({.measure = "polls made of those that 1 Hz means, 60 devices",
           .ours = 100 * share,
           .goal = 99,
           .unit = "%",
           .higher_is_better = true});
}
