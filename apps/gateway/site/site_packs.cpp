// Device packs, as one more change of the site.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/whole_file.hpp"
#include "config/rules.hpp"
#include "field/at_work.hpp"
#include "profile/load/load.hpp"
#include "site/site_changes.hpp"

namespace busbar::gateway {
namespace {

bool is_profile_name(std::string_view name) {
    const auto slash = name.find('/');
    const auto is_part = [](std::string_view part) {
        return !part.empty() && part.size() <= 48 && part.front() != '-' &&
               std::all_of(part.begin(), part.end(),
                           [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
    };
    return slash != std::string_view::npos && is_part(name.substr(0, slash)) && is_part(name.substr(slash + 1));
}

Status store_pack(const std::string& folder, const std::string& name, const std::string& text) {
    const std::filesystem::path file = std::filesystem::path(folder) / (name + ".yaml");
    std::error_code failed;
    std::filesystem::create_directories(file.parent_path(), failed);
    if (failed)
        return fail(Errc::unavailable,
                    fmt::format("{}: cannot be made: {}; give the gateway a data folder it may write to",
                                file.parent_path().string(), failed.message()));
    return write_whole_file(file.string(), text, 0600);
}

}  // namespace

Task<Status> SiteChanges::add_profile(std::string name, std::string text, api::By by) {
    co_await my_turn();
    if (!is_profile_name(name))
        co_return fail(Errc::out_of_range,
                       "name: expected maker/family in small letters, digits and '-', as in acme/meter");
    const auto loaded = profile::load(text, name + ".yaml");
    if (!loaded) co_return loaded.error();
    if (loaded->name != name)
        co_return fail(Errc::out_of_range,
                       fmt::format("the pack calls itself '{}'; upload it under that name", loaded->name));
    for (const std::string& id : at_work())
        if (const auto* device = config::find_device(site(), id); device != nullptr && device->profile == name)
            co_return busy_with_firmware(id);
    is_busy_ = true;
    auto work = [folder = place_.profiles.front(), folders = place_.profiles, name, text,
                 site = running_]() -> Result<Field::Profiles> {
        if (const Status stored = store_pack(folder, name, text); !stored) return stored.error();
        return read_profiles(folders, site->config);
    };
    auto stored = co_await api::run_on(worker_, service_, std::move(work));
    Status done = !stored ? Status(fail(Errc::unavailable, "too many changes wait; try again")) : ok();
    if (stored && !*stored) done = stored->error();
    if (done) {
        Words words{"device pack added", {}, json_text(name)};
        done = co_await note(std::move(words), std::move(by));
        std::set<std::string> renewed;
        for (const auto& device : site().devices)
            if (device.profile == name) renewed.insert(device.id);
        const Status acted = co_await hooks_.act(running_, **stored, std::move(renewed));
        if (!acted) done = acted;
    }
    is_busy_ = false;
    co_return done;
}

}  // namespace busbar::gateway
