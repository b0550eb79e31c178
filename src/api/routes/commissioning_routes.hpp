#pragma once
// What the operations that change a site do: lines and devices, search, device settings and firmware, raw requests and
// the bus monitor, device packs. Called by Routes after the server's checks. Everything asked for is checked here as
// far as it can be without knowing the site; the rest, and the audit log, is Commissioning's.
#include <memory>
#include <string>

#include "api/access/policy.hpp"
#include "api/commissioning.hpp"
#include "api/firmware_images.hpp"
#include "api/routes/call.hpp"
#include "api/site_source.hpp"
#include "api/worker.hpp"

namespace busbar::api {

class CommissioningRoutes {
public:
    // `commissioning` may be null: then each operation is answered 503. `images`: where uploads go, empty: nowhere.
    CommissioningRoutes(Loop& loop, const SiteSource& site, Commissioning* commissioning, std::string images,
                        std::shared_ptr<Worker> worker);

    Task<net::Response> run(Operation operation, const Call& call);
    const Commissioning* commissioning() const { return commissioning_; }

private:
    using Response = net::Response;
    // devices.cpp
    Task<Response> add_device(const Call& call);
    Task<Response> change_device(const Call& call);
    Task<Response> remove_device(const Call& call);
    Task<Response> replace_device(const Call& call);
    Task<Response> device_settings(const Call& call);
    Task<Response> put_setting(const Call& call);
    // buses.cpp
    Task<Response> add_bus(const Call& call);
    Task<Response> change_bus(const Call& call);
    Task<Response> remove_bus(const Call& call);
    Task<Response> ask_bus(const Call& call);
    Task<Response> frames(const Call& call);
    Task<Response> capture(const Call& call);
    Response ports() const;
    // sharing.cpp
    Task<Response> sharing();
    Task<Response> put_sharing(const Call& call);
    Task<Response> reload_site(const Call& call);
    // search.cpp
    Response profiles() const;
    Task<Response> add_profile(const Call& call);
    Task<Response> remove_profile(const Call& call);
    Task<Response> start_scan(const Call& call);
    Response scan() const;
    Response cancel_scan();
    // firmware.cpp
    Task<Response> upload_firmware(const Call& call);
    Task<Response> start_upgrade(const Call& call);
    Response upgrade(const Call& call) const;
    Task<Response> cancel_upgrade(const Call& call);

    bool has_device(const std::string& id) const;

    Loop& loop_;
    const SiteSource& site_;
    Commissioning* commissioning_;
    std::shared_ptr<FirmwareImages> images_;  // shared with the job under way; null: nowhere to put them
    std::shared_ptr<Worker> worker_;
};

By by(const Call& call);
// An error of Commissioning: what another device holds is 409, what a device refused 502, its silence 504.
Problem problem_of_change(Error error);
net::Response answer_of(const Status& done);  // 204, or the problem
net::Response created(const std::string& id);

}  // namespace busbar::api
