#include "metering/day_meter.hpp"

#include <algorithm>

namespace busbar::metering {
namespace {

// The part of a signed power that flows in one direction; unknown stays unknown.
std::optional<double> positive(std::optional<double> w) {
    if (w) w = std::max(*w, 0.0);
    return w;
}
std::optional<double> negative(std::optional<double> w) {
    if (w) w = std::max(-*w, 0.0);
    return w;
}

std::optional<double> percent_kept(std::optional<double> whole, std::optional<double> lost) {
    if (!whole || !lost || *whole <= 0) return std::nullopt;
    return std::clamp(100 * (1 - *lost / *whole), 0.0, 100.0);
}

}  // namespace

void DayMeter::Sum::add(std::optional<double> power_w, double seconds) {
    if (!power_w) return;
    wh += *power_w * seconds / 3600;
    known_s += seconds;
    has_any = true;
}

std::optional<double> DayMeter::Sum::value(double total_s) const {
    if (!has_any || known_s < (1 - tolerated_missing) * total_s) return std::nullopt;
    return wh;
}

void DayMeter::add(Instant now, WallTime midnight, const Powers& powers) {
    const bool is_any_known = powers.pv_w || powers.battery_w || powers.grid_w || powers.house_w;
    if (has_midnight_ && midnight != midnight_) {
        *this = DayMeter{};
    } else if (!last_at_) {
        if (!is_any_known) return;
    } else {
        const Duration passed = now - *last_at_;
        const double held_s = to_seconds(std::min(passed, longest_hold));
        total_s_ += to_seconds(passed);
        pv_.add(positive(last_.pv_w), held_s);
        house_.add(last_.house_w, held_s);
        import_.add(positive(last_.grid_w), held_s);
        export_.add(negative(last_.grid_w), held_s);
        charged_.add(negative(last_.battery_w), held_s);
        discharged_.add(positive(last_.battery_w), held_s);
    }
    midnight_ = midnight;
    has_midnight_ = true;
    last_at_ = now;
    last_ = powers;
}

void DayMeter::resume(WallTime midnight, const DayEnergies& earlier, Duration known_for) {
    midnight_ = midnight;
    has_midnight_ = true;
    total_s_ += to_seconds(known_for);
    const auto take = [&](Sum& sum, std::optional<double> wh) {
        if (!wh) return;
        sum.wh += *wh;
        sum.known_s += to_seconds(known_for);
        sum.has_any = true;
    };
    take(pv_, earlier.pv_wh);
    take(house_, earlier.house_wh);
    take(import_, earlier.import_wh);
    take(export_, earlier.export_wh);
    take(charged_, earlier.charged_wh);
    take(discharged_, earlier.discharged_wh);
}

DayEnergies DayMeter::energies() const {
    DayEnergies e;
    e.pv_wh = pv_.value(total_s_);
    e.house_wh = house_.value(total_s_);
    e.import_wh = import_.value(total_s_);
    e.export_wh = export_.value(total_s_);
    e.charged_wh = charged_.value(total_s_);
    e.discharged_wh = discharged_.value(total_s_);
    e.self_consumption_percent = percent_kept(e.pv_wh, e.export_wh);
    e.autarky_percent = percent_kept(e.house_wh, e.import_wh);
    return e;
}

}  // namespace busbar::metering
