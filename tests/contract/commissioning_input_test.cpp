// Bad input to what changes a site: each named with its field and remedy, none of it reaching the site.
#include <doctest/doctest.h>

#include "contract/gateway.hpp"

using namespace busbar;
using namespace busbar::test;

namespace {
struct Bad {
    std::string body, field;
};
void all_refused(Gateway& gateway, const std::string& token, const std::string& method, const std::string& path,
                 const std::vector<Bad>& rows) {
    for (const auto& row : rows) {
        CAPTURE(path);
        CAPTURE(row.body.substr(0, 300));
        const auto answer = gateway.call(method, path, token, row.body);
        CAPTURE(answer.body);
        CHECK(answer.status == 400);
        CHECK(answer.body.find("\"field\":\"" + row.field + "\"") != std::string::npos);
        CHECK(answer.body.find("\"remedy\":\"") != std::string::npos);
        CHECK(answer.body.size() < 1000);
    }
    CHECK(gateway.commissioning.changes() == 0);
}
std::string device(const std::string& more, const std::string& name = "x", const std::string& profile = "a/b",
                   const std::string& unit = "3", const std::string& bus = "rs485-1") {
    return R"({"name":")" + name + R"(","profile":")" + profile + R"(","bus":")" + bus + R"(","unit":)" + unit +
           R"(,"use":"sub_meter")" + more + "}";
}
std::string serial_bus(const std::string& settings) {
    return R"({"id":"b2","settings":{"kind":"serial",)" + settings + "}}";
}
std::string many(const std::string& item, int n) {
    std::string list = "[" + item;
    for (int i = 1; i < n; ++i) list += "," + item;
    return list + "]";
}
}  // namespace

