#pragma once
// Where the API gets what it shows. The app implements both over its modules; tests over fixed data. The API never sees
// a bus, a strategy or a database.
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "api/views.hpp"
#include "base/result.hpp"

namespace busbar::api {

struct DecisionQuery {
    std::size_t limit = 100;         // 1..1000
    std::optional<WallTime> before;  // only older ones
    std::optional<std::string> device;
};

// Called on the service loop: every call returns at once, from immutable snapshots.
class SiteSource {
public:
    virtual ~SiteSource() = default;

    virtual std::string name() const = 0;
    virtual std::string version() const = 0;
    virtual StatusView status() const = 0;
    virtual std::shared_ptr<const LiveView> live() const = 0;  // the newest; never null
    virtual std::vector<DeviceView> devices() const = 0;
    virtual std::vector<BusView> buses() const = 0;
    virtual std::vector<DecisionView> decisions(const DecisionQuery& query) const = 0;  // newest first
    virtual std::vector<AlarmView> alarms(bool only_active) const = 0;                  // newest first

    virtual ControlSettings control() const = 0;  // in force, or about to be from the next cycle
    // What only this site can say ("battery cannot be controlled"). Types and ranges were checked. Error text: the
    // place.
    virtual Status check_control(const ControlSettings& wanted) const = 0;
    // Called once the settings are durable; they act from the next cycle.
    virtual void apply_control(const ControlSettings& settings) = 0;
};

struct Bucket {
    std::int64_t at_ms = 0;
    double min = 0, mean = 0, max = 0;
    std::uint64_t count = 0;
};
struct BucketSeries {
    std::string series, unit;
    double resolution = 1;
    std::int64_t from_ms = 0, to_ms = 0, step_ms = 0;
    std::vector<Bucket> buckets;  // non-empty ones, ascending
};
struct SeriesView {
    std::string id, unit;
    double resolution = 1;
    std::optional<std::int64_t> first_ms, last_ms;
};
struct RawSample {
    std::int64_t at_ms = 0;
    double value = 0;
};
enum class EnergyStep : std::uint8_t { hour, day, month };
struct EnergyView {
    std::vector<std::int64_t> t_ms;  // start of each step, ascending
    // One value per step, Wh >= 0.
    std::vector<std::optional<double>> pv, house, grid_import, grid_export, charged, discharged;
};

// Called on the API's query thread, one call at a time; may read the disk. Spans are [from, to) in ms since the epoch.
// Errors: unsupported (no such series: it is named), unavailable (history is not running), corrupt.
class HistorySource {
public:
    virtual ~HistorySource() = default;

    // At most `buckets` buckets (1..5000).
    virtual Result<BucketSeries> buckets(const std::string& series, std::int64_t from_ms, std::int64_t to_ms,
                                         std::size_t buckets) = 0;
    virtual Result<std::vector<SeriesView>> series() = 0;
    // The first `limit` raw samples of the span, ascending; fewer = the end was reached.
    virtual Result<std::vector<RawSample>> raw(const std::string& series, std::int64_t from_ms, std::int64_t to_ms,
                                               std::size_t limit) = 0;
    // Steps of the site's time zone; at most 10,000 (checked before).
    virtual Result<EnergyView> energy(std::int64_t from_ms, std::int64_t to_ms, EnergyStep step) = 0;
};

}  // namespace busbar::api
