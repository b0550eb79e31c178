// What the gateway costs in the house of ./dev demo: from exec to the API's first answer over HTTPS, memory, and CPU
// while it polls, controls and records. Beside it an empty Node-RED, where one is installed:
//   npm install --prefix build/peers node-red        (or BUSBAR_NODE_RED=FOLDER)
#include <filesystem>
#include <thread>

#include "gateway.hpp"
#include "measure.hpp"

using namespace busbar;
using namespace busbar::bench;
namespace fs = std::filesystem;

namespace {

constexpr int starts = 9;
constexpr double watched_s = 60;

// The demo's house, playing until this goes.
class DemoHouse {
public:
    DemoHouse()
        : plant_({BUSBAR_PLANT, "--scenario", BUSBAR_SOURCE "/tests/plant/demo_house.plant", "--dir", folder_.path(),
                  "--profiles", BUSBAR_PROFILES}) {
        while (!fs::exists(folder_.path() + "/site.yaml")) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    const std::string& folder() const { return folder_.path(); }

private:
    TemporaryFolder folder_;
    Process plant_;
};

double start_ms(const std::string& folder) {
    Gateway gateway(folder);
    test::HttpClient client(gateway.port(), true);
    const auto answer = client.request("GET", "/api/v1/setup");
    const double ms = gateway.process().age_ms();
    if (answer.status == 200) return ms;
    fmt::print(stderr, "bench: the API answers {}\n", answer.status);
    std::exit(1);
}

class NodeRed {
public:
    static bool is_here() { return fs::exists(program()); }
    NodeRed() : process_({"node", program(), "-u", folder_.path(), "-p", "18801"}) {
        process_.wait_for("Server now running");
        start_ms = process_.age_ms();
    }
    Process& process() { return process_; }
    double start_ms = 0;

private:
    static std::string program() {
        const char* given = std::getenv("BUSBAR_NODE_RED");
        const std::string folder = given != nullptr ? given : BUSBAR_SOURCE "/build/peers";
        return folder + "/node_modules/node-red/red.js";
    }
    TemporaryFolder folder_;
    Process process_;
};

struct Peer {
    std::optional<double> start_ms, resident_mb, cpu_percent;
};

double cpu_percent(double before_s, double after_s) { return 100 * (after_s - before_s) / watched_s; }

void tell(const char* measure, double ours, std::optional<double> peer, double goal, const char* unit) {
    print({.measure = measure,
           .ours = ours,
           .peer = peer,
           .ratio = peer && *peer > 0 ? std::optional(ours / *peer) : std::nullopt,
           .goal = goal,
           .unit = unit,
           .peer_name = "Node-RED, empty"});
}

// One after the other, in turns.
void measure_start(const DemoHouse& house, Peer& peer) {
    std::vector<double> first, again, theirs;
    for (int i = 0; i < starts; ++i) {
        fs::remove_all(house.folder() + "/data");
        first.push_back(start_ms(house.folder()));
        again.push_back(start_ms(house.folder()));
        if (NodeRed::is_here() && i < 3) theirs.push_back(NodeRed().start_ms);
    }
    if (!theirs.empty()) peer.start_ms = median(theirs);
    tell("gateway in the demo: start to the API's first answer", median(again), peer.start_ms, 20, "ms");
    tell("the same with an empty data folder: certificate and databases are made", median(first), peer.start_ms, 20,
         "ms");
}

void measure_duty(const DemoHouse& house, Peer& peer) {
    Gateway gateway(house.folder());
    std::optional<NodeRed> node_red;
    if (NodeRed::is_here()) node_red.emplace();
    std::this_thread::sleep_for(std::chrono::seconds(15));  // devices open, first chunks
    const double ours = gateway.process().cpu_s(), theirs = node_red ? node_red->process().cpu_s() : 0;
    std::this_thread::sleep_for(std::chrono::duration<double>(watched_s));
    if (node_red) {
        peer.resident_mb = node_red->process().resident_mb();
        peer.cpu_percent = cpu_percent(theirs, node_red->process().cpu_s());
    }
    tell("gateway in the demo: resident memory", gateway.process().resident_mb(), peer.resident_mb, 16, "MB");
    tell("gateway in the demo: CPU of one core", cpu_percent(ours, gateway.process().cpu_s()), peer.cpu_percent, 0.15,
         "%");
}

}  // namespace

int main() {
    if (!NodeRed::is_here()) fmt::print("no Node-RED in build/peers: ours is measured alone\n");
    const DemoHouse house;
    Peer peer;
    measure_start(house, peer);
    measure_duty(house, peer);
}
