// How long a gateway takes from the last byte of the meter's answer to the first byte of the setpoint that follows from
// it, beside four processes that never rest. We play the houses: a meter and a hybrid inverter on Modbus TCP, with
// loads that jump, and stamp the bytes on our side. Six gateways run at once, three that ask for real-time priority and
// three that may not, each with a house of its own, so that both kinds see the same neighbours. A seventh process of
// the same priority only passes bytes from one connection to another: what kernel and machine need of the time.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <deque>
#include <filesystem>
#include <fstream>
#include <list>
#include <regex>
#include <sstream>

#include "gateway.hpp"
#include "measure.hpp"
#include "plant/world.hpp"
#include "profile/load/load.hpp"
#include "wire/modbus_tcp.hpp"

using namespace busbar;
using namespace busbar::bench;
using Clock = std::chrono::steady_clock;

namespace {

// Loads that jump without a common rhythm, while the battery can follow: most readings ask for another setpoint.
constexpr const char* scenario = R"(
site      line meter tcp turnaround=0ms | line inverter tcp turnaround=0ms
site      grid meter=eastron/sdm630 on=meter unit=1 id=grid
site      battery=huawei/sun2000-luna2000 50kWh soc=50% power=5kW pv=8kW rated=8kW on=inverter unit=1 id=hybrid
site      load 500W id=oven | load 300W id=hob
at 0s     pv 1kW
every 1700ms from 1s    load oven 2500W
every 2300ms from 2s    load oven 500W
every 1100ms from 1s    load hob 1400W
every 1300ms from 1600ms load hob 300W
run       600s
)";

[[noreturn]] void give_up(const std::string& text) {
    fmt::print(stderr, "bench: {}\n", text);
    std::exit(1);
}

// The shipped profiles, but without the pauses these devices want between requests: those are the devices' time.
class Profiles {
public:
    Profiles() {
        for (const char* name : {"eastron/sdm630", "huawei/sun2000-luna2000"}) {
            std::ifstream file(fmt::format("{}/{}.yaml", BUSBAR_PROFILES, name));
            std::stringstream read;
            read << file.rdbuf();
            std::string text = std::regex_replace(read.str(), std::regex(", (pause|settle): [0-9]+ms"), "");
            std::filesystem::create_directories(folder_.path() + "/" + std::string(name, std::strchr(name, '/')));
            write_file(fmt::format("{}/{}.yaml", folder_.path(), name), text);
            texts_[name] = std::move(text);
        }
    }
    const std::string& folder() const { return folder_.path(); }
    Result<profile::Profile> operator()(std::string_view name) const {
        return profile::load(texts_.at(std::string(name)), std::string(name));
    }

private:
    TemporaryFolder folder_;
    std::map<std::string, std::string> texts_;
};

// One connection of the gateway to one line of a house.
struct Connection {
    int fd;
    plant::Line& line;
    wire::TcpStream stream;
};

class House {
public:
    House(const Profiles& profiles, std::vector<std::string> options) {
        auto parsed = plant::parse(scenario, "reaction.plant");
        if (!parsed) give_up(parsed.error().text);
        plant::World::Inputs inputs;
        inputs.profile = std::cref(profiles);
        auto world = plant::World::create(std::move(*parsed), 1, std::move(inputs));
        if (!world) give_up(world.error().text);
        world_ = std::move(*world);
        std::string site = "name: reaction\nbuses:\n";
        for (auto& line : world_->lines()) {
            listeners_.push_back(listen());
            site += fmt::format("  - {{id: {}, link: tcp, host: 127.0.0.1, port: {}}}\n", line.spec().id,
                                port_of(listeners_.back()));
        }
        site +=
            "devices:\n"
            "  - {id: grid, profile: eastron/sdm630, bus: meter, unit: 1, use: grid_meter}\n"
            "  - {id: hybrid, profile: huawei/sun2000-luna2000, bus: inverter, unit: 1, use: hybrid}\n"
            "pv_peak_w: 8000\n"
            "control:\n  cycle_ms: 250\n  self_consumption: {enabled: true}\n";
        write_file(folder_.path() + "/site.yaml", site);
        before_ = Clock::now();
        options_ = std::move(options);
        options_.insert(options_.end(), {"--profiles", profiles.folder()});
    }

