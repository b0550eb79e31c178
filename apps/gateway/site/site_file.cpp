#include "site/site_file.hpp"

#include <fmt/format.h>
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

void keep(const std::string& text, const std::string& copy) {
    if (read_text(copy) == text) return;
    if (auto kept = write_whole_file(copy, text, 0600); !kept)
        log(Level::warning, "site", "the copy of the site file cannot be written: " + kept.error().text);
}

}  // namespace

SiteFile read_site(const std::string& path, const std::string& data_folder) {
    const auto text = read_text(path);
    if (!text) return {empty_site(path + ": cannot be read; give the site file with --site"), {}};
    const std::string copy = data_folder + "/" + last_site_name;
    auto outcome = config::load(*text, path);
    if (outcome) {
        if (!outcome->config.devices.empty()) keep(*text, copy);
        return {std::move(*outcome), text};
    }
    const auto last_text = read_text(copy);
    auto last = last_text ? config::load(*last_text, copy) : fail(Errc::unavailable, "");
    if (!last) return {empty_site(outcome.error().text), {}};
    last->site.insert(last->site.begin(),
                      fmt::format("{}\nUntil this is corrected and the gateway started again, it runs on the last site "
                                  "file that could be read: {}",
                                  outcome.error().text, copy));
    return {std::move(*last), {}};
}

Status write_site(const std::string& path, const std::string& data_folder, const std::string& before,
                  const std::string& after) {
    std::error_code failed;
    const std::string file = std::filesystem::canonical(path, failed).string();  // behind a link, if it is one
    const auto on_disk = failed ? std::nullopt : read_text(file);
    if (on_disk != before)
        return fail(Errc::denied,
                    path +
                        ": was edited since the gateway read it; nothing was changed. Restart the gateway "
                        "to take the file over, then make the change again");
    struct stat status {};
    const mode_t mode = ::stat(file.c_str(), &status) == 0 ? status.st_mode & 0777 : 0640;
    if (const Status kept = write_whole_file(file + ".before", before, mode); !kept) return kept;
    if (const Status written = write_whole_file(file, after, mode); !written) return written;
    keep(after, data_folder + "/" + last_site_name);
    return ok();
}

}  // namespace busbar::gateway
