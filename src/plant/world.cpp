#include "plant/world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace busbar::plant {

World::World(Scenario scenario, std::uint64_t seed, Inputs inputs)
    : scenario_(std::move(scenario)),
      inputs_(std::move(inputs)),
      site_(scenario_, seed),
      checker_(scenario_),
      wish_(scenario_.wish) {
    record_.tolerance_w = 0.01 * scenario_.pv_peak_w();
    for (const auto& event : scenario_.events) pending_.push_back({event.at_s, &event});
    for (const auto& line : scenario_.lines) lines_.emplace_back(line, seed);
}

Result<std::unique_ptr<World>> World::create(Scenario scenario, std::uint64_t seed, Inputs inputs) {
    std::unique_ptr<World> world(new World(std::move(scenario), seed, std::move(inputs)));
    if (auto s = world->plug_in(); !s) return s.error();
    if (auto s = world->check_claims(); !s) return s.error();
    world->run_events();  // those at 0 s are there from the beginning
    return world;
}

Status World::plug_in() {
    using Kind = DeviceView::Kind;
    if (auto s = plug_in(scenario_.grid.meter, DeviceView(site_, Kind::grid_meter, 0), "grid_meter"); !s) return s;
    for (std::size_t i = 0; i < scenario_.sources.size(); ++i) {
        const auto& item = scenario_.sources[i];
        const auto use = !item.spec.battery ? "pv" : item.spec.array ? "hybrid" : "battery";
        if (auto s = plug_in(item.plug, DeviceView(site_, Kind::converter, i), use); !s) return s;
        BUSBAR_TRY(auto played, playing(item.trace, item.plug.at_line));
        source_traces_.push_back(std::move(played));
    }
    for (std::size_t i = 0; i < scenario_.loads.size(); ++i) {
        const auto& item = scenario_.loads[i];
        if (auto s = plug_in(item.meter, DeviceView(site_, Kind::load_meter, i), "sub_meter"); !s) return s;
        BUSBAR_TRY(auto played, playing(item.spec.trace, item.meter.at_line));
        load_traces_.push_back(std::move(played));
    }
    for (const auto& item : scenario_.watchers)
        if (auto s = plug_in(item.plug, watched(item.of), "sub_meter"); !s) return s;
    for (auto& line : lines_) line.know_children();
    BUSBAR_TRY(price_trace_, playing(scenario_.price_trace, 0));
    return ok();
}

DeviceView World::watched(std::string_view id) {
    using Kind = DeviceView::Kind;
    for (std::size_t i = 0; i < scenario_.sources.size(); ++i)
        if (scenario_.sources[i].plug.id == id) return {site_, Kind::converter, i};
    for (std::size_t i = 0; i < scenario_.loads.size(); ++i)
        if (scenario_.loads[i].meter.id == id) return {site_, Kind::load_meter, i};
    return {site_, Kind::whole_site, 0};
}

Status World::plug_in(const Plug& plug, DeviceView view, std::string_view use) {
    if (plug.profile.empty()) return ok();
    const auto place = fmt::format("line {}: {}", plug.at_line, plug.id);
    if (!inputs_.profile) return fail(Errc::unavailable, place + ": no profiles were given");
    auto profile = inputs_.profile(plug.profile);
    if (!profile) return because(place, profile.error());
    auto device = SimulatedDevice::create(*profile, plug, view);
    if (!device) return because(place, device.error());
    auto quirks = device->quirks();
    for (const auto& item : scenario_.quirks)
        if (item.target.empty() || item.target == plug.id) item.change(quirks);
    device->set_quirks(quirks);
    const bool is_charger = use == "sub_meter" && std::ranges::any_of(profile->points, [](const profile::Point& p) {
                                return p.role.role == model::Role::charger_power;
                            });
    line(plug.line)->add(std::move(*device), std::string(is_charger ? "charger" : use));
    return ok();
}

// A claim of what a device never says would be an event without effect.
Status World::check_claims() {
    for (const auto& event : scenario_.events)
        for (auto& line : lines_) {
            const auto* device = event.what == Event::What::claim ? line.device(event.target) : nullptr;
            if (device != nullptr && !device->says(event.claimed))
                return fail(Errc::malformed, fmt::format("line {}: {} does not say such a thing about itself",
                                                         event.line, event.target));
        }
    return ok();
}

// "day:load_kw" -> a player that starts where the scenario wants.
Result<std::optional<World::Played>> World::playing(const std::string& reference, int at_line) {
    if (reference.empty()) return std::optional<Played>{};
    const auto colon = reference.find(':');
    const auto name = reference.substr(0, colon), column_name = reference.substr(colon + 1);
    const auto item = std::ranges::find(scenario_.traces, name, &TraceItem::name);
    const auto trace = inputs_.traces.find(name);
    if (item == scenario_.traces.end() || trace == inputs_.traces.end())
        return fail(Errc::unavailable, fmt::format("line {}: trace '{}' was not read", at_line, name));
    const auto* column = trace->second.column(column_name);
    if (!column)
        return fail(Errc::malformed, fmt::format("line {}: trace '{}' has no column '{}'", at_line, name, column_name));
    double from_s = item->from_s;
    if (item->from_utc_s) {
        if (!trace->second.start_utc_s)
            return fail(Errc::malformed,
                        fmt::format("line {}: trace '{}' has no instants; write from= as seconds", item->line, name));
        from_s = *item->from_utc_s - *trace->second.start_utc_s;
    }
    return std::optional<Played>(Played{TracePlayer(trace->second, *column), from_s});
}

