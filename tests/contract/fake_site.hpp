#pragma once
// A site and a history of fixed data for tests of the API: two devices, a few points in every quality, one decision,
// one alarm, a series of known samples. Nothing here is a mock of our own logic: it only fills the views.
#include <atomic>
#include <memory>
#include <mutex>

#include "api/site_source.hpp"

namespace busbar::test {

inline constexpr std::int64_t start_ms = 1'800'000'000'000;

class FakeSite final : public api::SiteSource {
public:
    FakeSite();

    std::string name() const override { return "Demo house"; }
    std::string version() const override { return "0.1.0"; }
    api::StatusView status() const override;
    std::shared_ptr<const api::LiveView> live() const override;
    std::vector<api::DeviceView> devices() const override;
    std::vector<api::BusView> buses() const override;
    std::vector<api::DecisionView> decisions(const api::DecisionQuery& query) const override;
    std::vector<api::AlarmView> alarms(bool only_active) const override;
    api::ControlSettings control() const override;
    Status check_control(const api::ControlSettings& wanted) const override;
    void apply_control(const api::ControlSettings& settings) override;

    // A view `seconds` after the start; `power_w` is roof/ac.power. Device strings are hostile on purpose.
    std::shared_ptr<const api::LiveView> view(int seconds, double power_w) const;
    static api::DecisionView decision();
    static api::AlarmView alarm();
    int applied() const { return applied_; }

private:
    std::shared_ptr<const live::Layout> layout_;
    mutable std::mutex mutex_;
    api::ControlSettings control_;
    std::atomic<int> applied_{0};
};

// roof/ac.power and meter/meter.power have samples each second for an hour from start_ms: value i % 1000 and -(i %
// 1000).
class FakeHistory final : public api::HistorySource {
public:
    Result<api::BucketSeries> buckets(const std::string& series, std::int64_t from_ms, std::int64_t to_ms,
                                      std::size_t buckets) override;
    Result<std::vector<api::SeriesView>> series() override;
    Result<std::vector<api::RawSample>> raw(const std::string& series, std::int64_t from_ms, std::int64_t to_ms,
                                            std::size_t limit) override;
    Result<api::EnergyView> energy(std::int64_t from_ms, std::int64_t to_ms, api::EnergyStep step) override;
    std::atomic<bool> is_broken{false};
};

}  // namespace busbar::test
