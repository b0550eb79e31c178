#pragma once
// A house for tests of the cycle on virtual time: PV inverter with cap (1.5 s lag), battery inverter (0.4 s dead time,
// 0.5 s lag), load, grid meter that is 0.4 s old. Devices answer through device::Device like real ones and can be told
// to be silent, to lie, or to refuse. Included by tests only.
#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <functional>
#include <memory>

#include "base/virtual_loop.hpp"
#include "control/cycle.hpp"

namespace busbar::control {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;

struct HouseOptions {
    Duration meter_period = 1s;
    Duration meter_age = 400ms;  // what the meter shows is this old when it arrives
    Duration device_period = 1s;
    Duration device_skew = 0ms;  // what the inverters show is this old
    Duration battery_dead = 400ms, battery_lag = 500ms, pv_lag = 1500ms;
    double pv_rated_w = 8000, battery_max_w = 5000, capacity_wh = 10000, soc = 50;
    bool has_battery = true, has_pv = true, pv_in_percent = false;
    Settings settings;
    double guaranteed_load_w = 0;
};

class SimulatedDevice final : public device::Device {
public:
    SimulatedDevice(Loop& loop, model::DeviceId id, std::vector<device::SetpointInfo> setpoints, bool reverts = true)
        : loop_(loop), reverts_(reverts) {
        info_.id = std::move(id);
        info_.setpoints = std::move(setpoints);
    }
    const device::DeviceInfo& info() const override { return info_; }
    Task<Status> open() override { co_return ok(); }
    Task<device::PollResult> poll(device::PollClass) override { co_return device::PollResult{}; }
    Task<Result<double>> apply(device::SetpointWrite write) override {
        ++writes;
        co_await loop_.sleep_for(30ms);
        if (is_silent) {
            co_await loop_.sleep_for(970ms);
            co_return busbar::fail(Errc::timeout, info_.id + ": no answer");
        }
        if (is_garbled) co_return busbar::fail(Errc::malformed, info_.id + ": the answer's checksum is wrong");
        if (is_refusing) co_return busbar::fail(Errc::refused, info_.id + ": wrote it, device holds 5000");
        last_lease = write.lease;
        held = write.value;
        if (!is_lying) obeyed.push_back({write.value, loop_.now()});
        co_return write.value;
    }
    Task<Status> release(model::RoleKey) override {
        ++releases;
        if (is_holding_on) co_return busbar::fail(Errc::refused, info_.id + ": not now");
        held.reset();
        if (!is_lying) obeyed.push_back({std::nan(""), loop_.now()});
        co_return ok();
    }
    device::Fallback fallback(model::RoleKey) const override { return {reverts_, 60s, "its own logic"}; }

    // The setpoint its power electronics see now; nullopt: its own logic.
    std::optional<double> effective(Instant now, Duration dead) const {
        std::optional<double> value;
        for (const auto& [v, at] : obeyed)
            if (at + dead <= now) value = std::isnan(v) ? std::nullopt : std::optional(v);
        return value;
    }

    bool is_silent = false, is_refusing = false, is_lying = false, is_garbled = false, is_holding_on = false;
    int writes = 0, releases = 0;
    std::optional<double> held;
    Duration last_lease{};
    std::deque<model::Held> obeyed;

private:
    Loop& loop_;
    device::DeviceInfo info_;
    bool reverts_;
};

class SimulatedHouse {
public:
    static constexpr std::uint16_t meter = 0, roof = 1, store = 2;
    static constexpr Duration step = 50ms;

    explicit SimulatedHouse(HouseOptions o)
        : options(std::move(o)),
          roof_device(loop, "roof",
                      {options.pv_in_percent
                           ? device::SetpointInfo{{model::Role::ac_power_limit_percent_set, 0}, 0, 100, 0.1}
                           : device::SetpointInfo{{model::Role::ac_power_limit_set, 0}, 0, options.pv_rated_w, 1}}),
          store_device(loop, "store",
                       {{{model::Role::battery_power_set, 0}, -options.battery_max_w, options.battery_max_w, 1}}),
          soc(options.soc) {
        for (const char* id : {"meter", "roof", "store"}) (void)live.add_device(id);
        const live::PointSpec meter_points[] = {{{model::Role::meter_power, 0}, 1, 10s}};
        const live::PointSpec roof_points[] = {{{model::Role::ac_power, 0}, 1, 10s}};
        const live::PointSpec store_points[] = {{{model::Role::battery_power, 0}, 1, 10s},
                                                {{model::Role::battery_soc, 0}, 0.1, 30s}};
        (void)live.set_points(meter, meter_points);
        (void)live.set_points(roof, roof_points);
        (void)live.set_points(store, store_points);
        Site site;
        site.devices = {{model::Use::grid_meter, nullptr, {}},
                        {options.has_pv ? model::Use::pv : model::Use::sub_meter,
                         options.has_pv ? shared(roof_device) : nullptr, options.pv_rated_w},
                        {options.has_battery ? model::Use::battery : model::Use::sub_meter,
                         options.has_battery ? shared(store_device) : nullptr,
                         {}}};
        site.pv_peak_w = options.pv_rated_w;
        site.guaranteed_load_w = options.guaranteed_load_w;
        site.settings = options.settings;
        cycle = std::make_unique<Cycle>(loop, live, site);
        loop.spawn("physics", physics());
        loop.spawn("meter", meter_poll());
        loop.spawn("devices", device_poll());
        loop.spawn("cycle", cycle->run());
    }

