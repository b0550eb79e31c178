#include "base/network.hpp"

#include <doctest/doctest.h>

using namespace busbar;

TEST_CASE("networks as people write them") {
    CHECK(to_string(*parse_network("192.168.1.0/24")) == "192.168.1.0/24");
    CHECK(to_string(*parse_network("192.168.1.77/24")) == "192.168.1.0/24");
    CHECK(to_string(*parse_network("10.1.7.9/22")) == "10.1.4.0/22");
    CHECK(to_string(*parse_network("172.16.0.5")) == "172.16.0.5/32");
    CHECK(hosts_of(*parse_network("192.168.1.0/24")).size() == 254);
    CHECK(hosts_of(*parse_network("10.1.4.0/22")).size() == 1022);
    CHECK(hosts_of(*parse_network("10.0.0.8/31")).size() == 2);
    CHECK(hosts_of(*parse_network("10.0.0.8")).front() == 0x0A000008);
    CHECK(address_text(hosts_of(*parse_network("192.168.1.0/24")).back()) == "192.168.1.254");
}

TEST_CASE("an address lies in a network or not") {
    const Network home = *parse_network("192.168.1.16/28"), one = *parse_network("10.0.0.8");
    CHECK(contains(home, 0xC0A80110));
    CHECK(contains(home, 0xC0A8011F));
    CHECK_FALSE(contains(home, 0xC0A80120));
    CHECK_FALSE(contains(home, 0xC0A8010F));
    CHECK(contains(one, 0x0A000008));
    CHECK_FALSE(contains(one, 0x0A000009));
}

TEST_CASE("what is no network of a site is refused with the reason") {
    const char* malformed[] = {
        "",           "/24",           "192.168.1/24", "192.168.1.0/33",  "192.168.1.0/x", "192.168.1.0/",
        "fe80::1/64", "0x7f000001/32", "3232235777",   "192.168.1.0/24 ", "999.1.1.1"};
    for (const char* text : malformed) CHECK_MESSAGE(parse_network(text).error().kind == Errc::malformed, text);
    const char* refused[] = {"127.0.0.1",  "127.0.0.0/24", "0.0.0.0/24",    "169.254.169.254",
                             "8.8.8.0/24", "224.0.0.0/24", "172.32.0.0/24", "255.255.255.255"};
    for (const char* text : refused) CHECK_MESSAGE(parse_network(text).error().kind == Errc::out_of_range, text);
    CHECK(parse_network("10.0.0.0/8").error().text == "10.0.0.0/8: too large to search; at most /22, 1022 hosts");
    CHECK(parse_network("1.2.3.4\n\x1b[31m/24").error().text.find('\n') == std::string::npos);
}
