#include "northbound/write_ledger.hpp"

#include <algorithm>

namespace busbar::northbound {
namespace {

using namespace std::chrono_literals;

constexpr Duration first_silence = 1min, longest_silence = 60min, token_every = 30s;
constexpr double most_tokens = 30;

}  // namespace

void WriteLedger::take(WriteReport report, Instant now) {
    Kind kind{report.outcome, report.address, report.device, report.first, report.words.size()};
    if (!entries_.contains(kind) && entries_.size() >= most_kinds) kind = {report.outcome, {}, {}, 0, 0};
    const auto [at, is_new] = entries_.try_emplace(kind);
    Entry& entry = at->second;
    if (is_new) entry.next = now;
    if (entry.untold++ == 0) entry.since = now;
    entry.last = std::move(report);
}

std::vector<WriteLine> WriteLedger::due(Instant now) {
    std::vector<WriteLine> lines;
    for (auto at = entries_.begin(); at != entries_.end();) {
        auto& [kind, entry] = *at;
        if (entry.next > now) {
            ++at;
        } else if (entry.untold == 0) {  // it has ended
            at = entries_.erase(at);
        } else {
            if (may_tell(now)) {
                lines.push_back(line_of(kind, entry, now));
                entry.silence = std::clamp(2 * entry.silence, first_silence, longest_silence);
                entry.next = now + entry.silence;
            }
            ++at;
        }
    }
    return lines;
}

std::vector<WriteLine> WriteLedger::rest(Instant now) {
    std::vector<WriteLine> lines;
    for (auto& [kind, entry] : entries_)
        if (entry.untold > 0) lines.push_back(line_of(kind, entry, now));
    entries_.clear();
    return lines;
}

WriteLine WriteLedger::line_of(const Kind& kind, Entry& entry, Instant now) {
    WriteLine line{entry.last, entry.untold, now - entry.since, std::get<1>(kind).empty()};
    entry.untold = 0;
    return line;
}

bool WriteLedger::may_tell(Instant now) {
    const auto earned = std::chrono::duration<double>(now - refilled_) / std::chrono::duration<double>(token_every);
    tokens_ = std::min(most_tokens, tokens_ + earned);
    refilled_ = now;
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
}

}  // namespace busbar::northbound
