// Routes that read history: on the query thread, text included, so that a long one delays nobody's live values.
#include "api/json/csv_export.hpp"
#include "api/json/serialise.hpp"
#include "api/request/parameters.hpp"
#include "api/routes/routes.hpp"
#include "base/log.hpp"

namespace busbar::api {
namespace {
constexpr std::int64_t most_steps = 10'000;
constexpr long most_exports = 4;

Problem too_busy() { return busy("too many history requests wait", 2); }

Problem problem_of_history(Error error) {
    Problem problem = problem_of(std::move(error));
    if (problem.status == 404) problem.remedy = "take ids from /api/v1/history/series";
    return problem;
}

class CsvBody final : public net::BodySource {
public:
    // `may_go_on` is asked before each part: what began with a session ends with it.
    CsvBody(Loop& loop, std::shared_ptr<Worker> worker, CsvExport csv, std::shared_ptr<void> slot,
            std::function<bool()> may_go_on)
        : loop_(loop),
          worker_(std::move(worker)),
          csv_(std::make_shared<CsvExport>(std::move(csv))),
          slot_(std::move(slot)),
          may_go_on_(std::move(may_go_on)) {}

    Task<Status> next(std::string& chunk) override {
        if (!may_go_on_()) {
            log(Level::warning, "api", "export ends early: its session has ended");
            co_return fail(Errc::denied, "export: the session has ended");
        }
        auto work = [csv = csv_] { return csv->next(); };
        auto made = co_await run_on(*worker_, loop_, std::move(work));
        if (!made) co_return fail(Errc::unavailable, "export: too many requests wait");
        if (!*made) {
            log(Level::warning, "api", "export ends early: " + made->error().text);
            co_return std::move(*made).error();
        }
        chunk = std::move(**made);
        co_return ok();
    }

private:
    Loop& loop_;
    std::shared_ptr<Worker> worker_;
    std::shared_ptr<CsvExport> csv_;  // shared with the job under way
    std::shared_ptr<void> slot_;
    std::function<bool()> may_go_on_;
};
}  // namespace

Task<net::Response> Routes::query(std::function<Result<std::string>()> make) {
    auto made = co_await run_on(*queries_, loop_, std::move(make));
    if (!made) co_return response_of(too_busy());
    if (!*made) co_return response_of(problem_of_history(std::move(*made).error()));
    co_return json_response(std::move(**made));
}

Task<net::Response> Routes::history(const Call& call) {
    const auto series = series_parameters(call.request);
    if (!series) co_return response_of(series.error());
    const auto span = span_parameters(call.request);
    if (!span) co_return response_of(span.error());
    const auto buckets = integer_parameter(call.request, "buckets", 1, 5000);
    if (!buckets) co_return response_of(buckets.error());
    std::function<Result<std::string>()> make =
        [&source = history_, ids = *series, span = *span,
         count = static_cast<std::size_t>(buckets->value_or(1000))]() -> Result<std::string> {
        JsonWriter json(64 + ids.size() * (256 + count * 48));
        json.begin_object().key("results").begin_array();
        for (const auto& id : ids) {
            BUSBAR_TRY(const auto result, source.buckets(id, span.from_ms, span.to_ms, count));
            write(json, result);
        }
        return json.end_array().end_object().done();
    };
    co_return co_await query(std::move(make));
}

Task<net::Response> Routes::series() {
    std::function<Result<std::string>()> make = [&source = history_]() -> Result<std::string> {
        BUSBAR_TRY(const auto all, source.series());
        return series_json(all);
    };
    co_return co_await query(std::move(make));
}

Task<net::Response> Routes::energy(const Call& call) {
    const auto span = span_parameters(call.request);
    if (!span) co_return response_of(span.error());
    const auto step = word_parameter(call.request, "step", {"hour", "day", "month"});
    if (!step) co_return response_of(step.error());
    if (!*step) co_return response_of(bad_field("step", "missing", "choose one of hour, day, month"));
    const auto wanted = static_cast<EnergyStep>(**step);
    constexpr std::int64_t hour_ms = 3'600'000;
    const std::int64_t step_ms = wanted == EnergyStep::hour  ? hour_ms
                                 : wanted == EnergyStep::day ? 24 * hour_ms
                                                             : 28 * 24 * hour_ms;
    if ((span->to_ms - span->from_ms) / step_ms > most_steps)
        co_return response_of(bad_field("to", "more than 10,000 steps", "choose a shorter span or a longer step"));
    std::function<Result<std::string>()> make = [&source = history_, span = *span, wanted]() -> Result<std::string> {
        BUSBAR_TRY(const auto energy, source.energy(span.from_ms, span.to_ms, wanted));
        return energy_json(energy, wanted);
    };
    co_return co_await query(std::move(make));
}

Task<net::Response> Routes::export_csv(const Call& call) {
    const auto series = series_parameters(call.request);
    if (!series) co_return response_of(series.error());
    const auto span = span_parameters(call.request);
    if (!span) co_return response_of(span.error());
    // Each one under way holds a page per series, and its connection for as long as somebody reads it.
    if (exports_.use_count() > most_exports) co_return response_of(busy("export: four others are under way", 10));
    auto slot = exports_;
    auto work = [&source = history_, ids = *series, span = *span] {
        return CsvExport::begin(source, ids, span.from_ms, span.to_ms);
    };
    auto begun = co_await run_on(*queries_, loop_, std::move(work));
    if (!begun) co_return response_of(too_busy());
    if (!*begun) co_return response_of(problem_of_history(std::move(*begun).error()));
    Response response;
    response.headers = {{"Content-Type", "text/csv; charset=utf-8"},
                        {"Cache-Control", "no-store"},
                        {"Content-Disposition", "attachment; filename=\"busbar-export.csv\""}};
    auto may_go_on = [&accounts = accounts_, session = call.who->session] {
        return accounts.identify(session, true).has_value();
    };
    response.streamed = std::make_unique<CsvBody>(loop_, queries_, std::move(**begun), std::move(slot),
                                                  std::function<bool()>(std::move(may_go_on)));
    co_return response;
}

}  // namespace busbar::api
