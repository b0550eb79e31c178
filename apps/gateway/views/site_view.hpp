#pragma once
// What the API shows of the site, from the newest FieldReport. Service loop only; the field loop is never asked.
#include <functional>
#include <memory>
#include <string>

#include "api/site_source.hpp"
#include "config/site_config.hpp"
#include "field/field_report.hpp"

namespace busbar::gateway {

struct HistoryFigures {
    std::uint64_t samples = 0, bytes = 0, lost = 0;
    std::optional<WallTime> oldest;
};

class SiteView final : public api::SiteSource {
public:
    struct Hooks {
        std::function<HistoryFigures()> history;                        // quick, any time
        std::function<api::Overview::Today(const FieldReport&)> today;  // once per report of the field loop
        std::function<void(const api::ControlSettings&)> apply;         // hands settings to the field loop
    };
    SiteView(std::shared_ptr<const config::SiteConfig> site, std::string version, WallTime started, Hooks hooks);

    // Called with each report; builds what live sockets need.
    void take(std::shared_ptr<const FieldReport> report);

    std::string name() const override { return report_->site->name; }
    std::string version() const override { return version_; }
    api::StatusView status() const override;
    std::shared_ptr<const api::LiveView> live() const override { return live_; }
    std::vector<api::DeviceView> devices() const override;
    std::vector<api::BusView> buses() const override;
    std::vector<api::DecisionView> decisions(const api::DecisionQuery& query) const override;
    std::vector<api::AlarmView> alarms(bool only_active) const override;
    api::ControlSettings control() const override { return control_; }
    Status check_control(const api::ControlSettings& wanted) const override;
    void apply_control(const api::ControlSettings& settings) override;

private:
    void measure_cpu(Instant at);
    void show(std::shared_ptr<const FieldReport> report, const api::Overview::Today& today);
    WallTime wall_of(Instant at) const;

    std::string version_;
    WallTime started_;
    Hooks hooks_;
    api::ControlSettings control_;
    std::shared_ptr<const FieldReport> report_;
    std::shared_ptr<const api::LiveView> live_;
    double cpu_s_ = 0;  // used by the process until the newest report
    Instant cpu_at_{};
    std::optional<double> cpu_percent_;
};

api::DecisionView decision_view(const control::Decision& decision);
api::AlarmView alarm_view(const model::Fault& fault);

}  // namespace busbar::gateway
