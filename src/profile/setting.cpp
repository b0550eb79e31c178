#include "profile/setting.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace busbar::profile {

std::string shown(const Setting& setting, double value) {
    for (const Choice& choice : setting.choices)
        if (static_cast<double>(choice.code) == value) return fmt::format("{} ({})", choice.code, choice.text);
    return fmt::format("{:.10g}{}{}", value, setting.unit.empty() ? "" : " ", setting.unit);
}

Status check_value(const Setting& setting, double value) {
    const auto refuse = [&](std::string why) { return fail(Errc::out_of_range, setting.key + ": " + std::move(why)); };
    if (setting.access == Access::nobody)
        return fail(Errc::denied, setting.key + ": is only shown; it is set at the device itself");
    if (!std::isfinite(value)) return refuse("is no number");
    if (!setting.choices.empty()) {
        const bool is_offered = std::any_of(setting.choices.begin(), setting.choices.end(),
                                            [&](const Choice& c) { return static_cast<double>(c.code) == value; });
        if (is_offered) return ok();
        return refuse(fmt::format("{:.10g} is none of its choices; it begins with {}", value,
                                  shown(setting, static_cast<double>(setting.choices.front().code))));
    }
    if (value < setting.min || value > setting.max)
        return refuse(fmt::format("{} is outside {} to {}", shown(setting, value), shown(setting, setting.min),
                                  shown(setting, setting.max)));
    if (setting.step <= 0) return ok();
    const double steps = (value - setting.min) / setting.step;
    if (std::fabs(steps - std::round(steps)) <= 1e-6 * std::max(1.0, std::fabs(steps))) return ok();
    const double below = setting.min + std::floor(steps) * setting.step;
    return refuse(fmt::format("{} lies between the steps; the nearest are {} and {}", shown(setting, value),
                              shown(setting, below), shown(setting, below + setting.step)));
}

Point reading_of(const Setting& setting) {
    Point point;
    point.at = setting.at;
    point.encoding = setting.encoding;
    point.line = setting.line;
    return point;
}

}  // namespace busbar::profile
