#include "plant/physics/trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

#include "plant/scenario/text.hpp"

namespace busbar::plant {
namespace {

constexpr std::size_t rows_max = 2'000'000, columns_max = 64, line_max = 4096;

struct UnitFactor {
    std::string_view unit, suffix;
    double to_si;
};
// Suffixes are tried in this order; the first that fits counts.
constexpr std::array units{
    UnitFactor{"W", "_w", 1},
    UnitFactor{"kW", "_kw", 1000},
    UnitFactor{"MW", "_mw", 1e6},
    UnitFactor{"EUR/MWh", "_eur_mwh", 1e-6},
    UnitFactor{"EUR/kWh", "_eur_kwh", 1e-3},
    UnitFactor{"EUR/MWh", "eur_mwh", 1e-6},
    UnitFactor{"1", "pu", 1},
    UnitFactor{"W/kWp", "_w_per_kwp", 1},
    UnitFactor{"W/m2", "_wm2", 1},
    UnitFactor{"%", "_percent", 1},
};

Result<Column> parse_heading(std::string_view cell) {
    Column column;
    if (const auto open = cell.find('['); open != std::string_view::npos) {
        const auto close = cell.find(']', open);
        if (close == std::string_view::npos) return fail(Errc::malformed, fmt::format("'{}': ']' is missing", cell));
        const auto unit = trim(cell.substr(open + 1, close - open - 1));
        const auto known = std::ranges::find(units, unit, &UnitFactor::unit);
        if (known == units.end())
            return fail(
                Errc::malformed,
                fmt::format("unit '{}' is unknown; use W, kW, MW, EUR/MWh, EUR/kWh, W/kWp, W/m2, % or 1", unit));
        column.name = trim(cell.substr(0, open));
        column.to_si = known->to_si;
    } else {
        column.name = cell;
        const auto known = std::ranges::find_if(units, [&](const UnitFactor& u) { return cell.ends_with(u.suffix); });
        column.to_si = known == units.end() ? 1 : known->to_si;
    }
    if (column.name.empty() || column.name.size() > 64)
        return fail(Errc::malformed, "a column name has 1 to 64 characters");
    return column;
}

bool is_time(std::string_view heading) {
    constexpr std::array names{"time", "utc", "local", "local_epoch_s", "epoch_s", "time_s"};
    return std::ranges::find(names, heading) != names.end();
}

std::vector<std::string_view> split_cells(std::string_view line) {
    std::vector<std::string_view> cells;
    for (;;) {
        const auto comma = line.find(',');
        cells.push_back(trim(line.substr(0, comma)));
        if (comma == std::string_view::npos || cells.size() > columns_max) return cells;
        line.remove_prefix(comma + 1);
    }
}

// Fills a Trace line by line; `line_` is the number in errors.
class Reader {
public:
    Reader(std::string_view name, std::string_view csv) : name_(name), rest_(csv) {}

    Result<Trace> read() {
        std::string_view line;
        if (!next(line)) return error("is empty; the first line names the columns: time,load [W]");
        if (auto s = header(line); !s) return s.error();
        while (next(line))
            if (auto s = row(line); !s) return s.error();
        if (trace_.time_s.empty()) return error("has no rows");
        return std::move(trace_);
    }

private:
    Error error(std::string_view what) const {
        return fail(Errc::malformed, fmt::format("{}:{}: {}", name_, line_, what));
    }

    bool next(std::string_view& line) {
        while (!rest_.empty()) {
            const auto end = rest_.find('\n');
            line = trim(rest_.substr(0, end));
            rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
            ++line_;
            if (!line.empty() && line.front() != '#') return true;
        }
        return false;
    }

    Status header(std::string_view line) {
        if (line.size() > line_max) return error("line is longer than 4096 bytes");
        auto cells = split_cells(line);
        if (cells.size() > columns_max) return error("more than 64 columns");
        has_time_ = is_time(cells.front());
        if (has_time_) cells.erase(cells.begin());
        if (cells.empty()) return error("no value column; name one, as in: time,load [W]");
        for (auto cell : cells) {
            auto column = parse_heading(cell);
            if (!column) return error(column.error().text);
            if (trace_.column(column->name)) return error(fmt::format("column '{}' stands twice", column->name));
            trace_.columns.push_back(std::move(*column));
        }
        return ok();
    }

    Status row(std::string_view line) {
        if (line.size() > line_max) return error("line is longer than 4096 bytes");
        if (trace_.time_s.size() >= rows_max) return error("more than 2,000,000 rows; cut the trace");
        const auto cells = split_cells(line);
        if (cells.size() != trace_.columns.size() + (has_time_ ? 1 : 0))
            return error(fmt::format("{} cells where the header has {}", cells.size(),
                                     trace_.columns.size() + (has_time_ ? 1 : 0)));
        if (auto s = row_time(cells.front()); !s) return s;
        for (std::size_t i = 0; i < trace_.columns.size(); ++i) {
            const auto cell = cells[i + (has_time_ ? 1 : 0)];
            auto& values = trace_.columns[i].values;
            if (cell.empty()) {
                values.emplace_back();
            } else if (const auto number = parse_number(cell)) {
                values.emplace_back(*number * trace_.columns[i].to_si);
            } else {
                return error(
                    fmt::format("'{}' is no number; leave the cell empty where nothing was measured", clipped(cell)));
            }
        }
        return ok();
    }

    Status row_time(std::string_view cell) {
        double at = static_cast<double>(trace_.time_s.size());  // no time column: a row is a second
        if (has_time_) {
            const auto instant = parse_instant_s(cell);
            const auto number = instant ? std::nullopt : parse_number(cell);
            if (!instant && !number)
                return error(fmt::format("time '{}': write seconds or 2024-06-15T11:00:00Z", clipped(cell)));
            if (trace_.time_s.empty()) {
                origin_s_ = instant ? *instant : *number;
                if (instant || origin_s_ > 1e8) trace_.start_utc_s = origin_s_;
            }
            at = (instant ? *instant : *number) - origin_s_;
        }
        if (!trace_.time_s.empty() && at < trace_.time_s.back())
            return error("time goes back; rows stand in rising time");
        trace_.time_s.push_back(at);
        return ok();
    }

    std::string_view name_, rest_;
    int line_ = 0;
    bool has_time_ = false;
    double origin_s_ = 0;
    Trace trace_;
};

}  // namespace

const Column* Trace::column(std::string_view name) const {
    const auto at = std::ranges::find(columns, name, &Column::name);
    return at == columns.end() ? nullptr : &*at;
}

Result<Trace> parse_trace(std::string_view name, std::string_view csv) { return Reader(name, csv).read(); }

std::optional<double> TracePlayer::at(double at_s) {
    const auto& times = trace_->time_s;
    if (times.empty() || at_s < times.front()) return std::nullopt;
    if (at_s < times[row_]) row_ = static_cast<std::size_t>(std::ranges::upper_bound(times, at_s) - times.begin()) - 1;
    while (row_ + 1 < times.size() && times[row_ + 1] <= at_s) ++row_;
    return column_->values[row_];
}

}  // namespace busbar::plant
