#pragma once
// Reads the points of one device by poll class with the plans computed once. Learns what the device does not have: a
// block refused with "illegal data address" is split until the missing register is alone; the rest is read on without
// it. A refusal is not believed for ever, because devices that boot refuse everything for some seconds: a point that
// was good is asked again within 10 s, one that the device never had ever more rarely. Polls of different classes may
// overlap; probe() overlaps nothing. Blocks are asked for one by one, or so many at once as the profile's `pipeline`
// says.
#include <array>
#include <map>
#include <optional>
#include <vector>

#include "base/loop.hpp"
#include "device/device.hpp"
#include "device/modbus_unit.hpp"
#include "profile/read_plan.hpp"

namespace busbar::device {

class PointReader {
public:
    // `points` have absolute addresses. The loop outlives the reader.
    PointReader(Loop& loop, ModbusUnit unit, std::vector<profile::Point> points, const profile::BusRules& rules);

    // Reads everything once and drops the points this device does not have, except those of the roles in `once_good`:
    // they stay and are asked again. Errors: timeout, unavailable when nothing at all was answered; unsupported when
    // every point is refused; silence in single blocks leaves their points in.
    Task<Status> probe(std::vector<model::RoleKey> once_good = {});

    // Constant after probe(); PointReading::point counts in it.
    const std::vector<profile::Point>& points() const { return points_; }

    // The first poll of each class hands out what probe() read; readings carry their own instants. A point refused
    // twice running is invalid now; it is a failure too when control needs it or it was good before.
    Task<void> poll(PollClass due, PollResult& result);

    // The newest good value of a role, whatever its age: for ratings, which do not age.
    std::optional<double> last_good(model::RoleKey role) const;

    // For the probe() of the next reader of the same device.
    std::vector<model::RoleKey> once_good() const;

    // A point that was missing at probe() answers now (a battery was fitted): open the device again to get it.
    bool has_more() const { return has_more_; }

private:
    using Plan = std::vector<profile::ReadRequest>;
    struct Missing {
        std::uint16_t point = 0;
        Error why;
    };
    struct Outcome {
        Plan plan;                     // requests as they should be made from now on
        std::vector<Missing> missing;  // points the device says it does not have
        bool any_answer = false;
        bool is_split = false;  // `plan` is not the one that was run
    };
    struct Refusal {
        Instant next_try{};
        Duration pause{};
        bool is_confirmed = false;  // refused twice running: one refusal is no news, the last value ages meanwhile
        Error why;
    };
    struct LeftOut {
        profile::Point point;
        Instant next_try{};
    };

    Plan plan_of(PollClass of, bool with_refused) const;
    Task<void> run(Plan plan, bus::Urgency urgency, PollResult& result, Outcome& outcome);
    Task<void> read(const profile::ReadRequest& request, bus::Urgency urgency, Result<bus::Registers>& answer) const;
    bool take(Plan& plan, std::size_t index, const Result<bus::Registers>& answer, PollResult& result,
              Outcome& outcome);
    void decode(const profile::ReadRequest& request, const bus::Registers& answer, PollResult& result);
    void keep_present(const std::vector<bool>& is_left_out);
    bool matters(std::uint16_t point) const;

    void refuse(Missing missing);
    bool is_refused(std::uint16_t point) const { return refused_.contains(point); }
    std::vector<std::uint16_t> refused(PollClass of) const;
    Task<bool> ask_refused(PollClass due, PollResult& result, Outcome& outcome);
    Task<void> ask_together(PollClass due, PollResult& result);
    void settle_plan(PollClass due, Outcome outcome, bool is_any_back);
    void report_refused(PollClass due, bool is_answered, PollResult& result) const;
    Task<void> ask_left_out(PollResult& result);

    Loop& loop_;
    ModbusUnit unit_;
    std::vector<profile::Point> points_;
    profile::BusRules rules_;
    // By poll class; only polls of that class touch them.
    std::array<Plan, 3> plans_;       // without what is refused
    std::array<Plan, 3> full_plans_;  // as probe() found them
    std::array<bool, 3> was_split_{};
    std::array<std::optional<PollResult>, 3> probed_;
    // By point.
    std::map<std::uint16_t, Refusal> refused_;  // usually none
    std::vector<bool> was_good_;
    std::vector<std::optional<double>> last_good_;

    std::vector<LeftOut> left_out_;  // missing at probe(); only telemetry polls ask for them
    Instant opened_at_{};
    bool has_more_ = false;
};

}  // namespace busbar::device
