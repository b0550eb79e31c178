#pragma once
// The parts load() is made of; included by load*.cpp and check.cpp only.
#include <array>
#include <map>
#include <vector>

#include "profile/profile.hpp"
#include "profile/section.hpp"

namespace busbar::profile {

// What a family does everywhere unless a point says otherwise.
struct Defaults {
    WordOrder words = WordOrder::high_first;
    bool is_sunspec = false;
    std::map<ValueType, std::vector<std::uint64_t>> invalid;
};

// type, words, invalid, exponent of a point, step or check. `standard` is the type when none is given.
std::optional<Encoding> read_encoding(const Section& section, const Defaults& defaults,
                                      std::optional<ValueType> standard);
// The address list under `key` ("read" or "to"); one entry unless several SunSpec models are named.
std::vector<Address> read_addresses(const Section& section, std::string_view key);
// "unit": multiplies encoding.scale; reports a unit that does not fit `role`.
bool read_unit(const Section& section, RoleKey role, Scale& scale);
// "sign": flips `scale` where the device counts the other way; reports a missing or unknown word.
void read_sign(const Section& section, RoleKey role, Scale& scale);
std::vector<std::uint64_t> read_patterns(const Node& node, ValueType type, const Section& section,
                                         std::string_view key);
std::optional<std::pair<double, double>> read_range(const Section& section);
// "key: {code: words}", codes from 0 to `max`.
std::vector<Name> read_names(const Section& section, std::string_view key, std::int64_t max);
std::optional<RoleKey> read_role(const Entry& entry, std::string_view part, Report& report);

std::vector<Point> read_points(const Node& node, const Defaults& defaults, Report& report);
std::vector<Control> read_controls(const Node& node, const Defaults& defaults, Report& report);
// Steps that write constants, at most `most` of them: unlocking, starting, aborting.
std::vector<WriteStep> read_constant_steps(const Section& section, std::string_view key, std::size_t most,
                                           const Defaults& defaults);
std::vector<Setting> read_settings(const Node& node, const Defaults& defaults, Report& report);
std::optional<Clock> read_clock(const Node& node, const Defaults& defaults, Report& report);
Children read_children(const Node& node, Report& report);
Quirks read_quirks(const Node& node, const BusRules& bus, Report& report);
std::vector<FirmwareRule> read_firmware(const Node& node, Report& report);
std::optional<Upgrade> read_upgrade(const Node& node, const Defaults& defaults, Report& report);
Identify read_identify(const Node& node, const Defaults& defaults, Report& report);

// What can only be seen when everything is known: overlaps, bus rules, models, references.
void check(const Profile& profile, Report& report);
// No control writes over another one's command, and each release lets go of what was written.
void check_controls(const Profile& profile, Report& report);
// The same for what an installer sets: ranges that fit their registers, and one writer for each register.
void check_settings(const Profile& profile, Report& report);
void check_clock(const Profile& profile, Report& report);
void check_upgrade(const Profile& profile, Report& report);
// Does the register range exist, and may it be read in one request? `first` and `last` count as `at.offset` does.
void check_reach(const Profile& profile, const std::string& what, const Address& at, std::uint32_t first,
                 std::uint32_t last, int line, Report& report);
// Reports the first control or setting that also writes one of `count` registers from `at` on; `mine` is left out.
void check_only_writer(const Profile& profile, const std::string& what, const Address& at, std::uint16_t count,
                       int line, const Setting* mine, Report& report);
void read_duration(const Section& section, std::string_view key, Duration min, Duration max, Duration& value);
std::string place_of(const Address& at);  // "holding 100", "model 103 offset 14"

}  // namespace busbar::profile
