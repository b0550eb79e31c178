#pragma once
// Changes of the site that people make while the gateway runs: devices, buses, device packs. Each goes the same way:
// rules (config/rules), the text of the person's own file (config/edit), the disk, the audit log, the field; and is
// acknowledged when it acts. One after the other. Whatever ends the process on the way, the file is the truth at the
// next start; and when the field cannot do it, the file is as it was.
//
// Service loop only; the disk is another thread's matter, devices are the field's.
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "api/commissioning.hpp"
#include "api/settings/settings.hpp"
#include "api/worker.hpp"
#include "field/bus_budget.hpp"
#include "field/field.hpp"
#include "site/site_file.hpp"

namespace busbar::gateway {

// What runs on a bus asks of it in any case (BusBudget::surest_loads), by bus.
using LoadsByBus = std::map<std::string, std::vector<bus::budget::Load>>;

class SiteChanges {
public:
    struct Place {
        std::string file, data;             // site.yaml, the data folder
        std::vector<std::string> profiles;  // folders, the packs' first
    };
    struct Hooks {
        // What the site will be, before the field is told; once more with what it is when that failed.
        std::function<void(const Field::Site&, const std::set<std::string>& replaced)> changed;
        // Has the field become that; as Field::change().
        std::function<Task<Status>(Field::Site, Field::Profiles, std::set<std::string> renewed)> act;
        std::function<Task<void>(const config::SiteConfig&)> share{};  // after it
        std::function<Task<Status>(config::BusConfig)> try_line{};     // as Field::try_line(); empty: not tried
    };
    // `running`: what the field runs on; `text`: of the site file, nullopt when it runs on something else. `settings`
    // keeps the audit log.
    SiteChanges(Loop& service, api::Settings& settings, const BusBudget& budget, Place place, Field::Site running,
                std::optional<SiteText> text, Hooks hooks);

    Task<Result<std::string>> add_device(api::DeviceChange device, api::By by);
    Task<Status> change_device(std::string id, api::DeviceChange device, api::By by);
    Task<Status> remove_device(std::string id, api::DeviceMatch match, api::By by);
    Task<Status> replace_device(std::string id, api::Replacement with, api::By by);
    Task<Status> add_bus(config::BusConfig bus, api::By by);
    Task<Status> change_bus(api::BusChange change, api::By by);
    Task<Status> remove_bus(std::string id, api::By by);
    Task<Status> change_sharing(config::ModbusServerConfig wanted, api::By by);
    // site_sharing.cpp, site_reload.cpp, site_packs.cpp
    Task<Result<std::vector<api::SiteDifference>>> reload(bool apply, api::By by);
    Task<Status> add_profile(api::NewProfile profile, api::By by);
    Task<Status> remove_profile(std::string name, api::By by);

    // Resumes when no change is on its way; what follows at once comes before the next one.
    Task<void> my_turn();
    // Devices that somebody works on: a change that concerns one of them, or its line, is refused.
    void leave_alone(std::function<std::set<std::string>()> at_work) { at_work_ = std::move(at_work); }

    const config::SiteConfig& site() const { return running_->config; }
    const Place& place() const { return place_; }
    // For others who wait for the disk or write the audit log.
    api::Worker& worker() { return worker_; }
    struct Words {  // of the audit log; before and after are JSON
        std::string what;
        std::optional<std::string> before{}, after{};
    };
    Task<Status> note(Words words, api::By by);

private:
    using Edit = std::function<Result<std::string>(std::string_view yaml)>;
    struct Written {
        std::string text;
        Field::Site site;
        Field::Profiles profiles;
    };
    // Whether that line can do what `then` asks of it. `changed`: a device that will be another one; `what`: for
    // people.
    Task<Status> has_room(config::SiteConfig then, std::string bus, std::string changed);
    // Likewise all lines, when many things may be otherwise.
    Task<Status> has_room_for_all(config::SiteConfig then);
    // Whether its family is one of those there are, and can be what is said about the device.
    Task<Status> suits_family(config::DeviceConfig device);
    Task<Status> has_room_for(config::DeviceConfig device);
    Task<Status> has_place(config::BusConfig bus);  // on this machine, or in its network
    Task<Status> is_heard(config::BusConfig bus);   // by a device that was before
    Task<Status> make(Edit edit, Words words, api::By by, std::set<std::string> renewed);
    Task<Status> make(Edit edit, Words words, api::By by) {
        return make(std::move(edit), std::move(words), std::move(by), {});
    }
    // The devices of a family get another profile, or it goes: `swap` looks whether it may be, and does it, on the
    // disk.
    using Swap = std::function<Status(const LoadsByBus& known)>;
    Task<Status> swap_profile(std::string name, Swap swap, Words words, api::By by);
    Task<Result<Written>> write(Edit edit, std::set<std::string> renewed);
    Task<Result<Written>> read();  // the file as somebody else wrote it
    struct Taken {
        bool is_running = false;  // false: all is as before, but for the file
        Status status = ok();
    };
    Task<Taken> take(Written written, Words words, api::By by, std::set<std::string> renewed);
    Task<Status> put_back(std::string written, Status why);
    std::set<std::string> at_work() const { return at_work_ ? at_work_() : std::set<std::string>{}; }
    std::string free_id(const api::DeviceChange& device) const;

    Loop& service_;
    api::Settings& settings_;
    const BusBudget& budget_;
    Place place_;
    Field::Site running_;
    std::optional<SiteText> text_;
    Hooks hooks_;
    std::function<std::set<std::string>()> at_work_;
    bool is_busy_ = false;
    api::Worker worker_{"site"};
};

// As a string of the audit log's JSON.
std::string json_text(std::string_view text);
// The folders that are there; the last one, of the shipped profiles, in any case: that it is missing must be said.
std::vector<std::filesystem::path> existing(const std::vector<std::string>& folders);
// The devices' profiles of a site, from these folders. Reads the disk.
Field::Profiles read_profiles(const std::vector<std::string>& folders, const config::SiteConfig& site);
// What is asked of a line as `site` has it. `known`: of devices that run there so; the others answer at once. A device
// without a profile that loads is not asked anything. Reads the disk.
std::vector<bus::budget::Load> loads_on(const std::string& bus, const config::SiteConfig& site,
                                        const std::vector<std::string>& folders, std::vector<bus::budget::Load> known);
// What a device asks that nobody has measured: it answers at once.
bus::budget::Load quickest_load(const config::SiteConfig& site, const config::DeviceConfig& device,
                                const profile::Profile& profile);

}  // namespace busbar::gateway
