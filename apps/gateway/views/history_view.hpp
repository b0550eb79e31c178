#pragma once
// What the API shows of the history, and the energies of hours, days and months. Called on the API's query thread.
#include <atomic>
#include <memory>
#include <mutex>

#include "api/site_source.hpp"
#include "history/engine.hpp"
#include "site/roster.hpp"
#include "views/local_time.hpp"

namespace busbar::gateway {

class HistoryView final : public api::HistorySource {
public:
    // `engine` may be null: history could not be opened yet, the gateway runs without it.
    HistoryView(history::Engine* engine, Roster roster, LocalTime time)
        : engine_(engine), roster_(std::make_shared<const Roster>(std::move(roster))), time_(time) {}
    // Who has been part of the site, from now on. Any thread.
    void use(Roster roster);
    // From now on; it could not be opened before. Any thread.
    void use(history::Engine& engine) { engine_ = &engine; }

    Result<api::BucketSeries> buckets(const std::string& series, std::int64_t from_ms, std::int64_t to_ms,
                                      std::size_t buckets) override;
    Result<std::vector<api::SeriesView>> series() override;
    Result<std::vector<api::RawSample>> raw(const std::string& series, std::int64_t from_ms, std::int64_t to_ms,
                                            std::size_t limit) override;
    Result<api::EnergyView> energy(std::int64_t from_ms, std::int64_t to_ms, api::EnergyStep step) override;

    // One step, from one instant to another.
    api::EnergyView energy_between(std::int64_t from_ms, std::int64_t to_ms);
    // Of the whole site, where its energies begin: what was before is not missing. nullopt while there is none.
    std::optional<std::int64_t> first_sample_ms();

private:
    struct Steps;
    api::EnergyView energy_of(const Steps& steps);
    std::shared_ptr<const Roster> roster() const;

    std::atomic<history::Engine*> engine_;
    mutable std::mutex roster_mutex_;
    std::shared_ptr<const Roster> roster_;  // guarded by it
    LocalTime time_;
};

}  // namespace busbar::gateway
