#include "profile/profile.hpp"

#include <algorithm>
#include <cstdlib>

#include "profile/codec/raw.hpp"

namespace busbar::profile {

std::string_view to_string(ValueType type) {
    switch (type) {
        case ValueType::u16:
            return "u16";
        case ValueType::s16:
            return "s16";
        case ValueType::u32:
            return "u32";
        case ValueType::s32:
            return "s32";
        case ValueType::u64:
            return "u64";
        case ValueType::s64:
            return "s64";
        case ValueType::f32:
            return "f32";
        case ValueType::f64:
            return "f64";
    }
    return "unknown";
}

std::uint16_t words_of(const Clock& clock) {
    return clock.fields.empty() ? words_of(clock.epoch.type) : static_cast<std::uint16_t>(clock.fields.size());
}

std::string_view to_string(Access access) {
    switch (access) {
        case Access::owner:
            return "owner";
        case Access::installer:
            return "installer";
        case Access::nobody:
            return "nobody";
    }
    return "unknown";
}

std::string_view to_string(Table table) { return table == Table::holding ? "holding" : "input"; }

std::vector<RoleKey> roles_of(const Profile& profile) {
    std::vector<RoleKey> roles;
    for (const Point& point : profile.points) roles.push_back(point.role);
    for (const Control& control : profile.controls) roles.push_back(control.role);
    return roles;
}

Span span_of(const Point& point) {
    const auto last = static_cast<std::uint16_t>(words_of(point.encoding.type) - 1);
    Span span{point.at.offset, static_cast<std::uint16_t>(point.at.offset + last)};
    const auto include = [&](std::uint16_t from, std::uint16_t to) {
        span.first = std::min(span.first, from);
        span.last = std::max(span.last, to);
    };
    if (point.less) include(*point.less, static_cast<std::uint16_t>(*point.less + last));
    if (point.encoding.exponent) include(*point.encoding.exponent, *point.encoding.exponent);
    return span;
}

bool has_far_exponent(const Point& point, const BusRules& rules) {
    const Span span = span_of(point);
    return point.encoding.exponent && span.last - span.first + 1 > rules.max_registers;
}

Point with_exponent(Point point, int exponent) {
    Scale& scale = point.encoding.scale;
    point.encoding.exponent.reset();
    (exponent >= 0 ? scale.multiply : scale.divide) *= power_of_ten(std::abs(exponent));
    return point;
}

}  // namespace busbar::profile
