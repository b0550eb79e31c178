#include "field/sharing.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/log.hpp"
#include "field/on_loop.hpp"

namespace busbar::gateway {
namespace {

using northbound::Span;
using northbound::WriteLine;
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

std::string describe(const WriteLine& line) {
    const WriteReport& report = line.last;
    std::string text = fmt::format("{} ", report.address);
    const std::string what = fmt::format("{} {}: {}", report.device, report.first, fmt::join(report.words, " "));
    switch (report.outcome) {
        case WriteReport::Outcome::written:
            text += "wrote " + what;
            if (!report.read_back)
                text += "; it cannot be read back";
            else if (*report.read_back != report.words)
                text += fmt::format("; the device holds {}", fmt::join(*report.read_back, " "));
            break;
        case WriteReport::Outcome::unknown:
            text += fmt::format("wrote {}; no answer, the device may hold it", what);
            break;
        case WriteReport::Outcome::refused:
            text += fmt::format("was refused {}: exception {}, {}", what, report.exception,
                                wire::exception_name(report.exception));
            break;
    }
    if (line.is_mixed)
        return fmt::format("{} other writes in {:.0f} s, the last: {}", line.times, to_seconds(line.over), text);
    if (line.times > 1) text += fmt::format("; {} times in {:.0f} s, this the last", line.times, to_seconds(line.over));
    return text;
}

Sharing::Sharing(RealLoop& field, RealLoop& service, std::string version, Hooks hooks)
    : field_(field), service_(service), version_(std::move(version)), hooks_(std::move(hooks)) {}

// ---- the field's side ----

std::shared_ptr<bus::ModbusBus> Sharing::watched(std::shared_ptr<bus::ModbusBus> bus) {
    return std::make_shared<northbound::ObservedBus>(field_, std::move(bus), watch_);
}

void Sharing::opened(const model::DeviceId& id, std::shared_ptr<bus::ModbusBus> bus, std::uint8_t unit,
                     const profile::Profile& placed) {
    Open& open = open_[id];
    open = {std::move(bus), unit, rules_of(placed)};
    if (multiplexer_) multiplexer_->attach(id, open.bus, open.unit, open.rules);
}

void Sharing::gone(const model::DeviceId& id) {
    open_.erase(id);
    if (multiplexer_) multiplexer_->detach(id);
}

Task<Sharing::Multiplexer> Sharing::switch_to(std::optional<config::ModbusServerConfig> wanted) {
    if (multiplexer_) multiplexer_->detach_all();
    multiplexer_.reset();
    if (wanted) {
        northbound::Identity identity;
        identity.version = version_;
        northbound::Multiplexer::Hooks hooks{
            hooks_.is_held, [this](const WriteReport& report) { service_.post([this, report] { take(report); }); },
            hooks_.is_protected};
        multiplexer_ =
            std::make_shared<northbound::Multiplexer>(field_, *wanted, std::move(identity), std::move(hooks));
        for (const auto& [id, open] : open_) multiplexer_->attach(id, open.bus, open.unit, open.rules);
    }
    watch_->observer = multiplexer_;
    co_return multiplexer_;
}

// ---- the network's side ----

Task<void> Sharing::change(std::optional<config::ModbusServerConfig> wanted) {
    if (wanted && !wanted->is_enabled) wanted.reset();
    if (wanted == config_ || is_stopping_) co_return;
    config_ = wanted;
    const int change = ++changes_;
    if (server_) {
        const auto old = std::move(server_);
        co_await old->stop();
        own_port_.reset();
        log(Level::info, area, "closed");
    }
    std::function<Task<Multiplexer>()> work = [this, wanted] { return switch_to(wanted); };
    const Multiplexer made = co_await on_loop<Multiplexer>(service_, field_, "modbus server", std::move(work));
    if (is_stopping_ || change != changes_) co_return;
    if (made) listen(made);
    if (!made && !problem_.empty()) hooks_.set_problem(problem_ = "");
    if (made && !server_) service_.spawn("modbus server", keep_listening(made, change));
}

void Sharing::listen(const Multiplexer& multiplexer) {
    auto started = northbound::ModbusServer::start(service_, field_, multiplexer, {*config_, config_->port, {}});
    const std::string now = started ? "" : "modbus_server: " + started.error().text + "; trying again";
    if (now != problem_) hooks_.set_problem(now);
    if (now != problem_ && !now.empty()) log(Level::error, area, now);
    problem_ = now;
    if (!started) return;
    server_ = std::move(*started);
    own_port_.emplace(server_->port());
    log(Level::info, area, fmt::format("listening on {} port {}", config_->address, server_->port()));
}

Task<void> Sharing::keep_listening(Multiplexer multiplexer, int change) {
    while (!server_) {
        co_await service_.sleep_for(3s);
        if (is_stopping_ || change != changes_) co_return;
        listen(multiplexer);
    }
}

Task<SharingFigures> Sharing::figures() {
    SharingFigures now;
    now.is_listening = server_ != nullptr;
    now.problem = problem_;
    if (server_) now.server = server_->statistics();
    std::function<Task<SharingFigures>()> work = [this, now]() -> Task<SharingFigures> {
        return [](Multiplexer of, Instant at, SharingFigures figures) -> Task<SharingFigures> {
            figures.at = at;
            if (of) figures.total = of->statistics();
            if (of) figures.clients = of->clients();
            co_return figures;
        }(multiplexer_, field_.now(), now);
    };
    co_return co_await on_loop<SharingFigures>(service_, field_, "figures of the modbus server", std::move(work));
}

// ---- who wrote what ----

void Sharing::take(WriteReport report) {
    ledger_.take(std::move(report), service_.now());
    written_.set();
}

Task<void> Sharing::tell_writes() {
    while (!is_stopping_) {
        if (hooks_.has_audit()) co_await tell(ledger_.due(service_.now()));
        const Duration patience = ledger_.is_empty() ? Duration(24h) : Duration(5s);
        co_await service_.wait(written_, service_.now() + patience);
    }
}

Task<void> Sharing::tell(std::vector<WriteLine> lines) {
    for (const WriteLine& line : lines) {
        const bool is_done = line.last.outcome == WriteReport::Outcome::written;
        log(is_done ? Level::info : Level::warning, area, describe(line));
        if (hooks_.has_audit()) co_await hooks_.audit(line);
    }
}

Task<void> Sharing::stop() {
    is_stopping_ = true;
    if (server_) co_await server_->stop();
    co_await tell(ledger_.rest(service_.now()));
    written_.set();
}

}  // namespace busbar::gateway
