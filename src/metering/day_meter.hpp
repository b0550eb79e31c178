#pragma once
// Today's energies of a site from its powers: integrated as they come, with gap rules. Pure; the caller says when local
// midnight was. Used by the gateway for the overview; long spans come from the history instead.
//
// Signs in: grid + import, PV + production, battery + discharge, house + consumption. Energies out are all >= 0.
#include <optional>

#include "base/clock.hpp"

namespace busbar::metering {

// Unknown parts are nullopt, never 0.
struct Powers {
    std::optional<double> pv_w, battery_w, grid_w, house_w;
};

// Wh since midnight. Unknown when nothing was ever measured, or when so much is missing that a sum would mislead: more
// than `tolerated_missing` of the time since counting began.
struct DayEnergies {
    std::optional<double> pv_wh, house_wh, import_wh, export_wh, charged_wh, discharged_wh;
    std::optional<double> self_consumption_percent;  // share of the PV energy used on site, 0..100
    std::optional<double> autarky_percent;           // share of the house's energy that was not imported, 0..100
};
inline constexpr double tolerated_missing = 0.1;

class DayMeter {
public:
    // A power counts until the next one, but no longer than this: beyond, it is not known what happened.
    static constexpr Duration longest_hold = std::chrono::seconds(15);

    // `now` never goes back. A new `midnight` starts a new day: sums begin at zero. Counting begins with the first call
    // that knows any power: the time before, in which nothing had been asked yet, is not missing.
    void add(Instant now, WallTime midnight, const Powers& powers);
    // What was measured before a restart, with how long that was known.
    void resume(WallTime midnight, const DayEnergies& earlier, Duration known_for);
    DayEnergies energies() const;

private:
    struct Sum {
        double wh = 0;
        double known_s = 0;
        bool has_any = false;
        void add(std::optional<double> power_w, double seconds);
        std::optional<double> value(double total_s) const;
    };
    WallTime midnight_{};
    bool has_midnight_ = false;
    std::optional<Instant> last_at_;
    Powers last_;
    double total_s_ = 0;
    Sum pv_, house_, import_, export_, charged_, discharged_;
};

}  // namespace busbar::metering
