#pragma once
// The heartbeat of control: once per period, and early when a fresh grid reading arrives, freeze a snapshot, ask the
// strategies, let the arbiter decide, hand the setpoints to the dispatcher. Time-driven: a silent meter, a hanging
// device or a full disk cannot stop it. Field loop only; no wall time, no disk, no network in here.
//
// The app builds it with the live state its poll loops write and the site, then spawns run(). What happens is told
// through hooks: decisions (log), faults (book), snapshots (on_snapshot).
#include <functional>

#include "control/fallback.hpp"
#include "control/grid_check.hpp"
#include "control/obedience.hpp"
#include "control/snapshot_builder.hpp"

namespace busbar::control {

struct CycleStatistics {
    Duration period{};
    std::uint64_t count = 0;
    Duration late_max{};  // worst delay of a time-driven run behind its due instant
};

class Cycle {
public:
    // How long after the first turn a meter that was never heard is not yet called silent. Control is safe meanwhile:
    // without a reading it caps by what holds without one.
    static constexpr Duration opening_time = std::chrono::seconds(10);
    static constexpr Duration stranger_time = std::chrono::seconds(5);       // a device that starts up is known by then
    static constexpr Duration min_spacing = std::chrono::milliseconds(200);  // early runs are no closer than this

    Cycle(Loop& loop, live::LiveState& live, Site site);

    // Runs until stop(), then releases all devices (at most 5 s) and returns. Spawn once.
    Task<void> run();
    void stop();
    bool has_stopped() const { return has_stopped_; }

    // While it runs. `index` is the device's in LiveState; add_device() right after it was added there, remove_device()
    // before it is removed there. Removing first releases what the device may hold, for at most release_time; until
    // then its readings still count. Afterwards control is as if it had never been there: without a grid meter,
    // fail-safe.
    void add_device(std::uint16_t index, SiteDevice device);
    Task<void> remove_device(std::uint16_t index);
    // Control lets go of a device as remove_device() does and keeps off it until resume_device(), while somebody else
    // is at work on it. Its readings go on counting, by their age; what it could do is reckoned at its worst. False: it
    // may still hold a setpoint, and control has it back.
    Task<bool> suspend_device(std::uint16_t index);
    void resume_device(std::uint16_t index);
    // A device will be away: its silence is no fault until then. What it could do is reckoned as of any silent one.
    void expect_absence(std::uint16_t index, Instant until);
    // It turned out to be another device of the site, reached a second time (or no longer): it is in no sum, and
    // nothing is reckoned with it.
    void leave_out(std::uint16_t index, bool is_double);
    static constexpr Duration release_time = std::chrono::seconds(3);

    // One turn as run() makes it, without letting setpoints out in its middle; for tests.
    void turn();

    void set_settings(const Settings& settings) { site_.settings = settings; }
    const Settings& settings() const { return site_.settings; }
    std::function<void(const model::Snapshot&)> on_snapshot;  // after each turn; grid_w as measured, trusted or not

    const CycleStatistics& statistics() const { return statistics_; }
    const model::Snapshot& snapshot() const { return snapshot_; }
    Mode mode() const { return fallback_.mode; }
    std::optional<double> feed_in_limit_w() const;
    // Sun is kept back by a cap at this instant; not every cap keeps some back.
    bool is_limiting() const { return feed_in_limit_w() && strategy::holds_sun_back(snapshot_); }
    DecisionLog& log() { return log_; }
    FaultBook& faults() { return faults_; }
    std::vector<Actuator> actuators() const { return dispatcher_.actuators(); }

private:
    struct Judged {
        model::Target target;
        ObedienceMemory memory;
    };

    struct Turn {                         // what was decided, for conclude()
        std::vector<Actuator> actuators;  // before it
        Envelope envelope;
    };

    void take_device(std::uint16_t index);
    void forget(std::uint16_t index);
    void devices_changed(model::Use use);
    Turn decide();
    void conclude(const Turn& turn);
    model::Wishes wish(const model::Snapshot& now, const Envelope& envelope);
    Envelope secure(const model::Snapshot& now);
    void judge_obedience(std::span<const Actuator> actuators);
    void report(const Envelope& envelope);
    void report_devices();
    bool is_meter_silent() const;
    std::vector<model::Target> uncontrollable() const;

    Loop& loop_;
    live::LiveState& live_;
    Site site_;
    DecisionLog log_;
    FaultBook faults_;
    Dispatcher dispatcher_;
    model::Snapshot snapshot_;
    strategy::SelfConsumptionMemory self_consumption_;
    strategy::FeedInLimitMemory feed_in_limit_;
    FallbackMemory fallback_;
    GridCheckMemory grid_check_;
    GridDoubt doubt_ = GridDoubt::none;
    std::vector<Judged> judged_;
    std::optional<Instant> started_, exceeded_since_;
    CycleStatistics statistics_;
    bool is_stopping_ = false, has_stopped_ = false;
};

}  // namespace busbar::control
