// A line is tried with other settings before anybody keeps them: a slip would make every device on it deaf.
#include <algorithm>

#include "base/log.hpp"
#include "base/phrases.hpp"
#include "config/rules.hpp"
#include "device/modbus_unit.hpp"
#include "field/at_work.hpp"
#include "field/bus_link.hpp"
#include "field/field.hpp"
#include "profile/read_plan.hpp"

namespace busbar::gateway {
namespace {

using namespace std::chrono_literals;
constexpr Duration patience = 3s;      // a poll that is deaf already may be in the way, with its time-out
constexpr std::size_t most_asked = 4;  // of a line; one that answers is enough

struct Trial {
    std::size_t asking = 0;
    bool is_answered = false;
    Event news;
};

// What it reads most often. A refusal is an answer, too.
Task<void> ask(std::shared_ptr<bus::ModbusBus> bus, std::uint8_t id, std::shared_ptr<const profile::Profile> placed,
               std::shared_ptr<Trial> trial) {
    std::vector<std::uint16_t> critical, all;
    for (std::uint16_t i = 0; i < placed->points.size(); ++i) {
        all.push_back(i);
        if (placed->points[i].every == device::PollClass::critical) critical.push_back(i);
    }
    const auto plan = profile::plan_reads(placed->points, critical.empty() ? all : critical, placed->bus);
    if (!plan.empty()) {
        const device::ModbusUnit unit(*bus, id, placed->bus);
        const auto read = co_await unit.read(plan[0].table, plan[0].first, plan[0].count, bus::Urgency::setpoint);
        if (read || read.error().kind == Errc::refused) trial->is_answered = true;
    }
    --trial->asking;
    trial->news.set();
}

}  // namespace

// Those that answer now come first.
std::vector<std::shared_ptr<device::Device>> Field::opened_on(std::string_view bus) const {
    std::vector<std::shared_ptr<device::Device>> opened;
    for (const auto& unit : units_) {
        const bool is_here = unit && unit->config.bus == bus && unit->problem.empty();
        const auto device = is_here ? registry_->device(unit->slot) : nullptr;
        if (device && device->placed()) opened.push_back(device);
    }
    std::stable_partition(opened.begin(), opened.end(), [&](const auto& d) { return is_online(d->info().id); });
    return opened;
}

Task<Status> Field::ask_over(std::shared_ptr<bus::ModbusBus> bus, bus::LinkSettings settings, std::string id) {
    const auto opened = opened_on(id);
    if (opened.empty()) co_return ok();
    const Status set = co_await bus->relink(std::move(settings));
    if (!set) co_return fail(set.error().kind, say<phrases::bus_keeps>(id, set.error().text));
    const auto trial = std::make_shared<Trial>();
    trial->asking = std::min(most_asked, opened.size());
    for (std::size_t i = 0; i < trial->asking; ++i) {
        const DeviceFacts& unit = *facts(opened[i]->info().id);
        loop_.spawn("trial of a line", ask(bus, unit.config.unit, opened[i]->placed(), trial));
    }
    const Instant end = loop_.now() + patience;
    while (!trial->is_answered && trial->asking > 0 && loop_.now() < end) co_await loop_.wait(trial->news, end);
    if (trial->is_answered) co_return ok();
    co_return fail(Errc::denied, say<phrases::bus_unanswered>(id, opened[0]->info().id));
}

Task<Status> Field::try_line(config::BusConfig wanted) {
    while (is_changing_) co_await loop_.sleep_for(50ms);
    const Line* here = line(wanted.id);
    if (here == nullptr || here->config.link == wanted.link || opened_on(wanted.id).empty()) co_return ok();
    const std::set<std::string> at_work(aside_.begin(), aside_.end());
    config::SiteConfig next = site_->config;
    for (config::BusConfig& bus : next.buses)
        if (bus.id == wanted.id) bus.link = wanted.link;
    const Status free = leaves_alone(at_work, site_->config, next, {});
    if (!free) co_return free;
    is_changing_ = true;
    if (before_bus_goes) co_await before_bus_goes();
    const config::BusConfig before = here->config;
    const bool is_running = is_same_kind(before, wanted);
    const std::shared_ptr<bus::ModbusBus> running = here->bus;
    const std::shared_ptr<bus::ModbusBus> bus = is_running ? running : hooks_.make_bus(wanted);
    log(Level::info, "bus " + wanted.id, "tried with other settings");
    const Status tried = co_await ask_over(bus, link_of(wanted), wanted.id);
    if (is_running) {
        const Status back = co_await bus->relink(link_of(before));
        if (!back) log(Level::error, "bus " + wanted.id, back.error().text);
    } else {
        co_await bus->close();
    }
    is_changing_ = false;
    co_return tried;
}

}  // namespace busbar::gateway
