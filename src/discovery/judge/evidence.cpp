#include "discovery/judge/evidence.hpp"

#include <fmt/format.h>

namespace busbar::discovery {

std::string to_string(const Block& block) {
    const std::string_view table = profile::to_string(block.table);
    if (block.count == 1) return fmt::format("{} {}", table, block.first);
    return fmt::format("{} {}..{}", table, block.first, block.first + block.count - 1);
}

std::optional<Answer> Evidence::find(const Block& block) const {
    if (const auto same = answers_.find(block); same != answers_.end()) return same->second;
    for (const auto& [asked, answer] : answers_) {
        if (answer.kind != Answer::Kind::words || asked.table != block.table || asked.first > block.first) continue;
        const std::size_t skip = block.first - asked.first;
        if (skip + block.count > answer.words.size()) continue;
        const auto begin = answer.words.begin() + static_cast<std::ptrdiff_t>(skip);
        return Answer{Answer::Kind::words, {begin, begin + block.count}};
    }
    return std::nullopt;
}

}  // namespace busbar::discovery
