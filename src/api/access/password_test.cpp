#include "api/access/password.hpp"

#include <doctest/doctest.h>

using namespace busbar::api;

TEST_CASE("a hash fits its password and nothing else") {
    const HashCost cheap{64, 1};
    const auto hash = hash_password("unrelated-words-9", cheap);
    REQUIRE(hash.has_value());
    CHECK(hash->starts_with("argon2id$64$1$"));
    CHECK(verify_password("unrelated-words-9", *hash));
    CHECK_FALSE(verify_password("unrelated-words-8", *hash));
    CHECK_FALSE(verify_password("", *hash));
    CHECK(*hash_password("unrelated-words-9", cheap) != *hash);  // salted
    CHECK_FALSE(verify_password("unrelated-words-9", unmatchable_hash(cheap)));
    // No truncation: a difference behind 72 bytes counts.
    const std::string longer(200, 'x');
    CHECK_FALSE(verify_password(longer + "a", *hash_password(longer + "b", cheap)));
}

TEST_CASE("a damaged hash fits nothing and harms nobody") {
    const auto hash = *hash_password("unrelated-words-9", {64, 1});
    for (const std::string& bad : {std::string(), std::string("argon2id$"), hash.substr(0, hash.size() - 2),
                                   hash + "00", std::string("argon2id$99999999$1$") + hash.substr(14), "x" + hash})
        CHECK_FALSE(verify_password("unrelated-words-9", bad));
}

TEST_CASE("rules for new passwords") {
    const struct {
        const char* password;
        bool ok;
    } cases[] = {
        {"short-9x", false},
        {"123456789012", false},
        {"password12", false},
        {"P4ssw0rd2024!", false},
        {"Passwort!!99", false},
        {"qwertyuiop", false},
        {"qwertz123456", false},
        {"aaaaaaaaaaaa", false},
        {"abababababab", false},
        {"abcdefghijkl", false},
        {"1q2w3e4r5t6z", false},
        {"iloveyou2024", false},
        {"anna-anna-1", false},
        {"annaanna2026", false},
        {"adminadmin1", false},
        {"installer2026", false},
        {"busbar-2026", false},
        {"Sommer2026!!", false},
        {"4711081599", false},
        {"unrelated-words-9", true},
        {"correct horse battery staple", true},
        {"gr\xC3\xBCne-Wiese-Regen", true},
        {"xK9#mQ2$vL", true},
        {"vier W\xC3\xB6rter ohne Sinn", true},
        {"ein sehr langer satz", true},
    };
    for (const auto& c : cases) {
        CAPTURE(c.password);
        CHECK(password_flaw(c.password, "anna").empty() == c.ok);
    }
    CHECK(password_flaw(std::string(64, 'k') + "wZq", "anna").empty());  // long ones are welcome
    CHECK_FALSE(password_flaw(std::string(300, 'k') + "wZq", "anna").empty());
    CHECK_FALSE(password_flaw("\xC3\xA4\xC3\xB6\xC3\xBC\xC3\xA4\xC3\xB6", "anna").empty());  // 5 characters in 10 bytes
}
