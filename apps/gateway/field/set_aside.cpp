// Devices that somebody works on: the part of Field that keeps control and upkeep off them.
#include <fmt/format.h>

#include "base/log.hpp"
#include "field/field.hpp"

namespace busbar::gateway {

namespace {
constexpr const char* reason = "firmware upgrade: control keeps off this device";
}

Task<Status> Field::set_aside(std::string id) {
    const auto slot = slot_of(id);
    if (!slot) co_return fail(Errc::unsupported, fmt::format("there is no device '{}'", id));
    const bool is_new = aside_.insert(id).second;
    const bool has_let_go = co_await cycle_->suspend_device(static_cast<std::uint16_t>(*slot));
    if (slot_of(id) != slot) co_return fail(Errc::unavailable, fmt::format("device '{}' was taken out", id));
    if (!has_let_go) {
        if (is_new) take_back(id);
        co_return fail(Errc::unavailable,
                       fmt::format("device '{}' may still hold a setpoint; see that it answers and try again", id));
    }
    if (is_new) log(Level::info, "device " + id, "set aside for a firmware upgrade");
    show_health(*slot, registry_->health(*slot));
    if (is_started_) report_now();
    co_return ok();
}

void Field::take_back(std::string_view id) {
    const auto found = aside_.find(id);
    const auto slot = slot_of(id);
    if (found == aside_.end()) return;
    aside_.erase(found);
    if (!slot) return;
    cycle_->resume_device(static_cast<std::uint16_t>(*slot));
    log(Level::info, "device " + std::string(id), "control may use it again");
    show_health(*slot, registry_->health(*slot));
    report_now();
}

void Field::expect_absence(std::string_view id, Duration longest) {
    if (const auto slot = slot_of(id)) cycle_->expect_absence(static_cast<std::uint16_t>(*slot), loop_.now() + longest);
}

bool Field::is_online(std::string_view id) const {
    const auto slot = slot_of(id);
    return slot && registry_->health(*slot).state == model::DeviceState::online;
}

// Why control does not use a device stands with its state, before whatever else is the matter.
void Field::show_health(std::size_t slot, const device::Health& health) {
    const auto index = static_cast<live::DeviceIndex>(slot);
    if (!is_set_aside(live_.id(index))) return live_.set_state(index, health.state, health.since, health.problem);
    const std::string text =
        health.problem.empty() ? std::string(reason) : fmt::format("{}; {}", reason, health.problem);
    live_.set_state(index, health.state, health.since, text);
}

}  // namespace busbar::gateway