Line* World::line(std::string_view id) {
    const auto at = std::ranges::find_if(lines_, [&](const Line& l) { return l.spec().id == id; });
    return at == lines_.end() ? nullptr : &*at;
}

void World::step(double dt_s) {
    BUSBAR_ASSERT(dt_s >= 0 && std::isfinite(dt_s));
    owed_s_ += dt_s;
    constexpr double rounding_s = 1e-9;
    while (owed_s_ >= tick_s - rounding_s) {
        owed_s_ -= tick_s;
        tick();
    }
}

void World::tick() {
    ++ticks_;
    Site::Traced traced;
    const double now_s = static_cast<double>(ticks_) * tick_s;
    for (auto& t : source_traces_) traced.source_w.push_back(t ? t->player.at(t->from_s + now_s) : std::nullopt);
    for (auto& t : load_traces_) traced.load_w.push_back(t ? t->player.at(t->from_s + now_s) : std::nullopt);
    if (price_trace_)
        if (const auto price = price_trace_->player.at(price_trace_->from_s + now_s))
            price_eur_per_wh_ = *price * scenario_.price_scale;
    site_.step(tick_s, traced);
    end_faults();
    run_events();
    for (auto& line : lines_)
        for (auto& device : line.devices()) device.tick();
    const auto now = site_.state();
    checker_.observe(now);
    record_.see(now, feed_in_limit_w(), price_eur_per_wh_, tick_s);
    if (on_tick_) on_tick_();
}

void World::run_events() {
    constexpr double rounding_s = 1e-6;
    for (auto& p : pending_) {
        if (p.at_s > time_s() + rounding_s) continue;
        happen(*p.event);
        p.at_s = p.event->repeat_s > 0 ? p.at_s + p.event->repeat_s : std::numeric_limits<double>::infinity();
    }
}

void World::happen(const Event& event) {
    checker_.event(event, time_s());
    const auto each_source = [&](auto action) {
        for (std::size_t i = 0; i < scenario_.sources.size(); ++i) {
            const auto& item = scenario_.sources[i];
            if (item.spec.array && (event.target.empty() || item.plug.id == event.target)) action(i, item);
        }
    };
    const auto load = [&]() -> Load* {
        for (std::size_t i = 0; i < scenario_.loads.size(); ++i)
            if (event.target.empty() || scenario_.loads[i].meter.id == event.target) return &site_.loads()[i];
        return nullptr;
    };
    using What = Event::What;
    switch (event.what) {
        case What::pv_power: {
            // Without a target the power is that of all arrays together, shared by size.
            double peak_w = 0;
            each_source([&](std::size_t, const SourceItem& s) { peak_w += s.spec.array->peak_w; });
            each_source([&](std::size_t i, const SourceItem& s) {
                site_.pin_pv(i, event.value * s.spec.array->peak_w / peak_w);
            });
            break;
        }
        case What::pv_sun:
            each_source([&](std::size_t i, const SourceItem&) { site_.pin_pv(i, std::nullopt); });
            break;
        case What::cloud:
            site_.clouds().edge(event.value, event.over_s);
            break;
        case What::cloud_free:
            site_.clouds().follow_weather();
            break;
        case What::load_power:
            if (auto* l = load()) l->pin(event.value);
            break;
        case What::load_free:
            if (auto* l = load()) l->pin(std::nullopt);
            break;
        case What::grid_voltage:
            site_.grid().set_voltage(event.value);
            break;
        case What::grid_frequency:
            site_.grid().set_frequency(event.value);
            break;
        case What::setting:
            wish_ = event.wish;
            break;
        case What::claim:
            for (auto& l : lines_)
                if (auto* device = l.device(event.target)) device->claim(event.claimed, event.claim);
            break;
        case What::fault:
            std::erase_if(running_, [&](const Running& r) { return r.device == event.target; });
            for (auto& l : lines_) l.set_fault(event.target, event.fault, event.over_s, event.value);
            running_.push_back({event.target, time_s() + event.for_s});
            break;
    }
}

void World::end_faults() {
    constexpr double rounding_s = 1e-6;
    for (const auto& r : running_)
        if (r.until_s <= time_s() + rounding_s)
            for (auto& l : lines_) l.set_fault(r.device, FaultKind::none, 0, 0);
    std::erase_if(running_, [&](const Running& r) { return r.until_s <= time_s() + rounding_s; });
}

void World::fault(std::string_view name, bool raised) {
    faults_reported_ = true;
    checker_.fault(name, raised, time_s());
}

}  // namespace busbar::plant
