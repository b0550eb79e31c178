#include "field/by_hand.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/phrases.hpp"
#include "config/rules.hpp"
#include "device/modbus_unit.hpp"
#include "field/at_work.hpp"
#include "field/sharing.hpp"
#include "northbound/effect.hpp"

namespace busbar::gateway {
namespace {

constexpr Duration monitor_time = std::chrono::seconds(60);

api::SettingView view_of(const device::SettingInfo& info, const device::SettingValue* value) {
    api::SettingView view;
    view.key = info.key;
    view.text = info.applies.empty() ? info.text : fmt::format("{} (holds {})", info.text, info.applies);
    view.unit = info.unit;
    view.min = info.min;
    view.max = info.max;
    view.step = info.step;
    view.choices = info.choices;
    view.is_owners = info.is_owners;
    view.is_writable = info.is_writable;
    view.warning = info.danger;
    if (value != nullptr) {
        view.value = value->value;
        view.problem = value->problem;
    }
    return view;
}

std::string note_of(bus::FrameVerdict verdict) {
    switch (verdict) {
        case bus::FrameVerdict::ok:
            return "ok";
        case bus::FrameVerdict::timeout:
            return "no answer";
        case bus::FrameVerdict::bad_checksum:
            return "bad checksum";
        case bus::FrameVerdict::mismatch:
            return "answers something else";
        case bus::FrameVerdict::foreign:
            return "nobody asked";
        case bus::FrameVerdict::late:
            return "late";
    }
    return "";
}

Error no_bus(const std::string& id) { return fail(Errc::unsupported, say<phrases::no_bus>(id)); }
Error not_made(const std::string& id) { return fail(Errc::unavailable, say<phrases::out_of_service>(id)); }

// What the device there asks of its bus: some are deaf without their pause. A stranger gets the usual rules.
profile::BusRules rules_at(Field& field, const std::string& bus, std::uint8_t unit) {
    for (const auto& config : field.site().devices) {
        if (config.bus != bus || config.unit != unit) continue;
        const auto device = field.device(config.id);
        const auto placed = device ? device->placed() : nullptr;
        if (placed) return placed->bus;
    }
    return {};
}

// The devices a request to this unit may reach.
std::vector<const config::DeviceConfig*> reached(const config::SiteConfig& site, const std::string& bus,
                                                 std::uint8_t unit) {
    std::vector<const config::DeviceConfig*> there, all;
    for (const auto& device : site.devices) {
        if (device.bus != bus) continue;
        all.push_back(&device);
        if (device.unit == unit) there.push_back(&device);
    }
    const config::BusConfig* line = config::find_bus(site, bus);
    const bool is_endpoint = line != nullptr && std::holds_alternative<config::TcpEndpoint>(line->link);
    return there.empty() && is_endpoint ? all : there;
}

// Writing there is in the way of control's own writes.
bool meets_control(Field& field, const std::string& id, const northbound::Effect& effect) {
    if (effect.kind == northbound::Effect::Kind::none) return false;
    const auto device = field.device(id);
    const auto placed = device ? device->placed() : nullptr;
    return !placed || northbound::meets_control(rules_of(*placed), effect);
}

Error held(const std::string& id, const std::string& what) {
    return fail(Errc::denied, fmt::format("control holds device '{}', and {}; switch off in the control settings what "
                                          "uses this device, then try again",
                                          id, what));
}

std::string said(const northbound::Effect& effect) {
    if (effect.kind == northbound::Effect::Kind::unknown) return "what this request changes cannot be told";
    return fmt::format("registers {}..{} are among those it writes", effect.span.first, effect.span.last);
}

std::optional<Error> objection(Field& field, const std::string& bus, std::uint8_t unit,
                               const northbound::Effect& effect) {
    if (const auto at_work = field.set_aside_at(bus, unit)) return busy_with_firmware(*at_work);
    for (const config::DeviceConfig* device : reached(field.site(), bus, unit))
        if (field.is_held(device->id) && meets_control(field, device->id, effect))
            return held(device->id, said(effect));
    return std::nullopt;
}

}  // namespace

Error no_device(const std::string& id) { return fail(Errc::unsupported, say<phrases::no_device>(id)); }

Task<Result<std::vector<api::SettingView>>> read_settings(Field& field, std::string id) {
    if (field.facts(id) == nullptr) co_return no_device(id);
    const auto device = field.device(id);
    if (!device) co_return not_made(id);
    const auto offered = device->info().settings;
    std::vector<api::SettingView> views;
    if (!offered || offered->empty()) co_return views;
    const auto read = co_await device->read_settings();
    if (!read) co_return read.error();
    for (const auto& info : *offered) {
        const auto value = std::find_if(read->begin(), read->end(), [&](const auto& v) { return v.key == info.key; });
        views.push_back(view_of(info, value == read->end() ? nullptr : &*value));
    }
    co_return views;
}

Task<Result<api::SettingWritten>> write_setting(Field& field, std::string id, std::string key, double value,
                                                bool is_installer) {
    if (field.facts(id) == nullptr) co_return no_device(id);
    const auto device = field.device(id);
    if (!device) co_return not_made(id);
    if (const auto offered = device->info().settings)
        for (const auto& info : *offered)
            if (info.key == key && !info.is_owners && !is_installer)
                co_return fail(Errc::denied, say<phrases::setting_installers>(info.text));
    // Not `denied`: that is for people who may not write this setting at any time. Control is never in the way: a
    // profile gives each register one writer.
    if (field.is_set_aside(id)) co_return fail(Errc::unavailable, busy_with_firmware(id).text);
    const auto mark = field.writing_on(field.facts(id)->config.bus);
    const auto written = co_await device->write_setting(key, value);
    if (!written) co_return written.error();
    co_return api::SettingWritten{written->before, written->value};
}

// A register of control's that control does not hold now is written with the urgency of a setpoint: so it is on the bus
// before control can take the device, and what control writes comes after it.
Task<Result<api::RawAnswer>> ask_raw(Field& field, std::string id, api::RawRequest request) {
    const auto bus = field.bus(id);
    if (!bus) co_return no_bus(id);
    const auto unit = static_cast<std::uint8_t>(request.unit);
    const northbound::Effect effect = northbound::effect_of(request.pdu);
    if (const auto no = objection(field, id, unit, effect)) co_return *no;
    const auto devices = reached(field.site(), id, unit);
    const bool is_controls = std::any_of(devices.begin(), devices.end(),
                                         [&](const auto* device) { return meets_control(field, device->id, effect); });
    const device::ModbusUnit asked(*bus, unit, rules_at(field, id, unit));
    const auto mark = field.writing_on(id);
    const auto answer = co_await asked.raw(request.pdu, is_controls ? bus::Urgency::setpoint : bus::Urgency::by_hand);
    if (!answer) co_return answer.error();
    co_return api::RawAnswer{answer->pdu, to_seconds(answer->took) * 1000};
}

Task<Result<api::FramesView>> read_frames(Field& field, const Loop& loop, std::string id, std::uint64_t from,
                                          std::size_t limit) {
    const auto bus = field.bus(id);
    if (!bus) co_return no_bus(id);
    bus::FrameTap* tap = bus->tap();
    if (tap == nullptr) co_return fail(Errc::unsupported, say<phrases::no_monitor>(id));
    tap->watch(loop.now() + monitor_time);
    const auto window = tap->frames_since(from, limit);
    api::FramesView view;
    view.next = window.next;
    view.dropped = window.lost;
    for (const auto& frame : window.frames) {
        const auto bytes = frame.view();
        const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(loop.now() - frame.at);
        view.frames.push_back({frame.sequence,
                               loop.wall() - age,
                               frame.direction == bus::FrameDirection::request,
                               {bytes.begin(), bytes.end()},
                               note_of(frame.verdict)});
    }
    co_return view;
}

namespace {

std::string utc_text(WallTime at) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(at)));
}

}  // namespace

Task<Result<Recording>> copy_recording(Field& field, const Loop& loop, std::string id) {
    const auto bus = field.bus(id);
    if (!bus) co_return no_bus(id);
    bus::FrameTap* tap = bus->tap();
    if (tap == nullptr) co_return fail(Errc::unsupported, say<phrases::no_monitor>(id));
    auto window = tap->frames_since(0, std::numeric_limits<std::size_t>::max());
    if (window.frames.empty()) co_return fail(Errc::unavailable, say<phrases::monitor_empty>(id));
    const config::BusConfig& config = *config::find_bus(field.site(), id);
    const auto* tcp = std::get_if<config::TcpEndpoint>(&config.link);
    const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(loop.now() - window.frames.front().at);
    Recording recording;
    device::RecordingNotes& notes = recording.notes;
    notes.name = "bus " + id;
    notes.origin = fmt::format("Recorded by the gateway's monitor on {}", id);
    notes.recorded = utc_text(loop.wall() - age);
    notes.framing = tcp != nullptr && !tcp->rtu_framing ? device::CaptureFraming::tcp : device::CaptureFraming::rtu;
    notes.lost = window.lost;
    recording.frames = std::move(window.frames);
    co_return recording;
}

}  // namespace busbar::gateway
