#pragma once
// The gateway's HTTPS server: API, live socket and web interface on one port. The app makes it on the service loop,
// once accounts and settings are open, and publishes to live() after each control cycle.
//
//   auto store    = api::SettingsStore::open(data + "/settings.db", wall);
//   api::Settings settings(loop, std::move(*store));
//   auto accounts = api::Accounts::open(loop, settings);            // setup_code() is printed while setup is needed
//   auto server   = api::Server::start(loop, config, site, history, **accounts, settings, &commissioning);
//
// All of them, and `site`, `history` and `commissioning`, must outlive the server; the loop must outlive all. Loop
// thread only.
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "api/access/accounts.hpp"
#include "api/commissioning.hpp"
#include "api/live_hub.hpp"
#include "api/settings/settings.hpp"
#include "api/site_source.hpp"
#include "net/asset.hpp"
#include "net/http_server.hpp"

namespace busbar::api {

struct ServerConfig {
    std::string address = "::";           // IPv4 and IPv6
    std::uint16_t port = 8443;            // 0 = any free one
    std::optional<net::TlsFiles> tls;     // absent = plain HTTP: tests and benchmarks only
    std::vector<std::string> host_names;  // names besides local ones under which browsers may reach it
    net::ServerLimits limits;
    std::string images;  // the upgrade area of the data folder, made when needed; empty: no uploads
    std::span<const net::Asset> assets = net::web_assets();
};

class Server {
public:
    // Listens from here on. Without `commissioning` what changes the site is answered 503. Errors: unavailable (port in
    // use, ...), corrupt (TLS files).
    static Result<std::unique_ptr<Server>> start(RealLoop& loop, ServerConfig config, SiteSource& site,
                                                 HistorySource& history, Accounts& accounts, Settings& settings,
                                                 Commissioning* commissioning = nullptr);
    ~Server();

    LiveHub& live();
    std::uint16_t port() const;
    Task<void> stop();  // ends every connection; then the server may be destroyed while the loop goes on

private:
    struct Parts;
    explicit Server(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace busbar::api
