// Setup, login, lock-out, sessions: over HTTPS, with a clock that the test moves.
#include <doctest/doctest.h>

#include <chrono>
#include <ctime>

#include "contract/gateway.hpp"

using namespace busbar;
using namespace busbar::test;
using namespace std::chrono_literals;

namespace {
int try_login(Gateway& gateway, const std::string& password, const std::string& username = "anna") {
    return gateway.call("POST", "/api/v1/session", "", json_login(username, password)).status;
}
void fail_times(Gateway& gateway, int n) {
    for (int i = 0; i < n; ++i) CHECK(try_login(gateway, "wrong-password") == 401);
}
std::string setup_body(const std::string& code, const std::string& username, const std::string& password) {
    return R"({"code":")" + code + R"(","username":")" + username + R"(","password":")" + password + R"("})";
}
}  // namespace

TEST_CASE("setup: the code works once, forgives its writing, and wrong ones lock out") {
    Gateway gateway;
    const std::string code = gateway.setup_code();
    CHECK(code.size() == 19);
    const auto post = [&](const std::string& body) { return gateway.call("POST", "/api/v1/setup", "", body); };
    CHECK(post(setup_body("0000-0000-0000-0000", "anna", good_password)).status == 403);
    CHECK(post(setup_body(code, "anna", "short")).status == 400);
    CHECK(post(setup_body(code, "anna", "password1234")).status == 400);
    CHECK(post(setup_body(code, "a b", good_password)).status == 400);
    CHECK(gateway.call("GET", "/api/v1/setup").body.find("\"needed\":true") != std::string::npos);
    std::string typed = " ";
    for (const char c : code)
        if (c != '-') typed += static_cast<char>(std::tolower(c));
    CHECK(post(setup_body(typed, "anna", good_password)).status == 201);
    CHECK(post(setup_body(code, "eve", good_password)).status == 409);
    CHECK(gateway.call("GET", "/api/v1/setup").body.find("\"needed\":false") != std::string::npos);
    Gateway other;
    for (int i = 0; i < 5; ++i)
        CHECK(other.call("POST", "/api/v1/setup", "", setup_body("AAAA", "anna", good_password)).status == 403);
    CHECK(other.call("POST", "/api/v1/setup", "", setup_body(other.setup_code(), "anna", good_password)).status == 429);
    other.advance(10min + 1s);
    CHECK(other.call("POST", "/api/v1/setup", "", setup_body(other.setup_code(), "anna", good_password)).status == 201);
}

TEST_CASE("nothing but setup and login is open before and after setup") {
    Gateway gateway;
    CHECK(gateway.call("GET", "/api/v1/status").status == 401);
    gateway.set_up();
    CHECK(gateway.call("GET", "/api/v1/status").status == 401);
    CHECK(gateway.call("GET", "/api/v1/status", std::string(43, 'A')).status == 401);
    CHECK(gateway.call("GET", "/api/v1/status").header("www-authenticate") == "Bearer");
}

TEST_CASE("four failures do not lock, the fifth does, for ten minutes") {
    Gateway gateway;
    gateway.set_up();
    SUBCASE("four") {
        fail_times(gateway, 4);
        CHECK(try_login(gateway, good_password) == 200);
        fail_times(gateway, 4);  // the success cleared the count
        CHECK(try_login(gateway, good_password) == 200);
    }
    SUBCASE("five, then 9:59.999 and 10:00") {
        fail_times(gateway, 5);
        const auto locked = gateway.call("POST", "/api/v1/session", "", json_login("anna", good_password));
        CHECK(locked.status == 429);
        CHECK(locked.body.find("\"retry_after_s\":600") != std::string::npos);
        CHECK(locked.header("retry-after") == "600");
        gateway.advance(9min + 59s + 999ms);
        CHECK(try_login(gateway, good_password) == 429);
        gateway.advance(1ms);
        CHECK(try_login(gateway, good_password) == 200);
    }
    SUBCASE("the fifth within 4:59.999 locks") {
        fail_times(gateway, 4);
        gateway.advance(4min + 59s + 999ms);
        fail_times(gateway, 1);
        CHECK(try_login(gateway, good_password) == 429);
    }
    SUBCASE("the fifth after 5:00 does not") {
        fail_times(gateway, 4);
        gateway.advance(5min);
        fail_times(gateway, 1);
        CHECK(try_login(gateway, good_password) == 200);
    }
    SUBCASE("another account is not locked, and unknown names lock alike") {
        fail_times(gateway, 5);
        for (int i = 0; i < 5; ++i) CHECK(try_login(gateway, "wrong-password", "nobody") == 401);
        CHECK(try_login(gateway, "wrong-password", "nobody") == 429);
        CHECK(try_login(gateway, "wrong-password", "somebody") == 401);
    }
    SUBCASE("a session that is open goes on") {
        const auto token = gateway.log_in("anna", good_password);
        fail_times(gateway, 5);
        CHECK(gateway.call("GET", "/api/v1/status", token).status == 200);
    }
}

TEST_CASE("a restart inside the window changes nothing; after a reboot the time starts again") {
    GatewayOptions options;
    Gateway first(options);
    first.keep_folder = true;
    first.set_up();
    options.folder = first.folder();
    SUBCASE("failures count on") {
        fail_times(first, 3);
        first.stop();
        options.clock = 1min;
        Gateway second(options);
        fail_times(second, 2);
        CHECK(try_login(second, good_password) == 429);
    }
    SUBCASE("the lock holds over a restart, to its end") {
        fail_times(first, 5);
        first.stop();
        options.clock = 9min + 59s + 999ms;
        Gateway second(options);
        CHECK(try_login(second, good_password) == 429);
        second.advance(1ms);
        CHECK(try_login(second, good_password) == 200);
    }
    SUBCASE("another boot: the rest of the lock as it was when saved") {
        fail_times(first, 5);
        first.stop();
        options.boot = "boot-2";
        options.clock = -std::chrono::hours(100);
        Gateway second(options);
        second.advance(9min + 59s + 999ms);
        CHECK(try_login(second, good_password) == 429);
        second.advance(1ms);
        CHECK(try_login(second, good_password) == 200);
    }
}

