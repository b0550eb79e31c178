#pragma once
// Which firmware of a device works with us, as far as anybody knows. Rules come from a profile's `firmware` part, or
// from a table of its own for devices that have no profile (load_firmware_table). Pure; the device layer asks with what
// the device says about itself, the gateway raises a warning when the answer is "unsupported".
#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace busbar::profile {

// About the models whose names begin with one of `models`. A version is unsupported when it is known to fail, older
// than `too_old_below`, or when the list of good ones is complete and it is not on it.
struct FirmwareRule {
    std::vector<std::string> models;
    std::vector<std::string> known_good, known_bad;
    std::string too_old_below;  // empty: no such bound
    bool is_complete = false;   // the maker's list: what is not on it is unsupported
    std::string note;           // why, or what to do; for people
    int line = 0;
};

enum class FirmwareVerdict : std::uint8_t { unknown, supported, unsupported };
std::string_view to_string(FirmwareVerdict verdict);  // "unknown"

struct FirmwareSupport {
    FirmwareVerdict verdict = FirmwareVerdict::unknown;
    std::string text;  // one sentence with version and remedy; empty when nothing is known about this model
};

// Device strings are hostile: they are compared, and quoted cut to 64 printable characters.
FirmwareSupport firmware_support(const std::vector<FirmwareRule>& rules, std::string_view model,
                                 std::string_view version);

// "0.14.4" < "1.0.8" < "1.1.0-beta3" < "1.1.0": numbers as numbers, and what is appended with '-' to the same version
// came before it.
std::weak_ordering compare_versions(std::string_view a, std::string_view b);

// A file of rules alone, {source: ..., firmware: [...]}, in the form of a profile's part. Errors as load().
Result<std::vector<FirmwareRule>> load_firmware_table(std::string_view yaml, std::string_view file_name);

}  // namespace busbar::profile
