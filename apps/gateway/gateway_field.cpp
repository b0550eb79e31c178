// The field and what hangs on it: buses, search, upgrades, and other programs that share its devices.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pthread.h>

#include "base/log.hpp"
#include "field/bus_link.hpp"
#include "gateway_parts.hpp"
#include "version.hpp"
#include "views/realtime.hpp"

namespace busbar::gateway {

void Gateway::Parts::make_sharing(Field::Hooks& hooks) {
    Sharing::Hooks own;
    own.is_held = [this](const model::DeviceId& id) { return field->is_held(id); };
    own.is_protected = [this](const model::DeviceId& id) { return field->is_write_protected(id); };
    own.set_problem = [this](const std::string& problem) {
        field_loop.post([this, problem] {
            field->faults().set(!problem.empty(), model::FaultKind::access_failing, "modbus_server", problem);
        });
    };
    own.has_audit = [this] { return changes != nullptr; };
    own.audit = [this](const northbound::WriteLine& line) { return audit(line); };
    sharing = std::make_unique<Sharing>(field_loop, service_loop, std::string(version), std::move(own));
    hooks.watch = [this](std::shared_ptr<bus::ModbusBus> bus) { return sharing->watched(std::move(bus)); };
    hooks.placed = [this](const config::DeviceConfig& device, std::shared_ptr<bus::ModbusBus> bus,
                          const profile::Profile& placed) {
        sharing->opened(device.id, std::move(bus), device.unit, placed);
    };
    hooks.gone = [this](const model::DeviceId& id) { sharing->gone(id); };
    service_loop.spawn("modbus server", sharing->change(site->config.modbus_server));
    service_loop.spawn("writes of clients", sharing->tell_writes());
}

void Gateway::Parts::start_field() {
    const Field::Profiles profiles = read_profiles(profile_folders(), site->config);
    for (const auto& broken : profiles->broken()) log(Level::warning, "profile " + broken.name, broken.error.text);
    Field::Hooks hooks;
    hooks.make_bus = [this](const config::BusConfig& bus) { return make_bus(field_loop, bus); };
    hooks.report = [this](std::shared_ptr<const FieldReport> report) {
        service_loop.post([this, report = std::move(report)]() mutable { take(std::move(report)); });
    };
    make_sharing(hooks);
    field = std::make_unique<Field>(field_loop, site, profiles, std::move(hooks));
    search = std::make_unique<Search>(service_loop, field_loop, *field);
    upgrades = std::make_unique<Upgrades>(service_loop, field_loop, *field, options.data);
    upgrades->take_up();
    field_loop.post([this, problem = settings_problem] {
        field->start();
        say_settings_problem(problem);
    });
    field_thread = std::thread([this] {
        pthread_setname_np(pthread_self(), "field");
        if (options.realtime) log(Level::info, "field", "priority: " + raise_priority());
        field_loop.run();
    });
}

void Gateway::Parts::spread_telemetry() {
    if (budget.stretches() == told_stretches) return;
    told_stretches = budget.stretches();
    for (const auto& [bus, stretch] : told_stretches)
        if (stretch > 1) log(Level::info, "bus " + bus, fmt::format("telemetry is asked {} times as rarely", stretch));
    field_loop.post([this, stretches = told_stretches] { field->spread_telemetry(stretches); });
}

// What another program wrote through the gateway, or was not let.
Task<void> Gateway::Parts::audit(northbound::WriteLine line) {
    const std::string after = fmt::format("[{}]", fmt::join(line.last.words, ","));
    SiteChanges::Words words{"modbus server: " + describe(line), {}, after};
    if (line.last.before) words.before = fmt::format("[{}]", fmt::join(*line.last.before, ","));
    api::By by{"modbus client", line.last.address};
    const Status noted = co_await changes->note(std::move(words), std::move(by));
    if (!noted) log(Level::warning, "modbus server", noted.error().text);
}

}  // namespace busbar::gateway