TEST_CASE("sessions end: logout, idle, absolute, password change, account removal, reboot") {
    GatewayOptions options;
    Gateway gateway(options);
    const auto anna = gateway.set_up();
    const auto works = [&](const std::string& token) {
        return gateway.call("GET", "/api/v1/session", token).status == 200;
    };
    SUBCASE("logout") {
        const auto second = gateway.log_in("anna", good_password);
        CHECK(second != anna);
        CHECK(gateway.call("DELETE", "/api/v1/session", second).status == 204);
        CHECK_FALSE(works(second));
        CHECK(works(anna));
    }
    SUBCASE("30 minutes idle") {
        gateway.advance(29min + 59s + 999ms);
        CHECK(works(anna));
        gateway.advance(30min);
        CHECK_FALSE(works(anna));
    }
    SUBCASE("12 hours at most") {
        for (int i = 0; i < 35; ++i) {
            gateway.advance(20min);
            REQUIRE(works(anna));
        }
        gateway.advance(19min);
        CHECK(works(anna));
        gateway.advance(2min);
        CHECK_FALSE(works(anna));
    }
    SUBCASE("password change ends the other sessions and the old password") {
        const auto second = gateway.log_in("anna", good_password);
        const auto change = [&](const std::string& before, const std::string& after) {
            return gateway
                .call("PUT", "/api/v1/session/password", anna,
                      R"({"old":")" + before + R"(","new":")" + after + R"("})")
                .status;
        };
        CHECK(change("wrong-password", "another-secret-1") == 403);
        CHECK(change(good_password, "passwort123") == 400);
        CHECK(change(good_password, "another-secret-1") == 204);
        CHECK(works(anna));
        CHECK_FALSE(works(second));
        CHECK(gateway.log_in("anna", good_password).empty());
        CHECK(gateway.log_in("anna", "another-secret-1").size() == 43);
    }
    SUBCASE("removal") {
        const auto owner = gateway.token_for_role("owner", anna);
        CHECK(works(owner));
        CHECK(gateway.call("DELETE", "/api/v1/accounts/the-owner", anna).status == 204);
        CHECK_FALSE(works(owner));
        CHECK(gateway.call("DELETE", "/api/v1/accounts/anna", anna).status == 409);
        CHECK(gateway.call("DELETE", "/api/v1/accounts/nobody", anna).status == 404);
        CHECK(gateway
                  .call("POST", "/api/v1/accounts", anna,
                        R"({"username":"ANNA","password":"unrelated-words-9","role":"owner"})")
                  .status == 409);
    }
    SUBCASE("restart keeps sessions, reboot ends them") {
        gateway.keep_folder = true;
        options.folder = gateway.folder();
        gateway.stop();
        {
            Gateway same(options);
            same.keep_folder = true;
            CHECK(same.call("GET", "/api/v1/session", anna).status == 200);
        }
        options.boot = "boot-2";
        Gateway rebooted(options);
        CHECK(rebooted.call("GET", "/api/v1/session", anna).status == 401);
        CHECK(rebooted.log_in("anna", good_password).size() == 43);
    }
}

TEST_CASE("the last logins of the account are shown, failures too") {
    Gateway gateway;
    gateway.set_up();
    fail_times(gateway, 1);
    const auto body = gateway.call("POST", "/api/v1/session", "", json_login("ANNA", good_password)).body;
    CHECK(body.find(R"("address":"127.0.0.1","ok":true},{"at":)") != std::string::npos);
    CHECK(body.find(R"("ok":false})") != std::string::npos);
}

TEST_CASE("an unknown user takes as long as a wrong password") {
    Gateway gateway({.cheap_hash = false});
    gateway.set_up();
    // Processor time of gateway and client together: what others do on the machine does not count.
    const auto work_ms = [&](const std::string& username) {
        const std::clock_t begin = std::clock();
        CHECK(try_login(gateway, "wrong-password", username) == 401);
        return 1000.0 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    };
    double known = 0, unknown = 0, odd = 0;
    const auto are_alike = [&] { return unknown > 0.6 * known && odd > 0.6 * known; };
    for (int i = 0; i < 4 || (!are_alike() && i < 20); ++i) {
        if (i % 4 == 0) gateway.advance(10min);  // or the fifth would be locked out
        known += work_ms("anna");
        unknown += work_ms("nobody");
        odd += work_ms("not a name at all");
    }
    CHECK(are_alike());
    const auto a = gateway.call("POST", "/api/v1/session", "", json_login("zoe", "wrong-password"));
    const auto b = gateway.call("POST", "/api/v1/session", "", json_login("not a name", "wrong-password"));
    CHECK(a.body == b.body);
}

TEST_CASE("no token and no password is ever stored as it is") {
    Gateway gateway;
    const auto token = gateway.set_up();
    gateway.log_in("anna", good_password);
    std::string all;
    for (const char* name : {"/settings.db", "/settings.db-wal"}) {
        if (std::FILE* f = std::fopen((gateway.folder() + name).c_str(), "rb")) {
            char buffer[65536];
            for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, f)) > 0;) all.append(buffer, n);
            std::fclose(f);
        }
    }
    CHECK(all.find("anna") != std::string::npos);  // the right files were read
    CHECK(all.find(token) == std::string::npos);
    CHECK(all.find(good_password) == std::string::npos);
}
