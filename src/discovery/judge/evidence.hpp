#pragma once
// What one unit has answered so far, block by block. A value; pure. Filled by Interview, read by judgement.hpp.
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "profile/profile.hpp"
#include "profile/sunspec/sunspec.hpp"

namespace busbar::discovery {

// Registers that one read asks for.
struct Block {
    profile::Table table = profile::Table::holding;
    std::uint16_t first = 0;
    std::uint16_t count = 1;
    auto operator<=>(const Block&) const = default;
};
std::string to_string(const Block& block);  // "holding 30000..30014"

struct Answer {
    enum class Kind : std::uint8_t {
        words,   // the registers
        absent,  // the device refused: it has no such registers, or not this function
        silent,  // no answer, or only garbage
    };
    Kind kind = Kind::silent;
    std::vector<std::uint16_t> words{};  // of Kind::words: as many as the block counts
    bool operator==(const Answer&) const = default;
};

class Evidence {
public:
    void keep(const Block& block, Answer answer) { answers_[block] = std::move(answer); }

    // What is known about these registers, also out of a longer block that was answered; nullopt: ask.
    std::optional<Answer> find(const Block& block) const;

    // The SunSpec chain of models, once it was walked; empty: the device has none.
    std::optional<std::vector<profile::ModelBlock>> chain;

private:
    std::map<Block, Answer> answers_;
};

}  // namespace busbar::discovery
