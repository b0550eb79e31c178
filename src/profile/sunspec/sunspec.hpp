#pragma once
// SunSpec addressing: a device is a chain of models found by walking it; points are given as model + offset. This file
// turns a walked chain into a profile with absolute addresses. The walk itself (reading) is device/sunspec_walk.
#include <cstdint>
#include <span>
#include <vector>

#include "profile/profile.hpp"

namespace busbar::profile {

struct ModelBlock {
    std::uint16_t model = 0;
    std::uint16_t address = 0;  // of the ID register
    std::uint16_t length = 0;   // registers after ID and L
};

inline constexpr std::uint16_t sunspec_mark[2] = {0x5375, 0x6E53};  // "SunS"
inline constexpr std::uint16_t sunspec_end_model = 0xFFFF;

// The profile as one device has it: absolute holding addresses, one point per role (the first whose model is there and
// long enough), controls only where each of their registers exists. A profile without SunSpec comes back unchanged.
Profile resolve_models(const Profile& profile, std::span<const ModelBlock> found);

// How many repeating groups a model of a simulated device has: two strings, modules or ports.
inline constexpr std::uint16_t chain_groups = 2;

// The chain a device with exactly these models would have: "SunS" at `base`, then the models in this order with the
// lengths the profile states, then the end model. For simulated devices. Models the profile does not know are left out.
std::vector<ModelBlock> chain_of(const Profile& profile, std::uint16_t base, std::span<const std::uint16_t> models);

}  // namespace busbar::profile
