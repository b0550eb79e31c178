#include "profile/scan.hpp"

#include <charconv>
#include <numeric>

namespace busbar::profile {
namespace {

template <class T>
bool whole(std::string_view text, T& value, int base = 10) {
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    return ec == std::errc{} && end == text.data() + text.size() && !text.empty();
}

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

// Cuts the first word off; words are separated by blanks.
std::string_view word(std::string_view& text) {
    text = trimmed(text);
    const auto end = std::min(text.find(' '), text.size());
    const std::string_view first = text.substr(0, end);
    text = trimmed(text.substr(end));
    return first;
}

std::optional<std::uint16_t> scan_register(std::string_view text) {
    const auto value = scan_integer(text);
    if (!value || *value < 0 || *value > 0xFFFF) return std::nullopt;
    return static_cast<std::uint16_t>(*value);
}

struct UnitName {
    std::string_view text;
    model::Unit unit;
    double multiply, divide;
};
using model::Unit;
constexpr UnitName unit_names[] = {
    {"", Unit::none, 1, 1},
    {"W", Unit::watt, 1, 1},
    {"kW", Unit::watt, 1000, 1},
    {"MW", Unit::watt, 1e6, 1},
    {"Wh", Unit::watt_hour, 1, 1},
    {"kWh", Unit::watt_hour, 1000, 1},
    {"MWh", Unit::watt_hour, 1e6, 1},
    {"V", Unit::volt, 1, 1},
    {"mV", Unit::volt, 1, 1000},
    {"kV", Unit::volt, 1000, 1},
    {"A", Unit::ampere, 1, 1},
    {"mA", Unit::ampere, 1, 1000},
    {"Hz", Unit::hertz, 1, 1},
    {"mHz", Unit::hertz, 1, 1000},
    {"degC", Unit::celsius, 1, 1},
    {"°C", Unit::celsius, 1, 1},
    {"%", Unit::percent, 1, 1},
    {"var", Unit::var, 1, 1},
    {"kvar", Unit::var, 1000, 1},
    {"mW", Unit::watt, 1, 1000},
    {"W/m2", Unit::watt_per_square_metre, 1, 1},
    {"m/s", Unit::metre_per_second, 1, 1},
    {"deg", Unit::degree, 1, 1},
};

}  // namespace

std::optional<std::int64_t> scan_integer(std::string_view text) {
    if (text.starts_with("0x") || text.starts_with("0X")) {
        std::uint64_t bits = 0;
        if (!whole(text.substr(2), bits, 16)) return std::nullopt;
        return static_cast<std::int64_t>(bits);
    }
    std::int64_t value = 0;
    if (!whole(text, value)) return std::nullopt;
    return value;
}

std::optional<double> scan_number(std::string_view text) {
    const bool is_negative = text.starts_with('-');
    if (is_negative) text.remove_prefix(1);
    if (text == "0") return 0.0;
    const auto scale = scan_decimal(text);
    if (!scale) return std::nullopt;
    const double value = scale->multiply / scale->divide;
    return is_negative ? -value : value;
}

std::optional<Scale> scan_decimal(std::string_view text) {
    Scale scale{0, 1};
    bool is_fraction = false;
    if (text.empty() || text.size() > 16) return std::nullopt;
    for (const char c : text) {
        if (c == '.' && !is_fraction) {
            is_fraction = true;
            continue;
        }
        if (c < '0' || c > '9') return std::nullopt;
        scale.multiply = scale.multiply * 10 + (c - '0');
        if (is_fraction) scale.divide *= 10;
    }
    if (text.front() == '.' || text.back() == '.' || scale.multiply <= 0 || scale.multiply > 1e15) return std::nullopt;
    return scale;
}

std::optional<Duration> scan_duration(std::string_view text) {
    const auto digits = text.find_first_not_of("0123456789");
    std::int64_t count = 0;
    if (digits == std::string_view::npos || digits > 9 || !whole(text.substr(0, digits), count)) return std::nullopt;
    const std::string_view unit = trimmed(text.substr(digits));
    if (unit == "ms") return std::chrono::milliseconds(count);
    if (unit == "s") return std::chrono::seconds(count);
    if (unit == "min") return std::chrono::minutes(count);
    if (unit == "h" && count <= 100'000) return std::chrono::hours(count);
    return std::nullopt;
}

std::optional<ValueType> scan_type(std::string_view text) {
    for (const ValueType type : {ValueType::u16, ValueType::s16, ValueType::u32, ValueType::s32, ValueType::u64,
                                 ValueType::s64, ValueType::f32, ValueType::f64})
        if (text == to_string(type)) return type;
    return std::nullopt;
}

std::optional<UnitScale> scan_unit(std::string_view text) {
    text = trimmed(text);
    const auto number_end = std::min(text.find_first_not_of("0123456789."), text.size());
    Scale number;
    if (number_end > 0) {
        const auto decimal = scan_decimal(text.substr(0, number_end));
        if (!decimal) return std::nullopt;
        number = *decimal;
    }
    const std::string_view name = trimmed(text.substr(number_end));
    for (const UnitName& known : unit_names) {
        if (name != known.text || (name.empty() && number_end == 0)) continue;
        const double multiply = number.multiply * known.multiply, divide = number.divide * known.divide;
        if (multiply > 1e15 || divide > 1e15) return std::nullopt;
        const auto shared =
            static_cast<double>(std::gcd(static_cast<std::int64_t>(multiply), static_cast<std::int64_t>(divide)));
        return UnitScale{known.unit, {multiply / shared, divide / shared}};
    }
    return std::nullopt;
}

std::optional<std::vector<Address>> scan_address(std::string_view text) {
    const std::string_view kind = word(text);
    if (kind == "holding" || kind == "input") {
        const auto at = scan_register(text);
        if (!at) return std::nullopt;
        return std::vector<Address>{{kind == "holding" ? Table::holding : Table::input, *at, 0}};
    }
    if (kind != "model") return std::nullopt;
    std::string_view models = word(text);
    if (word(text) != "offset") return std::nullopt;
    const auto offset = scan_register(text);
    if (!offset) return std::nullopt;
    std::vector<Address> addresses;
    while (!models.empty() && addresses.size() < 8) {
        const auto slash = std::min(models.find('/'), models.size());
        const auto model = scan_register(models.substr(0, slash));
        if (!model || *model == 0 || *model == 0xFFFF) return std::nullopt;
        addresses.push_back({Table::holding, *offset, *model});
        models.remove_prefix(std::min(slash + 1, models.size()));
    }
    if (addresses.empty() || !models.empty()) return std::nullopt;
    return addresses;
}

std::optional<std::pair<std::uint16_t, std::uint16_t>> scan_model_length(std::string_view text) {
    const auto plus = std::min(text.find('+'), text.size());
    std::string_view repeated = plus < text.size() ? trimmed(text.substr(plus + 1)) : "0n";
    if (!repeated.ends_with('n')) return std::nullopt;
    repeated.remove_suffix(1);
    const auto fixed = scan_integer(trimmed(text.substr(0, plus))), group = scan_integer(trimmed(repeated));
    const auto fits = [](const auto& value) { return value && *value >= 0 && *value <= 2000; };
    if (!fits(fixed) || !fits(group) || *fixed + *group == 0) return std::nullopt;
    return std::pair{static_cast<std::uint16_t>(*fixed), static_cast<std::uint16_t>(*group)};
}

}  // namespace busbar::profile
