#include "device/registry.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/phrases.hpp"
#include "model/serial_number.hpp"

namespace busbar::device {

using namespace std::chrono_literals;

namespace {
constexpr Duration first_retry = 1s, longest_retry = 30s;
constexpr Duration longest_stranger_retry = 60s;  // a device that starts up looks like a stranger for some seconds
constexpr int silent_polls = 3;                   // then the device counts as offline
constexpr Duration telemetry_phase = 300ms;       // when critical polls have mostly ended

// The next instant of the beat, but no sooner than half a period from now.
Instant next_beat(Instant now, Duration period, Duration phase) {
    const Duration since = now.time_since_epoch() - phase + period / 2;
    return Instant(since - since % period + period + phase);
}

bool is_same_device(const DeviceInfo& a, const DeviceInfo& b) {
    return a.serial == b.serial && a.maker == b.maker && a.model == b.model && model::names_one_device(a.serial);
}
}  // namespace

PollTiming stretched(PollTiming timing, double stretch) {
    for (Duration* period : {&timing.telemetry, &timing.slow})
        *period = std::chrono::round<std::chrono::milliseconds>(*period * stretch);
    return timing;
}

struct Registry::Slot {
    std::size_t index = 0;
    std::shared_ptr<Device> device;  // null when it could not be made
    DeviceInfo known;                // then this is all there is
    PollTiming timing;
    Health health;
    bool is_removed = false;
    bool is_open = false;
    bool is_itself = false;  // who info() says it is, nobody else is
    bool is_twin = false;    // kept out because somebody else is that already
    int polls_in_flight = 0;
    int silent = 0;                       // polls in a row that brought failures and no reading
    std::array<std::string, 3> troubles;  // first failure of the last poll of each class
    Event opened;                         // wakes poll_rest
    Event ended;                          // wakes keep_open

