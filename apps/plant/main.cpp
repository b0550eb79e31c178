// busbar-plant: plays a scenario behind ptys and TCP ports that a gateway cannot tell from a real house.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <deque>

#include "base/real_loop.hpp"
#include "description.hpp"
#include "plant/devices/serve.hpp"
#include "plant_files.hpp"
#include "pty_line.hpp"
#include "tcp_listener.hpp"

namespace busbar::plant_app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view usage = R"(busbar-plant plays a simulated house for a gateway.

  busbar-plant --scenario FILE [options]

  --scenario FILE   what to play (docs/reference/plant-language.md)
  --seed N          chance of clouds and appliances; default 1
  --speed N         times as fast as real time, 0.1 to 3600; default 1
  --dir DIR         where serial lines (symbolic links), endpoints.json and site.yaml appear; default .
  --port N          first TCP port on 127.0.0.1; 0 = chosen by the system (default)
  --profiles DIR    looked at before profiles and /usr/share/busbar/profiles
  --traces DIR      where trace files are, besides the scenario's folder and $BUSBAR_SHARED/data/traces/open
  --seconds N       end by itself after so many seconds of real time
  --report FILE     write what happened as JSON at the end
  --truth FILE      write what every device measured in the last second as JSON, each second
  --check           exit with 3 when an expectation of the scenario failed
)";

struct Options {
    std::string scenario, report, truth, profiles, traces;
    fs::path dir = ".";
    std::uint64_t seed = 1;
    double speed = 1, seconds = 0;
    std::uint16_t port = 0;
    bool check = false, help = false;
};

template <class T>
Status read_number(std::string_view name, std::string_view text, T min, T max, T& out) {
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (problem == std::errc{} && end == text.data() + text.size() && out >= min && out <= max) return ok();
    return fail(Errc::out_of_range, fmt::format("{} {}: write a number from {} to {}", name, text, min, max));
}

Result<Options> read_options(int argc, char** argv) {
    Options o;
    for (int i = 1; i < argc; ++i) {
        const std::string_view name = argv[i];
        if (name == "--help" || name == "-h")
            o.help = true;
        else if (name == "--check")
            o.check = true;
        if (o.help || name == "--check") continue;
        if (i + 1 >= argc)
            return fail(Errc::malformed, fmt::format("{} is unknown or lacks its value; see --help", name));
        const std::string_view value = argv[++i];
        Status status = ok();
        if (name == "--scenario")
            o.scenario = value;
        else if (name == "--report")
            o.report = value;
        else if (name == "--truth")
            o.truth = value;
        else if (name == "--profiles")
            o.profiles = value;
        else if (name == "--traces")
            o.traces = value;
        else if (name == "--dir")
            o.dir = value;
        else if (name == "--seed")
            status = read_number<std::uint64_t>(name, value, 0, UINT64_MAX, o.seed);
        else if (name == "--speed")
            status = read_number(name, value, 0.1, 3600.0, o.speed);
        else if (name == "--seconds")
            status = read_number(name, value, 0.1, 1e7, o.seconds);
        else if (name == "--port")
            status = read_number<std::uint16_t>(name, value, 0, 65535, o.port);
        else
            return fail(Errc::malformed, fmt::format("{} is unknown; see --help", name));
        if (!status) return status.error();
    }
    if (o.scenario.empty() && !o.help) return fail(Errc::malformed, "--scenario FILE is missing; see --help");
    return o;
}

Result<std::unique_ptr<plant::World>> make_world(const Options& o) {
    BUSBAR_TRY(const std::string text, read_text(o.scenario));
    BUSBAR_TRY(auto scenario, plant::parse(text, o.scenario));
    std::vector<fs::path> folders{fs::path(o.scenario).parent_path()};
    if (!o.traces.empty()) folders.emplace_back(o.traces);
    if (const char* shared = std::getenv("BUSBAR_SHARED")) folders.push_back(fs::path(shared) / "data/traces/open");
    plant::World::Inputs inputs;
    auto traces = read_traces(scenario, folders);
    if (!traces) return because(o.scenario, traces.error());
    inputs.traces = std::move(*traces);
    inputs.profile = [own = fs::path(o.profiles)](std::string_view name) {
        const auto file = std::string(name) + ".yaml";
        const fs::path shipped = fs::is_directory("profiles") ? "profiles" : "/usr/share/busbar/profiles";
        return read_profile(!own.empty() && fs::exists(own / file) ? own : shipped, name);
    };
    auto world = plant::World::create(std::move(scenario), o.seed, std::move(inputs));
    if (!world) return because(o.scenario, world.error());
    return world;
}

