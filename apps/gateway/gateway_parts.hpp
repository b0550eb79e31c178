#pragma once
// What the gateway consists of, in the order it comes to be: for the files gateway*.cpp alone. Ends in reverse order.
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "api/access/accounts.hpp"
#include "api/server.hpp"
#include "api/settings/settings.hpp"
#include "base/real_loop.hpp"
#include "bus/link/peer_rule.hpp"
#include "field/field.hpp"
#include "field/sharing.hpp"
#include "gateway.hpp"
#include "history/folder_lock.hpp"
#include "net/certificate.hpp"
#include "site/commissioner.hpp"
#include "site/search.hpp"
#include "site/site_changes.hpp"
#include "site/site_file.hpp"
#include "site/upgrades.hpp"
#include "views/history_keeper.hpp"
#include "views/recorder.hpp"
#include "views/site_view.hpp"
#include "views/today.hpp"

namespace busbar::gateway {

inline WallTime wall_now() {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

struct Gateway::Parts {
    Options options;
    WallTime started = wall_now();
    std::shared_ptr<config::LoadOutcome> site;  // not changed any more once the field has it
    std::optional<SiteText> site_text;          // of site.yaml, when the gateway runs on that
    history::FolderLock lock;
    RealLoop field_loop, service_loop;
    std::unique_ptr<Sharing> sharing;
    std::unique_ptr<Field> field;
    std::unique_ptr<Search> search;
    std::unique_ptr<Upgrades> upgrades;
    std::unique_ptr<HistoryKeeper> history;
    std::unique_ptr<Recorder> recorder;
    std::unique_ptr<HistoryView> history_view;
    std::unique_ptr<Today> today;
    std::unique_ptr<api::Settings> settings;
    std::unique_ptr<api::Accounts> accounts;
    std::unique_ptr<SiteView> view;
    BusBudget budget;
    std::map<std::string, double> told_stretches;  // to the field
    std::unique_ptr<SiteChanges> changes;
    std::unique_ptr<Commissioner> commissioner;
    Roster roster;
    std::unique_ptr<api::Server> server;
    std::optional<bus::OwnPort> own_port;              // of the server: no bus of the site may be it
    std::shared_ptr<const FieldReport> newest_report;  // what live sockets know
    std::future<Result<net::OwnCertificate>> coming_certificate;
    std::optional<net::OwnCertificate> certificate;
    api::ControlSettings configured;  // what site.yaml says
    std::string settings_problem;     // what was lost with them, for the alarm
    std::string access_problem;       // why nobody can log in, as logged; empty while the web server runs
    std::thread field_thread, signal_thread;

    // gateway_access.cpp. Each thing as soon as it can be had: serve() again and again.
    Status open_settings();
    void control_without_settings(bool has_settings);
    void start_with(const api::ControlSettings& control);
    void say_settings_problem(const std::string& problem);  // field loop
    Result<net::OwnCertificate> own_certificate() const;
    Status start_server();
    void serve();
    Task<void> keep_serving();
    void say_where() const;

    // gateway_field.cpp
    void make_sharing(Field::Hooks& hooks);
    void start_field();
    void spread_telemetry();
    Task<void> audit(northbound::WriteLine line);
    std::vector<std::string> profile_folders() const { return {options.data + "/profiles", options.profiles}; }

    // gateway_site.cpp
    void open_history();
    void history_opened(history::Engine& engine);
    void make_views();
    void make_commissioner();
    void site_changed(const Field::Site& now, const std::set<std::string>& replaced);
    void take(std::shared_ptr<const FieldReport> report);

    Task<void> shut_down();
};

}  // namespace busbar::gateway