TEST_CASE("devices that cannot be") {
    Gateway gateway;
    const auto token = gateway.set_up();
    all_refused(gateway, token, "POST", "/api/v1/devices",
                {{device("", std::string(10'000, 'n')), "name"},
                 {device("", ""), "name"},
                 {device("", "   "), "name"},
                 {device("", "a\\nb"), "name"},
                 {device("", "\\u001b[2J"), "name"},
                 {device("", "x", "a/b", "0"), "unit"},
                 {device("", "x", "a/b", "248"), "unit"},
                 {device("", "x", "a/b", "300"), "unit"},
                 {device("", "x", "a/b", "256", "lan"), "unit"},
                 {device("", "x", "a/b", "-1"), "unit"},
                 {device("", "x", "a/b", "1.5"), "unit"},
                 {device("", "x", "a/b", "\"3\""), "unit"},
                 {device("", "x", "a/b", "1e400"), "unit"},
                 {device("", "x", "../../etc/passwd"), "profile"},
                 {device("", "x", "a/.."), "profile"},
                 {device("", "x", "a/b/c"), "profile"},
                 {device("", "x", "a"), "profile"},
                 {device("", "x", "A/b"), "profile"},
                 {device("", "x", "a/b\\u0000"), "profile"},
                 {device("", "x", "a/b", "3", "no such bus"), "bus"},
                 {device(R"(,"id":"a b")"), "id"},
                 {device(R"(,"id":"")"), "id"},
                 {device(R"(,"id":"123456789012345678901234567890123")"), "id"},
                 {device(R"(,"id":"a/b")"), "id"},
                 {device(R"(,"serial":"AB 12")"), "serial"},
                 {device(R"(,"serial":"AB\u00e4")"), "serial"},
                 {device(R"(,"serial":"123456789012345678901234567890123")"), "serial"},
                 {device(R"(,"rated_power_w":-5)"), "rated_power_w"},
                 {device(R"(,"rated_power_w":1e12)"), "rated_power_w"},
                 {device(R"(,"via":"wifi")"), "via"},
                 {device(R"(,"admin":true)"), "admin"},
                 {R"({"name":"x","profile":"a/b","bus":"lan","unit":1,"use":"toaster"})", "use"},
                 {"{}", "name"}});
    all_refused(gateway, token, "PUT", "/api/v1/devices/roof",
                {{R"({"name":"x"})", "use"}, {R"({"name":"x","use":"pv","unit":4})", "unit"}});
    all_refused(gateway, token, "POST", "/api/v1/devices/roof/replacement",
                {{R"({"serial":"a;b"})", "serial"},
                 {R"({"unit":256})", "unit"},
                 {R"({"unit":0,"bus":"rs485-1"})", "unit"},
                 {R"({"profile":"/etc"})", "profile"}});
    for (const auto& [query, field] :
         {std::pair{"", "bus"}, std::pair{"?bus=lan&profile=a/b", "unit"}, std::pair{"?bus=lan&unit=1", "profile"},
          std::pair{"?bus=lan&unit=256&profile=a/b", "unit"}, std::pair{"?bus=&unit=1&profile=a/b", "bus"}}) {
        const auto answer = gateway.call("DELETE", std::string("/api/v1/devices/roof") + query, token);
        CHECK(answer.status == 400);
        CHECK(answer.body.find(std::string("\"field\":\"") + field + "\"") != std::string::npos);
    }
    CHECK(gateway.commissioning.changes() == 0);
}

TEST_CASE("lines that cannot be") {
    Gateway gateway;
    const auto token = gateway.set_up();
    const std::string rest = R"("parity":"none","stop_bits":1)";
    all_refused(
        gateway, token, "POST", "/api/v1/buses",
        {{serial_bus(R"("port":"/dev/ttyUSB0","baud":300,)" + rest), "settings.baud"},
         {serial_bus(R"("port":"/dev/ttyUSB0","baud":9600.5,)" + rest), "settings.baud"},
         {serial_bus(R"("port":"ttyUSB0","baud":9600,)" + rest), "settings.port"},
         {serial_bus(R"("port":"/dev/../etc/shadow","baud":9600,)" + rest), "settings.port"},
         {serial_bus(R"("port":502,"baud":9600,)" + rest), "settings.port"},
         {serial_bus(R"("port":"/dev/ttyUSB0","baud":9600,"parity":"mark","stop_bits":1)"), "settings.parity"},
         {serial_bus(R"("port":"/dev/ttyUSB0","baud":9600,"parity":"none","stop_bits":3)"), "settings.stop_bits"},
         {serial_bus(R"("port":"/dev/ttyUSB0","baud":9600,"host":"h",)" + rest), "settings.host"},
         {R"({"id":"b2","settings":{"kind":"tcp","host":"a b","port":502,"framing":"tcp"}})", "settings.host"},
         {R"({"id":"b2","settings":{"kind":"tcp","host":"","port":502,"framing":"tcp"}})", "settings.host"},
         {R"({"id":"b2","settings":{"kind":"tcp","host":"h/../x","port":502,"framing":"tcp"}})", "settings.host"},
         {R"({"id":"b2","settings":{"kind":"tcp","host":"h","port":0,"framing":"tcp"}})", "settings.port"},
         {R"({"id":"b2","settings":{"kind":"tcp","host":"h","port":65536,"framing":"tcp"}})", "settings.port"},
         {R"({"id":"b2","settings":{"kind":"tcp","host":"h","port":502,"framing":"ascii"}})", "settings.framing"},
         {R"({"id":"b2","settings":{"kind":"can"}})", "settings.kind"},
         {R"({"id":"b2","settings":5})", "settings.kind"},
         {R"({"id":"b2"})", "settings.kind"},
         {R"({"settings":{"kind":"tcp","host":"h","port":502,"framing":"tcp"}})", "id"}});
}

TEST_CASE("searches that cannot be, or must not") {
    Gateway gateway;
    const auto token = gateway.set_up();
    const auto network = [](const std::string& n) { return R"({"networks":[")" + n + R"("]})"; };
    std::vector<Bad> rows{{"{}", "lines"},
                          {R"({"lines":[]})", "lines"},
                          {R"({"lines":{"bus":"a"}})", "lines"},
                          {R"({"lines":["rs485-1"]})", "lines.0.bus"},
                          {R"({"lines":[{"bus":"a","first":0}]})", "lines.0.first"},
                          {R"({"lines":[{"bus":"a","last":248}]})", "lines.0.last"},
                          {R"({"lines":[{"bus":"a","first":20,"last":10}]})", "lines.0.last"},
                          {R"({"lines":[{"bus":"a"},{"bus":"b","speed":1}]})", "lines.1.speed"},
                          {R"({"lines":)" + many(R"({"bus":"a"})", 4000) + "}", "lines"},
                          {R"({"lines":[{"bus":"a"}],"bauds":[110]})", "bauds.0"},
                          {R"({"lines":[{"bus":"a"}],"bauds":)" + many("9600", 9) + "}", "bauds"},
                          {R"({"own_networks":"yes"})", "own_networks"},
                          {R"({"networks":)" + many("\"192.168.8.0/24\"", 3000) + "}", "networks"},
                          {R"({"networks":)" + many("\"10.0.0.0/22\"", 5) + "}", "networks"}};
    for (const char* bad :
         {"0.0.0.0/0", "192.168.0.0/16", "8.8.8.0/24", "172.32.0.0/24", "127.0.0.0/24", "169.254.1.1/32", "10.0.0.0/21",
          "192.168.8.0/", "192.168.8.0/33", "192.168.8/24", "192.168.8.256/24", "192.168.8.0/-1", "fe80::/64", "",
          "192.168.8.0/24 ", "192.168.8.0/24/2", "192.168..8/24"})
        rows.push_back({network(bad), "networks.0"});
    all_refused(gateway, token, "POST", "/api/v1/scan", rows);
    // A million entries do not even arrive.
    CHECK(gateway.call("POST", "/api/v1/scan", token, R"({"bauds":)" + many("1", 1'000'000) + "}").status == 413);
    for (const char* good : {"10.1.2.0/24", "172.16.0.0/22", "192.168.8.20", "100.64.0.0/24"}) {
        CAPTURE(good);
        CHECK(gateway.call("POST", "/api/v1/scan", token, network(good)).status == 202);
        gateway.call("DELETE", "/api/v1/scan", token);
    }
}

TEST_CASE("requests by hand that are none") {
    Gateway gateway;
    const auto token = gateway.set_up();
    const auto pdu = [](const std::string& hex) { return R"({"unit":1,"pdu":")" + hex + R"("})"; };
    const auto read = [](const std::string& more) { return R"({"unit":1,"function":3,)" + more + "}"; };
    all_refused(gateway, token, "POST", "/api/v1/buses/rs485-1/request",
                {{pdu(""), "pdu"},
                 {pdu("03 00 0"), "pdu"},
                 {pdu("zz"), "pdu"},
                 {pdu("+3"), "pdu"},
                 {pdu("0x03"), "pdu"},
                 {pdu("00"), "pdu"},
                 {pdu("83 02"), "pdu"},
                 {pdu(std::string(508, '1')), "pdu"},
                 {pdu(std::string(20'000, '1')), "pdu"},
                 {R"({"unit":1,"pdu":[3,0,0]})", "pdu"},
                 {R"({"unit":1,"pdu":"03","count":5})", "count"},
                 {R"({"unit":0,"function":6,"address":0,"values":[1]})", "unit"},
                 {R"({"unit":300,"function":3,"address":0,"count":1})", "unit"},
                 {R"({"unit":1})", "function"},
                 {R"({"unit":1,"function":43,"address":0,"count":1})", "function"},
                 {read(R"("address":65536,"count":1)"), "address"},
                 {read(R"("address":0,"count":126)"), "count"},
                 {read(R"("address":0,"count":0)"), "count"},
                 {read(R"("address":65535,"count":2)"), "count"},
                 {read(R"("address":0,"count":1,"values":[1])"), "values"},
                 {R"({"unit":1,"function":6,"address":0})", "values"},
                 {R"({"unit":1,"function":6,"address":0,"values":[1,2]})", "values"},
                 {R"({"unit":1,"function":5,"address":0,"values":[2]})", "values.0"},
                 {R"({"unit":1,"function":16,"address":0,"values":[70000]})", "values.0"},
                 {R"({"unit":1,"function":16,"address":0,"values":)" + many("1", 124) + "}", "values"},
                 {R"({"unit":1,"function":16,"address":65500,"values":)" + many("1", 123) + "}", "count"}});
    for (const char* query : {"?from=-1", "?from=x", "?limit=0", "?limit=1001", "?from=99999999999999999999"})
        CHECK(gateway.call("GET", std::string("/api/v1/buses/rs485-1/frames") + query, token).status == 400);
    CHECK(gateway.call("GET", "/api/v1/buses/..%2Frs485-1/capture", token).status == 400);
}

TEST_CASE("packs and images that lead elsewhere, or are none") {
    Gateway gateway;
    const auto token = gateway.set_up();
    all_refused(gateway, token, "POST", "/api/v1/profiles",
                {{R"({"name":"../../site","text":"x"})", "name"},
                 {R"({"name":"/etc/passwd","text":"x"})", "name"},
                 {R"({"name":"a/../../b","text":"x"})", "name"},
                 {R"({"name":".hidden/b","text":"x"})", "name"},
                 {R"({"name":"a/b","text":5})", "text"},
                 {R"({"name":"a/b"})", "text"}});
    const std::string image(64, 'a');
    const auto piece = [&](const std::string& rest, const std::string& name) {
        return R"({"image":")" + name + R"(",)" + rest + "}";
    };
    all_refused(gateway, token, "POST", "/api/v1/devices/roof/firmware",
                {{piece(R"("size":3,"offset":0)", "../settings.db"), "image"},
                 {piece(R"("size":3,"offset":0)", std::string(64, 'A')), "image"},
                 {piece(R"("size":3,"offset":0)", std::string(63, 'a')), "image"},
                 {piece(R"("size":0,"offset":0)", image), "size"},
                 {piece(R"("size":16777217,"offset":0)", image), "size"},
                 {piece(R"("size":2,"offset":0,"data":"Zm9v")", image), "offset"},
                 {piece(R"("size":3,"offset":1,"data":"Zm9v")", image), "offset"},
                 {piece(R"("size":3,"offset":0,"data":"Zm9")", image), "data"},
                 {piece(R"("size":3,"offset":0,"data":"Zm9\n")", image), "data"},
                 {piece(R"("size":99999,"offset":0,"data":")" + std::string(43'700, 'A') + R"(")", image), "data"}});
    all_refused(gateway, token, "POST", "/api/v1/devices/roof/upgrade", {{R"({"image":"../x"})", "image"}});
    all_refused(gateway, token, "PUT", "/api/v1/devices/roof/settings",
                {{R"({"key":"grid_code","value":"5"})", "value"},
                 {R"({"key":"grid_code","value":1e300})", "value"},
                 {R"({"key":")" + std::string(10'000, 'k') + R"(","value":5})", "key"}});
}

TEST_CASE("a body that is cut off, too large, or of another kind changes nothing on any route") {
    Gateway gateway;
    const auto token = gateway.set_up();
    const struct {
        const char *method, *path;
    } routes[] = {{"POST", "/api/v1/devices"},
                  {"PUT", "/api/v1/devices/roof"},
                  {"POST", "/api/v1/devices/roof/replacement"},
                  {"PUT", "/api/v1/devices/roof/settings"},
                  {"POST", "/api/v1/devices/roof/firmware"},
                  {"POST", "/api/v1/devices/roof/upgrade"},
                  {"POST", "/api/v1/buses"},
                  {"PUT", "/api/v1/buses/lan"},
                  {"POST", "/api/v1/buses/rs485-1/request"},
                  {"POST", "/api/v1/profiles"},
                  {"POST", "/api/v1/scan"},
                  {"PUT", "/api/v1/sharing"},
                  {"POST", "/api/v1/site/reload"}};
    std::string deep;
    for (int i = 0; i < 1000; ++i) deep += R"({"name":)";
    const std::string bodies[] = {"",
                                  "{",
                                  R"({"name":"x","profile":"a)",
                                  "[]",
                                  "null",
                                  "\"text\"",
                                  "5",
                                  "name=x",
                                  deep,
                                  R"({"name":"x","name":"y")",
                                  std::string("{\"a\0b\":1}", 9),
                                  "{\"name\":\"\xff\xfe\"}"};
    for (const auto& [method, path] : routes) {
        CAPTURE(method);
        CAPTURE(path);
        for (const std::string& body : bodies) {
            CAPTURE(body.substr(0, 60));
            const auto answer = gateway.call(method, path, token, body);
            CHECK(answer.status == 400);
            CHECK(answer.header("content-type").starts_with("application/json"));
            CHECK(answer.body.find("\"remedy\":\"") != std::string::npos);
            CHECK(answer.body.size() < 1000);
        }
        CHECK(gateway.call(method, path, token, R"({"text":")" + std::string(200 * 1024, 'x') + R"("})").status == 413);
        HttpClient client(gateway.port(), false);
        const auto plain = client.request(
            method, path, {{"Authorization", "Bearer " + token}, {"Content-Type", "text/plain"}}, std::string("{}"));
        CHECK(plain.status == 415);
    }
    CHECK(gateway.commissioning.changes() == 0);
}

TEST_CASE("addresses, devices and lines that are taken or unknown are refused with their name") {
    Gateway gateway;
    const auto token = gateway.set_up();
    const struct {
        std::string method, path, body;
        int status;
        std::string said;
    } rows[] = {
        {"POST", "/api/v1/devices", device("", "x", "a/b", "11"), 409, "held by device 'meter'"},
        {"POST", "/api/v1/devices", device("", "x", "a/b", "3", "attic"), 404, "bus 'attic'"},
        {"PUT", "/api/v1/devices/barn", R"({"name":"x","use":"pv"})", 404, "device 'barn'"},
        {"POST", "/api/v1/devices/roof/replacement", R"({"unit":11,"bus":"rs485-1"})", 409, "held by device 'meter'"},
        {"PUT", "/api/v1/devices/barn/settings", R"({"key":"grid_code","value":5})", 404, "device 'barn'"},
        {"POST", "/api/v1/buses/attic/request", R"({"unit":1,"pdu":"03 00 00 00 01"})", 404, "bus 'attic'"},
        {"PUT", "/api/v1/buses/attic", R"({"settings":{"kind":"tcp","host":"h","port":502,"framing":"tcp"}})", 404,
         "bus 'attic'"}};
    for (const auto& row : rows) {
        CAPTURE(row.path);
        const auto answer = gateway.call(row.method, row.path, token, row.body);
        CAPTURE(answer.body);
        CHECK(answer.status == row.status);
        CHECK(answer.body.find(row.said) != std::string::npos);
    }
    CHECK(gateway.commissioning.changes() == 0);
}
