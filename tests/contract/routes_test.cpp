// Who may do what: each route with each method and each role; other sites' pages; wrong hosts; broken history.
#include <doctest/doctest.h>

#include <map>

#include "api/access/policy.hpp"
#include "contract/gateway.hpp"

using namespace busbar;
using namespace busbar::test;

namespace {
std::string target_of(const api::Route& route) {
    std::string path(route.pattern);
    if (const auto brace = path.find('{'); brace != std::string::npos)
        path.replace(brace, path.find('}') + 1 - brace, "nobody");
    return path;
}
}  // namespace

TEST_CASE("each route, method and role: allowed exactly as the table says") {
    Gateway gateway;
    const auto installer = gateway.set_up();
    const std::map<std::string, std::string> tokens{{"open", ""},
                                                    {"viewer", gateway.token_for_role("viewer", installer)},
                                                    {"owner", gateway.token_for_role("owner", installer)},
                                                    {"installer", installer}};
    for (const auto& [role, token] : tokens) REQUIRE((role == "open" || token.size() == 43));
    const std::vector<std::string> roles{"open", "viewer", "owner", "installer"};
    for (const auto& route : api::routes()) {
        if (route.operation == api::Operation::logOut) continue;  // would end the tokens; in login_test
        for (std::size_t r = 0; r < roles.size(); ++r) {
            CAPTURE(route.operation_id);
            CAPTURE(roles[r]);
            const bool has_body = route.method == net::Method::post || route.method == net::Method::put;
            const auto answer =
                gateway.call(std::string(net::to_string(route.method)), target_of(route), tokens.at(roles[r]),
                             has_body ? std::optional<std::string>("{}") : std::nullopt);
            const bool allowed = r >= static_cast<std::size_t>(route.access);
            if (allowed)
                CHECK((answer.status != 401 && answer.status != 403 && answer.status < 500));
            else
                CHECK(answer.status == (r == 0 ? 401 : 403));
        }
    }
}

