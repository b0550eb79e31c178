#pragma once
// The field side of the gateway: buses, devices, live state and the control cycle of one site, wired together on the
// field loop. Nothing in here blocks, and nothing in here knows history, web, accounts or the disk: results leave
// through hooks, and a changed site comes in as a whole.
//
// Made on the starting thread, then used on the field loop only.
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "base/loop.hpp"
#include "bus/modbus_bus.hpp"
#include "config/load.hpp"
#include "control/cycle.hpp"
#include "device/profile_store.hpp"
#include "device/registry.hpp"
#include "field/clock_upkeep.hpp"
#include "field/field_report.hpp"
#include "live/live_state.hpp"

namespace busbar::gateway {

class Field {
public:
    using Site = std::shared_ptr<const config::LoadOutcome>;
    using Profiles = std::shared_ptr<const device::ProfileStore>;
    struct Hooks {
        std::function<std::shared_ptr<bus::ModbusBus>(const config::BusConfig&)> make_bus;
        std::function<void(std::size_t slot, const device::DeviceInfo&)> opened{};
        std::function<void(std::size_t slot, const device::PollResult&)> polled{};
        std::function<void(std::shared_ptr<const FieldReport>)> report{};  // at most two a second
        // For who shares devices with other programs; all or none. What a device is given in place of its bus; it has
        // opened there, with its own addresses; it was taken out, or another one turned out to be in its place.
        std::function<std::shared_ptr<bus::ModbusBus>(std::shared_ptr<bus::ModbusBus>)> watch{};
        std::function<void(const config::DeviceConfig&, std::shared_ptr<bus::ModbusBus>, const profile::Profile&)>
            placed{};
        std::function<void(const model::DeviceId&)> gone{};
    };

    // A device with a problem (its own line, its profile, its bus) stands quarantined; the others are not concerned.
    Field(Loop& loop, Site site, Profiles profiles, Hooks hooks);
    ~Field();

    void start();
    // Who is told of opened devices and polls from now on; devices that are open already are told at once. Control runs
    // before the history is open, so the recorder comes later.
    void listen(std::function<void(std::size_t slot, const device::DeviceInfo&)> opened,
                std::function<void(std::size_t slot, const device::PollResult&)> polled);
    // The running site becomes `next`: devices that are not in it, or are other ones there, are taken out of control
    // and polling, their setpoints released first (at most 3 s for all of them together); new ones are added; buses are
    // closed, opened, or set otherwise. What did not change goes on undisturbed, its statistics too. Devices in
    // `renewed` begin anew. The `control` section is not looked at: those settings have their own way.
    // Changes go one after the other. All or nothing. Errors: as ModbusBus::relink(), when a bus does not take its new
    // settings; then the site runs on as it was, but that devices which were to leave have begun anew.
    Task<Status> change(Site next, Profiles profiles, std::set<std::string> renewed);
    // Whether a running bus may be set so: it is, for a few seconds, and those of its devices that have opened are
    // asked; then it is set back in any case, so that what runs is what the site says. Without such a device there is
    // nothing to try. Errors: denied (none of them answers; somebody works on one), out_of_range (what cannot be).
    Task<Status> try_line(config::BusConfig wanted);
    // Hands every setpoint back to its device (at most 5 s), then stops polling.
    Task<void> stop();
    void set_settings(const control::Settings& settings);
    // By bus, how many times as rarely telemetry is asked there (BusBudget); what is not in it: as wanted.
    void spread_telemetry(std::map<std::string, double> stretches);
    control::FaultBook& faults() { return cycle_->faults(); }
    // Control has a setpoint in force in this device, or is writing one.
    bool is_held(std::string_view id) const;

    // Whoever works on a device for a while, above all to bring it new firmware: control hands back what it holds and
    // keeps off, its clock is left alone, and its state says so, until take_back(). At once where control has nothing
    // to do with it. From the call on neither a search nor a change of the site gets in its way. Errors: unsupported
    // (no such device), denied (a search is running), unavailable (it does not let go of a setpoint, or somebody writes
    // to its line without end; all is as before). What somebody is writing by hand, and a clock being set, is seen
    // through.
    Task<Status> set_aside(std::string id);
    void take_back(std::string_view id);
    // A dialogue that writes to whoever is on this bus has begun; it ends when the last copy is gone, which is before
    // the field is. Who sets a device there aside waits for that.
    std::shared_ptr<void> writing_on(const std::string& bus);
    bool is_set_aside(std::string_view id) const { return aside_.contains(id); }
    // Nobody else may write to it now: somebody works on it, or who answers there has to be proven first.
    bool is_write_protected(std::string_view id) const;
    // Whom a request to this unit would disturb. Behind a TCP endpoint that is everybody: its device may not look at
    // the unit, and takes one connection.
    std::optional<std::string> set_aside_at(std::string_view bus, std::uint8_t unit) const;
    // Why a search of these lines, or of networks, cannot begin now.
    std::optional<Error> objection_to_search(const std::vector<std::string>& buses, bool has_networks) const;
    // Why nobody may begin to work on a device now.
    std::optional<Error> objection_to_work() const;
    // It will be away for this long, as was told to it, and with it all that is behind its TCP endpoint: no alarm says
    // so before.
    void expect_absence(std::string_view id, Duration longest);
    bool is_online(std::string_view id) const;

