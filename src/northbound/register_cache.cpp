#include "northbound/register_cache.hpp"

#include <algorithm>

namespace busbar::northbound {

void RegisterCache::put(const bus::RegisterBlock& block, std::span<const std::uint16_t> words, Instant read) {
    if (words.empty() || words.size() != block.count) return;
    const Span span = span_of(block);
    std::erase_if(answers_, [&](const Answer& old) {
        return old.span.table == span.table && old.span.first >= span.first && old.span.last <= span.last;
    });
    if (answers_.size() >= most_answers)
        answers_.erase(std::min_element(answers_.begin(), answers_.end(),
                                        [](const Answer& a, const Answer& b) { return a.read < b.read; }));
    answers_.push_back({span, {words.begin(), words.end()}, read});
}

// From left to right, each time with the answer that reaches farthest: whatever another choice could reach later can be
// reached from there too.
std::optional<RegisterCache::Kept> RegisterCache::get(const bus::RegisterBlock& asked, const DeviceRules& rules,
                                                      Instant not_before) const {
    const Span wanted = span_of(asked);
    Kept kept{{}, Instant::max()};
    kept.words.reserve(asked.count);
    for (std::uint32_t at = wanted.first; at <= wanted.last;) {
        const Answer* best = nullptr;
        std::uint32_t best_end = 0;
        for (const Answer& answer : answers_) {
            const Span& span = answer.span;
            if (span.table != wanted.table || answer.read < not_before || span.first > at || span.last < at) continue;
            std::uint32_t end = std::min(span.last, wanted.last);
            while (end != wanted.last && end > at &&
                   !is_seam(rules, wanted.table, static_cast<std::uint16_t>(end), static_cast<std::uint16_t>(end + 1)))
                --end;
            const bool may_end = end == wanted.last || is_seam(rules, wanted.table, static_cast<std::uint16_t>(end),
                                                               static_cast<std::uint16_t>(end + 1));
            if (may_end && (best == nullptr || end > best_end)) {
                best = &answer;
                best_end = end;
            }
        }
        if (best == nullptr) return std::nullopt;
        const auto from = best->words.begin() + static_cast<std::ptrdiff_t>(at - best->span.first);
        kept.read = std::min(kept.read, best->read);
        kept.words.insert(kept.words.end(), from, from + static_cast<std::ptrdiff_t>(best_end - at + 1));
        at = best_end + 1;
    }
    return kept;
}

void RegisterCache::forget(const Span& span) {
    std::erase_if(answers_, [&](const Answer& a) {
        return a.span.table == span.table && a.span.first <= span.last && span.first <= a.span.last;
    });
}

}  // namespace busbar::northbound
