#pragma once
// The words of one line of a scenario, taken one after the other, and the quantities among them. Inner part of parse().
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace busbar::plant {

enum class Measure : std::uint8_t { power, energy, time, percent, voltage, frequency, temperature, resistance, plain };

// "4kW" -> 4000. SI, percent as percent, time in s. Error texts say what would be right, without a place.
Result<double> parse_measure(std::string_view word, Measure kind);

// Blank-separated words; "in quotes" is one word (quotes removed); '#' outside quotes ends the line.
Result<std::vector<std::string>> split_words(std::string_view line);

// "key=value" -> {key, value}; value empty when there is no '='.
struct KeyValue {
    std::string_view key, value;
    bool has_value = false;
};
KeyValue split_key(std::string_view word);

class Words {
public:
    Words(std::vector<std::string> words, std::string place) : words_(std::move(words)), place_(std::move(place)) {}

    bool done() const { return at_ >= words_.size(); }
    // The next word, "" at the end.
    std::string_view peek() const { return done() ? std::string_view{} : std::string_view(words_[at_]); }
    std::string_view take() { return done() ? std::string_view{} : std::string_view(words_[at_++]); }
    bool accept(std::string_view word);
    Status expect(std::string_view word);
    // The next word as a quantity within [min, max].
    Result<double> measure(Measure kind, double min, double max);
    Result<double> time_s() { return measure(Measure::time, 0, 1e8); }
    // All words left, joined by single blanks.
    std::string rest() const;
    Status end() const;  // error when words are left

    Error error(std::string_view what) const;
    Result<double> checked(std::string_view word, Measure kind, double min, double max) const;

private:
    std::vector<std::string> words_;
    std::string place_;  // "file:12"
    std::size_t at_ = 0;
};

}  // namespace busbar::plant
