#include "device/capture/conformance.hpp"

#include <fmt/format.h>

#include <cmath>

#include "base/virtual_loop.hpp"
#include "bus/modbus_bus.hpp"
#include "device/modbus_device.hpp"
#include "profile/codec/decode.hpp"
#include "wire/modbus_pdu.hpp"

namespace busbar::device {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A bus with one unit: the registers of a capture. It keeps what was written as the PDU a master sends for it.
class ImageBus final : public bus::ModbusBus {
public:
    ImageBus(Loop& loop, std::uint8_t unit) : loop_(loop), unit_(unit) {}

    void learn(const CapturedExchange& e) {
        const auto request = wire::decode_request(e.request);
        if (!request || e.answer.size() < 2u + 2u * request->count) return;
        const bool is_read =
            request->function == wire::Function::read_holding || request->function == wire::Function::read_input;
        if (!is_read || e.answer[0] != e.request[0]) return;  // a refusal teaches nothing
        auto& table = request->function == wire::Function::read_holding ? holding_ : input_;
        for (std::uint16_t i = 0; i < request->count; ++i)
            table[static_cast<std::uint16_t>(request->address + i)] =
                static_cast<std::uint16_t>(e.answer[2u + 2u * i] << 8 | e.answer[3u + 2u * i]);
    }
    bool holds(const profile::Address& at, std::uint16_t count) const {
        const auto& table = at.table == profile::Table::holding ? holding_ : input_;
        for (std::uint32_t a = at.offset; a < std::uint32_t{at.offset} + count; ++a)
            if (a > 0xFFFF || !table.contains(static_cast<std::uint16_t>(a))) return false;
        return true;
    }
    std::vector<Bytes> take_written() { return std::exchange(written_, {}); }

    Task<Result<bus::Registers>> read(std::uint8_t unit, bus::RegisterBlock block, bus::Urgency,
                                      bus::DeviceTiming timing) override {
        const Status alive = co_await pass_time(unit, timing);
        if (!alive) co_return alive.error();
        const auto& table = block.table == bus::Table::holding ? holding_ : input_;
        bus::Registers answer;
        for (std::uint32_t a = block.address; a < std::uint32_t{block.address} + block.count; ++a) {
            const auto found = table.find(static_cast<std::uint16_t>(a));
            if (a > 0xFFFF || found == table.end())
                co_return fail(Errc::refused, fmt::format("exception 2: the capture does not hold register {}", a));
            answer.words[answer.count++] = found->second;
        }
        answer.received = loop_.now();
        co_return answer;
    }
    Task<Status> write(std::uint8_t unit, std::uint16_t address, std::span<const std::uint16_t> values,
                       bus::WriteForm form, bus::DeviceTiming timing, bus::Urgency) override {
        const std::vector<std::uint16_t> words(values.begin(), values.end());
        written_.push_back(pdu_of(address, words, form));
        const Status alive = co_await pass_time(unit, timing);
        if (!alive) co_return alive.error();
        for (std::size_t i = 0; i < words.size(); ++i) holding_[static_cast<std::uint16_t>(address + i)] = words[i];
        co_return ok();
    }
    Task<Result<bus::RawAnswer>> raw(std::uint8_t unit, std::span<const std::uint8_t> pdu, bus::Urgency,
                                     bus::DeviceTiming timing) override {
        const auto function = pdu.empty() ? std::uint8_t{0} : pdu[0];
        const Status alive = co_await pass_time(unit, timing);
        if (!alive) co_return alive.error();
        bus::RawAnswer answer;
        answer.pdu = {static_cast<std::uint8_t>(function | 0x80), 1};
        answer.took = usual_answer;
        co_return answer;
    }
    bus::BusStatistics statistics() const override { return {}; }
    const std::string& name() const override { return name_; }

private:
    static constexpr Duration usual_answer = milliseconds(10);

