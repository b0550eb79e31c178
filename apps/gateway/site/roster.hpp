#pragma once
// Who has been part of the site, as what, and from when to when: what the energies of past days are made of. A device
// that was deleted still counts where it was there, one that was added is not missing before, and one that was replaced
// begins to count anew. Kept in the data folder; pure but for the two functions at the end.
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/site_config.hpp"

namespace busbar::gateway {

struct Member {
    static constexpr std::int64_t for_ever = std::numeric_limits<std::int64_t>::max();
    model::DeviceId id;
    model::Use use = model::Use::sub_meter;
    std::int64_t since_ms = 0;         // [since, until); 0: as long as there is history
    std::int64_t until_ms = for_ever;  // for_ever: it is there now
    bool operator==(const Member&) const = default;
};

using Roster = std::vector<Member>;
inline constexpr std::size_t max_members = 2000;  // the oldest that are gone are forgotten

// The first of a gateway: everybody has been there as long as the history.
Roster roster_of(const config::SiteConfig& site);
// `site` as it is from `now_ms` on. `replaced`: ids behind which stands another device than before.
Roster updated(Roster roster, const config::SiteConfig& site, const std::set<std::string>& replaced,
               std::int64_t now_ms);

// One line each: "since until use id", "-" for an open end.
std::string to_text(const Roster& roster);
// Errors: malformed, with the line.
Result<Roster> parse_roster(std::string_view text);

// What the data folder holds, brought in step with `site`; begun anew when it cannot be read. Waits for the disk.
Roster read_roster(const std::string& data_folder, const config::SiteConfig& site, std::int64_t now_ms);
Status write_roster(const std::string& data_folder, const Roster& roster);

}  // namespace busbar::gateway
