// Every operation is asked once the ordinary way, and the answer must be what openapi.yaml says, to the last property.
#include <doctest/doctest.h>

#include <map>

#include "api/access/policy.hpp"
#include "contract/gateway.hpp"
#include "contract/schema.hpp"

using namespace busbar;
using namespace busbar::test;

namespace {
const OpenApi& openapi() {
    static const OpenApi api("src/api/openapi.yaml");
    return api;
}
const std::string from = std::to_string(start_ms), to = std::to_string(start_ms + 3'600'000);

struct Ask {
    std::string target, body;
    int status = 200;
};
// How each operation is asked; a new one must be added here.
std::map<std::string, Ask> asks(const Gateway& gateway) {
    const std::string control =
        R"({"self_consumption":{"enabled":true,"import_target_w":20},"feed_in_limit":{"mode":"percent","value":60}})";
    return {
        {"getDescription", {"/api/v1/openapi.yaml", ""}},
        {"getSetup", {"/api/v1/setup", ""}},
        {"setUp",
         {"/api/v1/setup",
          R"({"code":")" + gateway.setup_code() + R"(","username":"x","password":"unrelated-words-9"})", 409}},
        {"getSession", {"/api/v1/session", ""}},
        {"logIn", {"/api/v1/session", json_login("anna", good_password)}},
        {"changePassword",
         {"/api/v1/session/password", R"({"old":"unrelated-words-9","new":"other-unrelated-1"})", 204}},
        {"listAccounts", {"/api/v1/accounts", ""}},
        {"addAccount",
         {"/api/v1/accounts", R"({"username":"ben","password":"unrelated-words-9","role":"owner"})", 201}},
        {"removeAccount", {"/api/v1/accounts/ben", "", 204}},
        {"listAudit", {"/api/v1/audit", ""}},
        {"getStatus", {"/api/v1/status", ""}},
        {"getOverview", {"/api/v1/overview", ""}},
        {"listDevices", {"/api/v1/devices", ""}},
        {"getDevice", {"/api/v1/devices/roof", ""}},
        {"listPoints", {"/api/v1/points", ""}},
        {"listBuses", {"/api/v1/buses", ""}},
        {"getHistory",
         {"/api/v1/history?series=roof/ac.power&series=meter/meter.power&buckets=60&from=" + from + "&to=" + to, ""}},
        {"listSeries", {"/api/v1/history/series", ""}},
        {"getEnergy", {"/api/v1/energy?step=hour&from=" + from + "&to=" + to, ""}},
        {"exportHistory", {"/api/v1/export?series=roof/ac.power&from=" + from + "&to=" + to, ""}},
        {"listDecisions", {"/api/v1/why", ""}},
        {"listAlarms", {"/api/v1/alarms", ""}},
        {"getControlSettings", {"/api/v1/settings/control", ""}},
        {"putControlSettings", {"/api/v1/settings/control", control}},
        {"addDevice",
         {"/api/v1/devices",
          R"({"name":"Barn","profile":"eastron/sdm630","bus":"rs485-1","unit":12,"use":"sub_meter"})", 201}},
        {"changeDevice", {"/api/v1/devices/roof", R"({"name":"South roof","use":"pv"})", 204}},
        {"removeDevice", {"/api/v1/devices/roof?bus=lan&unit=1&profile=sunspec/inverter", "", 204}},
        {"replaceDevice", {"/api/v1/devices/roof/replacement", R"({"serial":"AB1"})", 204}},
        {"listDeviceSettings", {"/api/v1/devices/roof/settings", ""}},
        {"putDeviceSetting", {"/api/v1/devices/roof/settings", R"({"key":"grid_code","value":5})"}},
        {"uploadFirmware",
         {"/api/v1/devices/roof/firmware",
          R"({"image":")" + std::string(64, 'a') + R"(","size":9,"offset":0,"data":"Zm9v"})"}},
        {"startUpgrade", {"/api/v1/devices/roof/upgrade", R"({"image":")" + std::string(64, 'a') + R"("})", 202}},
        {"getUpgrade", {"/api/v1/devices/roof/upgrade", ""}},
        {"cancelUpgrade", {"/api/v1/devices/roof/upgrade", "", 204}},
        {"addBus",
         {"/api/v1/buses",
          R"({"id":"lan-2","settings":{"kind":"tcp","host":"192.168.8.21","port":502,"framing":"tcp"}})", 201}},
        {"changeBus",
         {"/api/v1/buses/rs485-1",
          R"({"settings":{"kind":"serial","port":"/dev/ttyUSB0","baud":19200,"parity":"even","stop_bits":1}})", 204}},
        {"removeBus", {"/api/v1/buses/lan", "", 204}},
        {"askBus", {"/api/v1/buses/rs485-1/request", R"({"unit":11,"function":3,"address":0,"count":2})"}},
        {"listFrames", {"/api/v1/buses/rs485-1/frames?from=1&limit=2", ""}},
        {"getCapture", {"/api/v1/buses/rs485-1/capture", ""}},
        {"getSharing", {"/api/v1/sharing", ""}},
        {"putSharing",
         {"/api/v1/sharing",
          R"({"enabled":true,"address":"0.0.0.0","port":1502,"max_clients":16,"cache_ms":1000,)"
          R"("devices":[{"id":"roof","unit":1}],"clients":[{"address":"10.0.0.7","rights":"read"}]})"}},
        {"reloadSite", {"/api/v1/site/reload", R"({"apply":true})"}},
        {"listPorts", {"/api/v1/ports", ""}},
        {"listProfiles", {"/api/v1/profiles", ""}},
        {"addProfile", {"/api/v1/profiles", R"({"name":"acme/meter","text":"profile: acme/meter"})", 201}},
        {"removeProfile", {"/api/v1/profiles?name=acme/meter", "", 204}},
        {"startScan", {"/api/v1/scan", R"({"lines":[{"bus":"rs485-1"}],"own_networks":true})", 202}},
        {"getScan", {"/api/v1/scan", ""}},
        {"cancelScan", {"/api/v1/scan", "", 204}},
        {"openLive", {"/api/v1/live", "", 426}},
        {"logOut", {"/api/v1/session", "", 204}},
    };
}
std::optional<std::string> body_of(const Ask& ask) { return ask.body.empty() ? std::nullopt : std::optional(ask.body); }
}  // namespace

