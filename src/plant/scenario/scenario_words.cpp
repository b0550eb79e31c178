#include "plant/scenario/scenario_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "plant/scenario/text.hpp"

namespace busbar::plant {
namespace {

struct UnitName {
    Measure kind;
    std::string_view name;
    double factor;
};
constexpr std::array unit_names{
    UnitName{Measure::power, "W", 1},        UnitName{Measure::power, "kW", 1e3},
    UnitName{Measure::power, "MW", 1e6},     UnitName{Measure::energy, "Wh", 1},
    UnitName{Measure::energy, "kWh", 1e3},   UnitName{Measure::energy, "MWh", 1e6},
    UnitName{Measure::time, "ms", 1e-3},     UnitName{Measure::time, "s", 1},
    UnitName{Measure::time, "min", 60},      UnitName{Measure::time, "h", 3600},
    UnitName{Measure::percent, "%", 1},      UnitName{Measure::voltage, "V", 1},
    UnitName{Measure::frequency, "Hz", 1},   UnitName{Measure::temperature, "C", 1},
    UnitName{Measure::resistance, "ohm", 1}, UnitName{Measure::plain, "", 1},
};

std::string_view example(Measure kind) {
    switch (kind) {
        case Measure::power:
            return "a power such as 800W or 4kW";
        case Measure::energy:
            return "an energy such as 10kWh";
        case Measure::time:
            return "a time such as 500ms, 30s, 5min or 2h";
        case Measure::percent:
            return "a share such as 60%";
        case Measure::voltage:
            return "a voltage such as 230V";
        case Measure::frequency:
            return "a frequency such as 50Hz";
        case Measure::temperature:
            return "a temperature such as 20C";
        case Measure::resistance:
            return "a resistance such as 0.25ohm";
        case Measure::plain:
            return "a number";
    }
    return "a number";
}

}  // namespace

Result<double> parse_measure(std::string_view word, Measure kind) {
    const auto digits = std::min(word.find_first_not_of("+-.0123456789"), word.size());
    const auto number = parse_number(word.substr(0, digits));
    const auto unit = word.substr(digits);
    for (const auto& u : unit_names)
        if (number && u.kind == kind && u.name == unit) return *number * u.factor;
    return fail(Errc::malformed, fmt::format("'{}' is not {}", clipped(word), example(kind)));
}

Result<std::vector<std::string>> split_words(std::string_view line) {
    std::vector<std::string> words;
    std::string word;
    bool is_quoted = false, is_word = false;
    const auto finish = [&] {
        if (is_word) words.push_back(std::move(word));
        word.clear();
        is_word = false;
    };
    for (char c : line) {
        if (is_quoted) {
            if (c == '"')
                is_quoted = false;
            else
                word += c;
        } else if (c == '"') {
            is_quoted = is_word = true;
        } else if (c == '#') {
            break;
        } else if (c == ' ' || c == '\t' || c == '\r') {
            finish();
        } else {
            word += c;
            is_word = true;
        }
    }
    if (is_quoted) return fail(Errc::malformed, "a closing \" is missing");
    finish();
    return words;
}

KeyValue split_key(std::string_view word) {
    const auto at = word.find('=');
    if (at == std::string_view::npos) return {word, {}, false};
    return {word.substr(0, at), word.substr(at + 1), true};
}

bool Words::accept(std::string_view word) {
    if (peek() != word || done()) return false;
    ++at_;
    return true;
}

Status Words::expect(std::string_view word) {
    if (accept(word)) return ok();
    return error(done() ? fmt::format("'{}' is missing at the end", word)
                        : fmt::format("'{}' where '{}' should be", clipped(peek()), word));
}

Result<double> Words::measure(Measure kind, double min, double max) {
    if (done()) return error(fmt::format("the line ends where {} should be", example(kind)));
    return checked(take(), kind, min, max);
}

Result<double> Words::checked(std::string_view word, Measure kind, double min, double max) const {
    auto value = parse_measure(word, kind);
    if (!value) return error(value.error().text);
    if (*value < min || *value > max)
        return error(fmt::format("{} is out of range; allowed is {} to {} in base units", clipped(word), min, max));
    return *value;
}

std::string Words::rest() const {
    std::string text;
    for (auto i = at_; i < words_.size(); ++i) text += (i > at_ ? " " : "") + words_[i];
    return text;
}

Status Words::end() const {
    if (done()) return ok();
    return error(fmt::format("'{}' was not expected here", clipped(peek())));
}

Error Words::error(std::string_view what) const { return fail(Errc::malformed, fmt::format("{}: {}", place_, what)); }

}  // namespace busbar::plant
