// Who else reads the devices, and the site file read again: what arrives, who may, and what is refused.
#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "contract/gateway.hpp"

using namespace busbar;
using namespace busbar::test;
namespace json = boost::json;

namespace {
const std::string path = "/api/v1/sharing";

std::string settings(const std::string& more) {
    return R"({"enabled":true,"address":"0.0.0.0","port":1502,"max_clients":16,"cache_ms":1000)" + more + "}";
}
const std::string shared = R"(,"devices":[{"id":"roof","unit":1},{"id":"meter","unit":7}])";
std::string clients(const std::string& list) { return settings(shared + R"(,"clients":[)" + list + "]"); }
}  // namespace

TEST_CASE("sharing is off until somebody switches it on; what is shown is what was put") {
    Gateway gateway;
    const auto token = gateway.set_up();
    const auto before = json::parse(gateway.call("GET", path, token).body);
    CHECK(before.at("enabled") == false);
    CHECK(before.at("address") == "127.0.0.1");
    const auto put = gateway.call("PUT", path, token,
                                  clients(R"({"address":"192.168.1.0/24","rights":"read"},)"
                                          R"({"address":"192.168.1.20","rights":"write","devices":["roof"],)"
                                          R"("writable":[{"device":"roof","registers":["5","47590-47592"]}]})"));
    CHECK(put.status == 200);
    CHECK(gateway.commissioning.last() == "sharing on on 0.0.0.0 port 1502, 2 clients by anna from 127.0.0.1");
    const auto after = json::parse(gateway.call("GET", path, token).body);
    CHECK(after.at("devices").at(1).at("unit") == 7);
    CHECK(after.at("clients").at(0).at("devices") == json::array{"roof", "meter"});
    CHECK(json::serialize(after.at("clients").at(1).at("writable")) ==
          R"([{"device":"roof","registers":["5","47590-47592"]}])");
    CHECK(after.at("seen").at(0).at("age_max_ms") == 990);
    // What is shown goes back as it is, but for the figures.
    CHECK(gateway.call("PUT", path, token, settings(R"(,"devices":[{"id":"nobody","unit":1}])")).status == 404);
    CHECK(gateway.commissioning.changes() == 1);
}

TEST_CASE("owners see who reads along, only installers change it") {
    Gateway gateway;
    const auto token = gateway.set_up();
    const auto viewer = gateway.token_for_role("viewer", token), owner = gateway.token_for_role("owner", token);
    CHECK(gateway.call("GET", path, viewer).status == 403);
    CHECK(gateway.call("GET", path, owner).status == 200);
    CHECK(gateway.call("PUT", path, owner, settings(shared)).status == 403);
    CHECK(gateway.call("POST", "/api/v1/site/reload", owner, R"({"apply":true})").status == 403);
    CHECK(gateway.commissioning.changes() == 0);
}

