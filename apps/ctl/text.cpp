#include "text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <ctime>

#include "base/log.hpp"

namespace busbar::ctl {
namespace {

bool looks_numeric(std::string_view cell) {
    if (cell == "unknown" || cell == "-") return true;
    if (cell.find(':') != std::string_view::npos) return false;  // a time
    return !cell.empty() && (std::isdigit(static_cast<unsigned char>(cell[0])) ||
                             (cell.size() > 1 && cell[0] == '-' && std::isdigit(static_cast<unsigned char>(cell[1]))));
}

// Characters a terminal shows, so that "°C" and names with umlauts stay in line.
std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string three_digits(double value) {
    const double size = std::abs(value);
    const int decimals = size >= 99.95 || size == 0 ? 0 : size >= 9.995 ? 1 : 2;
    return fmt::format("{:.{}f}", value, decimals);
}

std::optional<std::tm> broken_down(std::string_view text) {
    std::tm tm{};
    const std::string copy(text);
    for (const char* form : {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"}) {
        tm = {};
        const char* end = strptime(copy.c_str(), form, &tm);
        if (end && *end == '\0') return tm;
    }
    return std::nullopt;
}

std::int64_t local_midnight(std::int64_t now_ms, int days) {
    const std::time_t now = now_ms / 1000;
    std::tm tm{};
    localtime_r(&now, &tm);
    tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
    tm.tm_mday += days;
    tm.tm_isdst = -1;
    return static_cast<std::int64_t>(std::mktime(&tm)) * 1000;
}

}  // namespace

std::string table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> width;
    std::vector<bool> right(header.size(), !rows.empty());
    for (const auto& name : header) width.push_back(width_of(name));
    for (const auto& row : rows)
        for (std::size_t i = 0; i < header.size() && i < row.size(); ++i) {
            width[i] = std::max(width[i], width_of(printable(row[i])));
            if (!looks_numeric(row[i])) right[i] = false;
        }
    std::string out;
    const auto line = [&](const std::vector<std::string>& cells) {
        std::string text;
        for (std::size_t i = 0; i < header.size(); ++i) {
            const std::string cell = i < cells.size() ? printable(cells[i]) : std::string();
            const std::string pad(width[i] - std::min(width[i], width_of(cell)), ' ');
            text += right[i] ? pad + cell : cell + pad;
            text += "  ";
        }
        text.erase(text.find_last_not_of(' ') + 1);
        out += text + "\n";
    };
    if (std::any_of(header.begin(), header.end(), [](const auto& name) { return !name.empty(); })) line(header);
    for (const auto& row : rows) line(row);
    return out;
}

std::string quantity(std::optional<double> value, std::string_view unit) {
    if (!value) return "unknown";
    const double v = std::abs(*value) < 0.005 ? 0 : *value;  // no "-0"
    if (unit == "W" || unit == "Wh" || unit == "VA" || unit == "VAh" || unit == "var" || unit == "varh") {
        const char* prefix = std::abs(v) >= 999500 ? " M" : std::abs(v) >= 999.5 ? " k" : "";
        if (*prefix) return three_digits(v / (prefix[1] == 'M' ? 1e6 : 1e3)) + prefix + std::string(unit);
        return fmt::format("{:.0f} {}", std::abs(v) < 0.5 ? 0 : v, unit);
    }
    std::string text = std::abs(v) >= 1000 ? fmt::format("{:.0f}", v) : three_digits(v);
    if (v == std::floor(v) && std::abs(v) < 1e15) text = fmt::format("{:.0f}", v);
    return unit.empty() ? text : text + " " + std::string(unit);
}

std::string grouped(std::int64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t at = text.size(); at > 3 + (number < 0 ? 1 : 0); at -= 3) text.insert(at - 3, ",");
    return text;
}

std::string bytes(double count) {
    for (const char* unit : {"B", "kB", "MB"}) {
        if (count < 999.5) return unit[0] == 'B' ? fmt::format("{:.0f} B", count) : three_digits(count) + " " + unit;
        count /= 1000;
    }
    return three_digits(count) + " GB";
}

std::string age(std::int64_t ms) {
    if (ms < 10'000) return fmt::format("{:.1f} s", static_cast<double>(ms) / 1000);
    const std::int64_t s = ms / 1000;
    if (s < 60) return fmt::format("{} s", s);
    if (s < 3600) return fmt::format("{} min {} s", s / 60, s % 60);
    if (s < 86400) return fmt::format("{} h {} min", s / 3600, s % 3600 / 60);
    return fmt::format("{} d {} h", s / 86400, s % 86400 / 3600);
}

std::string local_time(std::int64_t ms) {
    const std::time_t t = ms / 1000;
    std::tm tm{};
    localtime_r(&t, &tm);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &tm);
    return text;
}

Result<std::int64_t> parse_time(std::string_view text, std::int64_t now_ms) {
    if (text == "now") return now_ms;
    if (text == "today") return local_midnight(now_ms, 0);
    if (text == "yesterday") return local_midnight(now_ms, -1);
    std::int64_t number = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view rest = text.substr(static_cast<std::size_t>(end - text.data()));
    if (ec == std::errc{} && rest.empty() && number >= 0) return number;
    if (ec == std::errc{} && number < 0 && number > -100'000'000 && rest.size() == 1) {
        const std::int64_t unit_ms = rest == "s"   ? 1000
                                     : rest == "m" ? 60'000
                                     : rest == "h" ? 3'600'000
                                     : rest == "d" ? 86'400'000
                                                   : 0;
        if (unit_ms) return now_ms + number * unit_ms;
    }
    const bool utc = text.ends_with('Z');
    if (auto tm = broken_down(utc ? text.substr(0, text.size() - 1) : text)) {
        tm->tm_isdst = -1;
        const std::time_t t = utc ? timegm(&*tm) : std::mktime(&*tm);
        return static_cast<std::int64_t>(t) * 1000;
    }
    return fail(Errc::malformed, fmt::format("'{}' is no time; use now, today, yesterday, -6h, -7d, 2026-11-21 or "
                                             "2026-11-21T14:05",
                                             printable(text)));
}

}  // namespace busbar::ctl
