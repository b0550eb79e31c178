#include "field/clock_upkeep.hpp"

#include <sys/timex.h>

#include <algorithm>

#include "base/log.hpp"

namespace busbar::gateway {

void ClockUpkeep::opened(const model::DeviceId& id) {
    due_[id] = loop_.now() + first;
    changed_.set();
}

void ClockUpkeep::removed(const model::DeviceId& id) { due_.erase(id); }

void ClockUpkeep::stop() {
    is_stopping_ = true;
    changed_.set();
}

Task<void> ClockUpkeep::run() {
    while (!is_stopping_) co_await loop_.wait(changed_, begin_due());
    while (!busy_.empty()) co_await loop_.wait(changed_, loop_.now() + every);
}

Instant ClockUpkeep::begin_due() {
    const Instant now = loop_.now();
    Instant next = now + every;
    std::map<std::string, std::map<model::DeviceId, Instant>::iterator> head;  // by line: the longest due
    for (auto due = due_.begin(); due != due_.end(); ++due) {
        const auto [known, is_new] = head.try_emplace(hooks_.line(due->first), due);
        if (!is_new && due->second < known->second->second) known->second = due;
    }
    for (const auto& [line, due] : head) {
        if (busy_.contains(line)) continue;  // its end wakes us
        if (due->second > now) {
            next = std::min(next, due->second);
            continue;
        }
        due->second = now + every;  // before it is kept: if it opens anew meanwhile, that counts
        busy_.insert(line);
        loop_.spawn("clock of " + due->first, keep_on(line, due->first));
    }
    return next;
}

Task<void> ClockUpkeep::keep_on(std::string line, model::DeviceId id) {
    co_await keep(std::move(id));
    busy_.erase(line);
    changed_.set();
}

Task<void> ClockUpkeep::keep(model::DeviceId id) {
    const std::shared_ptr<device::Device> device = hooks_.online(id);
    if (!device) co_return;  // it is due again once it has opened
    device::SiteTime time;
    time.utc_offset = [zone = zone_](WallTime at) { return zone.utc_offset(at); };
    time.is_trusted = hooks_.is_synchronised();
    const Result<device::ClockReport> report = co_await device->keep_clock(std::move(time));
    // What was learnt of a device that has been taken out, or replaced under the same name, concerns nobody.
    if (is_stopping_ || hooks_.online(id) != device) co_return;
    if (!report) {
        log(Level::warning, "device " + id, report.error().text);
        if (report.error().kind == Errc::refused) faults_.raise(model::FaultKind::clock_wrong, id, report.error().text);
        co_return;
    }
    if (report->was_set) log(Level::info, "device " + id, "clock: " + report->text);
    if (report->needs_person) faults_.raise(model::FaultKind::clock_wrong, id, "clock: " + report->text);
    if (report->is_right) faults_.clear(model::FaultKind::clock_wrong, id);
}

bool is_system_clock_synchronised() {
    timex state{};  // modes 0: only asks
    const int answer = ::adjtimex(&state);
    return answer != -1 && answer != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
}

}  // namespace busbar::gateway
