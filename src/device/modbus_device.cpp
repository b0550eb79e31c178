#include "device/modbus_device.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/phrases_running.hpp"
#include "device/identify.hpp"
#include "device/point_reader.hpp"
#include "device/sunspec_walk.hpp"
#include "device/write/firmware_upgrade.hpp"
#include "device/write/setpoint_writer.hpp"
#include "device/write/setting_writer.hpp"
#include "profile/sunspec/sunspec.hpp"

namespace busbar::device {
namespace {

using namespace std::chrono_literals;

// How often a device is asked again that could tell its serial number and did not.
constexpr Duration pause_of_serial = 5s;

double resolution_of(const profile::Control& control) {
    for (const profile::WriteStep& step : control.write)
        if (step.value != profile::StepValue::constant && step.value != profile::StepValue::lease &&
            step.value != profile::StepValue::by_sign && !step.percent_of && !step.encoding.exponent &&
            !profile::is_float(step.encoding.type))
            return std::fabs(step.encoding.scale.multiply) / step.encoding.scale.divide;
    return model::info(control.role.role).resolution;
}

}  // namespace

// Two missed polls are no reason to doubt a value, three are. The pause a device wants stretches its critical polls.
Duration stale_after(PollClass every, const profile::BusRules& rules) {
    switch (every) {
        case PollClass::critical:
            // Up to four reads, and one turn of the less urgent. Never longer than control may wait: a line on which it
            // takes longer is told as too full when the device is added.
            return std::min<Duration>(3s + 5 * rules.pause, model::most_critical_age);
        case PollClass::telemetry:
            return 35s;
        case PollClass::slow:
            return 35min;
    }
    return 35s;
}

// Everything learned by one open().
struct ModbusDevice::Session {
    Session(Loop& loop, ModbusUnit unit, std::shared_ptr<const profile::Profile> as_placed, Identity who,
            std::optional<double> rated_power_w)
        : placed(std::move(as_placed)),
          identity(std::move(who)),
          reader(loop, unit, placed->points, placed->bus),
          writer(loop, unit, placed,
                 [this, rated_power_w](model::RoleKey role) -> std::optional<double> {
                     if (role.role == model::Role::ac_power_rated && rated_power_w) return rated_power_w;
                     return reader.last_good(role);
                 }),
          settings(loop, unit, placed) {}
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    std::shared_ptr<const profile::Profile> placed;
    Identity identity;
    PointReader reader;
    SetpointWriter writer;
    SettingWriter settings;
};

ModbusDevice::ModbusDevice(Loop& loop, bus::ModbusBus& bus, std::shared_ptr<const profile::Profile> profile,
                           ModbusDeviceOptions options)
    : loop_(loop), bus_(bus), profile_(std::move(profile)), options_(std::move(options)), clock_keeper_(loop) {
    info_.id = options_.id;
    info_.name = options_.name;
    info_.profile = profile_->name;
    info_.maker = profile_->identify.maker;
}

// A device that was silent may be another one when it comes back; one that only grew is still the same.
Task<Status> ModbusDevice::open() {
    if (!options_.expected_serial.empty() && !wants_reopen())
        distrust_ = fail(Errc::unavailable, say<phrases::serial_awaited>());
    has_told_serial_ = false;
    const Status opened = co_await open_expected();
    if (!opened && opened.error().kind == Errc::unsupported) distrust_ = fail(Errc::denied, opened.error().text);
    co_return opened;
}

Task<Status> ModbusDevice::open_expected() {
    const ModbusUnit unit(bus_, options_.unit, profile_->bus);
    Result<std::shared_ptr<const profile::Profile>> found = co_await place(unit);
    if (!found) co_return found.error();
    std::shared_ptr<const profile::Profile> placed = std::move(*found);
    if (placed->points.empty()) co_return fail(Errc::unsupported, say<phrases::models_missing>());
    Result<Identity> identity = co_await identify(unit, *placed);
    if (!identity) co_return identity.error();
    const Status proven = prove(*placed, identity->serial);
    if (!proven) co_return proven;
    auto session =
        std::make_shared<Session>(loop_, unit, std::move(placed), std::move(*identity), options_.rated_power_w);
    std::vector<model::RoleKey> once_good;
    if (session_) once_good = session_->reader.once_good();
    const Status probed = co_await session->reader.probe(std::move(once_good));
    if (!probed) co_return probed;
    has_new_firmware_ = false;
    describe(*session);
    session_ = std::move(session);
    co_return ok();
}

// decisions/0010: values of a device that does not say who it is are taken, orders to it are not given.
Status ModbusDevice::prove(const profile::Profile& placed, const std::string& serial) {
    distrust_.reset();
    ask_serial_at_.reset();
    const std::string& expected = options_.expected_serial;
    if (expected.empty() || !placed.identify.serial || serial == expected) return ok();
    if (!serial.empty()) return fail(Errc::unsupported, say<phrases::serial_other>(expected, serial));
    distrust_ = fail(Errc::denied, say<phrases::serial_untold>(expected));
    ask_serial_at_ = loop_.now() + pause_of_serial;
    return ok();
}

Task<void> ModbusDevice::ask_serial(const profile::Profile& placed, PollResult& result) {
    if (loop_.now() >= *ask_serial_at_) {
        ask_serial_at_ = loop_.now() + pause_of_serial;
        const Result<std::string> serial = co_await read_serial(ModbusUnit(bus_, options_.unit, placed.bus), placed);
        has_told_serial_ = serial && !serial->empty();
    }
    if (distrust_) result.failures.push_back(*distrust_);
}

std::shared_ptr<ModbusDevice::Session> ModbusDevice::trusted(Error& why) const {
    if (session_ && is_trusted()) return session_;
    why = !session_   ? fail(Errc::unavailable, say<phrases::not_open_yet>())
          : distrust_ ? *distrust_
                      : *kept_off_;
    return nullptr;
}

void ModbusDevice::keep_off(std::optional<Error> why) {
    kept_off_ = std::move(why);
    if (kept_off_) kept_off_->kind = Errc::denied;
}

// Where everything stands in this device. Where the profile says it all, devices of one family share that profile.
Task<Result<std::shared_ptr<const profile::Profile>>> ModbusDevice::place(ModbusUnit unit) const {
    const bool has_far_exponents = std::ranges::any_of(profile_->points, [this](const profile::Point& point) {
        return profile::has_far_exponent(point, profile_->bus);
    });
    if (!profile_->sunspec && !has_far_exponents) co_return profile_;
    std::vector<profile::ModelBlock> models;
    if (profile_->sunspec) {
        Result<std::vector<profile::ModelBlock>> chain = co_await walk_models(unit, *profile_->sunspec);
        if (!chain) co_return chain.error();
        models = std::move(*chain);
    }
    profile::Profile resolved = profile::resolve_models(*profile_, models);
    const Status scaled = co_await read_far_exponents(unit, resolved);
    if (!scaled) co_return scaled.error();
    co_return std::make_shared<const profile::Profile>(std::move(resolved));
}

std::span<const profile::Point> ModbusDevice::points() const {
    return session_ ? std::span(session_->reader.points()) : std::span<const profile::Point>();
}

void ModbusDevice::describe(const Session& session) {
    if (!session.identity.maker.empty()) info_.maker = session.identity.maker;
    info_.model = session.identity.model;
    info_.serial = session.identity.serial;
    info_.firmware = session.identity.firmware;
    info_.firmware_support = profile::firmware_support(session.placed->firmware, info_.model, info_.firmware);
    info_.is_upgradable = session.placed->upgrade.has_value();
    info_.points.clear();
    info_.setpoints.clear();
    std::vector<model::RoleKey> roles;
    for (const profile::Point& point : session.reader.points()) {
        PointInfo info{point.role, point.every, point.resolution, stale_after(point.every, session.placed->bus),
                       point.names};
        info_.points.push_back(std::move(info));
        roles.push_back(point.role);
    }
    for (const profile::Control& control : session.placed->controls) {
        info_.setpoints.push_back({control.role, control.min, control.max, resolution_of(control)});
        roles.push_back(control.role);
    }
    info_.capabilities = model::capabilities_of(roles);
    auto settings = describe_settings(*session.placed);
    info_.settings = settings.empty() ? nullptr : std::make_shared<const std::vector<SettingInfo>>(std::move(settings));
}

Task<PollResult> ModbusDevice::poll(PollClass due) {
    PollResult result;
    const std::shared_ptr<Session> session = session_;
    if (!session) {
        result.failures.push_back(fail(Errc::unavailable, say<phrases::not_open_yet>()));
        co_return result;
    }
    co_await session->reader.poll(due, result);
    if (ask_serial_at_ && !result.readings.empty()) co_await ask_serial(*session->placed, result);
    if (!options_.rated_power_w) co_return result;
    // A rating given by the user outranks the device's own.
    for (PointReading& point : result.readings)
        if (session->reader.points()[point.point].role.role == model::Role::ac_power_rated)
            point.reading.value = *options_.rated_power_w;
    co_return result;
}

Task<Result<double>> ModbusDevice::apply(SetpointWrite setpoint) {
    Error why;
    const std::shared_ptr<Session> session = trusted(why);
    if (!session) co_return why;
    co_return co_await session->writer.apply(setpoint);
}

std::optional<double> ModbusDevice::shown(model::RoleKey role) const {
    return session_ ? session_->writer.shown(role) : std::nullopt;
}

Task<Status> ModbusDevice::release(model::RoleKey role) {
    Error why;
    const std::shared_ptr<Session> session = trusted(why);
    if (!session) co_return why;
    co_return co_await session->writer.release(role);
}

Task<Result<std::vector<SettingValue>>> ModbusDevice::read_settings() {
    const std::shared_ptr<Session> session = session_;
    if (!session) co_return fail(Errc::unavailable, say<phrases::not_open_yet>());
    co_return co_await session->settings.read_all();
}

Task<Result<SettingWritten>> ModbusDevice::write_setting(std::string key, double value) {
    Error why;
    const std::shared_ptr<Session> session = trusted(why);
    if (!session) co_return why;
    co_return co_await session->settings.write(std::move(key), value);
}

Task<Result<ClockReport>> ModbusDevice::keep_clock(SiteTime time) {
    Error why;
    const std::shared_ptr<Session> session = trusted(why);
    if (!session) co_return why;
    if (!session->placed->clock) co_return ClockReport{};
    const ModbusUnit unit(bus_, options_.unit, session->placed->bus);
    co_return co_await clock_keeper_.keep(unit, *session->placed->clock, std::move(time));
}

Task<UpgradeState> ModbusDevice::upgrade(std::shared_ptr<UpgradeOrder> order) {
    UpgradeState refused = order->resume;
    refused.phase = UpgradePhase::failed;
    // A device in the middle of an upgrade need not be open: the gateway may have restarted meanwhile.
    if (!profile_->upgrade || is_upgrading_ || !is_trusted()) {
        refused.text = is_upgrading_        ? "another upgrade of this device is running"
                       : !profile_->upgrade ? "this device takes no firmware through the gateway"
                       : distrust_          ? distrust_->text
                                            : kept_off_->text;
        co_return refused;
    }
    is_upgrading_ = true;
    FirmwareUpgrade job(loop_, ModbusUnit(bus_, options_.unit, profile_->bus), profile_, std::move(order));
    UpgradeState end = co_await job.run();
    is_upgrading_ = false;
    has_new_firmware_ = has_new_firmware_ || end.phase == UpgradePhase::done;
    co_return end;
}

Fallback ModbusDevice::fallback(model::RoleKey role) const {
    return session_ ? session_->writer.fallback(role) : Fallback{};
}
std::shared_ptr<const profile::Profile> ModbusDevice::placed() const { return session_ ? session_->placed : nullptr; }
bool ModbusDevice::wants_reopen() const {
    return session_ && (has_new_firmware_ || has_told_serial_ || session_->reader.has_more());
}

}  // namespace busbar::device
