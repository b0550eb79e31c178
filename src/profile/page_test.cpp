// Holds docs/reference/devices to the profiles. With BUSBAR_WRITE_PAGES set it writes them (`./dev pages`).
#include "profile/page.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "profile/load/load.hpp"

using namespace busbar::profile;
namespace fs = std::filesystem;

namespace {

std::string content_of(const fs::path& file) {
    std::ifstream in(file);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

std::vector<Profile> shipped() {
    std::vector<Profile> profiles;
    for (const auto& entry : fs::recursive_directory_iterator("profiles")) {
        if (entry.path().extension() != ".yaml") continue;
        auto loaded = load(content_of(entry.path()), entry.path().string());
        REQUIRE_MESSAGE(loaded.has_value(), (loaded ? "" : loaded.error().text));
        profiles.push_back(std::move(*loaded));
    }
    std::ranges::sort(profiles, {}, &Profile::name);
    return profiles;
}

void hold(const fs::path& file, const std::string& text) {
    if (std::getenv("BUSBAR_WRITE_PAGES") != nullptr) {
        fs::create_directories(file.parent_path());
        std::ofstream(file) << text;
    }
    CHECK_MESSAGE(content_of(file) == text, file.string() << " is not what its profile says; run ./dev pages");
}

}  // namespace

TEST_CASE("the device pages say what the profiles say, and there is no page without a profile") {
    const fs::path folder = "docs/reference/devices";
    const std::vector<Profile> profiles = shipped();
    std::set<std::string> expected{"README.md"};
    hold(folder / "README.md", device_index(profiles));
    for (const Profile& profile : profiles) {
        hold(folder / (profile.name + ".md"), device_page(profile));
        expected.insert(profile.name + ".md");
    }
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file())
            CHECK_MESSAGE(expected.contains(fs::relative(entry.path(), folder).string()),
                          entry.path().string() << " has no profile; delete it");
}

TEST_CASE("a page has a row for each kind of point, and says what happens without the gateway") {
    const auto profile = load(R"(profile: test/hybrid
source: "a document"
verified: "nothing | yet"
products: [{brand: Test, models: [T1]}]
bus: {protocol: modbus, pause: 20ms, align: 2}
identify: {maker: Test, model: {read: holding 10, count: 4, starts_with: T}}
points:
  meter.voltage.l1..l3: {read: input 0, step: 2, type: u32, unit: 0.1 V, words: low_first}
  battery.power: {read: holding 200, type: s16, unit: W, sign: charge_positive}
controls:
  battery.power.set:
    write: [{to: holding 210, type: s16, unit: W, sign: charge_positive, value: setpoint}]
    release: [{to: holding 210, value: 0}]
    range: [-3000, 3000]
    repeat: 20s
    falls_back_after: 60s
    falls_back_to: rest
settings:
  feed_in_limit: {text: Largest feed-in power, at: holding 300, type: u16, unit: 0.1 kW, range: [0, 5000], access: installer, danger: The grid operator sets it.}
  mode: {text: Mode, at: holding 302, choices: {0: rest, 1: work}, access: owner, applies: after a restart}
clock: {at: holding 320, fields: [year, month, day, hour, minute, second], years: since_2000, zone: local}
)",
                              "test/hybrid.yaml");
    REQUIRE_MESSAGE(profile.has_value(), (profile ? "" : profile.error().text));
    const std::string page = device_page(*profile);
    for (const char* part :
         {"| `meter.voltage.l1` to `.l3` | input 0, each 2 further | u32, low word first | 1/10 V | 10 s |",
          "| `battery.power` | holding 200 | s16 | -1 W | each second |", "accepts -3000 to 3000 W",
          "falls back after 60 s, to: rest",
          "| `feed_in_limit` | Largest feed-in power | holding 300 u16 | 0 to 5000 W, step 100 | installer | The grid "
          "operator sets it. |",
          "holding 320, one register each for date and time, local time; set when it is off by more than 30 s.",
          "| `mode` | Mode | holding 302 u16 | 0 rest; 1 work | owner | Applies after a restart. |",
          "wants 20 ms of silence", "**Verified:** nothing / yet."})
        CHECK_MESSAGE(page.find(part) != std::string::npos, part);
}
