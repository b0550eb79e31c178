#include "profile/clock.hpp"

#include <fmt/format.h>

#include "profile/codec/decode.hpp"
#include "profile/codec/encode.hpp"

namespace busbar::profile {
namespace {

using namespace std::chrono;

constexpr int first_year = 2000, last_year = 2099;

bool is_sensible(ClockFace face) {
    const int year = static_cast<int>(year_month_day{floor<days>(face)}.year());
    return year >= first_year && year <= last_year;
}

int full_year(const Clock& clock, int shown) {
    const bool is_short = clock.years == YearForm::since_2000 || (clock.years == YearForm::as_shown && shown < 100);
    return is_short ? shown + first_year : shown;
}

// Does this device count years from 2000?
bool counts_from_2000(const Clock& clock, std::span<const std::uint16_t> shown) {
    if (clock.years != YearForm::as_shown) return clock.years == YearForm::since_2000;
    for (std::size_t i = 0; i < clock.fields.size() && i < shown.size(); ++i)
        if (clock.fields[i] == ClockField::year) return shown[i] < 100;
    return false;
}

}  // namespace

std::optional<ClockFace> decode_clock(const Clock& clock, std::span<const std::uint16_t> words) {
    if (words.size() != words_of(clock)) return std::nullopt;
    if (clock.fields.empty()) {
        const auto value = decode_words(clock.epoch, words);
        if (!value || *value < 0 || *value > 4.2e9) return std::nullopt;
        const ClockFace face{seconds(static_cast<std::int64_t>(*value))};
        return is_sensible(face) ? std::optional(face) : std::nullopt;
    }
    int part[6] = {};
    for (std::size_t i = 0; i < words.size(); ++i) part[static_cast<std::size_t>(clock.fields[i])] = words[i];
    const int year_shown = full_year(clock, part[0]);
    if (year_shown < first_year || year_shown > last_year) return std::nullopt;
    const year_month_day date{year(year_shown), month(static_cast<unsigned>(part[1])),
                              day(static_cast<unsigned>(part[2]))};
    // month() and day() keep eight bits only.
    if (part[1] > 12 || part[2] > 31 || !date.ok() || part[3] > 23 || part[4] > 59 || part[5] > 59) return std::nullopt;
    return local_days(date) + hours(part[3]) + minutes(part[4]) + seconds(part[5]);
}

Result<std::vector<std::uint16_t>> encode_clock(const Clock& clock, ClockFace face,
                                                std::span<const std::uint16_t> shown) {
    if (!is_sensible(face))
        return fail(Errc::out_of_range, fmt::format("the year must be {} to {}", first_year, last_year));
    if (clock.fields.empty()) {
        BUSBAR_TRY(const Words words, encode_words(clock.epoch, static_cast<double>(face.time_since_epoch().count())));
        return std::vector<std::uint16_t>(words.view().begin(), words.view().end());
    }
    const auto midnight = floor<days>(face);
    const year_month_day date{midnight};
    const hh_mm_ss time(face - midnight);
    const int year_base = counts_from_2000(clock, shown) ? first_year : 0;
    const std::int64_t part[6] = {static_cast<int>(date.year()) - year_base,
                                  static_cast<unsigned>(date.month()),
                                  static_cast<unsigned>(date.day()),
                                  time.hours().count(),
                                  time.minutes().count(),
                                  time.seconds().count()};
    std::vector<std::uint16_t> words;
    for (const ClockField field : clock.fields)
        words.push_back(static_cast<std::uint16_t>(part[static_cast<std::size_t>(field)]));
    return words;
}

std::string to_text(ClockFace face) {
    const auto midnight = floor<days>(face);
    const year_month_day date{midnight};
    const hh_mm_ss time(face - midnight);
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                       time.minutes().count(), time.seconds().count());
}

}  // namespace busbar::profile
