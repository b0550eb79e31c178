#include "api/access/lockout.hpp"

#include <doctest/doctest.h>

#include "api/access/sessions.hpp"
#include "api/access/setup_code.hpp"

#include <algorithm>
#include <set>

using namespace busbar;
using namespace busbar::api;
using namespace std::chrono_literals;

namespace {
const LockoutKey owner{"anna", "192.168.8.20"}, attacker{"anna", "192.168.8.66"};
Instant at(Duration d) { return Instant(1h + d); }
}  // namespace

TEST_CASE("five within five minutes lock for ten, to the nanosecond") {
    Lockout lockout;
    for (int i = 0; i < 4; ++i) lockout.failed(owner, at(0s));
    CHECK_FALSE(lockout.locked_for(owner, at(0s)).has_value());
    SUBCASE("4:59.999 locks") {
        lockout.failed(owner, at(5min - 1ms));
        CHECK(lockout.locked_for(owner, at(5min - 1ms)) == 10min);
        CHECK(lockout.locked_for(owner, at(15min - 1ms - 1ns)) == Duration(1ns));
        CHECK_FALSE(lockout.locked_for(owner, at(15min - 1ms)).has_value());
    }
    SUBCASE("5:00 does not: the first four have left the window") {
        lockout.failed(owner, at(5min));
        CHECK_FALSE(lockout.locked_for(owner, at(5min)).has_value());
    }
    SUBCASE("after the lock the count begins anew") {
        lockout.failed(owner, at(0s));
        for (int i = 0; i < 4; ++i) lockout.failed(owner, at(10min));
        CHECK_FALSE(lockout.locked_for(owner, at(10min)).has_value());
        lockout.failed(owner, at(10min));
        CHECK(lockout.locked_for(owner, at(10min)).has_value());
    }
}

TEST_CASE("an attacker elsewhere never locks the owner out") {
    Lockout lockout;
    for (int i = 0; i < 1000; ++i) lockout.failed(attacker, at(i * 1s));
    CHECK(lockout.locked_for(attacker, at(1000s)).has_value());
    CHECK_FALSE(lockout.locked_for(owner, at(1000s)).has_value());
    CHECK(lockout.slow_down(at(1000s)) <= Duration(2s));
    CHECK(lockout.slow_down(at(1000s)) > Duration(1s));
    CHECK(lockout.slow_down(at(1100s)) == Duration{});
}

TEST_CASE("the table is bounded and locked entries go last") {
    Lockout lockout({.entries = 10});
    for (int i = 0; i < 5; ++i) lockout.failed(attacker, at(0s));
    for (int i = 0; i < 100; ++i) lockout.failed({"user" + std::to_string(i), "x"}, at(1s));
    CHECK(lockout.size() == 10);
    CHECK(lockout.locked_for(attacker, at(1s)).has_value());
}

TEST_CASE("sessions: at most so many per account, the one unused longest goes") {
    Sessions sessions({.per_account = 3});
    std::vector<TokenHash> hashes;
    for (int i = 0; i < 3; ++i) {
        hashes.push_back(hash_of("token" + std::to_string(i)));
        CHECK(sessions.open({hashes.back(), "anna", at(i * 1s), at(i * 1s), {}}).empty());
    }
    CHECK(sessions.find(hashes[0], at(10s), true) != nullptr);
    const auto gone = sessions.open({hash_of("token3"), "anna", at(11s), at(11s), {}});
    REQUIRE(gone.size() == 1);
    CHECK(gone[0] == hashes[1]);
    CHECK(sessions.end_all("anna", &hashes[0]).size() == 2);
    CHECK(sessions.size() == 1);
}

TEST_CASE("tokens and codes: right form, never twice") {
    std::set<std::string> tokens, codes;
    for (int i = 0; i < 10'000; ++i) {
        tokens.insert(new_token());
        codes.insert(new_setup_code());
    }
    CHECK(tokens.size() == 10'000);
    CHECK(codes.size() == 10'000);
    for (const auto& token : tokens) REQUIRE(token.size() == 43);
    // Each of the 32 letters about equally often: chi-square over 160,000 letters, 31 degrees, p = 0.0001 at 68.
    double counts[128]{}, chi = 0;
    for (const auto& code : codes)
        for (const char c : code) counts[static_cast<std::size_t>(c)] += 1;
    int letters = 0;
    for (int c = 0; c < 128; ++c) {
        if (c == '-' || counts[c] == 0) continue;
        ++letters;
        chi += (counts[c] - 5000) * (counts[c] - 5000) / 5000;
    }
    CHECK(letters == 32);
    CHECK(chi < 80);
    CHECK(is_setup_code("oi2l 0000-0000-0000", "0121-0000-0000-0000"));
    CHECK_FALSE(is_setup_code("", ""));
    CHECK_FALSE(is_setup_code("0121-0000-0000-000", "0121-0000-0000-0000"));
}
