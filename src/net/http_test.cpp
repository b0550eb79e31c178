#include "net/http.hpp"

#include <doctest/doctest.h>

#include "net/stream.hpp"

#include "net/request_parser.hpp"

using namespace busbar;
using namespace busbar::net;

namespace {
struct Parsed {
    RequestParser::State state;
    int status;
    Request request;
    std::string rest;
};
Parsed parse(std::string bytes, std::size_t body_limit = 64) {
    RequestParser parser(body_limit);
    Parsed out{};
    out.state = parser.put(bytes);
    out.status = parser.status();
    if (out.state == RequestParser::State::done) out.request = parser.take();
    out.rest = bytes;
    return out;
}
using State = RequestParser::State;
}  // namespace

TEST_CASE("a request is taken apart and the rest stays for the next one") {
    const auto got =
        parse("GET /a%20b?x=1+2&y=%C3%A4&z HTTP/1.1\r\nHost: h\r\nX-Y: 1\r\nContent-Length: 2\r\n\r\nhiGET /");
    REQUIRE(got.state == State::done);
    CHECK(got.request.method == Method::get);
    CHECK(got.request.path == "/a b");
    CHECK(got.request.parameter("x") == "1 2");
    CHECK(got.request.parameter("y") == "\xC3\xA4");
    CHECK(got.request.parameter("z") == "");
    CHECK_FALSE(got.request.parameter("w").has_value());
    CHECK(got.request.header("x-y") == "1");
    CHECK(got.request.body == "hi");
    CHECK(got.rest == "GET /");
}

TEST_CASE("a request may come byte by byte") {
    const std::string whole = "POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    RequestParser parser(64);
    std::string buffer;
    for (std::size_t i = 0; i < whole.size(); ++i) {
        buffer += whole[i];
        const auto state = parser.put(buffer);
        CAPTURE(i);
        REQUIRE(state == (i + 1 == whole.size() ? State::done : State::need_more));
    }
    CHECK(parser.take().body == "abc");
}

TEST_CASE("what is not clean HTTP is refused with its status") {
    const struct {
        const char* why;
        std::string bytes;
        int status;
    } cases[] = {
        {"no host", "GET / HTTP/1.1\r\n\r\n", 400},
        {"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        {"both lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"two lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n", 400},
        {"other coding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
        {"space before colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
        {"garbage", "\x16\x03\x01\x02\r\n\r\n", 400},
        {"not a path", "GET http://x/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"dot segments", "GET /a/../etc HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"encoded dot segments", "GET /a/%2e%2e/etc HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"zero byte", "GET /a%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"broken escape", "GET /a%4 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"long body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65\r\n\r\n", 413},
        {"huge length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 400},
        {"long chunked body",
         "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n100\r\n" + std::string(256, 'x'), 413},
        {"long header", "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(17000, 'x') + "\r\n\r\n", 431},
        {"endless chunk line",
         "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(17000, 'x'), 431},
    };
    for (const auto& c : cases) {
        CAPTURE(c.why);
        const auto got = parse(c.bytes);
        CHECK(got.state == State::bad);
        CHECK(got.status == c.status);
    }
    std::string many = "GET / HTTP/1.1\r\nHost: a\r\n";
    for (int i = 0; i < 101; ++i) many += "A" + std::to_string(i) + ": 1\r\n";
    CHECK(parse(many + "\r\n").status == 431);
    std::string query = "GET /?";
    for (int i = 0; i < 65; ++i) query += "a=1&";
    CHECK(parse(query + " HTTP/1.1\r\nHost: a\r\n\r\n").status == 400);
}

TEST_CASE("one path may take longer bodies, told or in chunks, and only as long as it says") {
    const auto status_of = [](const std::string& path, std::size_t size, bool is_chunked) {
        RequestParser parser(64, {"/long", 200});
        std::string bytes = "POST " + path + " HTTP/1.1\r\nHost: h\r\n";
        bytes +=
            is_chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "Content-Length: " + std::to_string(size) + "\r\n\r\n";
        for (std::size_t i = 0; i < size; ++i) bytes += is_chunked ? "1\r\nx\r\n" : "x";
        if (is_chunked) bytes += "0\r\n\r\n";
        return parser.put(bytes) == State::done ? 200 : parser.status();
    };
    for (const bool is_chunked : {false, true}) {
        CAPTURE(is_chunked);
        CHECK(status_of("/long", 200, is_chunked) == 200);
        CHECK(status_of("/long?a=b", 200, is_chunked) == 200);
        CHECK(status_of("/long", 201, is_chunked) == 413);
        CHECK(status_of("/other", 64, is_chunked) == 200);
        CHECK(status_of("/other", 65, is_chunked) == 413);
        CHECK(status_of("/long/x", 65, is_chunked) == 413);
        CHECK(status_of("/other?/long", 65, is_chunked) == 413);
    }
    RequestParser parser(64, {"/long", 200});
    std::string huge = "POST /long HTTP/1.1\r\nHost: h\r\nContent-Length: 18446744073709551615\r\n\r\n";
    CHECK(parser.put(huge) == State::bad);
    CHECK(parser.text().find("200 bytes") != std::string::npos);
}

TEST_CASE("an upgrade needs all its headers") {
    const std::string head =
        "GET /live HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n";
    const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    CHECK(parse(head + key + "Sec-WebSocket-Version: 13\r\n\r\n").request.wants_upgrade);
    CHECK_FALSE(parse(head + key + "Sec-WebSocket-Version: 8\r\n\r\n").request.wants_upgrade);
    CHECK_FALSE(parse(head + "Sec-WebSocket-Version: 13\r\n\r\n").request.wants_upgrade);
}

TEST_CASE("what limits count by: one address, or what one attacker has of public IPv6") {
    CHECK(source_of("192.168.8.20") == "192.168.8.20");
    CHECK(source_of("2001:db8:1:2:a::1") == source_of("2001:db8:1:2:b::9"));
    CHECK(source_of("2001:db8:1:2::1") != source_of("2001:db8:1:3::1"));
    CHECK(source_of("fe80::1%2") != source_of("fe80::2%2"));
    CHECK(source_of("fd00::1") != source_of("fd00::2"));
}
