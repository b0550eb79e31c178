#include "field/sharing.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/log.hpp"

namespace busbar::gateway {
namespace {

using northbound::Span;
using northbound::WriteReport;
using namespace std::chrono_literals;

constexpr const char* area = "modbus server";

bus::Table to_bus(profile::Table table) {
    return table == profile::Table::input ? bus::Table::input : bus::Table::holding;
}

Span span_at(const profile::Address& at, std::uint16_t first, std::uint16_t count) {
    return {to_bus(at.table), first, static_cast<std::uint16_t>(first + count - 1)};
}

Span span_of(const profile::WriteStep& step) {
    return span_at(step.to, step.to.offset, profile::words_of(step.encoding.type));
}

}  // namespace

northbound::DeviceRules rules_of(const profile::Profile& placed) {
    northbound::DeviceRules rules;
    rules.max_registers = placed.bus.max_registers;
    rules.block = placed.bus.block;
    rules.align = placed.bus.align;
    rules.timing = {placed.bus.timeout, placed.bus.pause, placed.bus.settle, placed.bus.pipeline};
    for (const auto& range : placed.bus.forbidden)
        rules.forbidden.push_back({to_bus(range.table), range.first, range.last});
    for (const profile::Point& point : placed.points) {
        const std::uint16_t words = profile::words_of(point.encoding.type);
        rules.values.push_back(span_at(point.at, point.at.offset, words));
        if (point.less) rules.values.push_back(span_at(point.at, *point.less, words));
        if (point.encoding.exponent) rules.values.push_back(span_at(point.at, *point.encoding.exponent, 1));
    }
    for (const profile::Setting& setting : placed.settings)
        rules.values.push_back(span_at(setting.at, setting.at.offset, profile::words_of(setting.encoding.type)));
    for (const profile::Control& control : placed.controls)
        for (const auto* steps : {&control.before, &control.write, &control.release})
            for (const profile::WriteStep& step : *steps) {
                rules.values.push_back(span_of(step));
                rules.controlled.push_back(span_of(step));
            }
    return rules;
}

std::string describe(const WriteReport& report) {
    const std::string what = fmt::format("{} {}: {}", report.device, report.first, fmt::join(report.words, " "));
    const std::string others = report.untold > 0 ? fmt::format(" ({} others since the last line)", report.untold) : "";
    switch (report.outcome) {
        case WriteReport::Outcome::written:
            if (!report.read_back) return fmt::format("{} wrote {}; it cannot be read back", report.address, what);
            if (*report.read_back == report.words) return fmt::format("{} wrote {}", report.address, what);
            return fmt::format("{} wrote {}; the device holds {}", report.address, what,
                               fmt::join(*report.read_back, " "));
        case WriteReport::Outcome::unknown:
            return fmt::format("{} wrote {}; no answer, the device may hold it", report.address, what);
        case WriteReport::Outcome::refused:
            break;
    }
    return fmt::format("{} was refused {}: exception {}, {}{}", report.address, what, report.exception,
                       wire::exception_name(report.exception), others);
}

Sharing::Sharing(RealLoop& field, RealLoop& service, const config::ModbusServerConfig& config, std::string version,
                 Hooks hooks)
    : field_(field), service_(service), config_(config), hooks_(std::move(hooks)) {
    northbound::Identity identity;
    identity.version = std::move(version);
    const auto on_write = [](const WriteReport& report) {
        const bool is_done = report.outcome == WriteReport::Outcome::written;
        log(is_done ? Level::info : Level::warning, area, describe(report));
    };
    multiplexer_ = std::make_shared<northbound::Multiplexer>(
        field_, config_, std::move(identity),
        northbound::Multiplexer::Hooks{hooks_.is_held, on_write, hooks_.is_set_aside});
}

std::shared_ptr<bus::ModbusBus> Sharing::watched(std::shared_ptr<bus::ModbusBus> bus) {
    return std::make_shared<northbound::ObservedBus>(field_, std::move(bus), multiplexer_);
}

void Sharing::opened(const model::DeviceId& id, std::shared_ptr<bus::ModbusBus> bus, std::uint8_t unit,
                     const profile::Profile& placed) {
    multiplexer_->attach(id, std::move(bus), unit, rules_of(placed));
}

Task<void> Sharing::serve() {
    std::string problem;
    while (!is_stopping_ && !server_) {
        auto started = northbound::ModbusServer::start(service_, field_, multiplexer_, {config_, config_.port, {}});
        const std::string now = started ? "" : "modbus_server: " + started.error().text + "; trying again";
        if (now != problem) hooks_.set_problem(now);
        if (now != problem && !now.empty()) log(Level::error, area, now);
        problem = now;
        if (started) {
            server_ = std::move(*started);
            log(Level::info, area, fmt::format("listening on {} port {}", config_.address, server_->port()));
        } else {
            co_await service_.sleep_for(3s);
        }
    }
}

Task<void> Sharing::stop() {
    is_stopping_ = true;
    if (server_) co_await server_->stop();
}

}  // namespace busbar::gateway
