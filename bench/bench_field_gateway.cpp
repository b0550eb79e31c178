// What the gateway costs with 60 devices of 40 points each at 1 Hz over Modbus/TCP: CPU, memory, and how many of the
// requests that this means were really made; what a browser adds that has the overview open; what a gateway without
// devices costs. Beside it, in the same minute and from the same devices, a program that does the least for that duty
// (field_floor.hpp). The devices are one thread of this program. Not run beside us, but quoted: Node with modbus-serial
// and InfluxDB for the same duty, 1.4 % of a core and 87 MB.
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

#include "field_floor.hpp"
#include "gateway.hpp"
#include "measure.hpp"
#include "wire/modbus_tcp.hpp"

using namespace busbar;
using namespace busbar::bench;

namespace {

constexpr int devices = 60;
constexpr int points = 40;
constexpr double watched_s = 60, browser_s = 30;

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
    std::atomic<std::uint64_t> large_reads{0};  // those of the 40 points, by the gateway

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
        if (request->count > 50 && bytes[6] != floor_unit) ++large_reads;
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

void wait_s(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

// CPU in % of a core since the last call.
class Watched {
public:
    explicit Watched(const Process& process) : process_(process) {}
    double percent() {
        const auto now = std::chrono::steady_clock::now();
        const double cpu = process_.cpu_s();
        const double used = 100 * (cpu - cpu_) / std::chrono::duration<double>(now - since_).count();
        since_ = now;
        cpu_ = cpu;
        return used;
    }

private:
    const Process& process_;
    std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
    double cpu_ = process_.cpu_s();
};

void tell(const std::string& measure, double ours, const char* unit, double goal, std::optional<double> peer = {},
          const char* peer_name = "") {
    print({.measure = measure,
           .ours = ours,
           .peer = peer,
           .ratio = peer ? std::optional(ours / *peer) : std::nullopt,
           .goal = goal,
           .unit = unit,
           .peer_name = peer_name});
}

// Reads what the live socket sends, as the overview page does; how many messages that were.
int browse(Gateway& gateway, double seconds) {
    const auto client = gateway.connect();
    const auto answer =
        client->open_socket("/api/v1/live", {{"Cookie", gateway.cookie()}, {"Origin", "https://localhost"}});
    if (answer.status != 101) {
        fmt::print(stderr, "bench: no live socket: {}\n", answer.status);
        std::exit(1);
    }
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    int messages = 0;
    while (std::chrono::steady_clock::now() < end) messages += client->read_frame(500).opcode == 1;
    return messages;
}

void measure_browser(Gateway& gateway, Watched& watched, double percent_without) {
    const double memory = gateway.process().resident_mb();
    (void)browse(gateway, 5);  // its account and its handshake are not what stays
    (void)watched.percent();
    const int messages = browse(gateway, browser_s);
    if (messages < browser_s / 2) {
        fmt::print(stderr, "bench: the live socket sent {} messages in {} s\n", messages, browser_s);
        std::exit(1);
    }
    tell("a browser open on the overview of 60 devices: further CPU of one core", watched.percent() - percent_without,
         "%", 0.05);
    tell("a browser open on the overview of 60 devices: further memory", gateway.process().resident_mb() - memory, "MB",
         1);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc > 2) {
        std::vector<std::uint16_t> ports;
        for (int i = 2; i < argc; ++i) ports.push_back(static_cast<std::uint16_t>(std::stoi(argv[i])));
        run_floor(ports, argv[1]);
    }
    Devices all;
    TemporaryFolder folder, empty;
    std::filesystem::create_directories(folder.path() + "/profiles/bench");
    write_file(folder.path() + "/profiles/bench/forty.yaml", profile);
    write_file(folder.path() + "/site.yaml", site(all));
    write_file(empty.path() + "/site.yaml", "name: Empty\n");
    Gateway gateway(folder.path(), {"--profiles", folder.path() + "/profiles"});
    Gateway idle(empty.path());
    std::vector<std::string> floor_command{"/proc/self/exe", folder.path() + "/floor"};
    for (const auto port : all.ports) floor_command.push_back(std::to_string(port));
    Process floor(floor_command);
    (void)floor.wait_for("floor runs");
    wait_s(20);  // devices open, first chunks

    Watched gateway_cpu(gateway.process()), idle_cpu(idle.process()), floor_cpu(floor);
    const std::uint64_t reads = all.large_reads;
    wait_s(watched_s);
    const double share = static_cast<double>(all.large_reads - reads) / (devices * watched_s);
    if (share == 0) {
        fmt::print(stderr, "bench: the gateway polls none of the devices\n");
        return 1;
    }
    const double percent = gateway_cpu.percent(), floor_percent = floor_cpu.percent();
    const char* const node = "Node, modbus-serial and InfluxDB, quoted";
    const char* const least = "floor: the same duty by the least program";
    const std::string who = fmt::format("gateway with {} devices x {} points at 1 Hz", devices, points);
    tell(who + ": CPU of one core", percent, "%", 0.15, 1.4, node);
    tell(who + ": resident memory", gateway.process().resident_mb(), "MB", 16, 87, node);
    tell("the same gateway beside the floor: time of one core", percent, "%", 0.15, floor_percent, least);
    tell("the same gateway beside the floor: memory of its own (no program files)", gateway.process().private_mb(),
         "MB", 8, floor.private_mb(), least);
    print({.measure = "polls made of those that 1 Hz means, 60 devices",
           .ours = 100 * share,
           .goal = 99,
           .unit = "%",
           .higher_is_better = true});
    tell("a gateway without devices: CPU of one core", idle_cpu.percent(), "%", 0.02);
    tell("a gateway without devices: resident memory", idle.process().resident_mb(), "MB", 16);
    measure_browser(gateway, gateway_cpu, percent);
}