TEST_CASE("methods and paths that the table does not have do not exist") {
    Gateway gateway;
    const auto installer = gateway.set_up();
    std::map<std::string, std::string> methods_of;
    for (const auto& route : api::routes())
        methods_of[target_of(route)] += std::string(net::to_string(route.method)) + " ";
    for (const auto& [path, methods] : methods_of)
        for (const char* method : {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"}) {
            if (methods.find(method) != std::string::npos) continue;
            const auto answer = gateway.call(method, path, installer);
            CHECK(answer.status == 405);
            CHECK(answer.header("allow").size() > 0);
        }
    for (const char* path :
         {"/api", "/api/", "/api/v1", "/api/v1/nothing", "/api/v2/status", "/api/v1/devices/", "/api/v1/devices/a/b",
          "/api/v1/status/", "/api/v1/devices//settings", "/api/v1/devices/a%2Fb/settings",
          "/api/v1/devices/a/settings/", "/api/v1/buses/a/b/frames", "/api/v1/devices/settings/"})
        CHECK(gateway.call("GET", path, installer).status == 404);
}

TEST_CASE("another site's page can neither change anything nor open the live socket") {
    Gateway gateway({.tls = true});
    const auto token = gateway.set_up();
    const std::string own = "https://localhost";
    for (const char* origin : {"https://evil.example", "http://localhost", "null", "https://localhost.evil.example",
                               "https://localhost:1"}) {
        CAPTURE(origin);
        CHECK(gateway.call("POST", "/api/v1/session", "", json_login("anna", good_password), {{"Origin", origin}})
                  .status == 403);
        CHECK(gateway.call("DELETE", "/api/v1/accounts/nobody", token, std::nullopt, {{"Origin", origin}}).status ==
              403);
        HttpClient socket(gateway.port(), true);
        CHECK(socket.open_socket("/api/v1/live", {{"Origin", origin}, {"Authorization", "Bearer " + token}}).status ==
              403);
    }
    CHECK(gateway.call("POST", "/api/v1/session", "", json_login("anna", good_password), {{"Origin", own}}).status ==
          200);
    HttpClient socket(gateway.port(), true);
    CHECK(socket.open_socket("/api/v1/live", {{"Origin", own}, {"Authorization", "Bearer " + token}}).status == 101);
    HttpClient without(gateway.port(), true);
    CHECK(without.open_socket("/api/v1/live").status == 401);
    // No answer ever invites another origin.
    CHECK(gateway.call("GET", "/api/v1/setup", "", std::nullopt, {{"Origin", "https://evil.example"}})
              .header("access-control-allow-origin")
              .empty());
}

TEST_CASE("a foreign host name is refused, local ones and configured ones are served") {
    Gateway gateway;
    const auto status = [&](const std::string& host) {
        return gateway.call("GET", "/api/v1/setup", "", std::nullopt, {{"Host", host}}).status;
    };
    for (const char* host : {"localhost", "localhost:8443", "192.168.8.10:8443", "[fe80::1]:8443", "busbar",
                             "Busbar.Local", "box.fritz.box", "BOX.example:8443"})
        CHECK(status(host) == 200);
    for (const char* host : {"evil.example", "rebind.evil.example:8443", "local", "192.168.8.10.evil.example", ""})
        CHECK(status(host) == (std::string(host) == "local" ? 200 : 421));
    CHECK(gateway.call("GET", "/", "", std::nullopt, {{"Host", "evil.example"}}).status == 421);
}

TEST_CASE("settings: checked, durable, audited, in force") {
    GatewayOptions options;
    std::string folder;
    {
        Gateway gateway(options);
        gateway.keep_folder = true;
        folder = gateway.folder();
        const auto token = gateway.set_up();
        const auto put = [&](const std::string& body) {
            return gateway.call("PUT", "/api/v1/settings/control", token, body);
        };
        const std::string head = R"({"self_consumption":{"enabled":false,"import_target_w":50},"feed_in_limit":)";
        const struct {
            std::string body, field;
        } bad[] = {
            {head + R"({"mode":"percent","value":160}})", "feed_in_limit.value"},
            {head + R"({"mode":"percent","value":-1}})", "feed_in_limit.value"},
            {head + R"({"mode":"watts","value":"60"}})", "feed_in_limit.value"},
            {head + R"({"mode":"watts","value":30000}})", "feed_in_limit.value"},
            {head + R"({"mode":"watts","value":1e999}})", "feed_in_limit.value"},
            {head + R"({"mode":"watts","value":-1e999}})", "feed_in_limit.value"},
            {head + R"({"mode":"sometimes","value":1}})", "feed_in_limit.mode"},
            {head + R"({"mode":"zero","value":0,"force":true}})", "feed_in_limit.force"},
            {head + R"({"mode":"zero","value":0},"role":"owner"})", "role"},
            {R"({"feed_in_limit":{"mode":"zero","value":0}})", "self_consumption.enabled"},
            {R"({"self_consumption":7,"feed_in_limit":{"mode":"zero","value":0}})", "self_consumption.enabled"},
        };
        for (const auto& c : bad) {
            const auto answer = put(c.body);
            CHECK(answer.status == 400);
            CHECK(answer.body.find("\"field\":\"" + c.field + "\"") != std::string::npos);
        }
        CHECK(gateway.site.applied() == 0);
        CHECK(put(head + R"({"mode":"percent","value":160}})").body.find("160 is above 100") != std::string::npos);
        const auto endless = put(head + R"({"mode":"watts","value":1e999}})").body;
        CHECK(endless.find("larger than any number can be") != std::string::npos);
        CHECK(endless.find("null is") == std::string::npos);
        CHECK(gateway.call("GET", "/api/v1/settings/control", token).body.find("\"changed_by\":null") !=
              std::string::npos);
        const auto good = put(head + R"({"mode":"watts","value":4800}})");
        CHECK(good.status == 200);
        CHECK(good.body.find("\"changed_by\":\"anna\"") != std::string::npos);
        CHECK(gateway.site.applied() == 1);
        CHECK(gateway.site.control().feed_in_limit.value == 4800);
        const auto audit = gateway.call("GET", "/api/v1/audit", token).body;
        CHECK(audit.find("settings.control") != std::string::npos);
        CHECK(audit.find("4800") != std::string::npos);
        CHECK(audit.find("unrelated") == std::string::npos);  // no secret
    }
    options.folder = folder;
    Gateway again(options);
    const auto token = again.log_in("anna", good_password);
    CHECK(again.call("GET", "/api/v1/settings/control", token).body.find("\"changed_by\":\"anna\"") !=
          std::string::npos);
}

TEST_CASE("a broken history costs the request, not the gateway") {
    Gateway gateway;
    const auto token = gateway.set_up();
    gateway.history.is_broken = true;
    const std::string span = "&from=" + std::to_string(start_ms) + "&to=" + std::to_string(start_ms + 86'400'000);
    const auto answer = gateway.call("GET", "/api/v1/history?series=roof/ac.power" + span, token);
    CHECK(answer.status == 500);
    CHECK(answer.body.find("checksum") != std::string::npos);
    CHECK(gateway.call("GET", "/api/v1/status", token).status == 200);
}

TEST_CASE("wrong parameters are named") {
    Gateway gateway;
    const auto token = gateway.set_up();
    const struct {
        const char *target, *field;
    } cases[] = {
        {"/api/v1/history?from=0&to=1", "series"},
        {"/api/v1/history?series=a&to=1", "from"},
        {"/api/v1/history?series=a&from=5&to=5", "to"},
        {"/api/v1/history?series=a&from=x&to=5", "from"},
        {"/api/v1/history?series=a&from=0&to=99999999999999", "to"},
        {"/api/v1/history?series=a&from=0&to=5&buckets=5001", "buckets"},
        {"/api/v1/history?series=a&from=0&to=5&buckets=0", "buckets"},
        {"/api/v1/history?series=&from=0&to=5", "series"},
        {"/api/v1/history?series=a&series=a&series=a&series=a&series=a&series=a&series=a&series=a&series=a&from=0&to=5",
         "series"},
        {"/api/v1/energy?from=0&to=5", "step"},
        {"/api/v1/energy?from=0&to=5&step=year", "step"},
        {"/api/v1/energy?from=0&to=4000000000000&step=hour", "to"},
        {"/api/v1/why?limit=1001", "limit"},
        {"/api/v1/why?before=-1", "before"},
        {"/api/v1/alarms?active=maybe", "active"},
        {"/api/v1/audit?limit=0", "limit"},
    };
    for (const auto& c : cases) {
        CAPTURE(c.target);
        const auto answer = gateway.call("GET", c.target, token);
        CHECK(answer.status == 400);
        CHECK(answer.body.find(std::string("\"field\":\"") + c.field + "\"") != std::string::npos);
        CHECK(answer.body.find("remedy") != std::string::npos);
    }
    CHECK(gateway.call("GET", "/api/v1/history?series=no/such&from=0&to=5", token).status == 404);
}
