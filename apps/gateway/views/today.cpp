#include "views/today.hpp"

#include <algorithm>

namespace busbar::gateway {

void Today::resume(HistoryView& history, WallTime now) {
    const WallTime midnight = time_.midnight(now);
    const auto first = history.first_sample_ms();  // a box installed at noon counts from noon
    if (!first || *first >= to_ms(now)) return;
    const std::int64_t from = std::max(*first, to_ms(midnight));
    const api::EnergyView so_far = history.energy_between(from, to_ms(now));
    metering::DayEnergies energies;
    energies.pv_wh = so_far.pv[0];
    energies.house_wh = so_far.house[0];
    energies.import_wh = so_far.grid_import[0];
    energies.export_wh = so_far.grid_export[0];
    energies.charged_wh = so_far.charged[0];
    energies.discharged_wh = so_far.discharged[0];
    meter_.resume(midnight, energies, std::chrono::milliseconds(to_ms(now) - from));
}

api::Overview::Today Today::take(const FieldReport& report) {
    const model::Snapshot& s = report.snapshot;
    metering::Powers powers{.pv_w = s.pv_w, .battery_w = s.battery_w, .grid_w = {}, .house_w = s.house_w};
    if (s.grid_w) powers.grid_w = s.grid_w->value;
    meter_.add(report.image->at, time_.midnight(report.image->wall), powers);
    const metering::DayEnergies e = meter_.energies();
    return {.pv_wh = e.pv_wh,
            .house_wh = e.house_wh,
            .import_wh = e.import_wh,
            .export_wh = e.export_wh,
            .charged_wh = e.charged_wh,
            .discharged_wh = e.discharged_wh,
            .self_consumption_percent = e.self_consumption_percent,
            .autarky_percent = e.autarky_percent};
}

}  // namespace busbar::gateway
