#pragma once
// Days and months of the site's time zone. Any thread.
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace busbar::gateway {

class LocalTime {
public:
    // Errors: unsupported, with the form that is expected. The system's zone files are used.
    static Result<LocalTime> of(const std::string& zone);
    static LocalTime utc();

    // Begin of the local day, month or hour that holds `at`, and of the one after it.
    enum class Span { hour, day, month };
    WallTime begin(WallTime at, Span span) const;
    WallTime next(WallTime at, Span span) const;
    WallTime midnight(WallTime at) const { return begin(at, Span::day); }

    // East of Greenwich is positive; with daylight saving.
    std::chrono::seconds utc_offset(WallTime at) const;

private:
    const void* zone_ = nullptr;  // a date::time_zone, which lives as long as the program; null: UTC
};

}  // namespace busbar::gateway
