// What people see of the site and may change: history, views, commissioning; and the reports that feed them.
#include "base/log.hpp"
#include "field/on_loop.hpp"
#include "gateway_parts.hpp"
#include "site/news.hpp"
#include "version.hpp"

namespace busbar::gateway {

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
    hooks.try_line = [this](config::BusConfig bus) {
        std::function<Task<Status>()> work = [this, bus = std::move(bus)] { return field->try_line(bus); };
        return on_loop<Status>(service_loop, field_loop, "trial of a line", std::move(work));
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

void Gateway::Parts::site_changed(const Field::Site& now, const std::set<std::string>& replaced) {
    roster = updated(std::move(roster), now->config, replaced, to_ms(wall_now()));
    history_view->use(roster);
    changes->worker().submit([folder = options.data, members = roster] {
        if (const Status kept = write_roster(folder, members); !kept) log(Level::warning, "site", kept.error().text);
    });
}

// Service loop: the newest report becomes what the API shows; what is new or changed in it goes to live sockets.
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

}  // namespace busbar::gateway
