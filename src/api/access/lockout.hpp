#pragma once
// Who may not try to log in for now: five failures within five minutes lock one source out of one account for ten
// minutes. Other sources are not affected, so nobody locks the owner out from elsewhere; many failures in all slow
// every try a little. Pure: time is handed in (monotonic); accounts.cpp keeps a copy in the settings database.
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace busbar::api {

struct LockoutRules {
    std::size_t failures = 5;
    Duration window = std::chrono::minutes(5);
    Duration lock = std::chrono::minutes(10);
    std::size_t entries = 4096;  // beyond, the entry whose last failure is oldest goes, locked ones last
};

struct LockoutKey {
    std::string account;  // lower case; "" = the setup code
    std::string source;   // net::source_of()
    auto operator<=>(const LockoutKey&) const = default;
};

struct LockoutEntry {
    LockoutKey key;
    std::vector<Instant> failures;  // within the window, ascending
    Instant locked_until{};         // past: not locked
};

class Lockout {
public:
    explicit Lockout(LockoutRules rules = {}) : rules_(rules) {}

    // What is left of the lock; nullopt = may try.
    std::optional<Duration> locked_for(const LockoutKey& key, Instant now) const;
    // Notes a failure and returns the entry as it now is, for keeping.
    LockoutEntry failed(const LockoutKey& key, Instant now);
    void succeeded(const LockoutKey& key) { entries_.erase(key); }
    // How long any try has to wait first: 0 up to 10 failures within a minute, then 100 ms per failure, at most 2 s.
    Duration slow_down(Instant now) const;

    void restore(LockoutEntry entry) { entries_[entry.key] = std::move(entry); }
    std::size_t size() const { return entries_.size(); }

private:
    void make_room(Instant now);

    LockoutRules rules_;
    std::map<LockoutKey, LockoutEntry> entries_;
    std::deque<Instant> recent_;  // failures of everybody within the last minute, at most 64
};

}  // namespace busbar::api
