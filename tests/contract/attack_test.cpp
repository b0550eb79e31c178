// What somebody on the same network would try first, each over a real connection.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <thread>

#include "api/access/policy.hpp"
#include "contract/gateway.hpp"

using namespace busbar;
using namespace busbar::test;
using namespace std::chrono_literals;

namespace {
int try_login_from(Gateway& gateway, const std::string& source, const std::string& password) {
    return gateway.call_from(source, "POST", "/api/v1/session", "", json_login("anna", password)).status;
}
// 190 kB: more than the kernel takes in for a client that does not read.
const std::string export_of_an_hour = [] {
    std::string path =
        "/api/v1/export?from=" + std::to_string(start_ms) + "&to=" + std::to_string(start_ms + 3'600'000);
    for (int i = 0; i < 8; ++i) path += i % 2 == 0 ? "&series=roof%2Fac.power" : "&series=meter%2Fmeter.power";
    return path;
}();
}  // namespace

TEST_CASE("a session is only ever the gateway's own: what the browser brings is not adopted") {
    Gateway gateway({.tls = true});
    gateway.set_up();
    const std::string planted(43, 'A');
    const auto opened = gateway.call("POST", "/api/v1/session", "", json_login("anna", good_password),
                                     {{"Cookie", "__Host-busbar=" + planted}});
    CHECK(opened.status == 200);
    CHECK(token_in(opened) != planted);
    CHECK(gateway.call("GET", "/api/v1/session", planted).status == 401);
    CHECK(opened.header("set-cookie") ==
          "__Host-busbar=" + token_in(opened) + "; Path=/; Secure; HttpOnly; SameSite=Strict");
    CHECK(opened.header("cache-control") == "no-store");
    CHECK(opened.body.find(token_in(opened)) == std::string::npos);
    const auto closed = gateway.call("DELETE", "/api/v1/session", token_in(opened));
    CHECK(closed.header("set-cookie") == "__Host-busbar=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
    // A token counts in the cookie and the header only, never in an address that proxies and histories keep.
    const auto again = gateway.log_in("anna", good_password);
    CHECK(gateway.call("GET", "/api/v1/session?token=" + again + "&__Host-busbar=" + again).status == 401);
}

TEST_CASE("an attacker elsewhere locks himself out, not the owner, and not by lies about his address") {
    Gateway gateway;
    gateway.set_up();
    for (int i = 0; i < 5; ++i) CHECK(try_login_from(gateway, "127.0.0.66", "wrong-password") == 401);
    CHECK(try_login_from(gateway, "127.0.0.66", good_password) == 429);
    CHECK(try_login_from(gateway, "127.0.0.1", good_password) == 200);
    const auto forged =
        gateway.call_from("127.0.0.66", "POST", "/api/v1/session", "", json_login("anna", good_password),
                          {{"X-Forwarded-For", "127.0.0.9"}, {"Forwarded", "for=127.0.0.9"}});
    CHECK(forged.status == 429);
}

TEST_CASE("before the first account nobody logs in, and guessing the code ends after five tries") {
    Gateway gateway;
    const std::string code = gateway.setup_code();
    CHECK(gateway.log_in("anna", "").empty());
    CHECK(gateway.log_in("admin", "admin").empty());
    CHECK(gateway.log_in("", "").empty());
    const auto guess = [&](const std::string& tried) {
        return gateway.call_from(
            "127.0.0.66", "POST", "/api/v1/setup", "",
            R"({"code":")" + tried + R"(","username":"eve","password":")" + good_password + R"("})");
    };
    std::string nearly = code;
    nearly.back() = nearly.back() == '0' ? '1' : '0';
    const auto wrong = guess(nearly);
    CHECK(wrong.status == 403);
    CHECK(guess("0000-0000-0000-0000").body == wrong.body);  // nearly right is no better than wrong
    for (int i = 0; i < 3; ++i) CHECK(guess(code.substr(0, 18)).status == 403);
    CHECK(guess(code).status == 429);
    CHECK(gateway.call("GET", "/api/v1/setup").body.find(code) == std::string::npos);
    CHECK(gateway.set_up().size() == 43);  // the owner comes from elsewhere
}

TEST_CASE("who has no session learns nothing but whether the first password is still wanted") {
    Gateway gateway;
    CHECK(gateway.call("GET", "/api/v1/setup").body == R"({"needed":true})");
    gateway.set_up();
    CHECK(gateway.call("GET", "/api/v1/setup").body == R"({"needed":false})");
    for (const auto& route : api::routes()) {
        CAPTURE(route.operation_id);
        if (route.operation == api::Operation::getDescription) continue;  // the same text for every gateway
        const auto answer = gateway.call(std::string(net::to_string(route.method)), std::string(route.pattern), "",
                                         route.method == net::Method::get ? std::nullopt : std::optional("{}"));
        for (const auto& told : {gateway.site.name(), gateway.site.version(), std::string("anna")})
            CHECK(answer.body.find(told) == std::string::npos);
        for (const auto& [name, value] : answer.headers) CHECK(value.find(gateway.site.version()) == std::string::npos);
    }
    // A name that is nobody's and one that is somebody's are refused in the same words.
    const auto stranger = gateway.call("POST", "/api/v1/session", "", json_login("bert", "wrong-password"));
    const auto known = gateway.call("POST", "/api/v1/session", "", json_login("anna", "wrong-password"));
    CHECK(stranger.status == 401);
    CHECK(known.status == 401);
    CHECK(stranger.body == known.body);
}

TEST_CASE("a page of another site cannot log in, set up or change anything, whatever it claims to send") {
    Gateway gateway({.tls = true});
    const auto token = gateway.set_up();
    const HeaderList cookie{{"Cookie", "__Host-busbar=" + token}};
    const std::string settings =
        R"({"self_consumption":{"enabled":false,"import_target_w":0},"feed_in_limit":{"mode":"none","value":0}})";
    const auto put = [&](HeaderList headers) {
        headers.insert(headers.end(), cookie.begin(), cookie.end());
        HttpClient client(gateway.port(), true);
        return client.request("PUT", "/api/v1/settings/control", headers, settings).status;
    };
    CHECK(put({{"Content-Type", "application/json"}, {"Origin", "https://evil.example"}}) == 403);
    CHECK(put({{"Content-Type", "application/json"}, {"Origin", "https://localhost:8080"}}) == 403);
    for (const char* simple : {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"})
        CHECK(put({{"Content-Type", simple}}) == 415);  // what a form can send without asking first
    CHECK(gateway.site.applied() == 0);
    CHECK(put({{"Content-Type", "application/json"}, {"Origin", "https://localhost"}}) == 200);
    CHECK(gateway.site.applied() == 1);
    HttpClient preflight(gateway.port(), true);
    const auto asked =
        preflight.request("OPTIONS", "/api/v1/settings/control",
                          {{"Origin", "https://evil.example"}, {"Access-Control-Request-Method", "PUT"}});
    CHECK(asked.status == 405);
    CHECK(asked.header("access-control-allow-origin").empty());
}

TEST_CASE("no path leads out of the assets") {
    const net::Asset assets[] = {{"/index.html", "text/html", "\"i\"", false, as_bytes("<html>"), {}, {}}};
    Gateway gateway({.assets = assets});
    for (const char* path :
         {"/../settings.db", "/%2e%2e/settings.db", "/..%2fsettings.db", "/assets/..%2f..%2fsettings.db",
          "/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "//etc/passwd.txt", "/..\\settings.db", "/%00settings.db", "/settings.db",
          "/tls-key.pem", "/.git/config.txt", "/index.html%00.js", "/%c0%ae%c0%ae/settings.db", "file:///etc/passwd",
          "/index.html/../settings.db"}) {
        CAPTURE(path);
        const auto answer = gateway.call("GET", path);
        CHECK((answer.status == 400 || answer.status == 404));
        CHECK(answer.body.find("SQLite") == std::string::npos);
    }
}

TEST_CASE("requests that two readers would understand differently are refused") {
    Gateway gateway;
    const std::string host = "Host: localhost\r\n";
    const std::string requests[] = {
        "POST /api/v1/session HTTP/1.1\r\n" + host + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        "POST /api/v1/session HTTP/1.1\r\n" + host + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /api/v1/session HTTP/1.1\r\n" + host + "Content-Length: -1\r\n\r\n",
        "POST /api/v1/session HTTP/1.1\r\n" + host + "Content-Length: 5x\r\n\r\nhello",
        "GET /api/v1/setup HTTP/1.1\r\n" + host + "Host: evil.example\r\n\r\n",
        "GET /api/v1/setup HTTP/1.1\r\n" + host + " folded: x\r\n\r\n",
        "GET /api/v1/setup HTTP/1.1\r\nHost : localhost\r\n\r\n",
        "GET http://localhost/api/v1/setup HTTP/1.1\r\n" + host + "\r\n",
        "GET /api/v1/setup HTTP/9.9\r\n" + host + "\r\n",
        std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    };
    for (const auto& bytes : requests) {
        CAPTURE(bytes);
        HttpClient client(gateway.port(), false);
        client.send_raw(bytes);
        CHECK(client.read_answer().status == 400);
        CHECK(client.is_closed_within(patience_ms));
    }
    HttpClient gzipped(gateway.port(), false);
    gzipped.send_raw("POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip, chunked\r\n\r\n");
    CHECK(gzipped.read_answer().status == 501);
    HttpClient long_header(gateway.port(), false);
    long_header.send_raw("GET / HTTP/1.1\r\n" + host + "X: " + std::string(17'000, 'x') + "\r\n\r\n");
    CHECK(long_header.read_answer().status == 431);
    HttpClient many(gateway.port(), false);
    std::string fields;
    for (int i = 0; i < 101; ++i) fields += "X: y\r\n";
    many.send_raw("GET / HTTP/1.1\r\n" + host + fields + "\r\n");
    CHECK(many.read_answer().status == 431);
    HttpClient chunked(gateway.port(), false);
    chunked.send_raw("POST /api/v1/session HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 17; ++i) chunked.send_raw("1000\r\n" + std::string(4096, ' ') + "\r\n");
    CHECK(chunked.read_answer().status == 413);
}

namespace {
// Asks for an export and reads nothing of it.
std::unique_ptr<HttpClient> unread_export(Gateway& gateway, const std::string& token) {
    auto client = std::make_unique<HttpClient>(gateway.port(), false, 2048);
    client->send_raw("GET " + export_of_an_hour + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token +
                     "\r\n\r\n");
    return client;
}
int status_of_export(Gateway& gateway, const std::string& token) {
    return gateway.call("GET", export_of_an_hour, token).status;
}
}  // namespace

TEST_CASE("a fifth export at the same time is refused") {
    Gateway gateway;
    const auto token = gateway.set_up();
    REQUIRE(gateway.call("GET", export_of_an_hour, token).body.size() > 150'000);
    std::vector<std::unique_ptr<HttpClient>> unread;
    for (int i = 0; i < 4; ++i) unread.push_back(unread_export(gateway, token));
    int status = 200;
    for (int i = 0; i < 1000 && status == 200; ++i) status = status_of_export(gateway, token);
    CHECK(status == 503);
    unread.pop_back();
    for (int i = 0; i < 6000 && status == 503; ++i) {
        std::this_thread::sleep_for(5ms);
        status = status_of_export(gateway, token);
    }
    CHECK(status == 200);
}

TEST_CASE("an export that nobody reads is cut off and gives its place back") {
    GatewayOptions options;
    options.limits.write = 300ms;
    Gateway gateway(options);
    const auto token = gateway.set_up();
    std::vector<std::unique_ptr<HttpClient>> unread;
    for (int i = 0; i < 4; ++i) unread.push_back(unread_export(gateway, token));
    // All four have begun when a fifth is refused; on a slow machine the first may have been cut off by then.
    int status = 200;
    for (int i = 0; i < 200 && status == 200; ++i) status = status_of_export(gateway, token);
    status = 503;
    for (int i = 0; i < 6000 && status == 503; ++i) {
        std::this_thread::sleep_for(5ms);
        status = status_of_export(gateway, token);
    }
    CHECK(status == 200);
    // The place came from one that was cut off: nobody has read so far. Others may still be within their time.
    CHECK(std::any_of(unread.begin(), unread.end(), [](auto& client) { return !client->read_answer().is_complete; }));
}

TEST_CASE("an export ends with its session") {
    Gateway gateway;
    const auto token = gateway.set_up(), other = gateway.log_in("anna", good_password);
    HttpClient client(gateway.port(), false, 2048);
    client.send_raw("GET " + export_of_an_hour + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token +
                    "\r\n\r\n");
    std::this_thread::sleep_for(50ms);  // it has begun, and waits for its reader
    CHECK(gateway.call("DELETE", "/api/v1/session", token).status == 204);
    const auto cut = client.read_answer();
    CHECK((cut.status == 401 || !cut.is_complete));
    CHECK(gateway.call("GET", export_of_an_hour, other).is_complete);
}

TEST_CASE("files with secrets are nobody else's") {
    Gateway gateway({.tls = true});
    gateway.set_up();
    for (const char* name : {"/settings.db", "/settings.db-wal", "/tls-key.pem"}) {
        struct stat file {};
        REQUIRE(::stat((gateway.folder() + name).c_str(), &file) == 0);
        CHECK((file.st_mode & 0077) == 0);
    }
    const std::string folder = gateway.folder();
    gateway.keep_folder = true;
    gateway.stop();
    ::chmod((folder + "/settings.db").c_str(), 0644);  // as a careless copy leaves it
    GatewayOptions options;
    options.folder = folder;
    Gateway again(options);
    struct stat file {};
    REQUIRE(::stat((folder + "/settings.db").c_str(), &file) == 0);
    CHECK((file.st_mode & 0777) == 0600);
    CHECK(again.setup_code().empty());
}
