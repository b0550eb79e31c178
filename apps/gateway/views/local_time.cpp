#include "views/local_time.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include "base/log.hpp"

namespace busbar::gateway {
namespace {

using Milliseconds = std::chrono::milliseconds;

date::local_time<Milliseconds> to_local(const void* zone, WallTime at) {
    if (zone == nullptr) return date::local_time<Milliseconds>(at.time_since_epoch());
    return static_cast<const date::time_zone*>(zone)->to_local(at);
}

// A local instant that daylight saving skips or repeats becomes the first UTC instant not before it.
WallTime to_utc(const void* zone, date::local_time<Milliseconds> at) {
    if (zone == nullptr) return WallTime(at.time_since_epoch());
    return static_cast<const date::time_zone*>(zone)->to_sys(at, date::choose::earliest);
}

date::local_time<Milliseconds> floor_to(date::local_time<Milliseconds> at, LocalTime::Span span) {
    if (span == LocalTime::Span::hour) return date::floor<std::chrono::hours>(at);
    const auto day = date::floor<date::days>(at);
    if (span == LocalTime::Span::day) return day;
    const date::year_month_day ymd(day);
    return date::local_days(ymd.year() / ymd.month() / 1);
}

}  // namespace

Result<LocalTime> LocalTime::of(const std::string& zone) {
    LocalTime time;
    if (zone == "UTC") return time;
    try {
        time.zone_ = date::locate_zone(zone);
    } catch (const std::runtime_error&) {  // the library knows no other way to say "no such zone"
        return fail(Errc::unsupported,
                    fmt::format("timezone '{}' is not known; expected an IANA name such as Europe/Berlin",
                                printable(zone, 64)));
    }
    return time;
}

LocalTime LocalTime::utc() { return {}; }

WallTime LocalTime::begin(WallTime at, Span span) const {
    if (span == Span::hour && zone_ != nullptr) {  // by offset, so that the repeated hour of autumn stays two hours
        const auto info = static_cast<const date::time_zone*>(zone_)->get_info(at);
        return WallTime(date::floor<std::chrono::hours>(at + info.offset) - info.offset);
    }
    return to_utc(zone_, floor_to(to_local(zone_, at), span));
}

WallTime LocalTime::next(WallTime at, Span span) const {
    if (span == Span::hour) return begin(at, span) + std::chrono::hours(1);
    const auto first = floor_to(to_local(zone_, at), span);
    if (span == Span::day) return to_utc(zone_, first + date::days(1));
    const date::year_month_day ymd(date::floor<date::days>(first));
    return to_utc(zone_, date::local_days((ymd.year() / ymd.month() + date::months(1)) / 1));
}

std::chrono::seconds LocalTime::utc_offset(WallTime at) const {
    if (zone_ == nullptr) return {};
    return static_cast<const date::time_zone*>(zone_)->get_info(at).offset;
}

}  // namespace busbar::gateway
