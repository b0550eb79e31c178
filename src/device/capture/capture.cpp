#include "device/capture/capture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "wire/modbus_rtu.hpp"
#include "wire/modbus_tcp.hpp"

namespace busbar::device {
namespace {

constexpr std::size_t most_bytes = 16u << 20, most_in_line = 2000, most_exchanges = 200'000, most_values = 10'000;
constexpr std::size_t most_in_frame = bus::TappedFrame::most_kept;

std::string_view trim(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

// Takes the first word off `text`.
std::string_view word_of(std::string_view& text) {
    text = trim(text);
    const std::string_view word = text.substr(0, text.find(' '));
    text = trim(text.substr(word.size()));
    return word;
}

template <class T>
std::optional<T> number_of(std::string_view text, int base) {
    T value{};
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<double> real_of(std::string_view text) {
    double value{};
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
    return value;
}

class Parser {
public:
    explicit Parser(std::string_view text) : text_(text) {}

    Result<Capture> run() {
        if (text_.size() > most_bytes) return fail(Errc::out_of_range, "a capture has at most 16 MiB");
        while (!text_.empty()) {
            ++line_;
            const std::size_t end = text_.find('\n');
            if (end == std::string_view::npos) return wrong("the file ends within this line; it was cut off");
            std::string_view line = text_.substr(0, end);
            text_.remove_prefix(end + 1);
            if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
            if (Status s = take(line); !s) return s.error();
        }
        if (Status s = end_frame(); !s) return s.error();
        return end();
    }

private:
    // A frame whose lines are still being read.
    struct Frame {
        char kind;  // '>', '<' or '!'
        std::size_t line;
        std::optional<Duration> at;
        Bytes bytes;
    };

    Error wrong(std::string text) const { return wrong_at(line_, std::move(text)); }
    static Error wrong_at(std::size_t line, std::string text) {
        return fail(Errc::malformed, fmt::format("line {}: {}", line, text));
    }

    Status take(std::string_view line) {
        if (line.size() > most_in_line)
            return fail(Errc::out_of_range,
                        fmt::format("line {}: {} characters; a line has at most {}", line_, line.size(), most_in_line));
        for (const char c : line)
            if (c < ' ' && c != '\t') return wrong("a control character; this is no capture");
        if (line.starts_with("  ") && frame_) return take_bytes(line);
        if (Status s = end_frame(); !s) return s;
        if (trim(line).empty() || line[0] == '#') return ok();
        if (has_ended_) return wrong("a statement behind \"end\"");
        std::string_view rest = line;
        const std::string_view word = word_of(rest);
        if (word == "capture" ? !c_.name.empty() : c_.name.empty()) return wrong("the first statement is capture NAME");
        return statement(word, rest);
    }

    Status statement(std::string_view word, std::string_view rest) {
        if (word == ">" || word == "<" || word == "!") return begin_frame(word[0], rest);
        if (word == "capture") return text_into(c_.name, rest);
        if (word == "recorded") return text_into(c_.recorded, rest);
        if (word == "origin") {
            if (rest.size() < 2 || rest.front() != '"' || rest.back() != '"') return wrong("origin wants \"TEXT\"");
            return text_into(c_.origin, rest.substr(1, rest.size() - 2));
        }
        if (word == "unit") return unit(rest);
        if (word == "framing") return framing(rest);
        if (word == "identity") return identity(rest);
        if (word == "reading") return reading(rest);
        if (word == "unknown") return unknown(rest);
        if (word == "apply" || word == "release") return order(word == "release", rest);
        if (word == "in_force") return in_force(rest);
        if (word == "end" && rest.empty()) {
            has_ended_ = true;
            return ok();
        }
        return wrong(fmt::format("no statement begins with \"{}\"", word.substr(0, 40)));
    }

    Status text_into(std::string& into, std::string_view text) {
        if (text.empty()) return wrong("the text is missing");
        into = text;
        return ok();
    }
    Status unit(std::string_view text) {
        c_.unit = number_of<std::uint8_t>(text, 10);
        return c_.unit ? ok() : Status(wrong("unit wants a number 0..255"));
    }
    Status framing(std::string_view text) {
        if (text != "rtu" && text != "tcp") return wrong("framing is rtu or tcp");
        if (count_ > 0) return wrong("framing stands before the first frame");
        c_.framing = text == "tcp" ? CaptureFraming::tcp : CaptureFraming::rtu;
        return ok();
    }
    Status identity(std::string_view rest) {
        const std::string_view key = word_of(rest);
        if (key != "maker" && key != "model" && key != "serial" && key != "firmware")
            return wrong("identity wants maker, model, serial or firmware");
        return text_into(c_.identity[std::string(key)], rest);
    }
    Result<model::RoleKey> role(std::string_view text) const {
        const auto key = model::parse_role(text);
        if (!key) return wrong(fmt::format("\"{}\" is no role", text.substr(0, 60)));
        return *key;
    }
    Status reading(std::string_view rest) {
        const std::string_view name = word_of(rest);
        const auto key = role(name);
        if (!key) return key.error();
        const auto value = real_of(rest);
        if (!value) return wrong("reading wants a role and a number");
        if (c_.readings.size() >= most_values) return fail(Errc::out_of_range, "a capture has at most 10000 readings");
        c_.readings[std::string(name)] = *value;
        return ok();
    }
    Status unknown(std::string_view rest) {
        const auto key = role(rest);
        if (!key) return key.error();
        if (c_.unknown.size() >= most_values) return fail(Errc::out_of_range, "a capture has at most 10000 unknowns");
        c_.unknown.emplace(rest);
        return ok();
    }
    Status order(bool is_release, std::string_view rest) {
        CapturedOrder order;
        order.is_release = is_release;
        const auto key = role(word_of(rest));
        if (!key) return key.error();
        order.role = *key;
        if (!is_release) {
            const auto value = real_of(word_of(rest));
            const bool has_lease = word_of(rest) == "for" && rest.ends_with('s');
            const auto lease = number_of<std::uint16_t>(rest.substr(0, rest.empty() ? 0 : rest.size() - 1), 10);
            if (!value || !has_lease || !lease) return wrong("apply wants ROLE VALUE for SECONDSs");
            order.value = *value;
            order.lease = std::chrono::seconds(*lease);
        } else if (!rest.empty()) {
            return wrong("release wants a role and nothing else");
        }
        if (c_.orders.size() >= most_values) return fail(Errc::out_of_range, "a capture has at most 10000 orders");
        if (c_.recorded.empty() && !open_.empty()) return unanswered();
        open_.clear();
        c_.orders.push_back(std::move(order));
        return ok();
    }
    Status in_force(std::string_view rest) {
        const auto value = real_of(rest);
        if (c_.orders.empty() || c_.orders.back().is_release || !value)
            return wrong("in_force wants a number and stands behind apply");
        c_.orders.back().in_force = value;
        return ok();
    }

    // ---- frames ----

    Status begin_frame(char kind, std::string_view rest) {
        if (++count_ > 2 * most_exchanges) return fail(Errc::out_of_range, "a capture has at most 400000 frames");
        frame_ = Frame{kind, line_, std::nullopt, {}};
        if (rest.starts_with('@')) {
            const auto at = real_of(word_of(rest).substr(1));
            if (!at || *at < 0 || *at > 1e7) return wrong("a time is @SECONDS since the beginning");
            frame_->at = std::chrono::nanoseconds(std::llround(*at * 1e9));
        }
        if (kind == '!') {
            const std::string_view what = word_of(rest);
            if (what != "timeout" && what != "bad_checksum" && what != "mismatch" && what != "foreign" &&
                what != "late")
                return wrong("! wants timeout, bad_checksum, mismatch, foreign or late");
        }
        return take_bytes(rest);
    }

    Status take_bytes(std::string_view hex) {
        for (hex = trim(hex); !hex.empty();) {
            const std::string_view word = word_of(hex);
            const auto byte = number_of<std::uint8_t>(word, 16);
            if (!byte || word.size() != 2) return wrong(fmt::format("\"{}\" is no byte", word.substr(0, 20)));
            if (frame_->bytes.size() >= most_in_frame)
                return fail(Errc::out_of_range,
                            fmt::format("line {}: no frame has more than {} bytes", line_, most_in_frame));
            frame_->bytes.push_back(*byte);
        }
        return ok();
    }

    // All lines of a frame were read: it is checked and takes its place.
    Status end_frame() {
        if (!frame_) return ok();
        const Frame frame = std::move(*frame_);
        frame_.reset();
        if (frame.kind == '!') return ok();  // for people
        std::uint8_t address = 0;
        std::uint16_t number = 0;
        Bytes pdu;
        if (c_.framing == CaptureFraming::tcp) {
            wire::TcpStream stream;
            const auto space = stream.space();
            std::copy(frame.bytes.begin(), frame.bytes.end(), space.begin());
            stream.arrived(frame.bytes.size());
            if (stream.next() != wire::TcpStream::State::message || stream.left() != 0)
                return wrong_at(frame.line, "this is no whole Modbus/TCP frame; is it cut off?");
            address = stream.message().unit;
            number = stream.message().transaction;
            pdu.assign(stream.message().pdu.begin(), stream.message().pdu.end());
        } else {
            const auto content = wire::decode_rtu(frame.bytes);
            if (!content) return wrong_at(frame.line, "the checksum of this frame is wrong, or it is cut off");
            address = content->unit;
            pdu.assign(content->pdu.begin(), content->pdu.end());
        }
        if (c_.unit && address != *c_.unit)
            return wrong_at(frame.line, fmt::format("a frame of unit {} in a capture of unit {}", address, *c_.unit));
        return frame.kind == '>' ? take_request(frame, address, number, std::move(pdu))
                                 : take_answer(frame, address, number, std::move(pdu));
    }

    std::vector<CapturedExchange>& current() { return c_.orders.empty() ? c_.exchanges : c_.orders.back().frames; }

    Status take_request(const Frame& frame, std::uint8_t unit, std::uint16_t number, Bytes pdu) {
        if (c_.recorded.empty() && !open_.empty()) return unanswered();
        // The next request shows that the last one was given up; on TCP several may be on their way.
        if (c_.framing == CaptureFraming::rtu) open_.clear();
        std::erase_if(open_, [&](const Open& o) { return o.number == number; });
        if (open_.size() >= 64) open_.erase(open_.begin());
        open_.push_back({number, current().size(), frame.line});
        current().push_back({unit, std::move(pdu), {}, frame.at, std::nullopt, frame.line});
        return ok();
    }

    Status take_answer(const Frame& frame, std::uint8_t unit, std::uint16_t number, Bytes pdu) {
        const auto open = std::find_if(open_.begin(), open_.end(), [&](const Open& o) {
            return c_.framing == CaptureFraming::rtu || o.number == number;
        });
        if (open == open_.end()) return wrong_at(frame.line, "an answer without a request");
        CapturedExchange& e = current()[open->index];
        const bool is_exception = pdu.size() == 2 && pdu[0] == (e.request[0] | wire::exception_bit);
        bool fits = unit == e.unit && (is_exception || pdu[0] == e.request[0]);
        if (const auto asked = wire::decode_request(e.request); fits && asked && c_.recorded.empty())
            fits = wire::check_answer(pdu, *asked).kind != wire::AnswerCheck::Kind::mismatch;
        if (!fits) return wrong_at(frame.line, fmt::format("this does not answer the request of line {}", open->line));
        e.answer = std::move(pdu);
        e.answered = frame.at;
        open_.erase(open);
        return ok();
    }

    Result<Capture> end() {
        if (c_.name.empty()) return fail(Errc::malformed, "an empty file is no capture");
        if (!c_.recorded.empty() && !has_ended_)
            return wrong("the file ends here without \"end\", as every recording does; it was cut off");
        if (c_.recorded.empty() && !open_.empty()) return unanswered();
        if (count_ == 0 && !has_ended_) return wrong("the file ends here without one frame; was it cut off?");
        return std::move(c_);
    }
    Error unanswered() const {
        return wrong_at(open_.front().line, "this request has no answer; was the file cut off?");
    }

    // A request that waits for its answer.
    struct Open {
        std::uint16_t number;     // TCP
        std::size_t index, line;  // index in current()
    };

    std::string_view text_;
    std::size_t line_ = 0, count_ = 0;
    Capture c_;
    std::optional<Frame> frame_;
    std::vector<Open> open_;
    bool has_ended_ = false;
};

}  // namespace

Result<Capture> parse_capture(std::string_view text) { return Parser(text).run(); }

}  // namespace busbar::device