    // The gateway comes when somebody already answers it.
    void start() { gateway_ = std::make_unique<Gateway>(folder_.path(), options_); }
    void watch(std::vector<pollfd>& fds) const {
        for (const int fd : listeners_) fds.push_back({fd, POLLIN, 0});
        for (const auto& c : connections_) fds.push_back({c.fd, POLLIN, 0});
    }
    void ready(int fd) {
        for (std::size_t i = 0; i < listeners_.size(); ++i) {
            if (fd != listeners_[i]) continue;
            const int accepted = ::accept4(fd, nullptr, nullptr, SOCK_CLOEXEC);
            const int on = 1;
            ::setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            connections_.push_back({accepted, world_->lines()[i], {}});
            return;
        }
        for (auto at = connections_.begin(); at != connections_.end(); ++at) {
            if (at->fd != fd || serve(*at)) continue;
            ::close(fd);
            connections_.erase(at);
            return;
        }
    }
    std::vector<double> reactions_us;
    bool counts = false;
    std::size_t readings = 0;

private:
    static int listen() {
        const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0 || ::listen(fd, 8) != 0) give_up("no port");
        return fd;
    }
    static int port_of(int fd) {
        sockaddr_in at{};
        socklen_t size = sizeof at;
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size);
        return ntohs(at.sin_port);
    }

    bool serve(Connection& c) {
        const auto space = c.stream.space();
        const ssize_t n = ::recv(c.fd, space.data(), space.size(), 0);
        const auto arrived = Clock::now();
        if (n <= 0) return false;
        c.stream.arrived(static_cast<std::size_t>(n));
        world_->step(std::chrono::duration<double>(arrived - before_).count());
        before_ = arrived;
        while (c.stream.next() == wire::TcpStream::State::message) {
            const auto& message = c.stream.message();
            const bool is_write = message.pdu[0] == 6 || message.pdu[0] == 16;
            if (is_write && is_waiting_) note(arrived);
            const bool is_meter = c.line.spec().id == "meter";
            const auto reply = c.line.answer_tcp(message);
            if (!reply) continue;
            const auto sent = Clock::now();  // before the bytes leave: what the kernel needs is counted against us
            if (::send(c.fd, reply->bytes.data(), reply->bytes.size(), MSG_NOSIGNAL) < 0) return false;
            if (!is_meter) continue;
            answered_ = sent;
            is_waiting_ = true;
            readings += counts ? 1 : 0;
        }
        return true;
    }
    // The first write after an answer of the meter is what the answer led to; the others belong to the same setpoint.
    void note(Clock::time_point arrived) {
        is_waiting_ = false;
        if (counts) reactions_us.push_back(std::chrono::duration<double, std::micro>(arrived - answered_).count());
    }

    TemporaryFolder folder_;
    std::vector<std::string> options_;
    std::unique_ptr<plant::World> world_;
    std::vector<int> listeners_;
    std::list<Connection> connections_;
    Clock::time_point before_, answered_;
    bool is_waiting_ = false;
    std::unique_ptr<Gateway> gateway_;  // first to go
};

// Reads from one connection and writes to the other at once, at the priority the gateway asks for.
class Echo {
public:
    Echo() {
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in_) != 0) give_up("no sockets");
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, out_) != 0) give_up("no sockets");
        id_ = ::fork();
        if (id_ != 0) return;
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        const sched_param rank{.sched_priority = 1};
        (void)::sched_setscheduler(0, SCHED_FIFO, &rank);
        char byte = 0;
        while (::read(in_[1], &byte, 1) == 1) (void)!::write(out_[1], &byte, 1);
        ::_exit(0);
    }
    ~Echo() {
        ::kill(id_, SIGKILL);
        ::waitpid(id_, nullptr, 0);
    }
    int fd() const { return out_[0]; }
    void ask(Clock::time_point now) {
        if (now < next_ || is_asked_) return;
        next_ = now + std::chrono::milliseconds(83);
        is_asked_ = true;
        sent_ = Clock::now();
        (void)!::write(in_[0], "x", 1);
    }
    void ready() {
        char byte = 0;
        if (::read(out_[0], &byte, 1) != 1) return;
        const auto arrived = Clock::now();
        is_asked_ = false;
        if (counts) passed_us.push_back(std::chrono::duration<double, std::micro>(arrived - sent_).count());
    }
    bool counts = false;
    std::vector<double> passed_us;

