// Bad input over the wire: each has a clear error and costs nothing else.
#include <doctest/doctest.h>

#include "contract/gateway.hpp"

using namespace busbar;
using namespace busbar::test;

TEST_CASE("bodies: too long, no JSON, too deep, wrong kind") {
    Gateway gateway;
    const auto token = gateway.set_up();
    const auto post = [&](const std::string& body) { return gateway.call("POST", "/api/v1/session", "", body); };
    const auto too_long = post(std::string(65'537, ' '));
    CHECK(too_long.status == 413);
    CHECK(too_long.header("content-type") == "application/json");
    CHECK(too_long.body.find("65536 bytes") != std::string::npos);
    std::string deep = "{\"a\":";
    for (int i = 0; i < 20; ++i) deep += "[";
    for (const auto& body : {std::string("{"), std::string(""), std::string("[]"), std::string("nul"),
                             std::string("{\"username\":\"a\xff\"}"), deep, std::string(60'000, '['),
                             std::string("{\"username\":1,\"password\":2}"), std::string("{\"username\":\"anna\"}"),
                             std::string("{\"username\":\"anna\",\"password\":\"x\",\"admin\":true}"),
                             "{\"username\":\"anna\",\"password\":\"" + std::string(300, 'x') + "\"}"}) {
        CAPTURE(body.substr(0, 60));
        const auto answer = post(body);
        CHECK(answer.status == 400);
        CHECK(answer.body.find("\"remedy\"") != std::string::npos);
    }
    CHECK(post(deep).body.find("nested deeper than 16") != std::string::npos);
    HttpClient form(gateway.port(), false);
    CHECK(form.request("POST", "/api/v1/session", {{"Content-Type", "application/x-www-form-urlencoded"}},
                       "username=anna")
              .status == 415);
    CHECK(gateway.call("GET", "/api/v1/status", token).status == 200);
}

TEST_CASE("what is no request is answered in the same shape") {
    Gateway gateway;
    for (const char* bytes :
         {"GARBAGE\r\n\r\n", "GET /../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"}) {
        HttpClient client(gateway.port(), false);
        client.send_raw(bytes);
        const auto answer = client.read_answer();
        CHECK(answer.status == 400);
        CHECK(answer.body.find("{\"error\":{\"kind\":\"malformed\"") == 0);
    }
}

TEST_CASE("the web interface: assets by name, compressed, cached, pages led to index.html") {
    const net::Asset assets[] = {
        {"/index.html", "text/html; charset=utf-8", "\"i1\"", false, as_bytes("<html>"), as_bytes("GZ"), {}},
        {"/assets/app-1a2b.js", "text/javascript", "\"j1\"", true, as_bytes("let a;"), as_bytes("GZJS"),
         as_bytes("BR")},
    };
    Gateway gateway({.tls = true, .assets = assets});
    HttpClient client(gateway.port(), true);
    const auto index = client.request("GET", "/");
    CHECK(index.status == 200);
    CHECK(index.body == "<html>");
    CHECK(index.header("cache-control") == "no-cache");
    CHECK(index.header("content-security-policy").find("frame-ancestors 'none'") != std::string::npos);
    CHECK(index.header("referrer-policy") == "no-referrer");
    CHECK(client.request("GET", "/history").body == "<html>");
    CHECK(client.request("GET", "/devices/roof").body == "<html>");
    CHECK(client.request("GET", "/missing.js").status == 404);
    CHECK(client.request("POST", "/", {}, "x").status == 405);
    const auto js = client.request("GET", "/assets/app-1a2b.js", {{"Accept-Encoding", "gzip, deflate, br"}});
    CHECK(js.body == "BR");
    CHECK(js.header("content-encoding") == "br");
    CHECK(js.header("cache-control").find("immutable") != std::string::npos);
    CHECK(client.request("GET", "/assets/app-1a2b.js", {{"Accept-Encoding", "gzip, br;q=0"}}).body == "GZJS");
    CHECK(client.request("GET", "/assets/app-1a2b.js", {{"Accept-Encoding", "identity"}}).body == "let a;");
    const auto same = client.request("GET", "/", {{"If-None-Match", "\"i1\""}});
    CHECK(same.status == 304);
    CHECK(same.body.empty());
    CHECK(client.request("HEAD", "/").header("content-length") == "6");
    Gateway bare;
    CHECK(bare.call("GET", "/").body.find("no web interface") != std::string::npos);
    CHECK(bare.call("GET", "/x").status == 404);
}
