// What an installer does to a site, over the wire: who may, what arrives, what each kind of refusal looks like.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <boost/json.hpp>
#include <filesystem>

#include "contract/gateway.hpp"
#include "net/crypto.hpp"

using namespace busbar;
using namespace busbar::test;
namespace json = boost::json;

namespace {
bool says(const Answer& answer, std::string_view text) { return answer.body.find(text) != std::string::npos; }
json::value json_of(const Answer& answer) { return json::parse(answer.body); }
}  // namespace

TEST_CASE("a device is added with everything that was said, in the name of who said it") {
    Gateway gateway;
    const auto token = gateway.set_up();
    const auto added =
        gateway.call("POST", "/api/v1/devices", token,
                     R"({"id":"barn","name":"Barn é","profile":"eastron/sdm630","bus":"rs485-1",)"
                     R"("unit":247,"use":"sub_meter","rated_power_w":8000.5,"serial":"AB-12","via":"lan"})");
    CHECK(added.status == 201);
    CHECK(added.body == R"({"id":"barn"})");
    CHECK(gateway.commissioning.last() ==
          "add_device barn 'Barn é' eastron/sdm630 rs485-1 unit 247 sub_meter 8000.5 AB-12 lan by anna from 127.0.0.1");
    const auto unnamed = gateway.call("POST", "/api/v1/devices", token,
                                      R"({"name":"x","profile":"a/b","bus":"lan","unit":0,"use":"pv","via":null})");
    CHECK(unnamed.body == R"({"id":"made-up"})");
}

TEST_CASE("what is held by another device is a conflict that names the holder") {
    Gateway gateway;
    const auto token = gateway.set_up();
    const auto taken =
        gateway.call("POST", "/api/v1/devices", token,
                     R"({"name":"x","profile":"eastron/sdm630","bus":"rs485-1","unit":11,"use":"sub_meter"})");
    CHECK(taken.status == 409);
    CHECK(says(taken, "held by device 'meter'\""));
    CHECK(says(taken, R"("code":"address_taken","values":{"unit":"11","bus":"rs485-1","device":"meter","line":""})"));
    CHECK(says(taken, R"("remedy":"delete that one first or give another unit","field":"unit")"));
    const auto other = gateway.call("DELETE", "/api/v1/devices/roof?bus=lan&unit=2&profile=sunspec/inverter", token);
    CHECK(other.status == 409);
    CHECK(says(other, "sunspec/inverter at unit 1 of bus 'lan'"));
    const auto bus = gateway.call("POST", "/api/v1/buses", token,
                                  R"({"id":"lan","settings":{"kind":"tcp","host":"h","port":502,"framing":"tcp"}})");
    CHECK(bus.status == 409);
    CHECK(gateway.commissioning.changes() == 0);
    CHECK(gateway.call("DELETE", "/api/v1/devices/roof?bus=lan&unit=1&profile=sunspec/inverter", token).status == 204);
    CHECK(gateway.commissioning.last() == "remove_device roof by anna from 127.0.0.1");
}

TEST_CASE("a line says all of itself and its budget; what comes back is what goes in") {
    Gateway gateway;
    const auto token = gateway.set_up();
    const auto buses = json_of(gateway.call("GET", "/api/v1/buses", token)).at("buses").as_array();
    REQUIRE(buses.size() == 2);
    CHECK(json::serialize(buses[0].at("settings")) ==
          R"({"kind":"serial","port":"/dev/ttyUSB0","baud":9600,"parity":"even","stop_bits":1})");
    CHECK(buses[0].at("budget").at("verdict") == "fits");
    CHECK(buses[0].at("budget").at("refresh").at(1).at("measured_ms").is_null());
    CHECK(buses[0].at("budget").at("refresh").at(0).at("upgrading_ms").is_null());
    CHECK(buses[0].at("budget").at("estimated") == true);
    CHECK(json::serialize(buses[0].at("budget").at("spread")) == R"([{"device":"roof","every_s":25,"wanted_s":10}])");
    CHECK(buses[1].at("budget").is_null());
    const auto put = [&](const std::string& id, const json::value& settings) {
        return gateway.call("PUT", "/api/v1/buses/" + id, token, json::serialize(json::value{{"settings", settings}}));
    };
    CHECK(put("rs485-1", buses[0].at("settings")).status == 204);
    CHECK(put("lan", buses[1].at("settings")).status == 204);
    CHECK(put("nobody", buses[1].at("settings")).status == 404);
    auto odd = buses[0].at("settings");
    odd.as_object()["parity"] = "odd";
    const std::string body = json::serialize(json::value{{"id", "rs485-9"}, {"settings", odd}});
    CHECK(gateway.call("POST", "/api/v1/buses", token, body).body == R"({"id":"rs485-9"})");
    CHECK(gateway.commissioning.last() == "add_bus rs485-9 /dev/ttyUSB0 9600 O1 by anna from 127.0.0.1");
}

