// busbarctl history and export.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iostream>

#include "answer.hpp"
#include "base/log.hpp"
#include "commands.hpp"
#include "nearest.hpp"
#include "text.hpp"

namespace busbar::ctl {
namespace json = boost::json;
namespace {

std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

// "&from=..&to=.." from --from and --to; by default the last 24 hours.
Result<std::string> span_of(const Arguments& a) {
    const std::int64_t now = now_ms();
    BUSBAR_TRY(const std::int64_t from, parse_time(a.option("from", "-24h"), now));
    BUSBAR_TRY(const std::int64_t to, parse_time(a.option("to", "now"), now));
    if (from >= to) return fail(Errc::malformed, "--from lies after --to");
    return fmt::format("&from={}&to={}", from, to);
}

// The query's series, once each of them exists. Errors: malformed, with the nearest names.
Result<std::string> known_series(const Context& c) {
    BUSBAR_TRY(const json::value answer, get_json(c.session, "/api/v1/history/series"));
    std::vector<std::string> known;
    for (const auto& s : list_of(answer, "series")) known.push_back(text_of(s, "id"));
    std::string query;
    for (std::size_t i = 1; i < c.arguments.words.size(); ++i) {
        const std::string& word = c.arguments.words[i];
        if (std::find(known.begin(), known.end(), word) == known.end())
            return fail(Errc::malformed, fmt::format("there is no series '{}'{}\n'busbarctl history' lists all {}",
                                                     printable(word), did_you_mean(word, known), known.size()));
        query += (i > 1 ? "&series=" : "series=") + url_escape(word);
    }
    return query;
}

Status list_series(const Context& c) {
    BUSBAR_TRY(const json::value answer, get_json(c.session, "/api/v1/history/series"));
    if (c.arguments.json) {
        print_json(answer);
        return ok();
    }
    std::vector<std::vector<std::string>> rows;
    for (const auto& s : list_of(answer, "series"))
        rows.push_back({text_of(s, "id"), text_of(s, "unit", ""), time_of(s, "first"), time_of(s, "last")});
    if (rows.empty())
        fmt::print("nothing is kept yet; the first samples come a few seconds after a device is online\n");
    else
        std::cout << table({"series", "unit", "first", "last"}, rows);
    return ok();
}

void print_buckets(const json::value& one) {
    const std::string unit = text_of(one, "unit", "");
    const auto &t = list_of(one, "t"), &low = list_of(one, "min"), &mean = list_of(one, "mean"),
               &high = list_of(one, "max");
    const auto at = [](const json::array& a, std::size_t i) -> std::optional<double> {
        if (i >= a.size() || !a[i].is_number()) return std::nullopt;
        return a[i].to_number<double>();
    };
    std::vector<std::vector<std::string>> rows;
    for (std::size_t i = 0; i < t.size(); ++i)
        rows.push_back({local_time(static_cast<std::int64_t>(at(t, i).value_or(0))), quantity(at(low, i), unit),
                        quantity(at(mean, i), unit), quantity(at(high, i), unit)});
    std::cout << text_of(one, "series") << "\n";
    if (rows.empty())
        std::cout << "no samples in this span\n";
    else
        std::cout << table({"from", "lowest", "mean", "highest"}, rows);
}

}  // namespace

Status show_history(const Context& c) {
    BUSBAR_TRY(const std::string span, span_of(c.arguments));
    if (c.arguments.words.size() < 2) {
        if (c.arguments.options.empty()) return list_series(c);
        return fail(Errc::malformed, fmt::format("--{} needs a series: busbarctl history SERIES... [--from T] [--to T] "
                                                 "[--buckets N]\n'busbarctl history' lists all series",
                                                 c.arguments.options.begin()->first));
    }
    BUSBAR_TRY(const std::string series, known_series(c));
    BUSBAR_TRY(const json::value answer, get_json(c.session, "/api/v1/history?" + series + span + "&buckets=" +
                                                                 url_escape(c.arguments.option("buckets", "48"))));
    if (c.arguments.json) {
        print_json(answer);
        return ok();
    }
    bool is_first = true;
    for (const auto& one : list_of(answer, "results")) {
        if (!std::exchange(is_first, false)) std::cout << "\n";
        print_buckets(one);
    }
    return ok();
}

Status export_history(const Context& c) {
    if (c.arguments.words.size() < 2)
        return fail(Errc::malformed, "busbarctl export SERIES... [--from T] [--to T] > file.csv");
    BUSBAR_TRY(const std::string span, span_of(c.arguments));
    BUSBAR_TRY(const std::string series, known_series(c));
    return stream_to_stdout(c.session, "/api/v1/export?" + series + span);
}

}  // namespace busbar::ctl
