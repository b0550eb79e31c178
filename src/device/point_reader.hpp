#pragma once
// Reads the points of one device by poll class with the plans computed once. Learns what the device does not have: a
// block refused with "illegal data address" is split until the missing register is alone; the rest is read on without
// it. Polls of different classes may overlap; probe() overlaps nothing.
#include <array>
#include <optional>
#include <vector>

#include "device/device.hpp"
#include "device/modbus_unit.hpp"
#include "profile/read_plan.hpp"

namespace busbar::device {

class PointReader {
public:
    // `points` have absolute addresses.
    PointReader(ModbusUnit unit, std::vector<profile::Point> points, const profile::BusRules& rules);

    // Reads everything once and drops the points this device does not have. Errors: timeout, unavailable when nothing
    // at all was answered; silence in single blocks leaves their points in.
    Task<Status> probe();

    // Constant after probe(); PointReading::point counts in it.
    const std::vector<profile::Point>& points() const { return points_; }

    // The first poll of each class hands out what probe() read; readings carry their own instants.
    Task<void> poll(PollClass due, PollResult& result);

    // The newest good value of a role, whatever its age: for ratings, which do not age.
    std::optional<double> last_good(model::RoleKey role) const;

    // A point that was missing at probe() answers now (a battery was fitted): open the device again to get it.
    bool has_more() const { return has_more_; }

private:
    struct Outcome {
        std::vector<profile::ReadRequest> plan;  // requests as they should be made from now on
        std::vector<std::uint16_t> missing;      // points the device says it does not have
        bool any_answer = false;
    };
    using Results = std::array<std::optional<PollResult>, 3>;
    using Plans = std::array<std::vector<profile::ReadRequest>, 3>;

    void make_plan(PollClass of);
    Task<void> run(std::vector<profile::ReadRequest> plan, bus::Urgency urgency, PollResult& result, Outcome& outcome);
    void decode(const profile::ReadRequest& request, const bus::Registers& answer, PollResult& result);
    Task<void> look_again(PollResult& result);
    Task<bool> answers(const profile::Point& point);
    void keep_present(const std::vector<bool>& is_missing);

    ModbusUnit unit_;
    std::vector<profile::Point> points_;
    profile::BusRules rules_;
    Plans plans_;
    Results probed_;
    std::vector<bool> is_missing_;          // vanished since probe(); asked again with each slow poll
    std::vector<profile::Point> left_out_;  // missing at probe()
    std::size_t next_left_out_ = 0;
    bool has_more_ = false;
    std::vector<std::optional<double>> last_good_;  // per point
};

}  // namespace busbar::device
