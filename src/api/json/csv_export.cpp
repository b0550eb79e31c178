#include "api/json/csv_export.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>

namespace busbar::api {
namespace {
constexpr std::size_t page_samples = 4096;
constexpr std::size_t chunk_bytes = 32 * 1024;
constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
}  // namespace

std::string iso_time(std::int64_t ms) {
    using namespace std::chrono;
    const sys_time<milliseconds> at{milliseconds(ms)};
    const auto day = floor<days>(at);
    const year_month_day date{day};
    const hh_mm_ss time{at - day};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", int(date.year()), unsigned(date.month()),
                       unsigned(date.day()), time.hours().count(), time.minutes().count(), time.seconds().count(),
                       time.subseconds().count());
}

std::string csv_text(std::string_view text) {
    std::string out;
    // A leading = + - @ would be a formula in a spreadsheet; a text marker in front keeps it a text.
    if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) out += '\'';
    out += text;
    if (out.find_first_of(",\"\r\n") == std::string::npos) return out;
    std::string quoted = "\"";
    for (const char c : out) {
        if (c == '"') quoted += '"';
        quoted += c == '\r' || c == '\n' ? ' ' : c;
    }
    return quoted + '"';
}

Result<CsvExport> CsvExport::begin(HistorySource& history, const std::vector<std::string>& series, std::int64_t from_ms,
                                   std::int64_t to_ms) {
    BUSBAR_TRY(const auto known, history.series());
    CsvExport out(history, to_ms);
    for (const auto& id : series) {
        const auto found = std::find_if(known.begin(), known.end(), [&](const SeriesView& s) { return s.id == id; });
        if (found == known.end()) return fail(Errc::unsupported, "series '" + id + "': there is none");
        Column column;
        column.id = id;
        column.unit = found->unit;
        column.decimals = Decimals(found->resolution);
        column.from_ms = from_ms;
        out.columns_.push_back(std::move(column));
    }
    return out;
}

Status CsvExport::refill(Column& column) {
    if (column.at < column.page.size() || column.is_last_page) return ok();
    auto page = history_->raw(column.id, column.from_ms, to_ms_, page_samples);
    if (!page) return because(column.id, std::move(page).error());
    column.page = std::move(*page);
    column.at = 0;
    column.is_last_page = column.page.size() < page_samples;
    if (!column.page.empty()) column.from_ms = column.page.back().at_ms + 1;
    return ok();
}

void CsvExport::append_header(std::string& out) const {
    out += "time";
    for (const auto& column : columns_) {
        const std::string unit = column.unit.empty() ? "" : " [" + column.unit + "]";
        out += ',';
        out += csv_text(column.id + unit);
    }
    out += "\r\n";
}

void CsvExport::append_row(std::string& out, std::int64_t at_ms) {
    out += iso_time(at_ms);
    for (auto& column : columns_) {
        out += ',';
        if (column.at == column.page.size() || column.page[column.at].at_ms != at_ms) continue;
        append_number(out, column.page[column.at++].value, column.decimals);
    }
    out += "\r\n";
}

Result<std::string> CsvExport::next() {
    std::string out;
    if (!std::exchange(has_header_, true)) append_header(out);
    while (out.size() < chunk_bytes) {
        std::int64_t earliest = never;
        for (auto& column : columns_) {
            if (auto filled = refill(column); !filled) return std::move(filled).error();
            if (column.at < column.page.size()) earliest = std::min(earliest, column.page[column.at].at_ms);
        }
        if (earliest == never) break;
        append_row(out, earliest);
    }
    return out;
}

}  // namespace busbar::api
