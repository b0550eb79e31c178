#include "api/server.hpp"

#include "api/access/policy.hpp"
#include "api/request/request_checks.hpp"
#include "api/routes/routes.hpp"

namespace busbar::api {
namespace {
// On every answer. The interface has no inline scripts or styles and talks to its own origin only.
const std::pair<std::string_view, std::string_view> safe_headers[] = {
    {"Content-Security-Policy",
     "default-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri "
     "'none'; "
     "form-action 'self'; frame-ancestors 'none'"},
    {"Strict-Transport-Security", "max-age=31536000"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
};

net::Response with_safe_headers(net::Response response, bool is_secure) {
    for (const auto& [name, value] : safe_headers)
        if (is_secure || name != "Strict-Transport-Security") response.headers.emplace_back(name, value);
    return response;
}

// What did not become a request at all (net/) in the same words as everything else.
net::Response refused(int status, const std::string& text) {
    const auto kind = status == 413 || status == 431 ? Errc::out_of_range
                      : status >= 500                ? Errc::internal
                                                     : Errc::malformed;
    const std::string remedy = status == 413 ? "send less at once" : "";
    return with_safe_headers(response_of({status, kind, text, remedy, {}, {}}), true);
}

bool changes_something(net::Method method) { return method != net::Method::get && method != net::Method::head; }
}  // namespace

struct Server::Parts {
    Parts(RealLoop& loop, const ServerConfig& config, SiteSource& site, HistorySource& history, Accounts& a,
          Settings& settings, Commissioning* commissioning)
        : accounts(a),
          routes(loop, site, history, a, settings, commissioning, config.images),
          host_names(config.host_names),
          assets(config.assets) {}

    Task<net::Response> handle(const net::Request& request);
    Task<net::Response> handle_api(const net::Request& request);

    Accounts& accounts;
    Routes routes;
    std::vector<std::string> host_names;
    std::span<const net::Asset> assets;
    std::unique_ptr<net::HttpServer> http;  // last: ends before what its handler uses
};

Task<net::Response> Server::Parts::handle(const net::Request& request) {
    if (!is_own_host(request.header("host"), host_names)) {
        const Problem problem{421,
                              Errc::denied,
                              "host: this gateway has another name",
                              "use its address, its local name, or add the name to host_names in site.yaml",
                              {},
                              {}};
        co_return with_safe_headers(response_of(problem), request.is_secure);
    }
    const bool is_api = request.path == "/api" || request.path.starts_with("/api/");
    net::Response response = is_api ? co_await handle_api(request) : net::serve_asset(request, assets);
    co_return with_safe_headers(std::move(response), request.is_secure);
}

Task<net::Response> Server::Parts::handle_api(const net::Request& request) {
    const Match match = find_route(request.method, request.path);
    if (!match.route && match.allowed.empty())
        co_return response_of(not_found("path: there is nothing here", "openapi.yaml lists what there is"));
    if (!match.route) {
        auto response =
            response_of({405, Errc::unsupported, "method: not for this path", "use " + match.allowed, {}, {}});
        response.headers.emplace_back("Allow", match.allowed);
        co_return response;
    }
    const Route& route = *match.route;
    const bool is_sensitive = changes_something(route.method) || route.operation == Operation::openLive;
    if (is_sensitive && !is_own_origin(request))
        co_return response_of(
            denied(403, "origin: another site's page sent this", "use the gateway's own page, or send no Origin"));
    Call call{request, match.parameter, std::nullopt, {request.peer, net::source_of(request.peer)}};
    if (route.access != Access::open) {
        call.who = accounts.identify(token_of(request), true);
        if (!call.who) {
            auto response = response_of(denied(401, "no session, or it has ended", "log in"));
            response.headers.emplace_back("WWW-Authenticate", "Bearer");
            co_return response;
        }
        if (call.who->role < route.access)
            co_return response_of(
                denied(403, "this needs the role " + std::string(to_string(route.access)), "ask the installer"));
    }
    co_return co_await routes.run(route.operation, call);
}

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::start(RealLoop& loop, ServerConfig config, SiteSource& site,
                                              HistorySource& history, Accounts& accounts, Settings& settings,
                                              Commissioning* commissioning) {
    net::ServerOptions options;
    options.address = config.address;
    options.port = config.port;
    options.limits = config.limits;
    options.refuse = refused;
    options.long_body = {std::string(pack_path), longest_pack_body};
    if (config.tls) {
        BUSBAR_TRY(options.tls, net::TlsContext::load(*config.tls));
    }
    auto parts = std::make_unique<Parts>(loop, config, site, history, accounts, settings, commissioning);
    Parts& handler = *parts;
    BUSBAR_TRY(parts->http, net::HttpServer::start(loop, std::move(options), [&handler](const net::Request& request) {
                   return handler.handle(request);
               }));
    return std::unique_ptr<Server>(new Server(std::move(parts)));
}

LiveHub& Server::live() { return parts_->routes.live(); }
std::uint16_t Server::port() const { return parts_->http->port(); }
Task<void> Server::stop() { return parts_->http->stop(); }

}  // namespace busbar::api
