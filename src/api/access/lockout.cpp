#include "api/access/lockout.hpp"

#include <algorithm>

namespace busbar::api {
using namespace std::chrono_literals;

std::optional<Duration> Lockout::locked_for(const LockoutKey& key, Instant now) const {
    const auto found = entries_.find(key);
    if (found == entries_.end() || now >= found->second.locked_until) return std::nullopt;
    return found->second.locked_until - now;
}

void Lockout::make_room(Instant now) {
    if (entries_.size() < rules_.entries) return;
    const auto rank = [&](const auto& item) {
        const auto& entry = item.second;
        return std::pair(entry.locked_until > now, entry.failures.empty() ? Instant{} : entry.failures.back());
    };
    entries_.erase(std::min_element(entries_.begin(), entries_.end(),
                                    [&](const auto& a, const auto& b) { return rank(a) < rank(b); }));
}

LockoutEntry Lockout::failed(const LockoutKey& key, Instant now) {
    if (!entries_.contains(key)) make_room(now);
    auto& entry = entries_[key];
    entry.key = key;
    std::erase_if(entry.failures, [&](Instant at) { return now - at >= rules_.window; });
    entry.failures.push_back(now);
    if (entry.failures.size() >= rules_.failures) {
        entry.locked_until = now + rules_.lock;
        entry.failures.clear();
    }
    recent_.push_back(now);
    if (recent_.size() > 64) recent_.pop_front();
    return entry;
}

Duration Lockout::slow_down(Instant now) const {
    const auto count = std::count_if(recent_.begin(), recent_.end(), [&](Instant at) { return now - at < 1min; });
    return count <= 10 ? Duration{} : std::min<Duration>(2s, (count - 10) * 100ms);
}

}  // namespace busbar::api
