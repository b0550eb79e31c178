#include "plant/devices/simulated_device.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "profile/codec/decode.hpp"

namespace busbar::plant {
namespace {

using profile::Table;
using wire::ExceptionCode;

// A device has one inverter and one meter model: the three-phase one where the profile knows it. Storage only with
// storage.
std::vector<std::uint16_t> models_of(const profile::Profile& profile, bool has_battery) {
    const auto knows = [&](std::uint16_t id) {
        return std::ranges::find(profile.sunspec->models, id, &profile::ModelLength::model) !=
               profile.sunspec->models.end();
    };
    constexpr std::array inverters{103, 113, 101, 111, 102, 112};
    constexpr std::array meters{203, 213, 201, 211, 202, 212, 204, 214};
    const auto chosen = [&](const auto& group, std::uint16_t id) {
        const auto first = std::ranges::find_if(group, [&](int g) { return knows(static_cast<std::uint16_t>(g)); });
        return std::ranges::find(group, id) == group.end() || id == *first;
    };
    std::vector<std::uint16_t> models;
    for (const auto& m : profile.sunspec->models) {
        const bool is_storage = m.model == 124 || (m.model >= 802 && m.model <= 809) || m.model == 713;
        if (chosen(inverters, m.model) && chosen(meters, m.model) && (has_battery || !is_storage))
            models.push_back(m.model);
    }
    return models;
}

// The code a profile names for what the device does: the first name with a fitting word, else the first of all.
std::optional<double> state_code(const std::vector<profile::Name>& names, Activity activity) {
    constexpr std::array<std::string_view, 5> off{"no irradiation", "sleep", "standby", "wait", "stop"};
    constexpr std::array<std::string_view, 5> running{"mppt", "tracking", "on-grid", "normal", "running"};
    constexpr std::array<std::string_view, 5> limited{"throttl", "power limited", "derat", "on-grid", "normal"};
    const auto& words = activity == Activity::off ? off : activity == Activity::limited ? limited : running;
    for (const auto word : words)
        for (const auto& [code, name] : names)
            if (std::ranges::search(name, word, {}, [](char c) {
                    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
                }).begin() != name.end())
                return code;
    return names.empty() ? std::nullopt : std::optional<double>(names.front().first);
}

}  // namespace

SimulatedDevice::SimulatedDevice(profile::Profile profile, std::vector<profile::ModelBlock> models, const Plug& plug,
                                 DeviceView view)
    : id_(plug.id),
      unit_(plug.unit),
      profile_(std::move(profile)),
      models_(std::move(models)),
      view_(view),
      writable_(0x10000),
      engaged_(profile_.controls.size()) {}

Result<SimulatedDevice> SimulatedDevice::create(const profile::Profile& profile, const Plug& plug, DeviceView view) {
    std::uint16_t base = 0;
    std::vector<profile::ModelBlock> models;
    if (profile.sunspec) {
        if (profile.sunspec->bases.empty())
            return fail(Errc::unsupported, fmt::format("{}: {} names no SunSpec base", plug.id, profile.name));
        base = profile.sunspec->bases.front();
        models = chain_of(profile, base, models_of(profile, view.has_battery()));
    }
    auto placed = resolve_models(profile, models);
    SimulatedDevice device(std::move(placed), std::move(models), plug, view);
    if (auto s = device.lay_out(base); !s) return because(plug.id, s.error());
    return device;
}

Status SimulatedDevice::lay_out(std::uint16_t sunspec_base) {
    if (profile_.sunspec) {
        registers_.set(Table::holding, sunspec_base, profile::sunspec_mark[0]);
        registers_.set(Table::holding, static_cast<std::uint16_t>(sunspec_base + 1), profile::sunspec_mark[1]);
        std::uint32_t end = sunspec_base + 2u;
        for (const auto& m : models_) {
            registers_.set(Table::holding, m.address, m.model);
            registers_.set(Table::holding, static_cast<std::uint16_t>(m.address + 1), m.length);
            // What the profile does not know is "not implemented", as the standard wants; texts are empty.
            registers_.map(Table::holding, static_cast<std::uint16_t>(m.address + 2), m.length,
                           m.model == 1 ? 0 : 0xFFFF);
            end = m.address + m.length + 2u;
        }
        if (end > 0xFFFE) return fail(Errc::unsupported, "the SunSpec models do not fit the address space");
        registers_.set(Table::holding, static_cast<std::uint16_t>(end), profile::sunspec_end_model);
        registers_.set(Table::holding, static_cast<std::uint16_t>(end + 1), 0);
    }
    const std::uint16_t align = std::max<std::uint16_t>(1, profile_.bus.align);
    for (const auto& point : profile_.points) {
        const auto span = span_of(point);
        const auto first = static_cast<std::uint16_t>(span.first / align * align);
        registers_.map(point.at.table, first, static_cast<std::uint16_t>((span.last - first) / align * align + align));
        show(point);
    }
    show_identity();
    reset_controls();
    lay_out_settings();
    lay_out_upgrade();
    registers_.close_gaps(profile_.bus.max_gap);
    return ok();
}

// What the view says, or what a meter makes of it whose current transformers look the other way.
std::optional<double> SimulatedDevice::seen(model::RoleKey key) const {
    using enum model::Role;
    if (fault_ != FaultKind::reversed) return view_.value(key);
    if (key.role == meter_energy_import) return view_.value({meter_energy_export, key.index});
    if (key.role == meter_energy_export) return view_.value({meter_energy_import, key.index});
    const bool is_signed = key.role == meter_power || key.role == meter_phase_power ||
                           key.role == meter_reactive_power || key.role == meter_power_factor;
    const auto value = view_.value(key);
    return is_signed && value ? std::optional(-*value) : value;
}

std::optional<double> SimulatedDevice::value(const profile::Point& point) {
    using enum model::Role;
    if (point.role.role == device_state) return state_code(point.names, view_.activity());
    if (point.role.role != ac_energy_today && point.role.role != pv_energy_today) return seen(point.role);
    const auto ac_wh = view_.value({ac_energy_export, 0}), pv_wh = view_.value({pv_energy_total, 0});
    // The device's own day begins at midnight of local mean time.
    const auto& site = view_.site();
    const auto day = static_cast<std::int64_t>(
        std::floor((static_cast<double>(to_ms(site.wall())) / 3.6e6 - site.solar_hour()) / 24 + 0.5));
    if (day != day_.number) day_ = {day, ac_wh.value_or(0), pv_wh.value_or(0)};
    if (point.role.role == ac_energy_today) return ac_wh ? std::optional(*ac_wh - day_.ac_wh) : std::nullopt;
    return pv_wh ? std::optional(*pv_wh - day_.pv_wh) : std::nullopt;
}

// How many powers of ten above the typical its scale factor stands; it is raised, for good, for a value that does not
// fit otherwise, and the others under the same factor with it.
int SimulatedDevice::coarser_for(const profile::Point& point, std::optional<double> value) {
    if (!point.encoding.exponent) return 0;
    const auto before = coarser_.find(*point.encoding.exponent);
    const int now = before == coarser_.end() ? 0 : before->second;
    constexpr int most = 3;
    for (int wanted = now; value && wanted <= most; ++wanted) {
        if (!encode(point, value, wanted)) continue;
        if (wanted == now) return now;
        coarser_[*point.encoding.exponent] = wanted;
        for (const auto& other : profile_.points)
            if (&other != &point && other.encoding.exponent == point.encoding.exponent) show(other);
        return wanted;
    }
    return now;
}

double SimulatedDevice::resolution(const profile::Point& point) const {
    if (!point.encoding.exponent) return point.resolution;
    const auto coarser = coarser_.find(*point.encoding.exponent);
    const int power = profile::typical_exponent(point) + (coarser == coarser_.end() ? 0 : coarser->second);
    return std::fabs(point.encoding.scale.multiply) / point.encoding.scale.divide * std::pow(10, power);
}

void SimulatedDevice::show(const profile::Point& point) {
    for (std::uint16_t i = 0; i < words_of(point.encoding.type); ++i)
        if (point.at.table == Table::holding && writable_[static_cast<std::uint16_t>(point.at.offset + i)]) return;
    const auto now = value(point);
    auto writes = encode(point, now, coarser_for(point, now));
    if (!writes && now) writes = encode(point, 0.0);  // a value the register cannot hold, such as a negative one
    if (!writes && now) writes = encode(point, std::nullopt);  // an accumulator that stands at 0 is not there yet
    if (!writes) return;                                       // no "not available" pattern: it stays at what it shows
    for (const auto& w : *writes) registers_.set(w);
}

void SimulatedDevice::set_fault(FaultKind kind) {
    if (kind == FaultKind::frozen)
        for (const auto& point : profile_.points) show(point);  // the moment whose values stay
    if (kind == FaultKind::restarting || kind == FaultKind::rebooting) restart();
    fault_ = kind;
}

void SimulatedDevice::restart() {
    for (const auto& control : profile_.controls) view_.release(control.role.role);
    if (upgrade_) upgrade_->abort();
    reset_controls();
}

wire::Pdu SimulatedDevice::answer(ByteView request_pdu) {
    if (!quirks().registers_only) {
        if (const auto answer = answer_upgrade(request_pdu)) return *answer;
        if (const auto answer = answer_identity(request_pdu)) return *answer;
    }
    const auto request = wire::decode_request(request_pdu);
    const auto refuse = [&](ExceptionCode code) {
        ++counts_.exceptions;
        return wire::encode_exception(request_pdu.empty() ? std::uint8_t{0} : request_pdu[0], code);
    };
    if (!request) return refuse(request.error());
    if (fault_ == FaultKind::busy) return refuse(ExceptionCode::device_busy);
    switch (request->function) {
        case wire::Function::read_holding:
        case wire::Function::read_input:
            return read(*request);
        case wire::Function::write_register:
        case wire::Function::write_registers:
            return write(*request);
        default:
            return refuse(ExceptionCode::illegal_function);
    }
}

wire::Pdu SimulatedDevice::read(const wire::Request& request) {
    const auto table = request.function == wire::Function::read_holding ? Table::holding : Table::input;
    ++counts_.reads;
    if (const auto code = refusal(request)) {
        ++counts_.exceptions;
        return wire::encode_exception(static_cast<std::uint8_t>(request.function), *code);
    }
    if (fault_ != FaultKind::frozen)
        for (const auto& point : profile_.points) {
            const auto span = span_of(point);
            if (point.at.table == table && span.first < std::uint32_t{request.address} + request.count &&
                span.last >= request.address)
                show(point);
        }
    if (profile_.clock && profile_.clock->at.table == table) show_clock();
    if (upgrade_) show_upgrade();
    const auto words = registers_.read(table, request.address, request.count);
    if (words) return encode_registers_answer(request.function, *words);
    ++counts_.exceptions;
    return wire::encode_exception(
        static_cast<std::uint8_t>(request.function),
        quirks().missing == 3 ? ExceptionCode::illegal_data_value : ExceptionCode::illegal_data_address);
}

// Reads that this device refuses for their shape alone.
std::optional<ExceptionCode> SimulatedDevice::refusal(const wire::Request& request) const {
    // A code is a single register even where values are pairs.
    const auto& model = profile_.identify.model;
    const bool is_code = model && model->number && model->at.offset == request.address && model->count == request.count;
    const bool is_odd = (request.address % 2 != 0 || request.count % 2 != 0) && !is_code;
    const std::uint32_t block = quirks().block;
    const bool is_across = block != 0 && request.count > 0 &&
                           request.address / block != (std::uint32_t{request.address} + request.count - 1) / block;
    if (request.count > quirks().longest_read || (quirks().even_only && is_odd) || is_across)
        return ExceptionCode::illegal_data_value;
    return std::nullopt;
}

wire::Pdu SimulatedDevice::write(const wire::Request& request) {
    const auto refuse = [&](ExceptionCode code) {
        ++counts_.exceptions;
        return wire::encode_exception(static_cast<std::uint8_t>(request.function), code);
    };
    const bool is_single = request.function == wire::Function::write_register;
    const std::uint16_t count = is_single ? std::uint16_t{1} : request.count;
    ++counts_.writes;
    if (quirks().write_denied != 0) return refuse(static_cast<ExceptionCode>(quirks().write_denied));
    if (std::uint32_t{request.address} + count > 0x10000) return refuse(ExceptionCode::illegal_data_address);
    RegisterFile after = registers_;
    for (std::uint16_t i = 0; i < count; ++i) {
        const auto at = static_cast<std::uint16_t>(request.address + i);
        if (!writable_[at]) return refuse(ExceptionCode::illegal_data_address);
        after.set(Table::holding, at, is_single ? request.value : request.data_word(i));
    }
    if (quirks().drops_out_of_range && !is_acceptable(after, request.address, count))
        return encode_write_answer(request);
    if (!is_acceptable(after, request.address, count) || !takes_settings(after, request.address, count))
        return refuse(ExceptionCode::illegal_data_value);
    if (!takes_clock(after, request.address, count)) return refuse(ExceptionCode::illegal_data_value);
    registers_ = std::move(after);
    if (!takes_command(request.address, count)) return refuse(ExceptionCode::device_failure);
    if (fault_ != FaultKind::disobeying)
        for (std::size_t i = 0; i < profile_.controls.size(); ++i) obey(i, request.address, count);
    return encode_write_answer(request);
}

}  // namespace busbar::plant
