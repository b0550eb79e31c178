#include "description.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

namespace busbar::plant_app {
namespace json = boost::json;
using plant::ControlWish;
using plant::LineSpec;
using plant::World;

namespace {

std::string_view feed_in_mode(ControlWish::FeedIn mode) {
    switch (mode) {
        case ControlWish::FeedIn::none:
            return "none";
        case ControlWish::FeedIn::zero:
            return "zero";
        case ControlWish::FeedIn::watts:
            return "watts";
        case ControlWish::FeedIn::percent:
            return "percent";
    }
    return "none";
}

json::object control_json(const ControlWish& wish) {
    return {{"self_consumption", {{"enabled", wish.self_consumption}, {"import_target_w", wish.import_target_w}}},
            {"feed_in_limit", {{"mode", feed_in_mode(wish.feed_in)}, {"value", wish.feed_in_value}}}};
}

json::object bus_json(const LineSpec& line, const Endpoint& at) {
    if (line.kind == LineSpec::Kind::tcp)
        return {{"id", line.id}, {"link", "tcp"}, {"host", "127.0.0.1"}, {"port", at.port}};
    return {{"id", line.id},
            {"link", "serial"},
            {"port", at.path},
            {"baud", line.baud},
            {"parity", std::string(1, line.parity)},
            {"stop_bits", line.stop_bits}};
}

// Three decimals are more than anybody reads; infinity (no limit, never seen) becomes null.
json::value number(double value) {
    return std::isfinite(value) ? json::value(std::round(value * 1000) / 1000) : json::value(nullptr);
}
json::object extreme(const plant::Extreme& e) { return {{"min", number(e.min)}, {"max", number(e.max)}}; }

json::array verdicts_json(const World& world) {
    json::array all;
    for (const auto& v : world.verdicts()) {
        const auto outcome = !v.observed ? "not observed" : v.passed ? "passed" : "failed";
        all.push_back({{"expect", v.text}, {"line", v.line}, {"outcome", outcome}, {"reason", v.reason}});
    }
    return all;
}

json::object energy_json(const World& world, const plant::Site& site) {
    const auto e = site.energy();
    return {{"pv_wh", number(e.pv_wh)},           {"load_wh", number(e.load_wh)},
            {"import_wh", number(e.import_wh)},   {"export_wh", number(e.export_wh)},
            {"charged_wh", number(e.charged_wh)}, {"discharged_wh", number(e.discharged_wh)},
            {"loss_wh", number(e.loss_wh)},       {"cost_eur", number(world.record().cost_eur)}};
}

std::string quoted(std::string_view text) {
    return json::serialize(json::value(text));
}  // JSON strings are YAML strings

json::object identity_json(const plant::SimulatedDevice& device) {
    using enum plant::IdentityText;
    return {{"maker", device.told(maker)},
            {"model", device.told(model)},
            {"serial", device.told(serial)},
            {"firmware", device.told(firmware)}};
}

// "heat_pump" as an owner says it: "Heat pump".
std::string spoken(std::string id) {
    std::ranges::replace(id, '_', ' ');
    if (!id.empty() && id.front() >= 'a' && id.front() <= 'z') id.front() = static_cast<char>(id.front() - 'a' + 'A');
    return id;
}

}  // namespace

std::string endpoints_json(World& world, const Endpoints& endpoints) {
    json::array buses, devices;
    for (auto& line : world.lines()) {
        buses.push_back(bus_json(line.spec(), endpoints.at(line.spec().id)));
        for (const auto& p : line.places())
            devices.push_back({{"id", p.id},
                               {"profile", p.profile},
                               {"bus", line.spec().id},
                               {"unit", p.unit},
                               {"use", p.use},
                               {"says", identity_json(*line.device(p.id))}});
    }
    const json::object all{{"name", world.scenario().name},
                           {"pv_peak_w", world.scenario().pv_peak_w()},
                           {"buses", buses},
                           {"devices", devices},
                           {"control", control_json(world.wish())}};
    return json::serialize(all) + "\n";
}

std::string truth_json(plant::Truth& truth, WallTime from, WallTime now) {
    json::object devices;
    truth.tell([&](const plant::SimulatedDevice& device, const profile::Point& point, plant::Truth::Span span) {
        json::value& values = devices[device.id()];
        if (!values.is_object()) values.emplace_object();
        values.get_object()[model::to_string(point.role)] = {span.low, span.high, device.resolution(point)};
    });
    const json::object all{{"from_ms", to_ms(from)}, {"at_ms", to_ms(now)}, {"devices", std::move(devices)}};
    return json::serialize(all) + "\n";
}

std::string site_yaml(World& world, const Endpoints& endpoints) {
    const auto& scenario = world.scenario();
    std::string text = fmt::format("# Written by busbar-plant; the site it plays.\nname: {}\npv_peak_w: {}\nbuses:\n",
                                   quoted(scenario.name), scenario.pv_peak_w());
    std::string devices = "devices:\n";
    for (auto& line : world.lines()) {
        const auto& spec = line.spec();
        const auto& at = endpoints.at(spec.id);
        if (spec.kind == LineSpec::Kind::tcp) {
            text += fmt::format("  - {{id: {}, link: tcp, host: 127.0.0.1, port: {}}}\n", spec.id, at.port);
        } else {
            const auto parity = spec.parity == 'E' ? "even" : spec.parity == 'O' ? "odd" : "none";
            text += fmt::format("  - {{id: {}, link: serial, port: {}, baud: {}, parity: {}, stop_bits: {}}}\n",
                                spec.id, quoted(at.path), spec.baud, parity, spec.stop_bits);
        }
        for (const auto& p : line.places())
            devices += fmt::format("  - {{id: {}, name: {}, profile: {}, bus: {}, unit: {}, use: {}}}\n", p.id,
                                   quoted(spoken(p.id)), p.profile, spec.id, p.unit, p.use);
    }
    const auto& wish = world.wish();
    return text + devices +
           fmt::format(
               "control:\n  self_consumption: {{enabled: {}, import_target_w: {}}}\n  feed_in_limit: {{mode: {}, "
               "value: {}}}\n",
               wish.self_consumption, wish.import_target_w, feed_in_mode(wish.feed_in), wish.feed_in_value);
}

std::string report_json(World& world, std::uint64_t seed) {
    const auto& record = world.record();
    json::array lines;
    for (auto& line : world.lines()) {
        const auto& c = line.counts();
        json::array devices;
        for (auto& d : line.devices())
            devices.push_back({{"id", d.id()},
                               {"reads", d.counts().reads},
                               {"writes", d.counts().writes},
                               {"exceptions", d.counts().exceptions}});
        lines.push_back({{"id", line.spec().id},
                         {"requests", c.requests},
                         {"answers", c.answers},
                         {"broken", c.broken},
                         {"foreign", c.foreign},
                         {"early_starts", c.early_starts},
                         {"too_soon", c.too_soon},
                         {"devices", devices}});
    }
    const json::object limit{
        {"limit_w", number(world.feed_in_limit_w())}, {"tolerance_w", record.tolerance_w},
        {"above_s", number(record.above_limit_s)},    {"longest_excess_s", number(record.longest_excess_s)},
        {"excess_wh", number(record.excess_wh)},      {"highest_excess_w", number(record.highest_excess_w)}};
    const json::object all{{"name", world.scenario().name},
                           {"seed", seed},
                           {"seconds", number(record.seconds)},
                           {"energy", energy_json(world, world.site())},
                           {"feed_in", limit},
                           {"grid_w", extreme(record.grid_w)},
                           {"pv_w", extreme(record.pv_w)},
                           {"battery_w", extreme(record.battery_w)},
                           {"load_w", extreme(record.load_w)},
                           {"soc", extreme(record.soc)},
                           {"expectations", verdicts_json(world)},
                           {"lines", lines}};
    return json::serialize(all) + "\n";
}

std::string summary(World& world, const Endpoints& endpoints) {
    std::string text = fmt::format("{}: {:.1f} kW of PV\n", world.scenario().name, world.scenario().pv_peak_w() / 1000);
    for (auto& line : world.lines()) {
        const auto& at = endpoints.at(line.spec().id);
        const auto where =
            at.port != 0 ? fmt::format("127.0.0.1:{}", at.port) : fmt::format("{} {} Bd", at.path, line.spec().baud);
        for (const auto& p : line.places())
            text += fmt::format("  {:<16} {:<28} unit {:<3} {}\n", p.id, p.profile, p.unit, where);
    }
    return text;
}

}  // namespace busbar::plant_app