TEST_CASE("the policy table and openapi.yaml name the same operations with the same access") {
    std::map<std::string, std::string> described, served;
    for (const auto& o : openapi().operations()) described[o.id] = o.method + " " + o.path + " " + o.access;
    for (const auto& r : api::routes())
        served[std::string(r.operation_id)] = std::string(net::to_string(r.method)) + " " + std::string(r.pattern) +
                                              " " + std::string(to_string(r.access));
    CHECK(served == described);
}

TEST_CASE("every operation answers as openapi.yaml says") {
    Gateway gateway({.tls = true});
    CHECK(openapi().check_answer(openapi().operations()[0], 200, "application/yaml", "") == "");
    const auto setup = gateway.call("GET", "/api/v1/setup");
    CHECK(setup.body.find("\"needed\":true") != std::string::npos);
    const auto token = gateway.set_up();
    REQUIRE(token.size() == 43);
    auto remaining = asks(gateway);
    const auto operations = openapi().operations();
    for (const bool is_last_round : {false, true}) {  // the end of the session comes last
        for (const auto& operation : operations) {
            if ((operation.id == "logOut") != is_last_round) continue;
            CAPTURE(operation.id);
            REQUIRE(remaining.contains(operation.id));
            const auto ask = remaining.extract(operation.id).mapped();
            const auto answer = gateway.call(operation.method, ask.target, token, body_of(ask));
            CHECK(answer.status == ask.status);
            CHECK(openapi().check_answer(operation, answer.status, answer.header("content-type"), answer.body) == "");
            CHECK(answer.header("x-content-type-options") == "nosniff");
            CHECK(answer.header("content-security-policy").find("default-src 'self'") != std::string::npos);
            CHECK(answer.header("strict-transport-security").size() > 0);
            CHECK(answer.header("cache-control").find("no-") == 0);
        }
    }
    CHECK(remaining.empty());
}

