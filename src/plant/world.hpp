#pragma once
// A scenario being played: physics, devices, events and faults, and the judging of what is made of them. The one object
// a closed-loop test or busbar-plant holds:
//
//   auto scenario = plant::parse(text, "house.plant");
//   auto world = plant::World::create(*scenario, seed, {.profile = find_profile});
//   serve(loop, link, world->lines()[0], ...);       // serve.hpp
//   loop.spawn("plant", plant::run(loop, *world));   // or step() by hand
//   ... world->verdicts(true)
//
// Pure: time moves by step() only; the same scenario, seed and requests give the same run.
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "plant/devices/line.hpp"
#include "plant/physics/trace.hpp"
#include "plant/scenario/checker.hpp"
#include "plant/scenario/record.hpp"
#include "plant/scenario/scenario.hpp"
#include "plant/site.hpp"

namespace busbar::plant {

class World {
public:
    static constexpr double tick_s = 0.1;  // physics step

    // What the scenario names and somebody else has to read from disk.
    struct Inputs {
        std::function<Result<profile::Profile>(std::string_view name)> profile;
        std::map<std::string, Trace> traces;  // by the name of the `site trace` item
    };
    // Errors name the scenario's line: a profile that is absent, a column that is not in the trace.
    static Result<std::unique_ptr<World>> create(Scenario scenario, std::uint64_t seed, Inputs inputs);
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    // Time passes; whole ticks are computed, the rest is kept for the next call.
    void step(double dt_s);
    // Called after each tick, for who must not miss what comes and goes between two looks. One listener.
    void on_tick(std::function<void()> call) { on_tick_ = std::move(call); }
    double time_s() const { return site_.time_s(); }

    const Scenario& scenario() const { return scenario_; }
    Site& site() { return site_; }
    SiteState state() const { return site_.state(); }
    std::deque<Line>& lines() { return lines_; }  // the endpoints; addresses stay
    Line* line(std::string_view id);
    const ControlWish& wish() const { return wish_; }  // what the gateway should be set to now
    double feed_in_limit_w() const { return scenario_.feed_in_limit_w(wish_); }
    double price_eur_per_wh() const { return price_eur_per_wh_; }

    // A gateway's fault was raised or cleared, by name ("meter_silent"). Calling it once makes fault expectations
    // count.
    void fault(std::string_view name, bool raised);
    std::vector<Verdict> verdicts() const { return checker_.verdicts(faults_reported_); }
    void expect_fault_reports() { faults_reported_ = true; }
    const Record& record() const { return record_; }

private:
    struct Running {  // a fault with an end
        std::string device;
        double until_s;
    };
    struct Pending {
        double at_s;  // infinity when it is over
        const Event* event;
    };
    struct Played {
        TracePlayer player;
        double from_s;  // position in the trace where the scenario starts
    };

    World(Scenario scenario, std::uint64_t seed, Inputs inputs);
    Status plug_in();
    Status check_claims();
    Status plug_in(const Plug& plug, DeviceView view, std::string_view use);
    DeviceView watched(std::string_view id);  // what a device that looks at `id` sees; empty = all
    Result<std::optional<Played>> playing(const std::string& reference, int at_line);
    void tick();
    void run_events();
    void happen(const Event& event);
    void end_faults();

    const Scenario scenario_;
    const Inputs inputs_;
    Site site_;
    Checker checker_;
    Record record_;
    std::deque<Line> lines_;
    ControlWish wish_;
    std::vector<Pending> pending_;
    std::vector<Running> running_;
    std::vector<std::optional<Played>> source_traces_, load_traces_;
    std::optional<Played> price_trace_;
    std::function<void()> on_tick_;
    std::uint64_t ticks_ = 0;
    double price_eur_per_wh_ = 0;
    double owed_s_ = 0;
    bool faults_reported_ = false;
};

}  // namespace busbar::plant
