#include "options.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace busbar;
using namespace busbar::gateway;

namespace {
Result<Options> parse(std::vector<const char*> words) {
    words.insert(words.begin(), "busbar-gateway");
    return parse_options(static_cast<int>(words.size()), words.data());
}
}  // namespace

TEST_CASE("addresses to listen on") {
    const struct {
        const char* text;
        const char* address;
        int port;
    } cases[] = {{"127.0.0.1:8443", "127.0.0.1", 8443},
                 {"[::1]:443", "::1", 443},
                 {":0", "::", 0},
                 {"[fe80::1%eth0]:65535", "fe80::1%eth0", 65535}};
    for (const auto& c : cases) {
        const auto o = parse({"--listen", c.text});
        REQUIRE(o.has_value());
        CHECK(o->address == c.address);
        CHECK(o->port == c.port);
    }
    for (const char* bad : {"", "8443", "::1:", "[::1]:65536", "[::1]:-1", "[::1]:80x", "box.local:80", "1.2.3:80"})
        CHECK_FALSE(parse({"--listen", bad}).has_value());
}

TEST_CASE("what is wrong on the command line is named") {
    CHECK(parse({"--sight", "x"}).error().text == "unknown option --sight; see --help");
    CHECK(parse({"--site"}).error().text == "--site lacks its value; see --help");
    CHECK(parse({"--log", "loud"}).error().text == "--log loud: expected debug, info, warning or error");
    CHECK(parse({"--site", "a.yaml", "--no-realtime", "--log", "debug"})->site == "a.yaml");
}
