#pragma once
// The control settings a second time: a small file with a checksum beside the settings database, so that a damaged
// database cannot switch a feed-in limit off. SettingsStore writes it before a change is acknowledged and reads it at
// start; decide() says what control then runs on. Accounts are not in it: whoever damages the database must not win
// one.
#include <cstdint>
#include <optional>
#include <string>

#include "api/views.hpp"
#include "base/result.hpp"

namespace busbar::api {

struct StoredControl {
    ControlSettings settings;
    std::string changed_by;
    WallTime changed_at{};
};

// Stored numbers as settings; nullopt when no version writes such ones: a damaged mode must not read as "no limit".
std::optional<ControlSettings> stored_settings(bool is_enabled, double import_target_w, std::int64_t mode,
                                               double value);

struct ControlCopy {
    enum class State : std::uint8_t {
        missing,        // no file: a first start, or an older version's folder
        damaged,        // a file that cannot be read or fails its checksum
        as_configured,  // nobody has saved settings: those of site.yaml hold
        lost,           // settings were lost, and nobody has saved any since
        saved,
    };
    State state = State::missing;
    StoredControl control;  // when saved
};

ControlCopy read_copy(const std::string& path);
// Durable once it returned ok: the old or the new file is there after a power cut. Only the last three states are
// written. Errors: unavailable (folder, disk full).
Status write_copy(const std::string& path, const ControlCopy& copy);
bool operator==(const ControlCopy& a, const ControlCopy& b);

struct ControlAtStart {
    std::optional<StoredControl> control;  // nullopt: as configured, but see is_limit_lost
    bool is_limit_lost = false;            // a limit may have been set and nobody knows it: nothing may be fed in
    std::string problem;                   // what was lost and what to do; empty: nothing
};
// `database`: what it holds. `set_aside`: the name a damaged database was given, empty when it was sound.
ControlAtStart decide(const Result<std::optional<StoredControl>>& database, const std::string& set_aside,
                      const ControlCopy& copy);

}  // namespace busbar::api
