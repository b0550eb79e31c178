#pragma once
// The profiles on disk: <folder>/<maker>/<family>.yaml in each search folder, earlier folders first. Read once at
// start, on the starting thread; only those a site names need to be, because reading takes a millisecond each and there
// are many. Tables of firmware for devices without a profile, <folder>/<maker>/<name>.firmware, are read with all of
// them. A file that does not load is kept with its error: only the devices that name it suffer.
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "profile/profile.hpp"

namespace busbar::device {

struct BrokenProfile {
    std::string name;  // "huawei/sun2000", from its path
    Error error;       // names file, line and remedy
};

class ProfileStore {
public:
    // A folder that cannot be read is one more broken entry; at most 2,000 files are looked at.
    static ProfileStore read(std::span<const std::filesystem::path> folders);
    // The same for these names alone; of the others only the names are known.
    static ProfileStore read(std::span<const std::filesystem::path> folders, const std::set<std::string>& wanted);

    // Errors: the loading error of a broken profile; unsupported with the nearest name for one that does not exist.
    Result<std::shared_ptr<const profile::Profile>> find(std::string_view name) const;

    std::vector<std::string> names() const;  // of all that loaded or were not wanted
    // Of all tables, in the order of their names.
    const std::vector<profile::FirmwareRule>& firmware() const { return firmware_; }
    const std::vector<BrokenProfile>& broken() const { return broken_; }

private:
    using Wanted = const std::set<std::string>*;  // null: all
    static ProfileStore read(std::span<const std::filesystem::path> folders, Wanted wanted);
    void read_folder(const std::filesystem::path& folder, Wanted wanted);
    void read_file(const std::filesystem::path& file, const std::string& name, Wanted wanted);
    void read_table(const std::filesystem::path& file, const std::string& name);

    std::map<std::string, std::shared_ptr<const profile::Profile>, std::less<>> profiles_;  // null: not wanted
    std::vector<profile::FirmwareRule> firmware_;
    std::set<std::string> tables_;
    std::vector<BrokenProfile> broken_;
    std::string searched_;
};

}  // namespace busbar::device