    // Awaited before a bus is closed or its line changes: whoever uses it ends that. Devices of a closed one are gone.
    std::function<Task<void>()> before_bus_goes;
    std::function<bool()> is_searching;  // for devices; empty: never

    // Null when it is not there, or could not be made. Who keeps one over a wait keeps it alive; it does nothing more
    // once it has been taken out.
    std::shared_ptr<device::Device> device(std::string_view id) const;
    std::shared_ptr<bus::ModbusBus> bus(std::string_view id) const;
    const DeviceFacts* facts(std::string_view id) const;
    const config::SiteConfig& site() const { return site_->config; }

private:
    struct Line {
        config::BusConfig config;
        std::shared_ptr<bus::ModbusBus> bus;
    };
    void add_bus(const config::BusConfig& config) { lines_.push_back({config, hooks_.make_bus(config)}); }
    void add_device(const config::DeviceConfig& config);
    std::shared_ptr<device::Device> make_device(const config::DeviceConfig& config,
                                                std::shared_ptr<const profile::Profile> profile);
    void reckon_load(DeviceFacts& unit, const device::Device& device) const;
    std::string problem_of(const config::LoadOutcome& site, const config::DeviceConfig& device,
                           const Profiles& profiles) const;
    bool is_kept(const DeviceFacts& running, const config::LoadOutcome& next, const Profiles& profiles,
                 const std::set<std::string>& renewed) const;
    bool is_endpoint(std::string_view bus) const;  // a TCP one
    bool is_written_on(const std::string& bus) const;
    Task<bool> ended_writing_on(std::string bus);
    Task<void> take_out(std::vector<std::size_t> slots);
    Task<void> take_out_one(std::size_t slot, std::size_t& left);
    Task<Status> set_lines(const config::SiteConfig& wanted);
    Task<void> restore_lines();
    Task<Status> ask_over(std::shared_ptr<bus::ModbusBus> bus, bus::LinkSettings settings, std::string id);
    std::vector<std::shared_ptr<device::Device>> opened_on(std::string_view bus) const;
    Task<void> change_buses(const config::SiteConfig& next);
    void take_site(Site next, Profiles profiles);
    void say_site_problems();
    void say_problem(const DeviceFacts& unit);
    void device_opened(std::size_t slot);
    void device_polled(std::size_t slot, const device::PollResult& result);
    void health_changed(std::size_t slot, const device::Health& health);
    void show_health(std::size_t slot, const device::Health& health);
    void report_now();
    void remember(const control::Decision& decision);
    void make_report(const model::Snapshot& snapshot);
    void refresh_shared();
    void make_clock_upkeep();
    const Line* line(std::string_view id) const;
    std::optional<std::size_t> slot_of(std::string_view id) const;
    device::PollTiming timing_of(const config::DeviceConfig& device) const;

    Loop& loop_;
    Site site_;
    Profiles profiles_;  // of its devices
    Hooks hooks_;
    live::LiveState live_;
    std::vector<Line> lines_;  // in the site's order
    std::map<std::string, double> stretches_;
    std::unique_ptr<device::Registry> registry_;
    std::unique_ptr<control::Cycle> cycle_;
    std::unique_ptr<ClockUpkeep> clocks_;            // null: nobody said which zone their clocks show
    std::vector<std::optional<DeviceFacts>> units_;  // by slot, the same in live state, registry and control
    bool is_started_ = false, is_changing_ = false;
    std::set<std::string, std::less<>> aside_;
    std::multiset<std::string> written_;  // buses, by dialogue
    std::string said_;                    // the site's problems, as they stand in the alarm

    Instant last_report_{};
    // What reports share; null: to be made anew for the next one.
    std::shared_ptr<const std::vector<DeviceFacts>> facts_;
    std::shared_ptr<const std::vector<std::shared_ptr<const control::Decision>>> told_decisions_;
    std::vector<std::shared_ptr<const control::Decision>> decisions_;  // oldest first, bounded as DecisionLog
};

}  // namespace busbar::gateway
