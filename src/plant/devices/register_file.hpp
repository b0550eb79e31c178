#pragma once
// The registers a simulated device shows: holding and input tables, only mapped addresses can be read.
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "profile/codec/encode.hpp"
#include "profile/profile.hpp"

namespace busbar::plant {

class RegisterFile {
public:
    // Maps the address if it was not, and sets it.
    void set(profile::Table table, std::uint16_t address, std::uint16_t word) { words_[key(table, address)] = word; }
    void set(const profile::RegisterWrite& write);
    void map(profile::Table table, std::uint16_t address, std::uint16_t count, std::uint16_t word = 0);
    // Fills unmapped stretches of at most `gap` registers between mapped ones, as devices do that let one read over
    // them.
    void close_gaps(std::uint16_t gap);

    bool has(profile::Table table, std::uint16_t address) const { return words_.contains(key(table, address)); }
    std::uint16_t get(profile::Table table, std::uint16_t address) const;  // 0 when unmapped
    // The registers, or nothing when one of them is unmapped.
    std::optional<std::vector<std::uint16_t>> read(profile::Table table, std::uint16_t address,
                                                   std::uint16_t count) const;

private:
    static std::uint32_t key(profile::Table table, std::uint16_t address) {
        return static_cast<std::uint32_t>(table) << 16 | address;
    }
    std::map<std::uint32_t, std::uint16_t> words_;
};

}  // namespace busbar::plant
