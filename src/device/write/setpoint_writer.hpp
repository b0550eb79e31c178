#pragma once
// Runs the write programs of one device: before, write, read back, repeat, release. apply() is called each control
// cycle with what should hold; it touches the wire only when the value changed or its lease has to be refreshed.
// apply() and release() never overlap.
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "base/loop.hpp"
#include "device/device.hpp"
#include "device/modbus_unit.hpp"

namespace busbar::device {

class SetpointWriter {
public:
    using LastGood = std::function<std::optional<double>(model::RoleKey)>;

    // `profile` has absolute addresses. `last_good` gives ratings that percentages refer to.
    SetpointWriter(Loop& loop, ModbusUnit unit, std::shared_ptr<const profile::Profile> profile, LastGood last_good);

    // As those of Device.
    Task<Result<double>> apply(SetpointWrite setpoint);
    std::optional<double> shown(model::RoleKey role) const;
    Task<Status> release(model::RoleKey role);
    Fallback fallback(model::RoleKey role) const;

private:
    // What we believe the device holds for one control.
    struct Held {
        bool is_taken = false;  // `before` ran and nothing failed since
        double wanted = 0, in_force = 0;
        std::optional<double> shown;  // by the last apply(); nullopt: it did not come to that
        Duration lease{};
        Instant written{};                                   // the whole program
        Instant confirmed{};                                 // the last time the device showed what we wrote
        std::map<std::uint16_t, profile::Words> last_words;  // register -> what stands there
        std::map<std::uint16_t, int> exponents;
        std::set<std::uint16_t> skipped;  // optional registers this device does not have
    };
    struct Write {
        const profile::WriteStep* step;
        profile::Words words;
    };
    using Writes = std::vector<Write>;

    const profile::Control* find(model::RoleKey role) const;
    bool is_refresh_due(const profile::Control& control, const Held& held) const;
    Task<Status> take(const profile::Control& control, Held& held);
    Task<Status> look_for_optional(const profile::WriteStep& step, Held& held) const;
    Task<Status> read_exponent(const profile::WriteStep& step, Held& held) const;
    Result<profile::Words> words_for(const profile::WriteStep& step, const SetpointWrite& setpoint,
                                     const Held& held) const;
    Result<Writes> prepare(const std::vector<profile::WriteStep>& steps, const SetpointWrite& setpoint,
                           const Held& held) const;
    Writes changed(const Writes& writes, const Held& held) const;
    Writes standing(const profile::Control& control, const Held& held) const;
    Task<Status> run_program(const profile::Control& control, const SetpointWrite& setpoint, Held& held);
    Task<Status> send(const Writes& writes, Held& held) const;
    Task<Status> look(const Writes& writes, Held& held) const;
    Status compare(const Write& write, double setpoint, const Held& held) const;
    Task<Status> read_back(const profile::Control& control, const Writes& writes, double setpoint, Held& held) const;
    Result<double> percent(const profile::WriteStep& step, double value) const;
    double in_force(const profile::Control& control, const Held& held) const;

    Loop& loop_;
    ModbusUnit unit_;
    std::shared_ptr<const profile::Profile> profile_;
    LastGood last_good_;
    std::map<model::RoleKey, Held> held_;
};

}  // namespace busbar::device
