#pragma once
// Measured columns played back: load, PV, price. The text is given as a whole; whoever owns the file reads it (and
// unzips). Format: CSV, first line `time,NAME [UNIT],...`; see docs/reference/plant-language.md.
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace busbar::plant {

struct Column {
    std::string name;                           // "load"
    double to_si = 1;                           // factor already applied to values; kept for messages
    std::vector<std::optional<double>> values;  // SI (W; price EUR/Wh); nullopt = the trace has no value here
};

// Rows in rising time. A value holds from its row's time until the next row's.
struct Trace {
    std::vector<double> time_s;         // since the first row
    std::optional<double> start_utc_s;  // since 1970, when the time column is an instant
    std::vector<Column> columns;

    double length_s() const { return time_s.empty() ? 0 : time_s.back(); }
    const Column* column(std::string_view name) const;
};

// Limits: 2,000,000 rows, 64 columns, 4 KiB per line. `name` stands in errors ("name:12: ..."). Time cells: seconds
// since the start, or ISO-8601 (Z or local without zone). Columns named with unit in brackets ([W], [kW], [EUR/MWh],
// [W/kWp], [1]) or by a trailing _w, _kw, _eur_mwh. A header without a time column means one row per second.
Result<Trace> parse_trace(std::string_view name, std::string_view csv);

// Steps through a trace with a remembered position: amortised O(1) when time rises.
class TracePlayer {
public:
    TracePlayer(const Trace& trace, const Column& column) : trace_(&trace), column_(&column) {}
    // The value that holds at `at_s`; nullopt before the first row or in a gap. After the end the last value holds.
    std::optional<double> at(double at_s);

private:
    const Trace* trace_;
    const Column* column_;
    std::size_t row_ = 0;
};

}  // namespace busbar::plant