TEST_CASE("a request by hand: registers, bits and refusals in words") {
    Gateway gateway;
    const auto token = gateway.set_up();
    const auto ask = [&](const std::string& body) {
        return gateway.call("POST", "/api/v1/buses/rs485-1/request", token, body);
    };
    const auto registers = json_of(ask(R"({"unit":11,"function":3,"address":258,"count":2})"));
    CHECK(gateway.commissioning.last() == "ask rs485-1 unit 11 0301020002 by anna from 127.0.0.1");
    CHECK(registers.at("values") == json::array{2300, 65535});
    CHECK(registers.at("pdu") == "030408fcffff");
    CHECK(registers.at("exception").is_null());
    CHECK(registers.at("took_ms") == 12.3);
    CHECK(json_of(ask(R"({"unit":11,"function":1,"address":0,"count":3})")).at("values") == json::array{1, 0, 1});
    // An answer of another length than asked for is shown, not interpreted.
    CHECK(json_of(ask(R"({"unit":11,"pdu":"03 00 00 00 04"})")).at("values").is_null());
    const auto refused = json_of(ask(R"({"unit":11,"pdu":"2B 0E 01 00"})"));
    CHECK(gateway.commissioning.last() == "ask rs485-1 unit 11 2b0e0100 by anna from 127.0.0.1");
    CHECK(refused.at("exception").at("code") == 2);
    CHECK(refused.at("exception").at("text").as_string().starts_with("illegal data address: not all of these"));
    CHECK(refused.at("values").is_null());
    const struct {
        const char *body, *pdu;
    } writes[] = {{R"({"unit":1,"function":6,"address":2,"values":[65535]})", "060002ffff"},
                  {R"({"unit":1,"function":5,"address":2,"values":[1]})", "050002ff00"},
                  {R"({"unit":1,"function":5,"address":2,"values":[0]})", "0500020000"},
                  {R"({"unit":1,"function":15,"address":2,"values":[1,0,1,1,0,0,0,0,1]})", "0f00020009020d01"},
                  {R"({"unit":1,"function":16,"address":2,"values":[1,256]})", "10000200020400010100"}};
    for (const auto& write : writes) {
        CHECK(ask(write.body).status == 200);
        CHECK(gateway.commissioning.last() ==
              std::string("ask rs485-1 unit 1 ") + write.pdu + " by anna from 127.0.0.1");
    }
    const auto silent = ask(R"({"unit":99,"function":3,"address":0,"count":1})");
    CHECK(silent.status == 504);
    CHECK(says(silent, "unit 99 does not answer"));
}

TEST_CASE("settings of a device: owners change theirs, installers all, devices may refuse") {
    Gateway gateway;
    const auto installer = gateway.set_up();
    const auto owner = gateway.token_for_role("owner", installer);
    const auto put = [&](const std::string& token, const std::string& device, const std::string& body) {
        return gateway.call("PUT", "/api/v1/devices/" + device + "/settings", token, body);
    };
    CHECK(gateway.call("GET", "/api/v1/devices/roof/settings", owner).status == 200);
    const auto reserve = put(owner, "roof", R"({"key":"backup_reserve","value":20})");
    CHECK(reserve.body == R"({"key":"backup_reserve","before":null,"value":20})");
    CHECK(gateway.commissioning.last() == "write_setting roof backup_reserve 20 by the-owner from 127.0.0.1, an owner");
    const auto forbidden = put(owner, "roof", R"({"key":"grid_code","value":5})");
    CHECK(forbidden.status == 403);
    CHECK(says(forbidden, "installers only"));
    CHECK(put(installer, "roof", R"({"key":"grid_code","value":5})").status == 200);
    CHECK(put(installer, "roof", R"({"key":"no_such","value":5})").status == 404);
    CHECK(put(installer, "roof", R"({"key":"grid_code","value":101})").status == 400);
    CHECK(put(installer, "meter", R"({"key":"grid_code","value":5})").status == 502);
    CHECK(gateway.call("GET", "/api/v1/devices/meter/settings", installer).status == 504);
}

