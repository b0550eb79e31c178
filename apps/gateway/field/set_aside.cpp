// Devices that somebody works on: the part of Field that keeps control and upkeep off them.
#include <fmt/format.h>

#include <algorithm>

#include "base/log.hpp"
#include "base/phrases.hpp"
#include "base/phrases_running.hpp"
#include "field/at_work.hpp"
#include "field/field.hpp"

namespace busbar::gateway {

namespace {
constexpr Duration longest_dialogue = std::chrono::minutes(1), between_looks = std::chrono::milliseconds(50);
}  // namespace

std::optional<Error> Field::objection_to_work() const {
    if (is_searching && is_searching()) return fail(Errc::denied, say<phrases::search_runs>());
    return std::nullopt;
}

std::optional<Error> Field::objection_to_search(const std::vector<std::string>& buses, bool has_networks) const {
    if (is_changing_) return fail(Errc::unavailable, "the site is being changed; try again in a moment");
    for (const std::string& id : aside_) {
        const DeviceFacts* device = facts(id);
        if (device == nullptr) continue;
        const bool is_there = std::find(buses.begin(), buses.end(), device->config.bus) != buses.end();
        if (is_there || (has_networks && is_endpoint(device->config.bus))) return busy_with_firmware(id);
    }
    return std::nullopt;
}

bool Field::is_write_protected(std::string_view id) const {
    const auto shared = device(id);
    return is_set_aside(id) || !shared || !shared->is_trusted();
}

std::optional<std::string> Field::set_aside_at(std::string_view bus, std::uint8_t unit) const {
    for (const std::string& id : aside_) {
        const DeviceFacts* device = facts(id);
        if (device != nullptr && device->config.bus == bus && (device->config.unit == unit || is_endpoint(bus)))
            return id;
    }
    return std::nullopt;
}

bool Field::is_endpoint(std::string_view bus) const {
    const Line* found = line(bus);
    return found != nullptr && std::holds_alternative<config::TcpEndpoint>(found->config.link);
}

std::shared_ptr<void> Field::writing_on(const std::string& bus) {
    const auto mark = written_.insert(bus);
    return {nullptr, [this, mark](void*) { written_.erase(mark); }};
}

bool Field::is_written_on(const std::string& bus) const {
    return written_.contains(bus) || (clocks_ && clocks_->is_at(bus));
}

// Of several, each asks before it begins whether the device is set aside: so there is an end.
Task<bool> Field::ended_writing_on(std::string bus) {
    const Instant deadline = loop_.now() + longest_dialogue;
    while (is_written_on(bus) && loop_.now() < deadline) co_await loop_.sleep_for(between_looks);
    co_return !is_written_on(bus);
}

Task<Status> Field::set_aside(std::string id) {
    const auto slot = slot_of(id);
    if (!slot) co_return fail(Errc::unsupported, say<phrases::no_device>(id));
    if (const auto no = objection_to_work()) co_return *no;
    const bool is_new = aside_.insert(id).second;
    const std::string bus = units_[*slot]->config.bus;
    const bool has_let_go = co_await cycle_->suspend_device(static_cast<std::uint16_t>(*slot));
    const bool is_left = has_let_go && co_await ended_writing_on(bus);
    if (slot_of(id) != slot) co_return fail(Errc::unavailable, fmt::format("device '{}' was taken out", id));
    if (!is_left) {
        if (is_new) take_back(id);
        const char* why = has_let_go ? "is still written to by somebody; try again in a minute"
                                     : "may still hold a setpoint; see that it answers and try again";
        co_return fail(Errc::unavailable, fmt::format("device '{}' {}", id, why));
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
    expect_absence(id, Duration{0});  // who is away with it from now on is missed
    cycle_->resume_device(static_cast<std::uint16_t>(*slot));
    log(Level::info, "device " + std::string(id), "control may use it again");
    show_health(*slot, registry_->health(*slot));
    report_now();
}

void Field::expect_absence(std::string_view id, Duration longest) {
    const auto slot = slot_of(id);
    if (!slot) return;
    const std::string& bus = units_[*slot]->config.bus;
    for (const auto& unit : units_)
        if (unit && (unit->slot == *slot || (unit->config.bus == bus && is_endpoint(bus))))
            cycle_->expect_absence(static_cast<std::uint16_t>(unit->slot), loop_.now() + longest);
}

bool Field::is_online(std::string_view id) const {
    const auto slot = slot_of(id);
    return slot && registry_->health(*slot).state == model::DeviceState::online;
}

// Why control does not use a device stands with its state, before whatever else is the matter.
void Field::show_health(std::size_t slot, const device::Health& health) {
    const auto index = static_cast<live::DeviceIndex>(slot);
    if (!is_set_aside(live_.id(index))) return live_.set_state(index, health.state, health.since, health.problem);
    const std::string text = health.problem.empty() ? say<phrases::upgrade_set_aside>()
                                                    : say<phrases::upgrade_set_aside_and>(health.problem);
    live_.set_state(index, health.state, health.since, text);
}

}  // namespace busbar::gateway