    // The house owns its devices; control gets what looks like a share.
    static std::shared_ptr<device::Device> shared(SimulatedDevice& device) {
        return {std::shared_ptr<void>(), &device};
    }

    // Control lets go of it for somebody else's work; runs until it has, and says whether it has.
    bool suspend(std::uint16_t index) {
        std::optional<bool> has_let_go;
        auto suspending = [](SimulatedHouse& house, std::uint16_t i, std::optional<bool>& done) -> Task<void> {
            const bool is_done = co_await house.cycle->suspend_device(i);
            done = is_done;
        };
        loop.spawn("suspending", suspending(*this, index, has_let_go));
        while (!has_let_go) run(step);
        return *has_let_go;
    }
    // Takes a device out of the running site, as the gateway does; runs until it is gone.
    void remove(std::uint16_t index) {
        bool is_gone = false;
        auto removing = [](SimulatedHouse& house, std::uint16_t i, bool& gone) -> Task<void> {
            co_await house.cycle->remove_device(i);
            house.is_polled[i] = false;
            house.live.remove_device(i);
            gone = true;
        };
        loop.spawn("removing", removing(*this, index, is_gone));
        while (!is_gone) loop.run_for(10ms);
    }
    // And into it; the index it got.
    std::uint16_t add(const char* id, control::SiteDevice device, std::vector<live::PointSpec> points) {
        const std::uint16_t index = live.add_device(id).value();
        (void)live.set_points(index, points);
        cycle->add_device(index, std::move(device));
        is_polled[index] = true;
        return index;
    }

    double grid_w() const { return load_w - pv_w - battery_w; }
    Instant now() const { return loop.now(); }
    void run(Duration d) { loop.run_for(d); }

    HouseOptions options;
    VirtualLoop loop;
    live::LiveState live;
    SimulatedDevice roof_device, store_device;
    std::unique_ptr<Cycle> cycle;
    double sun_w = 0, load_w = 500, pv_w = 0, battery_w = 0, soc = 50;
    std::array<bool, 4> is_polled{true, true, true, false};  // one more may be added
    bool meter_silent = false, meter_frozen = false, meter_reversed = false;
    std::function<void(Instant)> on_step;  // after each physics step

private:
    struct Past {
        Instant at;
        double grid, pv, battery;
    };
    Task<void> physics() {
        for (;;) {
            advance();
            if (on_step) on_step(loop.now());
            co_await loop.sleep_for(step);
        }
    }
    void advance() {
        const double dt = to_seconds(step);
        const auto cap = options.has_pv ? roof_device.effective(loop.now(), 0s) : std::nullopt;
        const double cap_w =
            cap ? (options.pv_in_percent ? *cap / 100 * options.pv_rated_w : *cap) : options.pv_rated_w;
        // Sun above the cap moves nothing; the cap itself acts with the inverter's lag.
        cap_now_ += (cap_w - cap_now_) * (1 - std::exp(-dt / to_seconds(options.pv_lag)));
        pv_w = options.has_pv ? std::min({sun_w, cap_now_, options.pv_rated_w}) : 0;
        const double wanted =
            options.has_battery ? store_device.effective(loop.now(), options.battery_dead).value_or(0) : 0;
        const double possible = (soc >= 100 && wanted < 0) || (soc <= 5 && wanted > 0) ? 0 : wanted;
        battery_w += (possible - battery_w) * (1 - std::exp(-dt / to_seconds(options.battery_lag)));
        soc -= battery_w * dt / 3600 / options.capacity_wh * 100;
        past_.push_back({loop.now(), grid_w(), pv_w, battery_w});
        if (past_.size() > 200) past_.pop_front();
    }
    Past seen(Duration age) const {
        for (auto it = past_.rbegin(); it != past_.rend(); ++it)
            if (it->at <= loop.now() - age) return *it;
        return past_.empty() ? Past{} : past_.front();
    }
    void publish(std::uint16_t device, std::uint16_t point, double value) {
        live.update(device, point, {std::round(value), loop.now(), model::Quality::good});
    }
    Task<void> meter_poll() {
        co_await loop.sleep_for(310ms);
        for (;;) {
            if (!meter_silent && is_polled[meter]) {
                const double value = meter_frozen ? frozen_ : seen(options.meter_age).grid;
                frozen_ = value;
                live.set_state(meter, live::DeviceState::online, loop.now());
                publish(meter, 0, meter_reversed ? -value : value);
            }
            co_await loop.sleep_for(options.meter_period);
        }
    }
    Task<void> device_poll() {
        co_await loop.sleep_for(130ms);
        for (;;) {
            const Past past = seen(options.device_skew);
            for (const auto& [index, device] : {std::pair(roof, &roof_device), std::pair(store, &store_device)})
                if (is_polled[index])
                    live.set_state(index, device->is_silent ? live::DeviceState::offline : live::DeviceState::online,
                                   loop.now());
            if (is_polled[roof] && !roof_device.is_silent) publish(roof, 0, past.pv);
            if (is_polled[store] && !store_device.is_silent) {
                publish(store, 0, past.battery);
                live.update(store, 1, {soc, loop.now(), model::Quality::good});
            }
            co_await loop.sleep_for(options.device_period);
        }
    }

    double cap_now_ = options.pv_rated_w, frozen_ = 0;
    std::deque<Past> past_;
};

}  // namespace busbar::control