// All endpoints of a world, served on one loop.
class House {
public:
    House(RealLoop& loop, plant::World& world) : loop_(loop), world_(world) {}

    Status open(const Options& o) {
        std::uint16_t port = o.port;
        for (auto& line : world_.lines()) {
            const auto& id = line.spec().id;
            if (line.spec().kind == plant::LineSpec::Kind::serial) {
                BUSBAR_TRY(auto pty, PtyLine::open(loop_, fs::absolute(o.dir / id).string(), line.spec().baud));
                endpoints[id].path = pty->path();
                loop_.spawn("line " + id, plant::serve_rtu(loop_, pty->link(), line, plant::Pacing::server));
                ptys_.push_back(std::move(pty));
            } else {
                BUSBAR_TRY(auto listener, TcpListener::open(loop_, port));
                if (port != 0) ++port;
                endpoints[id].port = listener->port();
                loop_.spawn("line " + id, listener->serve(line));
                listeners_.push_back(std::move(listener));
            }
        }
        return ok();
    }

    Endpoints endpoints;

private:
    RealLoop& loop_;
    plant::World& world_;
    std::vector<std::unique_ptr<PtyLine>> ptys_;
    std::vector<std::unique_ptr<TcpListener>> listeners_;
};

Task<void> stop_after(RealLoop& loop, Duration time) {
    co_await loop.sleep_for(time);
    loop.stop();
}

Task<void> tell_truth(RealLoop& loop, plant::World& world, fs::path file) {
    plant::Truth truth(world);
    WallTime from = loop.wall();
    for (;;) {
        co_await loop.sleep_for(std::chrono::seconds(1));
        const WallTime now = loop.wall();
        if (!write_text(file, truth_json(truth, from, now))) co_return;
        from = now;
    }
}

Status play(const Options& o, bool& all_passed) {
    std::error_code problem;
    fs::create_directories(o.dir, problem);
    if (problem) return fail(Errc::unavailable, o.dir.string() + ": " + problem.message());
    BUSBAR_TRY(auto world, make_world(o));

    RealLoop loop;
    StopSignal stop(loop);
    House house(loop, *world);
    if (auto s = house.open(o); !s) return s;
    if (auto s = write_text(o.dir / "site.yaml", site_yaml(*world, house.endpoints)); !s) return s;
    if (auto s = write_text(o.dir / "endpoints.json", endpoints_json(*world, house.endpoints)); !s) return s;
    fmt::print("{}", summary(*world, house.endpoints));
    std::fflush(stdout);

    loop.spawn("world", plant::run(loop, *world, o.speed));
    if (!o.truth.empty()) loop.spawn("truth", tell_truth(loop, *world, o.truth));
    if (o.seconds > 0) loop.spawn("end", stop_after(loop, Duration(static_cast<std::int64_t>(o.seconds * 1e9))));
    loop.run();

    const auto verdicts = world->verdicts();
    all_passed = std::ranges::all_of(verdicts, [](const plant::Verdict& v) { return v.passed || !v.observed; });
    if (!o.report.empty()) return write_text(o.report, report_json(*world, o.seed));
    return ok();
}

int run(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);  // a client that went is an error of that write
    const auto options = read_options(argc, argv);
    if (!options) {
        fmt::print(stderr, "busbar-plant: {}\n", options.error().text);
        return 2;
    }
    if (options->help) {
        fmt::print("{}", usage);
        return 0;
    }
    bool all_passed = true;
    const auto status = play(*options, all_passed);
    if (!status) {
        fmt::print(stderr, "busbar-plant: {}\n", status.error().text);
        return 1;
    }
    return options->check && !all_passed ? 3 : 0;
}

}  // namespace
}  // namespace busbar::plant_app

int main(int argc, char** argv) { return busbar::plant_app::run(argc, argv); }