    void end() {
        opened.set();
        ended.set();
    }
};

Registry::Registry(Loop& loop, RegistryEvents events) : loop_(loop), events_(std::move(events)) {}
Registry::~Registry() = default;

std::size_t Registry::add(std::shared_ptr<Device> device, PollTiming timing) {
    BUSBAR_ASSERT(device != nullptr);
    auto slot = std::make_shared<Slot>();
    slot->device = std::move(device);
    slot->timing = timing;
    return take_slot(std::move(slot));
}

std::size_t Registry::add_quarantined(DeviceInfo known, std::string problem) {
    auto slot = std::make_shared<Slot>();
    slot->known = std::move(known);
    slot->health = {DeviceState::quarantined, std::move(problem), loop_.now()};
    return take_slot(std::move(slot));
}

std::size_t Registry::take_slot(SlotPtr slot) {
    const auto free = std::find(slots_.begin(), slots_.end(), nullptr);
    slot->index = static_cast<std::size_t>(free - slots_.begin());
    if (free == slots_.end()) slots_.push_back(nullptr);
    slots_[slot->index] = slot;
    if (is_started_) begin(slot);
    return slot->index;
}

void Registry::remove(std::size_t index) {
    BUSBAR_ASSERT(is_used(index));
    const SlotPtr slot = std::move(slots_[index]);
    slot->is_removed = true;
    slot->end();
    give_way(*slot);
}

void Registry::set_timing(std::size_t index, PollTiming timing) {
    BUSBAR_ASSERT(is_used(index));
    slots_[index]->timing = timing;
}

std::size_t Registry::size() const { return slots_.size(); }
bool Registry::is_used(std::size_t index) const { return index < slots_.size() && slots_[index] != nullptr; }
bool Registry::is_over(const Slot& slot) const { return is_stopping_ || slot.is_removed; }
std::shared_ptr<Device> Registry::device(std::size_t index) { return slots_.at(index)->device; }
const Health& Registry::health(std::size_t index) const { return slots_.at(index)->health; }
const DeviceInfo& Registry::info(std::size_t index) const {
    const Slot& slot = *slots_.at(index);
    return slot.device ? slot.device->info() : slot.known;
}

void Registry::start() {
    is_started_ = true;
    for (const SlotPtr& slot : slots_)
        if (slot) begin(slot);
}

void Registry::begin(const SlotPtr& slot) {
    if (!slot->device) {
        if (events_.health_changed) events_.health_changed(slot->index, slot->health);
        return;
    }
    slot->health.since = loop_.now();
    loop_.spawn("poll " + slot->device->info().id, keep_open(slot));
    loop_.spawn("poll rest " + slot->device->info().id, poll_rest(slot));
}

void Registry::stop() {
    is_stopping_ = true;
    for (const SlotPtr& slot : slots_)
        if (slot) slot->end();
}

void Registry::set_health(Slot& slot, DeviceState state, std::string problem) {
    const bool is_double = state == DeviceState::quarantined && slot.is_twin;
    if (slot.health.state == state && slot.health.problem == problem && slot.health.is_double == is_double) return;
    if (slot.health.state != state) slot.health.since = loop_.now();
    slot.health.state = state;
    slot.health.problem = std::move(problem);
    slot.health.is_double = is_double;
    if (events_.health_changed) events_.health_changed(slot.index, slot.health);
}

// Whether this one may be used: what no device can know of the others.
Status Registry::accept(Slot& slot) {
    const DeviceInfo& info = slot.device->info();
    const auto is_holder = [&](const SlotPtr& other) {
        return other && other.get() != &slot && other->is_itself && is_same_device(other->device->info(), info);
    };
    const auto holder = std::find_if(slots_.begin(), slots_.end(), is_holder);
    slot.is_twin = holder != slots_.end();
    if (slot.is_twin) {
        Error why = fail(Errc::unsupported, say<phrases::same_device>((*holder)->device->info().id, info.serial));
        slot.device->keep_off(why);
        return why;
    }
    slot.device->keep_off(std::nullopt);
    give_way(slot);  // of whom it was before, perhaps another one
    slot.is_itself = true;
    return ok();
}

// It is no longer who it was: those who were kept out for its sake are asked again at once.
void Registry::give_way(Slot& slot) {
    if (!slot.is_itself) return;
    slot.is_itself = false;
    for (const SlotPtr& other : slots_)
        if (other && other->is_twin) other->ended.set();
}

Task<void> Registry::keep_open(SlotPtr held) {
    Slot& slot = *held;
    // Devices on one bus do not all ask at the same instant.
    co_await loop_.wait(slot.ended, loop_.now() + std::chrono::milliseconds(slot.index * 37 % 500));
    Duration retry = first_retry;
    bool was_stranger = false;
    while (!is_over(slot)) {
        Status opened = co_await slot.device->open();
        if (is_over(slot)) break;
        slot.is_twin = false;
        if (opened) opened = accept(slot);
        if (!opened) {
            const bool is_stranger = opened.error().kind == Errc::unsupported;
            if (is_stranger) give_way(slot);
            if (is_stranger != was_stranger) retry = first_retry;  // something happened there
            was_stranger = is_stranger;
            set_health(slot, is_stranger ? DeviceState::quarantined : DeviceState::offline, opened.error().text);
            co_await loop_.wait(slot.ended, loop_.now() + retry);
            retry = std::min(2 * retry, is_stranger ? longest_stranger_retry : longest_retry);
            continue;
        }
        retry = first_retry;
        slot.silent = 0;
        slot.troubles = {};
        if (events_.opened) events_.opened(slot.index);
        set_health(slot, DeviceState::online, "");
        slot.is_open = true;
        slot.opened.set();
        co_await poll_critical(slot);
        slot.is_open = false;
        while (slot.polls_in_flight > 0) co_await loop_.sleep_for(20ms);
    }
}

// Until the device is silent, has grown, or the program ends. A poll that took longer than its period is followed by
// the next one at once; missed periods are not made up for.
Task<void> Registry::poll_critical(Slot& slot) {
    // What open() read is already old: it is handed out, and the first real poll follows at once.
    co_await poll_once(slot, PollClass::critical);
    while (!is_over(slot) && !slot.device->wants_reopen()) {
        const Instant begun = loop_.now();
        co_await poll_once(slot, PollClass::critical);
        if (slot.silent >= silent_polls) {
            set_health(slot, DeviceState::offline, slot.troubles[0].empty() ? slot.health.problem : slot.troubles[0]);
            co_return;
        }
        const bool is_late = loop_.now() - begun >= slot.timing.critical;
        const Instant next = next_beat(begun, slot.timing.critical, slot.timing.phase);
        co_await loop_.wait(slot.ended, is_late ? loop_.now() : next);
    }
}

Task<void> Registry::poll_rest(SlotPtr held) {
    Slot& slot = *held;
    Instant next_telemetry = loop_.now(), next_slow = loop_.now();
    while (!is_over(slot)) {
        if (!slot.is_open) {
            co_await loop_.wait(slot.opened, loop_.now() + 10s);
            next_telemetry = next_slow = loop_.now();  // a device that came back shows everything at once
            continue;
        }
        const bool is_slow_due = loop_.now() >= next_slow;
        if (loop_.now() >= next_telemetry) {
            next_telemetry = next_beat(loop_.now(), slot.timing.telemetry, telemetry_phase);
            co_await poll_once(slot, PollClass::telemetry);
        }
        if (is_slow_due && slot.is_open) {
            next_slow = loop_.now() + slot.timing.slow;
            co_await poll_once(slot, PollClass::slow);
        }
        // The wait ends early when the device was opened again meanwhile.
        const bool is_new = co_await loop_.wait(slot.opened, std::min(next_telemetry, next_slow));
        if (is_new) next_telemetry = next_slow = loop_.now();
    }
}

Task<void> Registry::poll_once(Slot& slot, PollClass due) {
    ++slot.polls_in_flight;
    const PollResult result = co_await slot.device->poll(due);
    --slot.polls_in_flight;
    if (is_over(slot)) co_return;
    const bool is_answered = std::any_of(result.readings.begin(), result.readings.end(),
                                         [](const PointReading& r) { return r.reading.at != Instant{}; });
    if (is_answered)
        slot.silent = 0;
    else if (!result.failures.empty())
        ++slot.silent;
    slot.troubles[static_cast<std::size_t>(due)] = result.failures.empty() ? "" : result.failures.front().text;
    if (events_.polled) events_.polled(slot.index, result);
    if (!slot.is_open) co_return;
    const auto trouble =
        std::find_if(slot.troubles.begin(), slot.troubles.end(), [](const std::string& t) { return !t.empty(); });
    set_health(slot, DeviceState::online, trouble == slot.troubles.end() ? "" : *trouble);
}

}  // namespace busbar::device
