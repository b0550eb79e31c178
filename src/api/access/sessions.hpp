#pragma once
// Open sessions: random 256-bit tokens, of which only the SHA-256 is kept, here and on disk. A session ends 30 min
// after its last use, 12 h after login, at logout, at a change of its password and with its account. Loop thread only;
// monotonic time; accounts.cpp keeps a copy in the settings database.
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace busbar::api {

enum class Access : std::uint8_t { open, viewer, owner, installer };  // `open`: no session needed
std::string_view to_string(Access access);

using TokenHash = std::array<std::uint8_t, 32>;
TokenHash hash_of(std::string_view token);
// 256 random bits as 43 characters of base64url; empty when the system has no randomness.
std::string new_token();

struct SessionLimits {
    Duration idle = std::chrono::minutes(30);
    Duration absolute = std::chrono::hours(12);
    std::size_t per_account = 16;  // beyond, the one unused longest ends
};

struct OpenSession {
    TokenHash hash{};
    std::string username;
    Instant opened{}, used{};
    Instant saved{};  // when `used` was last written to disk
};

class Sessions {
public:
    explicit Sessions(SessionLimits limits = {}) : limits_(limits) {}

    // Returns the sessions that had to go.
    std::vector<TokenHash> open(OpenSession session);
    // The live session of a token; ended ones are forgotten on the way. `touch`: counts as use.
    OpenSession* find(const TokenHash& hash, Instant now, bool touch);
    void end(const TokenHash& hash) { open_.erase(hash); }
    // All sessions of an account except one; returns which.
    std::vector<TokenHash> end_all(std::string_view username, const TokenHash* except = nullptr);
    // How long a session lasts if it is not used any more.
    Duration left(const OpenSession& session, Instant now) const;
    std::size_t size() const { return open_.size(); }

private:
    SessionLimits limits_;
    std::map<TokenHash, OpenSession> open_;
};

}  // namespace busbar::api
