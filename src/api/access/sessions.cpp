#include "api/access/sessions.hpp"

#include <algorithm>

#include "net/crypto.hpp"

namespace busbar::api {

std::string_view to_string(Access access) {
    constexpr std::string_view names[] = {"open", "viewer", "owner", "installer"};
    return names[static_cast<std::size_t>(access)];
}

TokenHash hash_of(std::string_view token) { return net::sha256(token); }

std::string new_token() {
    std::array<std::uint8_t, 33> bytes{};
    if (!net::random_bytes(bytes)) return {};
    constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string out;
    for (std::size_t i = 0; i < 33; i += 3) {
        const unsigned group = unsigned{bytes[i]} << 16 | unsigned{bytes[i + 1]} << 8 | bytes[i + 2];
        for (int shift = 18; shift >= 0; shift -= 6) out += digits[group >> shift & 63];
    }
    out.resize(43);  // 258 bits
    return out;
}

Duration Sessions::left(const OpenSession& session, Instant now) const {
    return std::min(session.used + limits_.idle, session.opened + limits_.absolute) - now;
}

OpenSession* Sessions::find(const TokenHash& hash, Instant now, bool touch) {
    const auto found = open_.find(hash);
    if (found == open_.end()) return nullptr;
    if (left(found->second, now) <= Duration{}) {
        open_.erase(found);
        return nullptr;
    }
    if (touch) found->second.used = now;
    return &found->second;
}

std::vector<TokenHash> Sessions::open(OpenSession session) {
    std::vector<TokenHash> gone;
    std::vector<const OpenSession*> same;
    for (auto& [hash, other] : open_) {
        if (left(other, session.opened) <= Duration{})
            gone.push_back(hash);
        else if (other.username == session.username)
            same.push_back(&other);
    }
    if (same.size() >= limits_.per_account) {
        const auto oldest =
            std::min_element(same.begin(), same.end(), [](auto* a, auto* b) { return a->used < b->used; });
        gone.push_back((*oldest)->hash);
    }
    for (const auto& hash : gone) open_.erase(hash);
    const auto hash = session.hash;
    open_.insert_or_assign(hash, std::move(session));
    return gone;
}

std::vector<TokenHash> Sessions::end_all(std::string_view username, const TokenHash* except) {
    std::vector<TokenHash> gone;
    for (const auto& [hash, session] : open_)
        if (session.username == username && !(except && *except == hash)) gone.push_back(hash);
    for (const auto& hash : gone) open_.erase(hash);
    return gone;
}

}  // namespace busbar::api