    // From the Modbus documents, not by the encoder that is being checked.
    static Bytes pdu_of(std::uint16_t address, std::span<const std::uint16_t> words, bus::WriteForm form) {
        Bytes pdu;
        ByteWriter out(pdu);
        out.u8(form == bus::WriteForm::single ? 6 : 16);
        out.u16_be(address);
        if (form == bus::WriteForm::multiple) {
            out.u16_be(static_cast<std::uint16_t>(words.size()));
            out.u8(static_cast<std::uint8_t>(2 * words.size()));
        }
        for (const std::uint16_t word : words) out.u16_be(word);
        return pdu;
    }
    Task<Status> pass_time(std::uint8_t unit, bus::DeviceTiming timing) {
        co_await loop_.sleep_for(unit == unit_ ? usual_answer : timing.timeout);
        if (unit != unit_) co_return fail(Errc::timeout, "no answer");
        co_return ok();
    }

    Loop& loop_;
    std::uint8_t unit_;
    std::map<std::uint16_t, std::uint16_t> holding_, input_;
    std::vector<Bytes> written_;
    std::string name_ = "capture";
};

template <class T>
Task<void> keep(Task<T> task, std::optional<T>& into) {
    into.emplace(co_await std::move(task));
}

template <class T>
T run(VirtualLoop& loop, Task<T> task) {
    std::optional<T> result;
    loop.spawn("conformance", keep(std::move(task), result));
    while (!result) loop.run_for(seconds(1));
    return std::move(*result);
}

Result<std::uint8_t> unit_of(const Capture& capture, std::optional<std::uint8_t> wanted) {
    std::set<std::uint8_t> units;
    for (const CapturedExchange& e : capture.exchanges) units.insert(e.unit);
    if (wanted && !units.contains(*wanted))
        return fail(Errc::unavailable,
                    fmt::format("no frame of unit {}; it holds frames of {}", *wanted, fmt::join(units, ", ")));
    if (!wanted && capture.unit) return *capture.unit;
    if (!wanted && units.size() != 1)
        return fail(Errc::unavailable, fmt::format("frames of several units ({}); name one", fmt::join(units, ", ")));
    return wanted ? *wanted : *units.begin();
}

std::string hex(const Bytes& bytes) { return fmt::format("{:02X}", fmt::join(bytes, " ")); }

// A recording that began while the device was polled does not hold who it is. What it does hold must fit.
profile::Profile without_what_is_not_there(profile::Profile profile, const ImageBus& image) {
    const auto is_there = [&](const profile::Address& at, std::uint16_t count) {
        return at.model != 0 || image.holds(at, count);
    };
    profile::Identify& identify = profile.identify;
    for (auto* text : {&identify.maker_text, &identify.model, &identify.serial, &identify.firmware})
        if (*text && !is_there((*text)->at, (*text)->count)) text->reset();
    std::erase_if(identify.checks, [&](const profile::Check& check) {
        return !is_there(check.at, profile::words_of(check.encoding.type));
    });
    return profile;
}

class Check {
public:
    Check(const profile::Profile& profile, const Capture& capture, std::uint8_t unit)
        : capture_(capture),
          bus_(image_of(capture, unit, loop_)),
          device_(loop_, bus_,
                  std::make_shared<const profile::Profile>(
                      capture.recorded.empty() ? profile : without_what_is_not_there(profile, bus_)),
                  {"d", "Device", unit, std::nullopt}) {
        loop_.run_for(seconds(1));
    }

    Conformance all() {
        if (const Status opened = run(loop_, device_.open()); !opened) {
            differ("the device cannot be opened: {}", opened.error().text);
            return std::move(result_);
        }
        result_.info = device_.info();
        compare_identity();
        read();
        if (capture_.recorded.empty()) compare_readings();
        for (const CapturedOrder& order : capture_.orders) obey(order);
        return std::move(result_);
    }

private:
    static ImageBus image_of(const Capture& capture, std::uint8_t unit, Loop& loop) {
        ImageBus image(loop, unit);
        for (const CapturedExchange& e : capture.exchanges)
            if (e.unit == unit) image.learn(e);
        return image;
    }
    template <class... Args>
    void differ(fmt::format_string<Args...> text, Args&&... args) {
        result_.differences.push_back(fmt::format(text, std::forward<Args>(args)...));
    }

