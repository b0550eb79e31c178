// The verdict over one unit: conclude() of judgement.hpp.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/phrases.hpp"
#include "discovery/judge/device_text.hpp"
#include "discovery/judge/judgement.hpp"
#include "discovery/judge/use_of.hpp"
#include "model/capability.hpp"
#include "profile/codec/decode.hpp"

namespace busbar::discovery {
namespace {

constexpr std::size_t most_candidates = 8;
constexpr int same_score = 2;  // closer than this, two candidates cannot be told apart

struct Text {
    std::string value, doubt;  // doubt: "unprintable characters"
};

// What a text reads, and what speaks against believing it.
Text text_of(const std::optional<profile::TextRead>& text, std::string_view what, const Evidence& evidence,
             const Evidence& again) {
    if (!text || text->at.model != 0) return {};
    const Block block{text->at.table, text->at.offset, text->count};
    const auto first = evidence.find(block), second = again.find(block);
    if (!first || first->kind != Answer::Kind::words) return {};
    Text read{profile::decode_text(*text, first->words), {}};
    const std::string problem = text->number ? std::string() : text_problem(first->words);
    if (!problem.empty()) read.doubt = fmt::format("the {} {}", what, problem);
    if (second && second->kind == Answer::Kind::words && second->words != first->words)
        read.doubt = say<phrases::found_two>(what, read.value, profile::decode_text(*text, second->words));
    return read;
}

std::string reason_of(const Suspicion& s) {
    std::string reason = s.reason.empty() ? say<phrases::found_nothing_against>() : s.reason;
    if (s.points == 0 || s.proof == Proof::sunspec) return reason;
    return say<phrases::found_points>(reason, s.points_answered, s.points, s.points_believable);
}

bool is_firm(const Suspicion& best) {
    if (best.proof < Proof::own_text) return false;
    return best.proof > Proof::own_text || best.points == 0 || 2 * best.points_believable >= best.points;
}

// False: something about it cannot be believed; the notes say what.
bool take_identity(Found& found, const Suspicion& s, const Evidence& evidence, const Evidence& again) {
    const profile::Identify& who = s.placed->identify;
    Text texts[] = {text_of(who.maker_text, "maker", evidence, again), text_of(who.model, "model", evidence, again),
                    text_of(who.serial, "serial number", evidence, again),
                    text_of(who.firmware, "firmware", evidence, again)};
    found.maker = texts[0].value.empty() ? who.maker : texts[0].value;
    found.model = texts[1].value;
    found.serial = texts[2].value;
    found.firmware = texts[3].value;
    for (const Text& text : texts)
        if (!text.doubt.empty()) found.notes.push_back(text.doubt);
    return texts[0].doubt.empty() && texts[1].doubt.empty() && texts[2].doubt.empty();
}

}  // namespace

Found conclude(std::span<const Suspicion> suspicions, const Evidence& evidence, const Evidence& again) {
    std::vector<const Suspicion*> alive;
    for (const Suspicion& s : suspicions)
        if (!s.is_ruled_out) alive.push_back(&s);
    std::ranges::stable_sort(alive, [](const Suspicion* a, const Suspicion* b) { return score(*a) > score(*b); });
    Found found;
    if (alive.empty()) {
        found.reason = say<phrases::found_stranger>();
        return found;
    }
    const Suspicion& best = *alive.front();
    std::vector<std::string> rivals;
    for (const Suspicion* s : alive) {
        if (found.candidates.size() == most_candidates) break;
        found.candidates.push_back({s->original->name, reason_of(*s), score(*s)});
        if (s != &best && score(*s) + same_score >= score(best)) rivals.push_back(s->original->name);
    }
    found.reason = reason_of(best);
    found.use = best.seen.empty() ? use_of(*best.placed) : use_of(best.seen);
    const bool is_credible = best.proof < Proof::own_text || take_identity(found, best, evidence, again);
    if (!is_credible) {
        found.certainty = Certainty::doubtful;
    } else if (!rivals.empty() && best.proof == Proof::name) {
        found.certainty = Certainty::doubtful;
        found.notes.push_back(
            say<phrases::found_alike>(best.original->name, fmt::format("{}", fmt::join(rivals, " and "))));
    } else if (!rivals.empty() || !is_firm(best)) {
        found.certainty = Certainty::candidates;
    } else {
        found.certainty = Certainty::identified;
        found.profile = best.original->name;
        const auto support = profile::firmware_support(best.original->firmware, found.model, found.firmware);
        if (support.verdict == profile::FirmwareVerdict::unsupported) found.notes.push_back(support.text);
    }
    return found;
}

}  // namespace busbar::discovery
