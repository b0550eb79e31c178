#pragma once
// Today's energies for the overview: integrated report by report, and after a restart continued from the history.
// Service loop only.
#include "api/views.hpp"
#include "field/field_report.hpp"
#include "metering/day_meter.hpp"
#include "views/history_view.hpp"
#include "views/local_time.hpp"

namespace busbar::gateway {

class Today {
public:
    explicit Today(LocalTime time) : time_(time) {}

    // What the history knows of today before `now`. Call before the first take().
    void resume(HistoryView& history, WallTime now);
    api::Overview::Today take(const FieldReport& report);

private:
    LocalTime time_;
    metering::DayMeter meter_;
};

}  // namespace busbar::gateway