TEST_CASE("the search: begun once, shown, ended; the frames of a line; its capture") {
    Gateway gateway;
    const auto token = gateway.set_up();
    CHECK(json_of(gateway.call("GET", "/api/v1/scan", token)).at("state") == "idle");
    const std::string order =
        R"({"lines":[{"bus":"rs485-1","first":1,"last":247}],"bauds":[19200],"networks":["192.168.8.0/24"]})";
    CHECK(json_of(gateway.call("POST", "/api/v1/scan", token, order)).at("state") == "running");
    CHECK(gateway.commissioning.last() == "start_scan 1 lines 1 networks by anna");
    CHECK(gateway.call("POST", "/api/v1/scan", token, order).status == 503);
    const auto scan = json_of(gateway.call("GET", "/api/v1/scan", token));
    CHECK(scan.at("found").at(0).at("device") == "meter");
    CHECK(scan.at("found").at(1).at("profile").is_null());
    CHECK(scan.at("found").at(1).at("use").is_null());
    CHECK(gateway.call("DELETE", "/api/v1/scan", token).status == 204);
    CHECK(json_of(gateway.call("GET", "/api/v1/scan", token)).at("state") == "cancelled");
    CHECK(gateway.call("POST", "/api/v1/scan", token, R"({"lines":[{"bus":"nobody"}]})").status == 404);

    const auto frames = json_of(gateway.call("GET", "/api/v1/buses/rs485-1/frames?from=1&limit=2", token));
    CHECK(frames.at("next") == 3);
    CHECK(frames.at("frames").at(0).at("direction") == "heard");
    CHECK(frames.at("frames").at(1).at("hex") == "0b0300020002c40b");
    CHECK(frames.at("frames").at(1).at("text") == "unit 11: read 2 holding registers from 2");
    const auto capture = gateway.call("GET", "/api/v1/buses/rs485-1/capture", token);
    CHECK(capture.header("content-disposition") == "attachment; filename=\"rs485-1.capture\"");
    CHECK(capture.body.starts_with("# capture of rs485-1"));
}