    void compare_identity() {
        const DeviceInfo& info = result_.info;
        const std::map<std::string, std::string> found{
            {"maker", info.maker}, {"model", info.model}, {"serial", info.serial}, {"firmware", info.firmware}};
        for (const auto& [key, value] : capture_.identity)
            if (found.at(key) != value) differ("{}: reads '{}', the capture says '{}'", key, found.at(key), value);
    }

    // Twice: what open() read may be told by the first poll.
    void read() {
        for (const auto due : {PollClass::critical, PollClass::telemetry, PollClass::slow})
            for (int round = 0; round < 2; ++round) {
                const PollResult polled = run(loop_, device_.poll(due));
                for (const Error& e : polled.failures) differ("{}", e.text);
                for (const PointReading& r : polled.readings) take(r);
            }
    }
    void take(const PointReading& r) {
        const std::string role = to_string(result_.info.points[r.point].role);
        if (r.reading.quality == model::Quality::good)
            result_.readings[role] = r.reading.value;
        else
            result_.unknown.insert(role);
    }

    void compare_readings() {
        for (const auto& [role, value] : capture_.readings) {
            const auto found = result_.readings.find(role);
            if (found == result_.readings.end())
                differ("{}: {}, the capture says {}", role,
                       result_.unknown.contains(role) ? "reads as unknown" : "is not read", value);
            else if (!(std::fabs(found->second - value) <= 1e-9 * std::max(1.0, std::fabs(value))))
                differ("{}: reads {}, the capture says {}", role, found->second, value);
        }
        for (const auto& [role, value] : result_.readings)
            if (!capture_.readings.contains(role))
                differ("{}: reads {}, the capture has no reading of it", role, value);
        for (const std::string& role : result_.unknown)
            if (!capture_.unknown.contains(role)) differ("{}: reads as unknown, the capture does not say so", role);
        for (const std::string& role : capture_.unknown)
            if (!result_.unknown.contains(role)) differ("{}: the capture says unknown, it is not", role);
    }

    void obey(const CapturedOrder& order) {
        const std::string what = fmt::format("{} {}", order.is_release ? "release" : "apply", to_string(order.role));
        (void)bus_.take_written();
        if (order.is_release) {
            if (const Status done = run(loop_, device_.release(order.role)); !done)
                differ("{}: {}", what, done.error().text);
        } else {
            const double expected = order.in_force.value_or(order.value);
            const Result<double> held = run(loop_, device_.apply({order.role, order.value, order.lease}));
            if (!held)
                differ("{} {}: {}", what, order.value, held.error().text);
            else if (!(std::fabs(*held - expected) <= 1e-5 * std::max(1.0, std::fabs(expected))))
                differ("{} {}: the device holds {}, the capture says {}", what, order.value, *held, expected);
        }
        const std::vector<Bytes> sent = bus_.take_written();
        for (std::size_t i = 0; i < std::max(sent.size(), order.frames.size()); ++i) {
            const std::string ours = i < sent.size() ? hex(sent[i]) : "nothing";
            const std::string theirs = i < order.frames.size() ? hex(order.frames[i].request) : "nothing more";
            if (ours != theirs)
                differ("{} {}: write {} sends {}, the capture says {}", what, order.value, i + 1, ours, theirs);
        }
    }

    const Capture& capture_;
    VirtualLoop loop_;
    ImageBus bus_;
    ModbusDevice device_;
    Conformance result_;
};

}  // namespace

Result<Conformance> conform(const profile::Profile& profile, const Capture& capture, std::optional<std::uint8_t> unit) {
    BUSBAR_TRY(const std::uint8_t whose, unit_of(capture, unit));
    Check check(profile, capture, whose);
    return check.all();
}

}  // namespace busbar::device
