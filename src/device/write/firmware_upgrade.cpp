#include "device/write/firmware_upgrade.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/phrases.hpp"
#include "profile/codec/decode.hpp"
#include "wire/file_record.hpp"

namespace busbar::device {
namespace {

using namespace std::chrono_literals;

// The line belongs to what the plant needs: records go when nothing else waits.
constexpr auto urgency = bus::Urgency::background;
// A device that is away for longer is not waited for: the upgrade can be taken up again later.
constexpr Duration lost_after = 10min;
constexpr Duration shortest_pause = 500ms, longest_pause = 15s, between_looks = 2s;
constexpr int most_restarts = 3, most_refusals = 5;

bool is_busy(std::uint8_t exception) { return exception == 5 || exception == 6; }

// The link or the device is away, or mumbles; no word against what was asked.
bool may_pass(const Error& error) { return error.retryable() || error.kind == Errc::malformed; }

}  // namespace

FirmwareUpgrade::FirmwareUpgrade(Loop& loop, ModbusUnit unit, std::shared_ptr<const profile::Profile> profile,
                                 std::shared_ptr<UpgradeOrder> order)
    : loop_(loop), unit_(unit), profile_(std::move(profile)), order_(std::move(order)), state_(order_->resume) {}

void FirmwareUpgrade::show(UpgradePhase phase, std::string text) {
    state_.phase = phase;
    state_.text = std::move(text);
    if (order_->changed) order_->changed(state_);
}

void FirmwareUpgrade::end(UpgradePhase phase, std::string text) { show(phase, std::move(text)); }

bool FirmwareUpgrade::has_ended() const {
    return state_.phase == UpgradePhase::failed || state_.phase == UpgradePhase::cancelled;
}

Task<UpgradeState> FirmwareUpgrade::run() {
    const bool was_installing = order_->resume.phase == UpgradePhase::installing;
    Status done = ok();
    if (!was_installing) {
        done = co_await prepare();
        if (done) done = co_await begin();
        if (done) done = co_await transfer();
        if (done) done = co_await check();
        if (done) done = co_await commit();
    }
    if (done) done = co_await await_new_version();
    if (done || has_ended()) co_return state_;
    const bool may_go_on = may_pass(done.error()) && state_.phase != UpgradePhase::installing && state_.sent > 0;
    if (may_go_on)
        end(UpgradePhase::interrupted, say<phrases::firmware_stopped>(state_.percent(), done.error().text));
    else
        end(UpgradePhase::failed, done.error().text);
    co_return state_;
}

// Everything that can be known before the device is touched.
Task<Status> FirmwareUpgrade::prepare() {
    const Result<std::string> model = co_await read_text(*profile_->identify.model);
    if (!model) co_return because("nothing was sent", model.error());
    const Result<std::string> version = co_await read_text(*profile_->identify.firmware);
    if (!version) co_return because("nothing was sent", version.error());
    auto image = profile::check_image(rules(), order_->image, *model);
    if (!image) co_return because("nothing was sent", image.error());
    image_ = std::move(*image);
    if (image_.version == *version)
        co_return fail(Errc::refused, fmt::format("nothing was sent: the device runs {} already", *version));
    const UpgradeState& before = order_->resume;
    const bool goes_on = before.phase != UpgradePhase::none && before.image_check == image_.check &&
                         before.total == image_.records && before.model == *model;
    state_ = {};
    state_.model = *model;
    state_.from = *version;
    state_.to = image_.version;
    state_.image_check = image_.check;
    state_.total = image_.records;
    if (goes_on) state_.sent = before.sent;
    may_have_records_ = goes_on;
    if (order_->release) {
        const Status released = co_await order_->release();
        if (!released) co_return because("nothing was sent: control could not let go of the device", released.error());
    }
    state_.phase = UpgradePhase::transferring;
    const Status kept = co_await keep();
    if (!kept) co_return because("nothing was sent", kept.error());
    co_return ok();
}

Task<Status> FirmwareUpgrade::keep() {
    if (!order_->keep) co_return ok();
    co_return co_await order_->keep(state_);
}

// A device that still has records of this upgrade goes on with them; else it is told to begin.
Task<Status> FirmwareUpgrade::begin() {
    if (state_.sent > 0 || may_have_records_) {
        const auto next = co_await read_number(rules().next, rules().next_type);
        if (!next) co_return next.error();
        if (*next > 0 && *next <= state_.total) {
            state_.sent = *next;
            show(UpgradePhase::transferring, fmt::format("goes on at {} %", state_.percent()));
            co_return ok();
        }
    }
    state_.sent = 0;
    show(UpgradePhase::transferring, "the device makes room");
    if (rules().size) {
        const auto size = profile::encode_raw(profile::ValueType::u32, rules().words,
                                              static_cast<std::int64_t>(order_->image.size()));
        if (!size) co_return size.error();
        const Status told = co_await unit_.write(rules().size->offset, size->view(), urgency);
        if (!told) co_return told;
    }
    const Status started = co_await write_steps(rules().start);
    if (!started) co_return started;
    const Instant deadline = loop_.now() + rules().start_within;
    for (;;) {
        const auto next = co_await read_number(rules().next, rules().next_type);
        if (next && *next == 0) co_return ok();
        if (loop_.now() >= deadline) break;
        co_await loop_.sleep_for(shortest_pause);
    }
    co_return fail(Errc::refused, say<phrases::firmware_not_ready>(to_seconds(rules().start_within)));
}

Task<Status> FirmwareUpgrade::send_record(std::uint32_t i) {
    constexpr std::uint32_t per_file = wire::last_record + 1u;
    const Bytes data = profile::record_of(rules(), order_->image, i);
    const wire::FileRecord record{true, static_cast<std::uint16_t>(rules().file + i / per_file),
                                  static_cast<std::uint16_t>(i % per_file), rules().record_words, data};
    const wire::Pdu request = wire::encode_file_request(record);
    const Result<bus::RawAnswer> answer = co_await unit_.raw(request.view(), urgency);
    if (!answer) co_return answer.error();
    const wire::AnswerCheck check = wire::check_file_answer(answer->pdu, record);
    using Kind = wire::AnswerCheck::Kind;
    if (check.kind == Kind::good) co_return ok();
    if (check.kind == Kind::mismatch) co_return fail(Errc::malformed, fmt::format("record {}: a strange answer", i));
    const Errc kind = is_busy(check.exception) ? Errc::unavailable : Errc::refused;
    co_return fail(
        kind, fmt::format("record {}: exception {}: {}", i, check.exception, wire::exception_name(check.exception)));
}

// The device's count decides: after anything but a clean answer it is asked which record it expects. One that takes the
// same records again and again gets nowhere: only what it never had before is progress.
Task<Status> FirmwareUpgrade::transfer() {
    Instant progress = loop_.now();
    Duration pause = shortest_pause;
    std::uint32_t furthest = state_.sent;
    int refusals = 0, shown = -1;
    const auto goes_on = [&] {
        if (state_.sent <= furthest) return;
        furthest = state_.sent;
        progress = loop_.now();
        pause = shortest_pause;
        refusals = 0;
    };
    while (state_.sent < state_.total) {
        if (order_->is_cancelled) {
            co_await abort(UpgradePhase::cancelled, say<phrases::firmware_cancelled>());
            co_return fail(Errc::refused, state_.text);
        }
        if (state_.percent() != shown) {
            shown = state_.percent();
            show(UpgradePhase::transferring, fmt::format("{} of {} records", state_.sent, state_.total));
        }
        const Status sent = co_await send_record(state_.sent);
        if (sent) {
            ++state_.sent;
            goes_on();
            continue;
        }
        if (!may_pass(sent.error()) && ++refusals > most_refusals) {
            co_await abort(UpgradePhase::failed, say<phrases::firmware_refused>(sent.error().text));
            co_return fail(Errc::refused, state_.text);
        }
        if (loop_.now() - progress > lost_after) co_return sent.error();
        co_await loop_.sleep_for(pause);
        pause = std::min(pause * 2, longest_pause);
        const auto next = co_await read_number(rules().next, rules().next_type);
        if (!next) continue;
        if (*next == 0 && state_.sent > 0) {
            if (++restarts_ > most_restarts) co_return fail(Errc::refused, say<phrases::firmware_forgets>());
            furthest = 0;
            const Status again = co_await begin();
            if (!again && !may_pass(again.error())) co_return again;
        } else if (*next <= state_.total) {
            state_.sent = *next;
            goes_on();
        }
    }
    co_return ok();
}

Task<Status> FirmwareUpgrade::check() {
    show(UpgradePhase::checking, "the device checks what it received");
    const profile::ValueType type =
        rules().check == profile::CheckSum::crc16 ? profile::ValueType::u16 : profile::ValueType::u32;
    const Instant deadline = loop_.now() + rules().check_within;
    for (;;) {
        const auto found = co_await read_number(rules().received_check, type);
        if (found && *found == image_.check) co_return ok();
        if (loop_.now() >= deadline) {
            if (!found) co_return found.error();
            break;
        }
        co_await loop_.sleep_for(between_looks);
    }
    state_.sent = 0;
    co_await abort(UpgradePhase::failed, say<phrases::firmware_damaged>());
    co_return fail(Errc::corrupt, state_.text);
}

// Kept before it is said: a gateway that restarts now must not send the image again.
Task<Status> FirmwareUpgrade::commit() {
    if (order_->is_cancelled) {
        co_await abort(UpgradePhase::cancelled, say<phrases::firmware_cancelled>());
        co_return fail(Errc::refused, state_.text);
    }
    state_.phase = UpgradePhase::installing;
    if (const Status kept = co_await keep(); !kept) {
        co_await abort(UpgradePhase::failed, "nothing was installed: " + kept.error().text);
        co_return fail(Errc::refused, state_.text);
    }
    show(UpgradePhase::installing, fmt::format("the device installs {} and restarts", state_.to));
    const Status told = co_await write_steps(rules().commit);
    // Many devices restart before they answer.
    if (told || may_pass(told.error())) co_return ok();
    co_await abort(UpgradePhase::failed, say<phrases::firmware_not_installed>(told.error().text));
    co_return fail(Errc::refused, state_.text);
}

Task<Status> FirmwareUpgrade::await_new_version() {
    const Instant deadline = loop_.now() + rules().restart_within;
    std::optional<std::string> says;
    while (loop_.now() < deadline) {
        co_await loop_.sleep_for(between_looks);
        const Result<std::string> version = co_await read_text(*profile_->identify.firmware);
        if (version) says = *version;
        if (!version || *version != state_.to) continue;
        state_.sent = state_.total;
        show(UpgradePhase::done, fmt::format("runs {}, before {}", state_.to, state_.from));
        co_return ok();
    }
    const double minutes = to_seconds(rules().restart_within) / 60;
    if (!says) co_return fail(Errc::timeout, say<phrases::firmware_silent>(minutes));
    co_return fail(Errc::refused, say<phrases::firmware_old_still>(state_.to, *says, minutes));
}

// The device is told to forget what it has; it may be away, and then forgets when the next upgrade begins.
Task<void> FirmwareUpgrade::abort(UpgradePhase phase, std::string why) {
    const Status told = co_await write_steps(rules().abort);
    if (!told) why += " (it could not be told to forget what it received)";
    end(phase, std::move(why));
}

Task<Status> FirmwareUpgrade::write_steps(const std::vector<profile::WriteStep>& steps) const {
    for (const profile::WriteStep& step : steps) {
        const auto words = profile::encode_raw(step.encoding.type, step.encoding.words, step.constants[0]);
        if (!words) co_return words.error();
        const Status sent = co_await unit_.write(step.to.offset, words->view(), urgency);
        if (!sent) co_return sent;
    }
    co_return ok();
}

Task<Result<std::uint32_t>> FirmwareUpgrade::read_number(const profile::Address& at, profile::ValueType type) const {
    const Result<bus::Registers> answer = co_await unit_.read(at.table, at.offset, profile::words_of(type), urgency);
    if (!answer) co_return answer.error();
    profile::Encoding encoding;
    encoding.type = type;
    encoding.words = rules().words;
    const auto value = profile::decode_words(encoding, answer->view());
    co_return static_cast<std::uint32_t>(value.value_or(0));
}

Task<Result<std::string>> FirmwareUpgrade::read_text(const profile::TextRead& text) const {
    const Result<bus::Registers> answer = co_await unit_.read(text.at.table, text.at.offset, text.count, urgency);
    if (!answer) co_return answer.error();
    co_return profile::decode_text(text, answer->view());
}

}  // namespace busbar::device