TEST_CASE("a device pack of 64 KiB passes whole, a longer one is refused") {
    Gateway gateway;
    const auto token = gateway.set_up();
    const auto add = [&](const std::string& name, std::string text) {
        const json::value body{{"name", name}, {"text", std::move(text)}};
        return gateway.call("POST", "/api/v1/profiles", token, json::serialize(body));
    };
    std::string lines;
    while (lines.size() < 65'536 - 8) lines += "- \"a\"\n\t\n";
    lines.resize(65'536, '#');
    CHECK(add("acme/meter", lines).status == 201);
    CHECK(gateway.commissioning.last() == "add_profile acme/meter of 65536 bytes by anna from 127.0.0.1");
    CHECK(add("acme/meter", lines + "#").status == 400);
    CHECK(add("acme/meter", std::string(140'000, 'x')).status == 413);
    const auto broken = add("acme/meter", "broken");
    CHECK(broken.status == 400);
    CHECK(says(broken, "acme/meter.yaml:1"));
}

namespace {
std::string base64_of(std::string_view bytes) {
    constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t three = 0;
        const auto n = std::min<std::size_t>(3, bytes.size() - i);
        for (std::size_t k = 0; k < 3; ++k) three = three << 8 | (k < n ? static_cast<unsigned char>(bytes[i + k]) : 0);
        for (std::size_t k = 0; k < 4; ++k) out += k <= n ? digits[three >> (18 - 6 * k) & 63] : '=';
    }
    return out;
}
std::string sha256_hex(std::string_view bytes) {
    std::string out;
    for (const auto byte : net::sha256(bytes)) out += fmt::format("{:02x}", byte);
    return out;
}

// Sends images as a browser does.
struct Sender {
    Gateway& gateway;
    std::string token, image, name = sha256_hex(image);

    Answer send(std::size_t offset, std::size_t n) const {
        const std::string body =
            fmt::format(R"({{"image":"{}","size":{},"offset":{},"data":"{}"}})", name, image.size(), offset,
                        base64_of(std::string_view(image).substr(offset, n)));
        return gateway.call("POST", "/api/v1/devices/roof/firmware", token, body);
    }
    std::int64_t received(std::size_t offset, std::size_t n) const {
        return json_of(send(offset, n)).at("received").as_int64();
    }
};
std::string some_image(std::size_t size, unsigned seed) {
    std::string out;
    for (unsigned x = seed; out.size() < size; x = x * 1664525 + 1013904223) out += static_cast<char>(x >> 24);
    return out;
}
}  // namespace

TEST_CASE("an image arrives in pieces, is continued where it broke off, also after a restart, and checked whole") {
    std::string folder;
    const std::string image = some_image(100'000, 1);
    {
        Gateway gateway;
        gateway.keep_folder = true;
        folder = gateway.folder();
        const Sender sender{gateway, gateway.set_up(), image};
        CHECK(sender.received(0, 0) == 0);
        CHECK(sender.received(0, 32'768) == 32'768);
        CHECK(sender.received(0, 32'768) == 32'768);     // sent twice: taken once
        CHECK(sender.received(65'536, 1000) == 32'768);  // not the next one: not taken
        CHECK(sender.received(32'768, 32'768) == 65'536);
        gateway.stop();
    }
    GatewayOptions options;
    options.folder = folder;
    Gateway gateway(options);
    const Sender sender{gateway, gateway.log_in("anna", good_password), image};
    CHECK(sender.received(0, 0) == 65'536);
    CHECK(sender.received(65'536, 32'768) == 98'304);
    const auto last = json_of(sender.send(98'304, 32'768));
    CHECK(last.at("complete") == true);
    CHECK(last.at("received") == 100'000);
    CHECK(std::filesystem::file_size(folder + "/upgrade/" + sender.name) == 100'000);
    CHECK(json_of(sender.send(0, 0)).at("complete") == true);
    CHECK(gateway
              .call("POST", "/api/v1/devices/nobody/firmware", sender.token,
                    R"({"image":")" + sender.name + R"(","size":5,"offset":0})")
              .status == 404);
}

TEST_CASE("an image that is not what was announced is dropped; only one arrives at a time; three are kept") {
    Gateway gateway;
    const auto token = gateway.set_up();
    Sender lying{gateway, token, some_image(1000, 2)};
    lying.name = sha256_hex("something else");
    const auto refused = lying.send(0, 1000);
    CHECK(refused.status == 400);
    CHECK(says(refused, "not what was announced"));
    CHECK(lying.received(0, 0) == 0);
    const Sender first{gateway, token, some_image(1000, 3)}, second{gateway, token, some_image(1000, 4)};
    CHECK(first.received(0, 500) == 500);
    const auto busy = second.send(0, 500);
    CHECK(busy.status == 503);
    CHECK(says(busy, "another image is being sent"));
    // Nobody goes on with the first for a minute: the second takes its place.
    std::filesystem::last_write_time(gateway.folder() + "/upgrade/" + first.name + ".part",
                                     std::filesystem::file_time_type::clock::now() - std::chrono::seconds(61));
    CHECK(second.received(0, 1000) == 1000);
    CHECK(first.received(0, 0) == 0);
    for (unsigned seed = 5; seed < 10; ++seed) {
        const Sender sender{gateway, token, some_image(10, seed)};
        CHECK(sender.received(0, 10) == 10);
    }
    int kept = 0;
    for ([[maybe_unused]] const auto& file : std::filesystem::directory_iterator(gateway.folder() + "/upgrade")) ++kept;
    CHECK(kept == 3);
}

TEST_CASE("without the part that changes a site the rest works and says so") {
    Gateway gateway({.can_change = false});
    const auto token = gateway.set_up();
    CHECK(gateway.call("GET", "/api/v1/buses", token).status == 200);
    for (const auto& [method, path] : {std::pair{"GET", "/api/v1/scan"}, std::pair{"GET", "/api/v1/profiles"},
                                       std::pair{"DELETE", "/api/v1/devices/roof/upgrade"}}) {
        const auto answer = gateway.call(method, path, token);
        CHECK(answer.status == 503);
        CHECK(says(answer, "change site.yaml"));
    }
}

TEST_CASE("a pack stands over a shipped profile only when somebody says so, and goes by its name") {
    Gateway gateway;
    const auto token = gateway.set_up();
    const auto add = [&](const char* more) {
        return gateway.call("POST", "/api/v1/profiles", token,
                            std::string(R"({"name":"sunspec/inverter","text":"x")") + more + "}");
    };
    const auto refused = add("");
    CHECK(refused.status == 409);
    CHECK(refused.body.find("\"remedy\":\"add it with over_shipped (busbarctl: --over-shipped)\"") !=
          std::string::npos);
    CHECK(add(R"(,"over_shipped":"yes")").status == 400);
    CHECK(add(R"(,"over_shipped":true)").status == 201);
    CHECK(gateway.commissioning.last() ==
          "add_profile sunspec/inverter of 1 bytes over the shipped one by anna from 127.0.0.1");

    const auto remove = [&](const std::string& query) {
        return gateway.call("DELETE", "/api/v1/profiles" + query, token).status;
    };
    CHECK(remove("") == 400);
    CHECK(remove("?name=") == 400);
    CHECK(remove("?name=" + std::string(200, 'x')) == 400);
    CHECK(remove("?name=acme/none") == 404);
    CHECK(remove("?name=sunspec/inverter") == 409);
    CHECK(remove("?name=acme/meter") == 204);
    CHECK(gateway.commissioning.last() == "remove_profile acme/meter by anna from 127.0.0.1");
}