TEST_CASE("the first account's answer is described too") {
    Gateway gateway({.tls = true});
    const auto& all = openapi().operations();
    const auto set_up = std::find_if(all.begin(), all.end(), [](const auto& o) { return o.id == "setUp"; });
    const auto answer =
        gateway.call("POST", "/api/v1/setup", "",
                     R"({"code":")" + gateway.setup_code() + R"(","username":"anna","password":"unrelated-words-9"})");
    CHECK(answer.status == 201);
    CHECK(openapi().check_answer(*set_up, 201, answer.header("content-type"), answer.body) == "");
    const auto cookie = answer.header("set-cookie");
    for (const char* part : {"__Host-busbar=", "; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict"})
        CHECK(cookie.find(part) != std::string::npos);
    // The cookie opens what the header opens.
    HttpClient client(gateway.port(), true);
    CHECK(client.request("GET", "/api/v1/status", {{"Cookie", "a=b; __Host-busbar=" + token_in(answer)}}).status ==
          200);
}

TEST_CASE("unknown stays unknown and hostile strings stay strings") {
    Gateway gateway;
    const auto token = gateway.set_up();
    const auto points = boost::json::parse(gateway.call("GET", "/api/v1/points", token).body).at("points").as_array();
    REQUIRE(points.size() == 5);
    CHECK(points[0].at("value") == 4210);
    CHECK(points[0].at("quality") == "good");
    CHECK(points[1].at("value") == 230.1);
    CHECK(points[2].at("text") == "running");
    CHECK(points[3].at("quality") == "stale");
    CHECK(points[3].at("value") == -310);
    CHECK(points[4].at("quality") == "unknown");
    CHECK(points[4].at("value").is_null());
    CHECK(points[4].at("age_ms").is_null());
    CHECK(boost::json::parse(gateway.call("GET", "/api/v1/points?device=meter", token).body)
              .at("points")
              .as_array()
              .size() == 2);
    CHECK(gateway.call("GET", "/api/v1/points?device=nobody", token).status == 404);
    const auto device = boost::json::parse(gateway.call("GET", "/api/v1/devices/roof", token).body);
    CHECK(device.at("name") == "<script>alert(1)</script>");
    CHECK(device.at("maker") == "Maker \"quoted\"\n\x01");
    CHECK(device.at("model") == "bad UTF-8 ??");
    const auto overview = boost::json::parse(gateway.call("GET", "/api/v1/overview", token).body);
    CHECK(overview.at("flow").at("grid_w").at("value").is_null());
    CHECK(overview.at("flow").at("battery_w").at("value") == -3400);
    CHECK(overview.at("today").at("autarky_percent") == 87.3);
}

TEST_CASE("history comes in columns, gaps left out") {
    Gateway gateway;
    const auto token = gateway.set_up();
    const auto answer =
        gateway.call("GET",
                     "/api/v1/history?series=roof/ac.power&buckets=6&from=" + std::to_string(start_ms - 60'000) +
                         "&to=" + std::to_string(start_ms + 60'000),
                     token);
    const auto result = boost::json::parse(answer.body).at("results").at(0);
    CHECK(result.at("step_ms") == 20'000);
    CHECK(result.at("t").as_array().size() == 3);
    CHECK(result.at("t").at(0) == start_ms);
    CHECK(result.at("min").at(1) == 20);
    CHECK(result.at("max").at(1) == 39);
    CHECK(result.at("mean").at(1) == 29.5);
    CHECK(result.at("count").at(1) == 20);
}

TEST_CASE("the export holds every sample once, in order, and columns of several series side by side") {
    Gateway gateway;
    const auto token = gateway.set_up();
    const auto span = "&from=" + from + "&to=" + to;
    const auto csv = gateway.call("GET", "/api/v1/export?series=roof/ac.power&series=meter/meter.power" + span, token);
    CHECK(csv.is_complete);
    CHECK(
        csv.body.starts_with("time,roof/ac.power [W],meter/meter.power "
                             "[W]\r\n2027-01-15T08:00:00.000Z,0,0\r\n2027-01-15T08:00:01.000Z,1,\r\n"));
    CHECK(std::count(csv.body.begin(), csv.body.end(), '\n') == 3601);
    CHECK(csv.body.ends_with("2027-01-15T08:59:59.000Z,599,\r\n"));
    CHECK(gateway.call("GET", "/api/v1/export?series=no/such" + span, token).status == 404);
}
