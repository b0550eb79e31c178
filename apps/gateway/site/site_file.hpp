#pragma once
// Reads site.yaml at start. The last one that could be read is kept in the data folder, and the gateway runs on it when
// somebody has saved a file that is no site file at all: one wrong bracket must not leave the plant without control.
//
// Also writes it, when people change their site through the API.
#include <optional>
#include <string>

#include "config/load.hpp"

namespace busbar::gateway {

inline constexpr const char* last_site_name = "site-last-good.yaml";

struct SiteText {
    std::string text;
    bool is_on_disk = true;  // false: there is no file yet, the first change begins it
};
struct SiteFile {
    config::LoadOutcome outcome;
    std::optional<SiteText> text;  // of the person's own file, when that is what the gateway runs on
};

// Always gives a site: that of `path`; where it cannot be understood, the one kept in `data_folder`; else one without
// devices and with zero feed-in. What is wrong, with its line, comes first in `site` of the outcome. A file that is not
// there is not replaced by a copy: another site may be meant, and a new box has none.
SiteFile read_site(const std::string& path, const std::string& data_folder);

// The file as it is now, for who wants the gateway to run on it: without a mistake, or the error names them all with
// their lines (denied). Waits for the disk.
struct ReadAgain {
    std::string text;
    config::LoadOutcome outcome;
};
Result<ReadAgain> read_again(const std::string& path);
// What the next start falls back on when the file cannot be understood then.
void keep_copy(const std::string& text, const std::string& data_folder);

// Replaces the file, which must still be as `before`; the old one stays beside it as "<path>.before". Durable once it
// returned ok. Errors: denied (somebody edited the file meanwhile), unavailable (cannot be written), each with the
// remedy; then the file is as it was. Waits for the disk.
Status write_site(const std::string& path, const std::string& data_folder, const SiteText& before,
                  const std::string& after);

}  // namespace busbar::gateway
