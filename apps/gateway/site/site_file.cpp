#include "site/site_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/log.hpp"
#include "base/whole_file.hpp"

namespace busbar::gateway {
namespace {

// At most one byte more than a site file may have, which is enough to refuse it.
std::optional<std::string> read_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    std::string text(config::max_file_bytes + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad()) return std::nullopt;
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

config::LoadOutcome empty_site(std::string problem) {
    config::LoadOutcome outcome;
    outcome.config.control.feed_in_limit = {config::FeedInLimit::Mode::zero, 0};
    outcome.site.push_back(std::move(problem));
    return outcome;
}

// What a gateway without a site runs on, and what its file begins with. Nothing is fed in until somebody says how much
// may be.
constexpr const char* new_site =
    "# The site of this gateway, begun with the first change that was made through it.\n"
    "buses: []\n"
    "devices: []\n"
    "control:\n"
    "  feed_in_limit: {mode: zero}\n";

SiteFile site_to_be(const std::string& path) {
    SiteFile file{
        empty_site(path + ": not there yet; it is made when the first bus or device is added. If there is one "
                          "elsewhere, name it with --site"),
        SiteText{new_site, false}};
    return file;
}

bool is_missing(const std::string& path) {
    std::error_code failed;
    return !std::filesystem::exists(std::filesystem::symlink_status(path, failed));
}

Status begin_site(const std::string& path, const std::string& data_folder, const std::string& text) {
    if (!is_missing(path))
        return fail(Errc::denied, path +
                                      ": has come into being since the gateway was started; nothing was changed. Take "
                                      "it over with 'busbarctl site reload', then make the change again");
    std::error_code failed;
    std::filesystem::create_directories(std::filesystem::absolute(path, failed).parent_path(), failed);
    if (failed)
        return fail(Errc::unavailable, fmt::format("{}: its folder cannot be made: {}; make it and give it to the "
                                                   "gateway's user",
                                                   path, failed.message()));
    if (const Status written = write_whole_file(path, text, 0640); !written) return written;
    // The copy may be of another site, and the last that is left of it.
    const std::string copy = data_folder + "/" + last_site_name;
    if (const auto old = read_text(copy))
        if (const Status kept = write_whole_file(copy + ".before", *old, 0600); !kept) return kept;
    keep_copy(text, data_folder);
    return ok();
}

}  // namespace

void keep_copy(const std::string& text, const std::string& data_folder) {
    const std::string copy = data_folder + "/" + last_site_name;
    if (read_text(copy) == text) return;
    if (auto kept = write_whole_file(copy, text, 0600); !kept)
        log(Level::warning, "site", "the copy of the site file cannot be written: " + kept.error().text);
}

SiteFile read_site(const std::string& path, const std::string& data_folder) {
    const auto text = read_text(path);
    if (!text && is_missing(path)) return site_to_be(path);
    if (!text) return {empty_site(path + ": cannot be read; give the site file with --site"), {}};
    auto outcome = config::load(*text, path);
    if (outcome) {
        if (!outcome->config.devices.empty()) keep_copy(*text, data_folder);
        return {std::move(*outcome), SiteText{*text}};
    }
    const std::string copy = data_folder + "/" + last_site_name;
    const auto last_text = read_text(copy);
    auto last = last_text ? config::load(*last_text, copy) : fail(Errc::unavailable, "");
    if (!last) return {empty_site(outcome.error().text), {}};
    last->site.insert(last->site.begin(),
                      fmt::format("{}\nUntil this is corrected and read again ('busbarctl site reload', or a new "
                                  "start), the gateway runs on the last site file that could be read: {}",
                                  outcome.error().text, copy));
    return {std::move(*last), {}};
}

Result<ReadAgain> read_again(const std::string& path) {
    constexpr const char* remedy = "; correct the file and read it again, nothing was changed";
    const auto text = read_text(path);
    if (!text) return fail(Errc::denied, path + ": cannot be read" + remedy);
    auto outcome = config::load(*text, path);
    if (!outcome) return fail(Errc::denied, outcome.error().text + remedy);
    std::vector<std::string> mistakes;
    for (const auto& problem : outcome->problems) mistakes.push_back(problem.error.text);
    mistakes.insert(mistakes.end(), outcome->site.begin(),
                    outcome->site.begin() + static_cast<std::ptrdiff_t>(outcome->mistakes));
    if (!mistakes.empty()) return fail(Errc::denied, fmt::format("{}{}", fmt::join(mistakes, "\n"), remedy));
    return ReadAgain{*text, std::move(*outcome)};
}

Status write_site(const std::string& path, const std::string& data_folder, const SiteText& before,
                  const std::string& after) {
    if (!before.is_on_disk) return begin_site(path, data_folder, after);
    std::error_code failed;
    const std::string file = std::filesystem::canonical(path, failed).string();  // behind a link, if it is one
    const auto on_disk = failed ? std::nullopt : read_text(file);
    if (on_disk != before.text)
        return fail(Errc::denied,
                    path +
                        ": was edited since the gateway read it; nothing was changed. Take the file over with "
                        "'busbarctl site reload', then make the change again");
    struct stat status {};
    const mode_t mode = ::stat(file.c_str(), &status) == 0 ? status.st_mode & 0777 : 0640;
    if (const Status kept = write_whole_file(file + ".before", before.text, mode); !kept) return kept;
    if (const Status written = write_whole_file(file, after, mode); !written) return written;
    keep_copy(after, data_folder);
    return ok();
}

}  // namespace busbar::gateway
