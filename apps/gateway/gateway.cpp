#include "gateway.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>

#include <cstdio>
#include <filesystem>
#include <future>
#include <map>
#include <set>
#include <thread>

#include "api/access/accounts.hpp"
#include "api/server.hpp"
#include "api/settings/settings.hpp"
#include "api/settings/settings_copy.hpp"
#include "base/disk_space.hpp"
#include "field/bus_link.hpp"
#include "field/field.hpp"
#include "field/on_loop.hpp"
#include "field/sharing.hpp"
#include "history/folder_lock.hpp"
#include "net/certificate.hpp"
#include "site/commissioner.hpp"
#include "site/news.hpp"
#include "site/search.hpp"
#include "site/site_changes.hpp"
#include "site/site_file.hpp"
#include "site/upgrades.hpp"
#include "version.hpp"
#include "views/history_keeper.hpp"
#include "views/realtime.hpp"
#include "views/recorder.hpp"
#include "views/site_view.hpp"
#include "views/today.hpp"

namespace busbar::gateway {
namespace {

WallTime wall_now() {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

Status make_folder(const std::string& path) {
    std::error_code failed;
    std::filesystem::create_directories(path, failed);
    if (failed == std::errc::no_space_on_device) return disk_full(path);
    if (failed)
        return fail(
            Errc::unavailable,
            fmt::format("data folder {} cannot be made: {}; make it and give it to this user", path, failed.message()));
    ::chmod(path.c_str(), 0700);  // keys and history are nobody else's
    return ok();
}

constexpr config::FeedInLimit no_feed_in{config::FeedInLimit::Mode::zero, 0};

bool has_content(const std::string& path) {
    std::error_code failed;
    const bool is_there = std::filesystem::exists(path, failed) || failed;
    return is_there && (std::filesystem::file_size(path, failed) > 0 || failed);
}

}  // namespace

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
    std::shared_ptr<const FieldReport> newest_report;  // what live sockets know
    std::future<Result<net::OwnCertificate>> coming_certificate;
    std::optional<net::OwnCertificate> certificate;
    api::ControlSettings configured;  // what site.yaml says
    std::string settings_problem;     // what was lost with them, for the alarm
    std::string access_problem;       // why nobody can log in, as logged; empty while the web server runs
    std::thread field_thread, signal_thread;

