#include "plant/devices/register_file.hpp"

namespace busbar::plant {

void RegisterFile::set(const profile::RegisterWrite& write) {
    for (std::uint16_t i = 0; i < write.words.count; ++i)
        set(write.table, static_cast<std::uint16_t>(write.address + i), write.words.word[i]);
}

void RegisterFile::map(profile::Table table, std::uint16_t address, std::uint16_t count, std::uint16_t word) {
    for (std::uint32_t a = address; a < std::uint32_t{address} + count && a <= 0xFFFF; ++a)
        words_.try_emplace(key(table, static_cast<std::uint16_t>(a)), word);
}

void RegisterFile::close_gaps(std::uint16_t gap) {
    std::vector<std::uint32_t> missing;
    std::optional<std::uint32_t> before;
    for (const auto& [at, word] : words_) {
        const bool is_near = before && at >> 16 == *before >> 16 && at - *before <= std::uint32_t{gap} + 1;
        for (std::uint32_t a = is_near ? *before + 1 : at; a < at; ++a) missing.push_back(a);
        before = at;
    }
    for (const auto a : missing) words_.emplace(a, 0);
}

std::uint16_t RegisterFile::get(profile::Table table, std::uint16_t address) const {
    const auto at = words_.find(key(table, address));
    return at == words_.end() ? std::uint16_t{0} : at->second;
}

std::optional<std::vector<std::uint16_t>> RegisterFile::read(profile::Table table, std::uint16_t address,
                                                             std::uint16_t count) const {
    std::vector<std::uint16_t> words;
    words.reserve(count);
    auto at = words_.find(key(table, address));
    for (std::uint32_t i = 0; i < count; ++i, ++at) {
        if (at == words_.end() || at->first != key(table, address) + i) return std::nullopt;
        words.push_back(at->second);
    }
    return words;
}

}  // namespace busbar::plant
