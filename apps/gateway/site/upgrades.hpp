#pragma once
// New firmware for the site's devices, as the API orders, watches and ends it: looks at the image, has control let go,
// lets device/write/firmware_upgrade work on the field loop, and writes down what a restart must know. One device per
// line at a time. While a device is at it, nobody else touches it: objection() says so to whoever asks.
//
// Made before the field loop runs; then service loop only.
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "api/commissioning.hpp"
#include "api/worker.hpp"
#include "field/field.hpp"
#include "site/upgrade_records.hpp"

namespace busbar::gateway {

class Upgrades {
public:
    // Writes the audit log.
    using Note = std::function<Task<Status>(std::string what, std::string text, api::By by)>;

    // `data`: the data folder.
    Upgrades(Loop& service, Loop& field_loop, Field& field, std::string data);
    // Before the field starts: what a restart interrupted is set aside at once, and goes on.
    void take_up();
    // Later than that: the audit log may come late.
    void use_audit(Note note) { note_ = std::move(note); }

    // `device` is of the running site. Errors: malformed (the image, with what is wrong), denied (another one runs, the
    // device has it already), unsupported (it takes none), unavailable. Returns empty when it is on its way; else what
    // is known against the image's version, and nothing began.
    Task<Result<std::string>> start(config::DeviceConfig device, api::UpgradeOrder order, api::By by);
    // Of one that failed: nobody is called for it any more. Errors: denied (none runs, or it cannot be stopped any
    // more).
    Task<Status> cancel(std::string id, api::By by);
    api::UpgradeView view(const std::string& id) const;

    // Why nobody else may change or write to this device now; nullopt: it is free.
    std::optional<Error> objection(std::string_view id) const;
    std::optional<Error> objection_on(std::string_view bus) const;  // to whatever concerns its whole line
    std::set<std::string> at_work() const;

private:
    struct Run {
        std::string bus;
        api::By by;
        std::shared_ptr<device::UpgradeOrder> order = std::make_shared<device::UpgradeOrder>();
        std::deque<std::pair<Instant, std::uint32_t>> pace;  // records sent, over the last minute
        Instant written{};
    };
    struct Subject;
    Task<Result<std::string>> prepare(config::DeviceConfig device, api::UpgradeOrder order, std::shared_ptr<Run> run);
    Task<Result<std::string>> look_at(Subject subject, api::UpgradeOrder order, std::string id,
                                      std::shared_ptr<Run> run);
    void wire(const std::string& id, Run& run);
    Task<void> drive(std::string id, std::shared_ptr<Run> run);
    Task<void> resume(std::string id, std::shared_ptr<Run> run);
    Task<void> conclude(std::string id, std::shared_ptr<Run> run, device::UpgradeState end);
    Task<Status> keep(std::string id, device::UpgradeState state);
    void told(const std::string& id, const device::UpgradeState& state);
    bool has_failed(const std::string& id) const;
    void tell(const std::string& id);  // as an alarm, when it failed; else there is none
    Task<Status> dismiss(std::string id, api::By by);
    Task<Status> write_records();
    Task<Status> note(std::string what, std::string text, api::By by);
    std::string records_path() const { return data_ + "/upgrades"; }
    std::string image_path(const std::string& image) const { return data_ + "/upgrade/" + image; }

    Loop &service_, &field_loop_;
    Field& field_;
    std::string data_;
    Note note_;
    UpgradeRecords records_;
    std::map<std::string, std::shared_ptr<Run>, std::less<>> runs_;
    api::Worker worker_{"upgrades"};
};

}  // namespace busbar::gateway
