// How people come in: settings and accounts, the certificate, the web server. Each is tried again until it can be had.
#include <cstdio>

#include "api/settings/settings_copy.hpp"
#include "base/disk_space.hpp"
#include "base/log.hpp"
#include "gateway_parts.hpp"

namespace busbar::gateway {
namespace {
constexpr config::FeedInLimit no_feed_in{config::FeedInLimit::Mode::zero, 0};
}  // namespace

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
    own_port.emplace(server->port());
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

}  // namespace busbar::gateway
