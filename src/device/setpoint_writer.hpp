#pragma once
// Runs the write programs of one device: before, write, read back, repeat, release. apply() is called each control
// cycle with what should hold; it touches the wire only when the value changed or its lease has to be refreshed.
// apply() and release() never overlap.
#include <functional>
#include <map>
#include <memory>
#include <optional>
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

    // As Device::apply and Device::release.
    Task<Result<double>> apply(SetpointWrite setpoint);
    Task<Status> release(model::RoleKey role);
    Fallback fallback(model::RoleKey role) const;

private:
    // What we believe the device holds for one control.
    struct Held {
        bool is_taken = false;  // `before` ran and nothing failed since
        double wanted = 0, in_force = 0;
        Duration lease{};
        Instant written{};
        std::map<std::uint16_t, profile::Words> last_words;  // register -> what stands there
        std::map<std::uint16_t, int> exponents;
    };
    struct Write {
        const profile::WriteStep* step;
        profile::Words words;
    };

    const profile::Control* find(model::RoleKey role) const;
    bool is_current(const profile::Control& control, const Held& held, const SetpointWrite& setpoint) const;
    Task<Status> take(const profile::Control& control, Held& held);
    Result<profile::Words> words_for(const profile::WriteStep& step, const SetpointWrite& setpoint,
                                     const Held& held) const;
    Result<std::vector<Write>> prepare(const std::vector<profile::WriteStep>& steps, const SetpointWrite& setpoint,
                                       const Held& held) const;
    Task<Status> send(const std::vector<Write>& writes) const;
    Task<Status> read_back(const std::vector<Write>& writes, const SetpointWrite& setpoint, Held& held) const;
    Result<double> percent(const profile::WriteStep& step, double value) const;

    Loop& loop_;
    ModbusUnit unit_;
    std::shared_ptr<const profile::Profile> profile_;
    LastGood last_good_;
    std::map<model::RoleKey, Held> held_;
};

}  // namespace busbar::device
