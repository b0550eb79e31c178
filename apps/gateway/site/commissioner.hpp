#pragma once
// What the API can do to the site, over the gateway's parts: changes (site_changes), the search (search), and here what
// is asked of one device or bus on the field loop. Service loop only.
#include <memory>

#include "api/commissioning.hpp"
#include "field/bus_budget.hpp"
#include "field/sharing.hpp"
#include "site/search.hpp"
#include "site/site_changes.hpp"
#include "site/upgrades.hpp"

namespace busbar::gateway {

class Commissioner final : public api::Commissioning {
public:
    // All outlive it.
    Commissioner(Loop& service, Loop& field_loop, Field& field, SiteChanges& changes, Search& search,
                 Upgrades& upgrades, const BusBudget& budget, Sharing& sharing)
        : service_(service),
          field_loop_(field_loop),
          field_(field),
          changes_(changes),
          search_(search),
          upgrades_(upgrades),
          budget_(budget),
          sharing_(sharing) {}
    // Reads what profiles there are, once at start and again after a pack was added.
    Task<void> learn_profiles();

    Task<Result<std::string>> add_device(api::DeviceChange device, api::By by) override;
    Task<Status> change_device(std::string id, api::DeviceChange device, api::By by) override;
    Task<Status> remove_device(std::string id, api::DeviceMatch match, api::By by) override;
    Task<Status> replace_device(std::string id, api::Replacement with, api::By by) override;
    Task<Status> add_bus(config::BusConfig bus, api::By by) override;
    Task<Status> change_bus(api::BusChange change, api::By by) override;
    Task<Status> remove_bus(std::string id, api::By by) override;
    std::optional<api::BudgetView> budget(const std::string& bus) const override { return budget_.view(bus); }
    std::vector<api::PortView> ports() const override;
    Task<api::SharingView> sharing() override;
    Task<Status> change_sharing(config::ModbusServerConfig settings, api::By by) override;
    Task<Result<std::vector<api::SiteDifference>>> reload_site(bool apply, api::By by) override;
    std::vector<api::ProfileView> profiles() const override { return *profiles_; }
    Task<Status> add_profile(api::NewProfile profile, api::By by) override;
    Task<Status> remove_profile(std::string name, api::By by) override;
    Task<Status> start_scan(api::ScanOrder order, api::By by) override;
    void cancel_scan() override { search_.cancel(); }
    api::ScanView scan() const override { return search_.view(); }
    Task<Result<std::vector<api::SettingView>>> device_settings(std::string id) override;
    Task<Result<api::SettingWritten>> write_setting(std::string id, std::string key, double value, api::By by) override;
    Task<Result<api::RawAnswer>> ask(std::string bus, api::RawRequest request, api::By by) override;
    Task<Result<api::FramesView>> frames(std::string bus, std::uint64_t from, std::size_t limit) override;
    Task<Result<std::string>> capture(std::string bus) override;
    Task<Result<std::string>> start_upgrade(std::string id, api::UpgradeOrder order, api::By by) override;
    Task<Status> cancel_upgrade(std::string id, api::By by) override;
    api::UpgradeView upgrade(const std::string& id) const override { return upgrades_.view(id); }

private:
    Loop &service_, &field_loop_;
    Field& field_;
    SiteChanges& changes_;
    Search& search_;
    Upgrades& upgrades_;
    const BusBudget& budget_;
    Sharing& sharing_;
    std::shared_ptr<const std::vector<api::ProfileView>> profiles_ = std::make_shared<std::vector<api::ProfileView>>();
};

}  // namespace busbar::gateway