TEST_CASE("rights that cannot be, or must not") {
    Gateway gateway;
    const auto token = gateway.set_up();
    const auto client = [](const std::string& address, const std::string& rest) {
        return clients(R"({"address":")" + address + R"(",)" + rest + "}");
    };
    const auto writable = [&](const std::string& registers) {
        return client("10.0.0.7", R"("rights":"write","writable":[{"device":"roof","registers":)" + registers + "}]");
    };
    std::string many_devices, many_clients;
    for (int i = 1; i <= 300; ++i) many_devices += (i > 1 ? "," : "") + std::string(R"({"id":"d","unit":1})");
    for (int i = 1; i <= 65; ++i)
        many_clients += (i > 1 ? "," : "") + std::string(R"({"address":"10.0.0.7","rights":"read"})");
    const struct {
        std::string body, field;
    } rows[] = {
        {R"({"address":"0.0.0.0"})", "enabled"},
        {settings(""), "devices"},
        {settings(R"(,"devices":[])"), "devices"},
        {settings(R"(,"devices":["roof"])"), "devices.0.id"},
        {settings(R"(,"devices":[{"id":"a b","unit":1}])"), "devices.0.id"},
        {settings(R"(,"devices":[{"id":"roof","unit":0}])"), "devices.0.unit"},
        {settings(R"(,"devices":[{"id":"roof","unit":248}])"), "devices.0.unit"},
        {settings(R"(,"devices":[{"id":"roof","unit":1},{"id":"roof","unit":2}])"), "devices.1.id"},
        {settings(R"(,"devices":[{"id":"roof","unit":1},{"id":"meter","unit":1}])"), "devices.1.unit"},
        {settings(R"(,"devices":[)" + many_devices + "]"), "devices"},
        {settings(shared + R"(,"password":"x")"), "password"},
        {clients(many_clients), "clients"},
        {client("box", R"("rights":"read")"), "clients.0.address"},
        {client("192.168.1.7/24", R"("rights":"read")"), "clients.0.address"},
        {client("0.0.0.0/0", R"("rights":"read")"), "clients.0.address"},
        {client("8.8.8.8", R"("rights":"read")"), "clients.0.address"},
        {client(std::string(10'000, '1'), R"("rights":"read")"), "clients.0.address"},
        {client("10.0.0.7", R"("rights":"all")"), "clients.0.rights"},
        {client("10.0.0.7", R"("rights":"write")"), "clients.0.writable"},
        {client("10.0.0.7", R"("rights":"read","devices":["barn"])"), "clients.0.devices.0"},
        {clients(R"({"address":"10.0.0.7","rights":"read"},{"address":"10.0.0.7","rights":"read"})"),
         "clients.1.address"},
        {client("10.0.0.7", R"("rights":"read","writable":[{"device":"roof","registers":["1"]}])"),
         "clients.0.writable"},
        {writable("[]"), "clients.0.writable.0.registers"},
        {writable(R"(["70000"])"), "clients.0.writable.0.registers.0"},
        {writable(R"(["9-5"])"), "clients.0.writable.0.registers.0"},
        {writable(R"(["-5"])"), "clients.0.writable.0.registers.0"},
        {writable("[5]"), "clients.0.writable.0.registers.0"},
        {client("10.0.0.7", R"("rights":"write","devices":["meter"],"writable":[{"device":"roof","registers":["1"]}])"),
         "clients.0.writable.0.device"}};
    for (const auto& row : rows) {
        CAPTURE(row.body.substr(0, 300));
        const auto answer = gateway.call("PUT", path, token, row.body);
        CAPTURE(answer.body);
        CHECK(answer.status == 400);
        CHECK(answer.body.find("\"field\":\"" + row.field + "\"") != std::string::npos);
        CHECK(answer.body.find("\"remedy\":\"") != std::string::npos);
        CHECK(answer.body.size() < 1000);
    }
    CHECK(gateway.commissioning.changes() == 0);
}

TEST_CASE("the site file is looked at or taken over, as was asked") {
    Gateway gateway;
    const auto token = gateway.set_up();
    const auto reload = [&](const std::string& body) {
        return gateway.call("POST", "/api/v1/site/reload", token, body);
    };
    const auto looked = json::parse(reload(R"({"apply":false})").body);
    CHECK(looked.at("applied") == false);
    CHECK(looked.at("differences").at(0).at("text") == "unit: 1 -> 2");
    CHECK(looked.at("differences").at(1).at("id").is_null());
    CHECK(looked.at("differences").at(1).at("needs_restart") == true);
    CHECK(gateway.commissioning.changes() == 0);
    CHECK(reload(R"({"apply":true})").status == 200);
    CHECK(gateway.commissioning.changes() == 1);
    for (const char* bad : {"{}", R"({"apply":1})", R"({"apply":null})", R"({"apply":true,"file":"/etc/passwd"})"})
        CHECK(reload(bad).status == 400);
    CHECK(gateway.commissioning.changes() == 1);
}
