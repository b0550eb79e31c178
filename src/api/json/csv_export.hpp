#pragma once
// Raw samples of up to 8 series as CSV, made while it is sent: rows in order of time, one column per series, empty
// where a series has no sample at that instant. Memory is bounded by one page per series whatever the span. Worker
// thread.
#include <cstdint>
#include <string>
#include <vector>

#include "api/json/number.hpp"
#include "api/site_source.hpp"

namespace busbar::api {

class CsvExport {
public:
    // Errors: those of HistorySource; unsupported when a series does not exist.
    static Result<CsvExport> begin(HistorySource& history, const std::vector<std::string>& series, std::int64_t from_ms,
                                   std::int64_t to_ms);
    // The next part, header first; empty = the end.
    Result<std::string> next();

private:
    struct Column {
        std::string id, unit;
        Decimals decimals{1};
        std::vector<RawSample> page;
        std::size_t at = 0;
        std::int64_t from_ms = 0;  // where the next page begins
        bool is_last_page = false;
    };
    CsvExport(HistorySource& history, std::int64_t to_ms) : history_(&history), to_ms_(to_ms) {}
    Status refill(Column& column);
    void append_header(std::string& out) const;
    void append_row(std::string& out, std::int64_t at_ms);

    HistorySource* history_;
    std::int64_t to_ms_;
    std::vector<Column> columns_;
    bool has_header_ = false;
};

// "2026-11-21T14:33:45.120Z"
std::string iso_time(std::int64_t ms);
// One cell: quoted where needed; never read as a formula by a spreadsheet.
std::string csv_text(std::string_view text);

}  // namespace busbar::api
