#pragma once
// A site that can be changed, of fixed data, for tests of the API: one address is taken, one device refuses, one says
// nothing. It keeps what it was told last and by whom; nothing here decides what the API itself has to decide.
#include <mutex>
#include <string>

#include "api/commissioning.hpp"

namespace busbar::test {

class FakeCommissioning final : public api::Commissioning {
public:
    Task<Result<std::string>> add_device(api::DeviceChange device, api::By by) override;
    Task<Status> change_device(std::string id, api::DeviceChange device, api::By by) override;
    Task<Status> remove_device(std::string id, api::DeviceMatch match, api::By by) override;
    Task<Status> replace_device(std::string id, api::Replacement with, api::By by) override;
    Task<Status> add_bus(config::BusConfig bus, api::By by) override;
    Task<Status> change_bus(api::BusChange change, api::By by) override;
    Task<Status> remove_bus(std::string id, api::By by) override;
    std::optional<api::BudgetView> budget(const std::string& bus) const override;
    std::vector<api::PortView> ports() const override;
    Task<api::SharingView> sharing() override;
    Task<Status> change_sharing(config::ModbusServerConfig settings, api::By by) override;
    Task<Result<std::vector<api::SiteDifference>>> reload_site(bool apply, api::By by) override;
    std::vector<api::ProfileView> profiles() const override;
    Task<Status> add_profile(api::NewProfile profile, api::By by) override;
    Task<Status> remove_profile(std::string name, api::By by) override;
    Task<Status> start_scan(api::ScanOrder order, api::By by) override;
    void cancel_scan() override;
    api::ScanView scan() const override;
    Task<Result<std::vector<api::SettingView>>> device_settings(std::string id) override;
    Task<Result<api::SettingWritten>> write_setting(std::string id, std::string key, double value, api::By by) override;
    Task<Result<api::RawAnswer>> ask(std::string bus, api::RawRequest request, api::By by) override;
    Task<Result<api::FramesView>> frames(std::string bus, std::uint64_t from, std::size_t limit) override;
    Task<Result<std::string>> capture(std::string bus) override;
    Task<Result<std::string>> start_upgrade(std::string id, api::UpgradeOrder order, api::By by) override;
    Task<Status> cancel_upgrade(std::string id, api::By by) override;
    api::UpgradeView upgrade(const std::string& id) const override;

    // What it was told last: "add_device roof2 on rs485-1 unit 3 by anna from 127.0.0.1"; empty: nothing.
    std::string last() const;
    int changes() const;  // how many changes came through
    // The search finds one more device, in the network and known by its profile.
    void show_new_device();
    void end_upgrade(api::UpgradeState state);  // from here on

private:
    Status note(std::string what, const api::By& by);
    mutable std::mutex mutex_;
    std::string last_;
    int changes_ = 0;
    api::ScanState scan_ = api::ScanState::idle;
    mutable int looks_ = 0;  // at the search: done at the fourth
    bool shows_new_device_ = false;
    config::ModbusServerConfig sharing_{.is_enabled = false};
    std::vector<std::string> buses_{"rs485-1", "lan"};
    api::UpgradeState upgrade_ = api::UpgradeState::transferring;
    Status known_bus(const std::string& id) const;
};

}  // namespace busbar::test
