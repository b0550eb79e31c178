#include "discovery/judge/judgement.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/phrases.hpp"
#include "discovery/judge/device_text.hpp"
#include "profile/codec/decode.hpp"
#include "profile/read_plan.hpp"

namespace busbar::discovery {
namespace {

using profile::TextRead;

template <class Visit>
void for_each_text(const profile::Profile& p, Visit visit) {
    const std::pair<const std::optional<TextRead>*, std::string_view> texts[] = {{&p.identify.maker_text, "maker"},
                                                                                 {&p.identify.model, "model"},
                                                                                 {&p.identify.serial, "serial number"},
                                                                                 {&p.identify.firmware, "firmware"}};
    for (const auto& [text, what] : texts)
        if (*text && (*text)->at.model == 0) visit(**text, what);
}

Block block_of(const TextRead& text) { return {text.at.table, text.at.offset, text.count}; }
Block block_of(const profile::Check& check) {
    return {check.at.table, check.at.offset, profile::words_of(check.encoding.type)};
}
Block block_of(const profile::ReadRequest& request) { return {request.table, request.first, request.count}; }

void add(std::vector<Block>& blocks, const Block& block) {
    if (std::ranges::find(blocks, block) == blocks.end()) blocks.push_back(block);
}

void rule_out(Suspicion& s) { s.is_ruled_out = true; }

void prove(Suspicion& s, Proof proof, std::string reason) {
    if (proof <= s.proof && !s.reason.empty()) return;
    s.proof = std::max(s.proof, proof);
    s.reason = std::move(reason);
}

std::string text_of(const std::optional<TextRead>& text, const Evidence& evidence) {
    if (!text || text->at.model != 0) return {};
    const auto answer = evidence.find(block_of(*text));
    if (!answer || answer->kind != Answer::Kind::words) return {};
    if (!text->number && !text_problem(answer->words).empty()) return {};
    return profile::decode_text(*text, answer->words);
}

// A number that hardly any other device shows in this register: a narrow range far from the small numbers that
// registers of any kind hold.
bool is_device_code(const profile::Check& check) {
    if (profile::is_float(check.encoding.type)) return false;
    const double counts = std::fabs(check.encoding.scale.divide / check.encoding.scale.multiply);
    const double low = check.min * counts, high = check.max * counts;
    return low >= 100 && high - low < 0.01 * 65536;
}

std::vector<profile::ReadRequest> plan_of(const profile::Profile& p) {
    std::vector<std::uint16_t> which;
    for (std::size_t i = 0; i < p.points.size(); ++i)
        if (!profile::has_far_exponent(p.points[i], p.bus)) which.push_back(static_cast<std::uint16_t>(i));
    return profile::plan_reads(p.points, which, p.bus);
}

}  // namespace

std::vector<Block> name_blocks(const Suspicion& s) {
    std::vector<Block> blocks;
    for_each_text(*s.placed, [&](const TextRead& text, std::string_view) {
        if (!text.starts_with.empty()) add(blocks, block_of(text));
    });
    return blocks;
}

std::vector<Block> number_blocks(const Suspicion& s) {
    std::vector<Block> blocks;
    for (const profile::Check& check : s.placed->identify.checks)
        if (check.at.model == 0) add(blocks, block_of(check));
    return blocks;
}

std::vector<Block> text_blocks(const Suspicion& s) {
    std::vector<Block> blocks;
    for_each_text(*s.placed, [&](const TextRead& text, std::string_view) { add(blocks, block_of(text)); });
    return blocks;
}

std::vector<Block> point_blocks(const Suspicion& s) {
    std::vector<Block> blocks;
    for (const profile::ReadRequest& request : plan_of(*s.placed)) add(blocks, block_of(request));
    return blocks;
}

void judge_names(Suspicion& s, const Evidence& evidence) {
    for_each_text(*s.placed, [&](const TextRead& text, std::string_view what) {
        if (text.starts_with.empty()) return;
        const std::string read = text_of(text, evidence);
        if (std::ranges::none_of(text.starts_with, [&](const std::string& t) { return read.starts_with(t); }))
            return rule_out(s);
        prove(s, Proof::name, say<phrases::found_text>(what, read));
    });
}

void judge_chain(Suspicion& s, const Evidence& evidence) {
    if (!evidence.chain || evidence.chain->empty()) return rule_out(s);
    s.placed = std::make_shared<const profile::Profile>(profile::resolve_models(*s.original, *evidence.chain));
    if (s.placed->points.empty()) return rule_out(s);
    s.points = s.points_answered = s.points_believable = static_cast<unsigned>(s.placed->points.size());
    for (const profile::Point& point : s.placed->points) s.seen.push_back(point.role);
    std::vector<std::uint16_t> models;
    for (const profile::ModelBlock& block : *evidence.chain) models.push_back(block.model);
    prove(s, Proof::sunspec, say<phrases::found_sunspec>(fmt::format("{}", fmt::join(models, ", "))));
}

void judge_numbers(Suspicion& s, const Evidence& evidence) {
    for (const profile::Check& check : s.placed->identify.checks) {
        const auto answer = evidence.find(block_of(check));
        const auto value = answer && answer->kind == Answer::Kind::words
                               ? profile::decode_words(check.encoding, answer->words)
                               : std::nullopt;
        if (!value || *value < check.min || *value > check.max) return rule_out(s);
        const std::string reason = fmt::format("{} reads {:.4g}", check.what, *value);
        prove(s, is_device_code(check) ? Proof::device_code : *value == 0 ? Proof::nothing : Proof::number, reason);
    }
}

void judge_texts(Suspicion& s, const Evidence& evidence) {
    const std::string model = text_of(s.placed->identify.model, evidence);
    for (const profile::Product& product : s.placed->products)
        for (const std::string& names : product.models) s.is_product = s.is_product || is_product(model, names);
    constexpr std::size_t least_text = 4;  // shorter ones stand anywhere by chance, unless they name a product
    for_each_text(*s.placed, [&](const TextRead& text, std::string_view what) {
        const std::string read = text_of(text, evidence);
        if (read.empty()) return;
        const bool is_name = s.is_product && what == "model";
        // A number proves something only where it is one of few: a serial number reads well in any register.
        if (text.number && !text.codes.empty())
            prove(s, Proof::device_code, say<phrases::found_code>(what, read));
        else if (!text.number && (is_name || read.size() >= least_text) && s.proof < Proof::own_text)
            prove(s, Proof::own_text, say<phrases::found_text>(what, read));
    });
}

void judge_points(Suspicion& s, const Evidence& evidence) {
    s.points = s.points_answered = s.points_believable = 0;
    s.seen.clear();
    for (const profile::ReadRequest& request : plan_of(*s.placed)) {
        const auto answer = evidence.find(block_of(request));
        s.points += static_cast<unsigned>(request.points.size());
        if (!answer || answer->kind != Answer::Kind::words) continue;
        s.points_answered += static_cast<unsigned>(request.points.size());
        for (const std::uint16_t i : request.points) {
            const profile::Point& point = s.placed->points[i];
            const auto value = profile::decode(point, request.first, answer->words);
            const model::RoleInfo& role = model::info(point.role.role);
            if (!value || *value < role.min || *value > role.max) continue;
            ++s.points_believable;
            s.seen.push_back(point.role);
        }
    }
}

int score(const Suspicion& s) {
    constexpr int worth[] = {5, 20, 45, 60, 60, 70};  // by Proof
    // How much of it is there, how much of that is believable, and how many points that are: who knows more of the
    // device is more likely right.
    const double n = std::max(1u, s.points), seen = s.points_believable;
    const int points = static_cast<int>(10 * s.points_answered / n + 3 * seen / n + 4 * seen / (seen + 10));
    return std::min(100, worth[static_cast<std::size_t>(s.proof)] + (s.is_product ? 15 : 0) + points);
}

// "A-3KTL-M0 to 10KTL-M0": up to the number, the number between both, and what stands behind it.
bool is_product(std::string_view model, std::string_view products) {
    const std::size_t to = products.find(" to ");
    if (model.empty() || products.empty()) return false;
    if (to == std::string_view::npos) return model.starts_with(products);
    const std::string_view from = products.substr(0, to), until = products.substr(to + 4);
    const auto number_of = [](std::string_view text) {
        double value = -1;
        const auto end = std::from_chars(text.data(), text.data() + text.size(), value).ptr;
        return std::pair{value, text.substr(static_cast<std::size_t>(end - text.data()))};
    };
    const auto [most, behind] = number_of(until);
    if (behind.empty() || !from.ends_with(behind)) return false;
    // The number of the first one: the digits before the common end.
    std::size_t begin = from.size() - behind.size();
    while (begin > 0 && std::string_view("0123456789.").find(from[begin - 1]) != std::string_view::npos) --begin;
    if (!model.starts_with(from.substr(0, begin))) return false;
    const auto [value, rest] = number_of(model.substr(begin));
    return rest.starts_with(behind) && value >= number_of(from.substr(begin)).first && value <= most;
}

}  // namespace busbar::discovery