private:
    int in_[2], out_[2];
    pid_t id_ = 0;
    bool is_asked_ = false;
    Clock::time_point next_, sent_;
};

void serve_for(const std::vector<House*>& houses, Echo& echo, double seconds) {
    const auto end = Clock::now() + std::chrono::duration<double>(seconds);
    std::vector<pollfd> fds;
    while (Clock::now() < end) {
        echo.ask(Clock::now());
        fds.assign(1, {echo.fd(), POLLIN, 0});
        for (const House* house : houses) house->watch(fds);
        if (::poll(fds.data(), fds.size(), 100) <= 0) continue;
        if (fds[0].revents != 0) echo.ready();
        for (const pollfd& p : fds)
            if (p.revents != 0)
                for (House* house : houses) house->ready(p.fd);
    }
}

class Neighbours {
public:
    Neighbours() {
        for (int i = 0; i < 4; ++i) {
            const pid_t id = ::fork();
            if (id == 0) {
                ::prctl(PR_SET_PDEATHSIG, SIGKILL);
                const sched_param normal{.sched_priority = 0};
                (void)::sched_setscheduler(0, SCHED_OTHER, &normal);
                for (volatile std::uint64_t n = 0;;) n = n + 1;
            }
            ids_.push_back(id);
        }
    }
    ~Neighbours() {
        for (const pid_t id : ids_) {
            ::kill(id, SIGKILL);
            ::waitpid(id, nullptr, 0);
        }
    }

private:
    std::vector<pid_t> ids_;
};

double share(std::vector<double> values, double part) {
    if (values.empty()) give_up("no setpoint followed a reading");
    std::sort(values.begin(), values.end());
    return values[std::min(values.size() - 1, static_cast<std::size_t>(part * static_cast<double>(values.size())))];
}

void tell(std::deque<House>& houses, const char* who, const char* measure, double goal) {
    std::vector<double> all;
    std::size_t readings = 0;
    for (const House& house : houses) {
        all.insert(all.end(), house.reactions_us.begin(), house.reactions_us.end());
        readings += house.readings;
    }
    const double p99 = share(all, 0.99);
    fmt::print("{}: {} setpoints after {} readings, p50 {:.0f} us, p90 {:.0f} us, p99 {:.0f} us, worst {:.0f} us\n",
               who, all.size(), readings, share(all, 0.5), share(all, 0.9), p99, share(all, 1));
    constexpr double openems_cycle_us = 1e6;  // its default; quoted, not measured here
    print({.measure = measure,
           .ours = p99,
           .peer = openems_cycle_us,
           .ratio = p99 / openems_cycle_us,
           .goal = goal,
           .unit = "us",
           .peer_name = "OpenEMS's cycle, quoted"});
}

}  // namespace

int main(int argc, char** argv) {
    const double seconds = argc > 1 ? std::stod(argv[1]) : 90;
    const Profiles profiles;
    std::deque<House> real_time, normal;
    std::vector<House*> all;
    for (int i = 0; i < 3; ++i) {
        all.push_back(&real_time.emplace_back(profiles, std::vector<std::string>{}));
        all.push_back(&normal.emplace_back(profiles, std::vector<std::string>{"--no-realtime"}));
    }
    for (House* house : all) house->start();
    if (!run_first()) fmt::print("no real-time priority for the measuring side: its own delays are in the figures\n");
    Echo echo;
    serve_for(all, echo, 10);  // devices open, setpoints begin
    Neighbours busy;
    for (House* house : all) house->counts = true;
    echo.counts = true;
    serve_for(all, echo, seconds);
    tell(real_time, "real-time priority", "meter's last byte to setpoint's first, p99, 4 busy processes beside", 150);
    tell(normal, "no real-time permission",
         "no real-time permission: meter's last byte to setpoint's first, p99, 4 busy processes", 1000);
    fmt::print("the machine itself, a byte passed on by a process of the same priority: p50 {:.0f} us, p99 {:.0f} us\n",
               share(echo.passed_us, 0.5), share(echo.passed_us, 0.99));
}
