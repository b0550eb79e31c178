#include "northbound/shared_device.hpp"

#include <algorithm>
#include <charconv>

namespace busbar::northbound {
namespace {

using namespace std::chrono_literals;
using wire::ExceptionCode;

constexpr Duration first_care = 30s, longest_care = 10min, alive_for = 10s;
constexpr Duration refusal_memory = 10s;
constexpr std::size_t most_refusals = 64;

// "exception 2: ..." somewhere in the text of a refusal (modbus_bus.hpp); device failure when it says nothing.
Refused exception_in(std::string_view text) {
    constexpr std::string_view mark = "exception ";
    const auto at = text.find(mark);
    unsigned code = 0;
    if (at != std::string_view::npos) {
        const char* begin = text.data() + at + mark.size();
        std::from_chars(begin, text.data() + text.size(), code);
    }
    if (code < 1 || code > 0xFF) return ExceptionCode::device_failure;
    return Refused(static_cast<std::uint8_t>(code));
}

}  // namespace

void SharedDevice::attach(std::shared_ptr<bus::ModbusBus> bus, std::uint8_t unit, DeviceRules rules) {
    const bool is_elsewhere = !is_at(bus.get(), unit);
    place_ = std::make_shared<const Place>(Place{std::move(bus), unit, std::move(rules)});
    for (auto& known : known_)
        if (!known || is_elsewhere) known = std::make_unique<Known>();
    if (!is_elsewhere) return;
    cache_.forget_all();
    refusals_.clear();
    careful_until_ = {};
    care_ = 0s;
    is_silent_ = false;
}

void SharedDevice::detach() {
    place_.reset();
    cache_.forget_all();
}

std::optional<RegisterCache::Kept> SharedDevice::cached(const bus::RegisterBlock& asked) const {
    if (!place_) return std::nullopt;
    return cache_.get(asked, place_->rules, loop_.now() - max_age_);
}

Task<Words> SharedDevice::read(bus::RegisterBlock asked) {
    const std::shared_ptr<const Place> place = place_;
    if (!place) co_return Refused(ExceptionCode::gateway_path_unavailable);
    const Reads plan = plan_read(place->rules, asked);
    if (!plan) co_return Refused(plan.error());
    std::vector<std::uint16_t> words(asked.count);
    for (const bus::RegisterBlock& block : *plan) {
        const auto answer = co_await read_one(place, block);
        if (!answer) co_return answer.error();
        for (std::uint32_t i = 0; i < block.count; ++i) {  // a read may be wider than what was asked
            const std::uint32_t at = std::uint32_t{block.address} + i - asked.address;
            if (block.address + i >= asked.address && at < asked.count) words[at] = answer->words[i];
        }
    }
    co_return words;
}

Task<SharedDevice::Answer> SharedDevice::read_one(std::shared_ptr<const Place> place, bus::RegisterBlock block) {
    if (const auto code = refusal_of(block)) co_return *code;
    if (!is_known(block) && loop_.now() < careful_until_) co_return Refused(ExceptionCode::gateway_target_failed);
    ++bus_requests_;
    const Instant asked = loop_.now();
    const Result<bus::Registers> answer =
        co_await place->bus->read(place->unit, block, bus::Urgency::telemetry, place->rules.timing);
    if (place_ != place) co_return Refused(ExceptionCode::gateway_path_unavailable);
    if (!answer) co_return note_failure(block, answer.error());
    if (answer->count != block.count) co_return Refused(ExceptionCode::gateway_target_failed);
    observe_read(block, *answer, asked);
    co_return *answer;
}

Refused SharedDevice::note_failure(const bus::RegisterBlock& block, const Error& error) {
    const Instant now = loop_.now();
    if (error.kind == Errc::refused) {
        last_answer_ = now;
        is_silent_ = false;
        const Refused code = exception_in(error.text);
        std::erase_if(refusals_, [&](const Refusal& r) { return r.until <= now || r.block == block; });
        const bool is_lasting = code.code <= Refused(ExceptionCode::illegal_data_value).code;
        if (is_lasting && refusals_.size() < most_refusals) refusals_.push_back({block, code, now + refusal_memory});
        return code;
    }
    if (error.kind == Errc::out_of_range) return ExceptionCode::illegal_data_value;
    if (error.kind == Errc::timeout) {
        is_silent_ = true;
        const bool is_alive = last_answer_ && now - *last_answer_ < alive_for;
        if (is_alive && !is_known(block)) {
            care_ = care_ == 0s ? first_care : std::min(2 * care_, longest_care);
            careful_until_ = now + care_;
        }
    }
    const bool is_path = error.kind == Errc::unavailable && !is_silent_;
    return is_path ? ExceptionCode::gateway_path_unavailable : ExceptionCode::gateway_target_failed;
}

Task<Done> SharedDevice::write(std::uint16_t address, std::vector<std::uint16_t> words, bus::WriteForm form,
                               bus::Urgency urgency) {
    const std::shared_ptr<const Place> place = place_;
    if (!place) co_return Refused(ExceptionCode::gateway_path_unavailable);
    ++bus_requests_;
    cache_.forget_all();
    const Status done = co_await place->bus->write(place->unit, address, words, form, place->rules.timing, urgency);
    // A write may change other registers than its own, and one without an answer may have been obeyed.
    changed_ = loop_.now();
    cache_.forget_all();
    refusals_.clear();
    if (done) co_return boost::system::in_place_value;
    const bus::RegisterBlock block{bus::Table::holding, address, static_cast<std::uint16_t>(words.size())};
    if (done.error().kind == Errc::refused) co_return exception_in(done.error().text);
    co_return note_failure(block, done.error());
}

void SharedDevice::observe_read(const bus::RegisterBlock& block, const bus::Registers& answer, Instant asked) {
    last_answer_ = answer.received;
    is_silent_ = false;
    if (asked < changed_ || answer.count != block.count || block.table < bus::Table::holding) return;
    cache_.put(block, answer.view(), answer.received);
    for (std::uint32_t i = 0; i < block.count; ++i) known(block.table).set((block.address + i) & 0xFFFF);
}

void SharedDevice::observe_write(std::uint16_t address, std::size_t count) {
    if (count == 0) return;
    changed_ = loop_.now();
    const std::size_t last = std::min<std::size_t>(address + count - 1, 0xFFFF);
    cache_.forget({bus::Table::holding, address, static_cast<std::uint16_t>(last)});
}

void SharedDevice::observe_raw() {
    changed_ = loop_.now();
    cache_.forget_all();
    refusals_.clear();
}

std::optional<Refused> SharedDevice::refusal_of(const bus::RegisterBlock& block) const {
    for (const Refusal& refusal : refusals_)
        if (refusal.block == block && loop_.now() < refusal.until) return refusal.code;
    return std::nullopt;
}

bool SharedDevice::is_known(const bus::RegisterBlock& block) const {
    const Known& known = *known_[block.table == bus::Table::input ? 1 : 0];
    for (std::uint32_t i = 0; i < block.count; ++i)
        if (!known.test((block.address + i) & 0xFFFF)) return false;
    return true;
}

}  // namespace busbar::northbound
