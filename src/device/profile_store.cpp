#include "device/profile_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "base/phrases_running.hpp"
#include "profile/load/load.hpp"

namespace busbar::device {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t most_files = 2000;

// Sorted, so that messages and tests do not depend on the file system.
std::vector<fs::path> entries_of(const fs::path& folder, std::error_code& ec) {
    std::vector<fs::path> entries;
    for (fs::directory_iterator it(folder, ec), end; !ec && it != end && entries.size() < most_files; it.increment(ec))
        entries.push_back(it->path());
    std::sort(entries.begin(), entries.end());
    return entries;
}

Result<std::string> text_of(const fs::path& file) {
    std::error_code ec;
    if (!fs::is_regular_file(file, ec))
        return fail(Errc::unavailable, fmt::format("{}: no regular file; remove it", file.string()));
    std::ifstream in(file, std::ios::binary);
    std::string text(profile::max_profile_bytes + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (in.bad() || (!in && !in.eof()))
        return fail(Errc::unavailable, fmt::format("{}: cannot be read; check its permissions", file.string()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    return text;
}

}  // namespace

ProfileStore ProfileStore::read(std::span<const fs::path> folders) { return read(folders, nullptr); }
ProfileStore ProfileStore::read(std::span<const fs::path> folders, const std::set<std::string>& wanted) {
    return read(folders, &wanted);
}

ProfileStore ProfileStore::read(std::span<const fs::path> folders, Wanted wanted) {
    ProfileStore store;
    for (const fs::path& folder : folders) {
        store.searched_ += (store.searched_.empty() ? "" : ", ") + folder.string();
        store.read_folder(folder, wanted);
    }
    return store;
}

void ProfileStore::read_folder(const fs::path& folder, Wanted wanted) {
    std::error_code ec;
    const std::vector<fs::path> makers = entries_of(folder, ec);
    if (ec) {
        broken_.push_back({"", fail(Errc::unavailable, fmt::format("profile folder {}: {}; correct the path",
                                                                   folder.string(), ec.message()))});
        return;
    }
    for (const fs::path& maker : makers) {
        if (!fs::is_directory(maker, ec)) continue;
        for (const fs::path& file : entries_of(maker, ec)) {
            if (profiles_.size() + tables_.size() + broken_.size() >= most_files) continue;
            const std::string name = maker.filename().string() + "/" + file.stem().string();
            if (file.extension() == ".yaml") read_file(file, name, wanted);
            if (file.extension() == ".firmware" && wanted == nullptr) read_table(file, name + ".firmware");
        }
    }
}

void ProfileStore::read_file(const fs::path& file, const std::string& name, Wanted wanted) {
    const bool is_known =
        profiles_.contains(name) ||
        std::any_of(broken_.begin(), broken_.end(), [&](const BrokenProfile& b) { return b.name == name; });
    if (is_known) return;  // an earlier folder has it
    if (wanted && !wanted->contains(name)) {
        profiles_.emplace(name, nullptr);
        return;
    }
    const Result<std::string> text = text_of(file);
    Result<profile::Profile> loaded =
        text ? profile::load(*text, file.string()) : Result<profile::Profile>(text.error());
    if (loaded && loaded->name != name)
        loaded = fail(Errc::malformed, fmt::format("{}:1: profile: calls itself '{}'; it must be '{}', like its path",
                                                   file.string(), loaded->name, name));
    if (loaded)
        profiles_.emplace(name, std::make_shared<const profile::Profile>(std::move(*loaded)));
    else
        broken_.push_back({name, loaded.error()});
}

void ProfileStore::read_table(const fs::path& file, const std::string& name) {
    if (!tables_.insert(name).second) return;  // an earlier folder has it
    const Result<std::string> text = text_of(file);
    auto rules = text ? profile::load_firmware_table(*text, file.string())
                      : Result<std::vector<profile::FirmwareRule>>(text.error());
    if (rules)
        std::ranges::move(*rules, std::back_inserter(firmware_));
    else
        broken_.push_back({name, rules.error()});
}

Result<std::shared_ptr<const profile::Profile>> ProfileStore::find(std::string_view name) const {
    if (const auto found = profiles_.find(name); found != profiles_.end() && found->second) return found->second;
    for (const BrokenProfile& b : broken_)
        if (b.name == name) return b.error;
    std::string near;
    for (const auto& [known, profile] : profiles_)
        if (known.substr(known.find('/') + 1) == name || known.starts_with(name.substr(0, name.find('/') + 1)))
            near += (near.empty() ? "; there is " : ", ") + known;
    return fail(Errc::unsupported, say<phrases::profile_missing>(name, searched_ + near));
}

std::vector<std::string> ProfileStore::names() const {
    std::vector<std::string> names;
    for (const auto& [name, profile] : profiles_) names.push_back(name);
    return names;
}

}  // namespace busbar::device