    Status open_settings();
    void control_without_settings(bool has_settings);
    void start_with(const api::ControlSettings& control);
    void say_settings_problem(const std::string& problem);  // field loop
    void make_sharing(Field::Hooks& hooks);
    void start_field();
    void open_history();
    void make_views();
    void make_commissioner();
    Task<void> audit(northbound::WriteLine line);
    void site_changed(const Field::Site& now, const std::set<std::string>& replaced);
    std::vector<std::string> profile_folders() const { return {options.data + "/profiles", options.profiles}; }
    Result<net::OwnCertificate> own_certificate() const;
    Status start_server();
    void serve();
    Task<void> keep_serving();
    void say_where() const;
    void spread_telemetry();
    void take(std::shared_ptr<const FieldReport> report);
    void history_opened(history::Engine& engine);
    Task<void> shut_down();
};

Gateway::Gateway(Options options) : parts_(std::make_unique<Parts>()) { parts_->options = std::move(options); }

Gateway::~Gateway() = default;

Status Gateway::Parts::open_settings() {
    auto store = api::SettingsStore::open(options.data + "/settings.db", started);
    if (!store) return store.error();
    settings = std::make_unique<api::Settings>(service_loop, std::move(*store));
    auto opened = api::Accounts::open(service_loop, *settings);
    if (!opened) {
        settings.reset();  // it keeps everybody else out of the file, the next attempt too
        return opened.error();
    }
    accounts = std::move(*opened);
    api::ControlSettings found = configured;
    if (const auto& stored = settings->control())
        found = stored->settings;
    else if (settings->is_limit_lost())
        found.feed_in_limit = no_feed_in;
    settings_problem = settings->problem();
    if (!view) {
        start_with(found);
        return ok();
    }
    view->apply_control(found);  // control runs already, on what control_without_settings() chose
    field_loop.post([this, problem = settings_problem] { say_settings_problem(problem); });
    return ok();
}

// Settings that cannot be opened may hold a feed-in limit. Their copy says which; where it does not, nothing is fed in.
void Gateway::Parts::control_without_settings(bool has_settings) {
    using State = api::ControlCopy::State;
    const api::ControlCopy copy = api::read_copy(options.data + "/control-settings");
    const bool is_first_start = copy.state == State::missing && !has_settings;
    if (is_first_start || copy.state == State::as_configured) return;
    api::ControlSettings wanted = copy.state == State::saved ? copy.control.settings : configured;
    if (copy.state != State::saved) {
        wanted.feed_in_limit = no_feed_in;
        settings_problem = "the control settings cannot be read now; nothing is fed in until they can be";
    }
    start_with(wanted);
}

void Gateway::Parts::start_with(const api::ControlSettings& control) {
    site->config.control.self_consumption = control.self_consumption;
    site->config.control.feed_in_limit = control.feed_in_limit;
}

void Gateway::Parts::say_settings_problem(const std::string& problem) {
    field->faults().set(!problem.empty(), model::FaultKind::config_problem, "settings", problem);
}

void Gateway::Parts::make_sharing(Field::Hooks& hooks) {
    Sharing::Hooks own;
    own.is_held = [this](const model::DeviceId& id) { return field->is_held(id); };
    own.is_set_aside = [this](const model::DeviceId& id) { return field->is_set_aside(id); };
    own.set_problem = [this](const std::string& problem) {
        field_loop.post([this, problem] {
            field->faults().set(!problem.empty(), model::FaultKind::access_failing, "modbus_server", problem);
        });
    };
    own.has_audit = [this] { return changes != nullptr; };
    own.audit = [this](const northbound::WriteLine& line) { return audit(line); };
    sharing = std::make_unique<Sharing>(field_loop, service_loop, std::string(version), std::move(own));
    hooks.watch = [this](std::shared_ptr<bus::ModbusBus> bus) { return sharing->watched(std::move(bus)); };
    hooks.placed = [this](const config::DeviceConfig& device, std::shared_ptr<bus::ModbusBus> bus,
                          const profile::Profile& placed) {
        sharing->opened(device.id, std::move(bus), device.unit, placed);
    };
    hooks.removed = [this](const model::DeviceId& id) { sharing->removed(id); };
    service_loop.spawn("modbus server", sharing->change(site->config.modbus_server));
    service_loop.spawn("writes of clients", sharing->tell_writes());
}

void Gateway::Parts::start_field() {
    const Field::Profiles profiles = read_profiles(profile_folders(), site->config);
    for (const auto& broken : profiles->broken()) log(Level::warning, "profile " + broken.name, broken.error.text);
    Field::Hooks hooks;
    hooks.make_bus = [this](const config::BusConfig& bus) { return make_bus(field_loop, bus); };
    hooks.report = [this](std::shared_ptr<const FieldReport> report) {
        service_loop.post([this, report = std::move(report)]() mutable { take(std::move(report)); });
    };
    make_sharing(hooks);
    field = std::make_unique<Field>(field_loop, site, profiles, std::move(hooks));
    search = std::make_unique<Search>(service_loop, field_loop, *field);
    upgrades = std::make_unique<Upgrades>(service_loop, field_loop, *field, options.data);
    upgrades->take_up();
    field_loop.post([this, problem = settings_problem] {
        field->start();
        say_settings_problem(problem);
    });
    field_thread = std::thread([this] {
        pthread_setname_np(pthread_self(), "field");
        if (options.realtime) log(Level::info, "field", "priority: " + raise_priority());
        field_loop.run();
    });
}

// Without history the gateway controls and shows live values; the fault says why, and it is tried again.
void Gateway::Parts::open_history() {
    history::EngineConfig config;
    config.store.folder = options.data + "/history";
    HistoryKeeper::Hooks hooks;
    hooks.opened = [this](history::Engine& engine) { history_opened(engine); };
    hooks.health = [this](const std::string& problems) {
        field_loop.post([this, problems] {
            field->faults().set(!problems.empty(), model::FaultKind::history_failing, "site", problems);
        });
    };
    history = std::make_unique<HistoryKeeper>(service_loop, std::move(config), std::move(hooks));
    history->open();
}

void Gateway::Parts::history_opened(history::Engine& engine) {
    recorder = std::make_unique<Recorder>(engine);
    if (history_view) history_view->use(engine);
    field_loop.post([this] {
        field->listen([this](std::size_t i, const device::DeviceInfo& info) { recorder->opened(i, info); },
                      [this](std::size_t i, const device::PollResult& r) {
                          recorder->polled(i, r, field_loop.now(), field_loop.wall());
                      });
    });
}

void Gateway::Parts::make_views() {
    auto time = LocalTime::of(site->config.timezone);
    if (!time)
        field_loop.post([this, text = time.error().text] {
            field->faults().raise(model::FaultKind::config_problem, "timezone", text);
        });
    const LocalTime local = time ? *time : LocalTime::utc();
    roster = read_roster(options.data, site->config, to_ms(wall_now()));
    if (const Status kept = write_roster(options.data, roster); !kept) log(Level::warning, "site", kept.error().text);
    history_view = std::make_unique<HistoryView>(history->engine(), roster, local);
    today = std::make_unique<Today>(local);
    today->resume(*history_view, wall_now());
    SiteView::Hooks hooks;
    hooks.history = [this]() -> HistoryFigures {
        if (history->engine() == nullptr) return {};
        const auto s = history->engine()->status();
        HistoryFigures f{s.samples, s.bytes, s.lost, std::nullopt};
        if (s.oldest_ms) f.oldest = WallTime(std::chrono::milliseconds(*s.oldest_ms));
        return f;
    };
    hooks.today = [this](const FieldReport& report) { return today->take(report); };
    hooks.apply = [this](const api::ControlSettings& s) {
        field_loop.post([this, wanted = control::Settings{s.self_consumption, s.feed_in_limit}] {
            field->set_settings(wanted);
            field->faults().clear(model::FaultKind::config_problem, "settings");  // somebody has looked at them
        });
    };
    view = std::make_unique<SiteView>(std::shared_ptr<const config::SiteConfig>(site, &site->config),
                                      std::string(version), started, std::move(hooks));
}

// When the settings are open: they keep the audit log.
void Gateway::Parts::make_commissioner() {
    SiteChanges::Hooks hooks;
    hooks.changed = [this](const Field::Site& now, const std::set<std::string>& replaced) {
        site_changed(now, replaced);
    };
    hooks.act = [this](Field::Site next, Field::Profiles profiles, std::set<std::string> renewed) {
        std::function<Task<Status>()> work = [this, next, profiles, renewed] {
            return field->change(next, profiles, renewed);
        };
        return on_loop<Status>(service_loop, field_loop, "change of the site", std::move(work));
    };
    hooks.share = [this](const config::SiteConfig& now) { return sharing->change(now.modbus_server); };
    changes = std::make_unique<SiteChanges>(service_loop, *settings, budget,
                                            SiteChanges::Place{options.site, options.data, profile_folders()}, site,
                                            site_text, std::move(hooks));
    changes->leave_alone([this] { return upgrades->at_work(); });
    upgrades->use_audit([this](std::string what, std::string text, api::By by) {
        return changes->note({std::move(what), {}, text.empty() ? std::nullopt : std::optional(json_text(text))},
                             std::move(by));
    });
    commissioner = std::make_unique<Commissioner>(service_loop, field_loop, *field, *changes, *search, *upgrades,
                                                  budget, *sharing);
    service_loop.spawn("profiles", commissioner->learn_profiles());
}

// What another program wrote through the gateway, or was not let.
Task<void> Gateway::Parts::audit(northbound::WriteLine line) {
    const std::string after = fmt::format("[{}]", fmt::join(line.last.words, ","));
    SiteChanges::Words words{"modbus server: " + describe(line), {}, after};
    api::By by{"modbus client", line.last.address};
    const Status noted = co_await changes->note(std::move(words), std::move(by));
    if (!noted) log(Level::warning, "modbus server", noted.error().text);
}

void Gateway::Parts::site_changed(const Field::Site& now, const std::set<std::string>& replaced) {
    roster = updated(std::move(roster), now->config, replaced, to_ms(wall_now()));
    history_view->use(roster);
    changes->worker().submit([folder = options.data, members = roster] {
        if (const Status kept = write_roster(folder, members); !kept) log(Level::warning, "site", kept.error().text);
    });
}

Result<net::OwnCertificate> Gateway::Parts::own_certificate() const {
    auto names = net::own_names();
    names.insert(names.end(), site->config.host_names.begin(), site->config.host_names.end());
    return net::ensure_certificate({.folder = options.data, .names = std::move(names), .now = wall_now()});
}

// Each thing as soon as it can be had; the error is the first that is lacking. It waits for the disk on the service
// loop: nobody is served yet.
Status Gateway::Parts::start_server() {
    if (!accounts)
        if (const Status opened = open_settings(); !opened)
            return is_disk_full(options.data) ? disk_full(options.data) : opened.error();
    if (!certificate) {
        auto found = coming_certificate.valid() ? coming_certificate.get() : own_certificate();
        if (!found) return found.error();
        certificate = std::move(*found);
    }
    if (!commissioner) make_commissioner();
    api::ServerConfig config;
    config.address = options.address;
    config.port = options.port;
    config.images = options.data + "/upgrade";
    config.tls = certificate->files;
    config.host_names = site->config.host_names;
    auto started_server = api::Server::start(service_loop, std::move(config), *view, *history_view, *accounts,
                                             *settings, commissioner.get());
    if (!started_server) return started_server.error();
    server = std::move(*started_server);
    say_where();
    return ok();
}

void Gateway::Parts::say_where() const {
    std::printf("listening on https://%s:%u\n",
                options.address.find(':') == std::string::npos ? options.address.c_str()
                                                               : ("[" + options.address + "]").c_str(),
                server->port());
    std::printf("certificate %s\n", certificate->fingerprint.c_str());
    if (accounts->needs_setup()) std::printf("setup code %s\n", accounts->setup_code().c_str());
    std::fflush(stdout);
}

// A taken port, a full disk or a certificate that cannot be read keeps people out, not control.
void Gateway::Parts::serve() {
    const Status served = start_server();
    const std::string problem = served ? "" : served.error().text + "; control goes on, trying again";
    if (problem == access_problem) return;
    log(served ? Level::info : Level::error, "web", served ? "settings and web interface are available" : problem);
    access_problem = problem;
    field_loop.post([this, problem] {
        field->faults().clear(model::FaultKind::access_failing, "site");  // the old cause, if there was one
        field->faults().set(!problem.empty(), model::FaultKind::access_failing, "site", problem);
    });
}

Task<void> Gateway::Parts::keep_serving() {
    while (!server) {
        co_await service_loop.sleep_for(std::chrono::seconds(3));
        serve();
    }
}

// Service loop: the newest report becomes what the API shows; what is new or changed in it goes to live sockets.
void Gateway::Parts::spread_telemetry() {
    if (budget.stretches() == told_stretches) return;
    told_stretches = budget.stretches();
    for (const auto& [bus, stretch] : told_stretches)
        if (stretch > 1) log(Level::info, "bus " + bus, fmt::format("telemetry is asked {} times as rarely", stretch));
    field_loop.post([this, stretches = told_stretches] { field->spread_telemetry(stretches); });
}

void Gateway::Parts::take(std::shared_ptr<const FieldReport> report) {
    if (!view) return;
    view->take(report);
    budget.take(report);
    spread_telemetry();
    if (!server) return;
    server->live().publish(view->live());
    const News told = news(newest_report.get(), *report);
    for (const auto& decision : told.decisions) server->live().publish(decision_view(*decision));
    for (const auto& fault : told.faults) server->live().publish(alarm_view(fault));
    newest_report = std::move(report);
}

Status Gateway::start() {
    // One allocation arena per loop is enough, and every further one costs memory that a small box lacks.
    mallopt(M_ARENA_MAX, 2);
    sigset_t handled;
    sigemptyset(&handled);
    for (const int s : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&handled, s);
    pthread_sigmask(SIG_BLOCK, &handled, nullptr);  // inherited by every thread; the signal thread waits for them
    signal(SIGPIPE, SIG_IGN);
    Parts& p = *parts_;
    if (const Status made = make_folder(p.options.data); !made) return made;
    auto lock = history::FolderLock::take(p.options.data);
    if (!lock) return lock.error();
    p.lock = std::move(*lock);
    SiteFile read = read_site(p.options.site, p.options.data);
    p.site = std::make_shared<config::LoadOutcome>(std::move(read.outcome));
    p.site_text = std::move(read.text);
    for (const auto& problem : p.site->site) log(Level::warning, "site", problem);
    // Reading or making it takes as long as all else: the processor's other core does it meanwhile.
    p.coming_certificate = std::async(std::launch::async, [&p] { return p.own_certificate(); });
    p.configured = {p.site->config.control.self_consumption, p.site->config.control.feed_in_limit};
    const bool has_settings = has_content(p.options.data + "/settings.db");
    // When that fails serve() tries again, and says why.
    if (!p.open_settings()) p.control_without_settings(has_settings);
    p.start_field();
    p.open_history();
    p.make_views();
    p.serve();
    p.signal_thread = std::thread([&p, handled] {
        int received = 0;
        do sigwait(&handled, &received);
        while (received == SIGHUP);
        p.service_loop.post([&p] { p.service_loop.spawn("shut down", p.shut_down()); });
    });
    p.service_loop.spawn("web server", p.keep_serving());
    p.service_loop.spawn("history watch", p.history->watch(std::chrono::seconds(5)));
    return ok();
}

Task<void> Gateway::Parts::shut_down() {
    log(Level::info, "gateway", "stopping: handing setpoints back");
    co_await sharing->stop();  // nobody else sets what is being handed back
    Event field_done;
    field_loop.post([this, &field_done] {
        auto stopping = [](Parts& p, Event& done) -> Task<void> {
            co_await p.field->stop();
            p.service_loop.post([&done] { done.set(); });
        };
        field_loop.spawn("stop", stopping(*this, field_done));
    });
    const Instant deadline = service_loop.now() + std::chrono::seconds(8);
    co_await service_loop.wait(field_done, deadline);
    if (server) co_await server->stop();
    field_loop.stop();
    service_loop.stop();
}

void Gateway::run() {
    Parts& p = *parts_;
    p.service_loop.run();
    p.field_thread.join();
    p.signal_thread.join();
    p.server.reset();
    p.history.reset();  // commits what is queued
    log(Level::info, "gateway", "stopped");
}

}  // namespace busbar::gateway
