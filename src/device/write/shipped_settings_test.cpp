// Every setting of every shipped profile: read, written and refused on a simulated device of that family.
#include <filesystem>

#include "device/profile_store.hpp"
#include "device/rigs/lab_bench.hpp"

using namespace busbar;
using namespace busbar::device;

namespace {

const ProfileStore& store() {
    static const std::filesystem::path folders[] = {"profiles"};
    static const ProfileStore profiles = ProfileStore::read(folders);
    return profiles;
}

// Another value than `now` that the setting offers.
std::optional<double> another(const SettingInfo& info, std::optional<double> now) {
    for (const auto& [code, text] : info.choices)
        if (static_cast<double>(code) != now) return static_cast<double>(code);
    if (!info.choices.empty()) return std::nullopt;
    return now == info.min + info.step ? info.min : info.min + (info.step > 0 ? info.step : info.max - info.min);
}

}  // namespace

TEST_CASE("every setting of every shipped family is read, written, read back, and refused beyond its range") {
    int families = 0, written = 0, shown = 0;
    for (const std::string& name : store().names()) {
        const auto profile = store().find(name);
        if (!profile || (*profile)->settings.empty()) continue;
        CAPTURE(name);
        Lab lab(*profile);
        const Status opened = lab.run(lab.device->open());
        REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().text));
        REQUIRE(lab.device->info().settings);
        const std::vector<SettingInfo> infos = *lab.device->info().settings;
        const auto values = lab.run(lab.device->read_settings());
        REQUIRE_MESSAGE(values.has_value(), (values ? "" : values.error().text));
        REQUIRE(values->size() == infos.size());
        ++families;
        for (std::size_t i = 0; i < infos.size(); ++i) {
            const SettingInfo& info = infos[i];
            CAPTURE(info.key);
            CHECK_MESSAGE((*values)[i].value.has_value(), (*values)[i].problem);
            const auto wanted = another(info, (*values)[i].value);
            if (!info.is_writable || !wanted) {
                ++shown;
                CHECK(lab.run(lab.device->write_setting(info.key, wanted.value_or(0))).error().kind == Errc::denied);
                continue;
            }
            const auto done = lab.run(lab.device->write_setting(info.key, *wanted));
            CHECK_MESSAGE(done.has_value(), (done ? "" : done.error().text));
            if (done) CHECK(done->value == doctest::Approx(*wanted));
            ++written;
            if (!info.choices.empty()) continue;
            const auto beyond = lab.run(lab.device->write_setting(info.key, info.max * 2 + 1));
            CHECK(beyond.error().kind == Errc::out_of_range);
        }
        const auto after = lab.run(lab.device->read_settings());
        REQUIRE(after.has_value());
        for (std::size_t i = 0; i < infos.size(); ++i)
            if (infos[i].is_writable && another(infos[i], (*values)[i].value))
                CHECK((*after)[i].value != (*values)[i].value);
    }
    CHECK(families >= 15);
    CHECK(written >= 60);
    MESSAGE(families << " families, " << written << " settings written, " << shown << " only shown");
}
