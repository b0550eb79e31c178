#include "site/site_file.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/rigs/temporary_folder.hpp"
#include "config/edit.hpp"

using namespace busbar;
using namespace busbar::gateway;
using Mode = config::FeedInLimit::Mode;

namespace {
struct Folder : TemporaryFolder {
    std::string site() const { return path + "/site.yaml"; }
    config::LoadOutcome read(const std::string& text) const {
        std::ofstream(site(), std::ios::trunc) << text;
        return read_site(site(), path).outcome;
    }
};
constexpr const char* good =
    "buses:\n  - {id: lan, link: tcp, host: 192.168.8.20}\n"
    "devices:\n  - {id: grid, profile: chint/dtsu666, bus: lan, unit: 11, use: grid_meter}\n"
    "control: {feed_in_limit: {mode: watts, value: 500}}\n";
}  // namespace

TEST_CASE("a site file that is broken as a whole is replaced by the last one that could be read") {
    const Folder folder;
    CHECK(folder.read(good).site.empty());
    for (const char* broken : {"buses:\n  - {id: lan\ndevices: []\n", "", "text", "a: 1\na: 2\n"}) {
        CAPTURE(broken);
        for (int starts = 0; starts < 2; ++starts) {
            const auto out = folder.read(broken);
            REQUIRE(out.config.devices.size() == 1);
            CHECK(out.config.control.feed_in_limit.value == 500);
            REQUIRE(out.site.size() == 1);
            CHECK(out.site[0].starts_with(folder.site() + ":"));
            CHECK(out.site[0].find(last_site_name) != std::string::npos);
        }
    }
    CHECK(folder.read(std::string(config::max_file_bytes + 1, '#')).config.devices.size() == 1);
    CHECK(folder.read(good).site.empty());
}

TEST_CASE("a mistake in one part is no reason for the old file, and the new one is kept") {
    const Folder folder;
    folder.read(good);
    const auto slip = folder.read(std::string(good) + "colour: blue\n");
    REQUIRE(slip.site.size() == 1);
    CHECK(slip.site[0].find("colour") != std::string::npos);
    CHECK(folder.read("{").site.size() == 2);  // the bracket, and what stands against the copy
}

TEST_CASE("without a copy a broken file is a site without devices that feeds nothing in") {
    const Folder folder;
    const auto broken = folder.read("{");
    CHECK(broken.config.devices.empty());
    CHECK(broken.config.control.feed_in_limit.mode == Mode::zero);
    CHECK(broken.site.size() == 1);
    folder.read(good);
    const auto absent = read_site(folder.path + "/absent.yaml", folder.path).outcome;
    CHECK(absent.config.devices.empty());
    CHECK(absent.site.at(0).find("--site") != std::string::npos);
    CHECK(read_site("/", folder.path).outcome.config.devices.empty());
}

TEST_CASE("a changed file is written whole, the one before stays beside it, and an edit by hand is never lost") {
    Folder folder;
    CHECK(folder.read(good).config.devices.size() == 1);
    const auto text_of = [](const std::string& path) {
        std::ifstream file(path);
        return std::string(std::istreambuf_iterator<char>(file), {});
    };
    const std::string after = std::string(good) + "name: New\n";
    REQUIRE(write_site(folder.site(), folder.path, {good}, after).has_value());
    CHECK(text_of(folder.site()) == after);
    CHECK(text_of(folder.site() + ".before") == good);
    CHECK(text_of(folder.path + "/" + last_site_name) == after);

    std::ofstream(folder.site(), std::ios::app) << "# by hand\n";
    const Status edited = write_site(folder.site(), folder.path, {after}, good);
    REQUIRE_FALSE(edited.has_value());
    CHECK(edited.error().kind == Errc::denied);
    CHECK(edited.error().text.find("was edited since the gateway read it") != std::string::npos);
    CHECK(text_of(folder.site()) == after + "# by hand\n");

    // Behind a link, it is the file that changes.
    std::filesystem::create_directory(folder.path + "/real");
    std::ofstream(folder.path + "/real/site.yaml") << good;
    std::filesystem::create_symlink(folder.path + "/real/site.yaml", folder.path + "/link.yaml");
    REQUIRE(write_site(folder.path + "/link.yaml", folder.path, {good}, after).has_value());
    CHECK(std::filesystem::is_symlink(folder.path + "/link.yaml"));
    CHECK(text_of(folder.path + "/real/site.yaml") == after);
    CHECK_FALSE(write_site(folder.path + "/nowhere.yaml", folder.path, {good}, after).has_value());
}

TEST_CASE("a new box has no site file: the first change begins it, and it feeds nothing in") {
    Folder folder;
    const std::string path = folder.path + "/etc/busbar/site.yaml";
    const SiteFile begun = read_site(path, folder.path);
    CHECK(begun.outcome.config.control.feed_in_limit.mode == Mode::zero);
    REQUIRE(begun.text.has_value());
    CHECK_FALSE(begun.text->is_on_disk);
    CHECK_FALSE(std::filesystem::exists(path));  // reading makes nothing
    config::BusConfig bus;
    bus.id = "rs485-1";
    bus.link = config::SerialPort{"/dev/ttyUSB0"};
    const auto text = config::with_bus(begun.text->text, bus);
    REQUIRE(text.has_value());
    std::ofstream(folder.path + "/" + last_site_name) << good;  // of another time
    REQUIRE(write_site(path, folder.path, *begun.text, *text).has_value());
    const SiteFile again = read_site(path, folder.path);
    REQUIRE(again.text.has_value());
    CHECK(again.text->text == *text);
    CHECK(again.outcome.site.empty());
    CHECK(again.outcome.config.buses.size() == 1);
    CHECK(again.outcome.config.control.feed_in_limit.mode == Mode::zero);
    CHECK(std::filesystem::exists(folder.path + "/" + last_site_name + ".before"));
    // Somebody else was quicker: his file stays.
    const Status late = write_site(path, folder.path, *begun.text, *text);
    REQUIRE_FALSE(late.has_value());
    CHECK(late.error().text.find("site reload") != std::string::npos);
}

TEST_CASE("a file that is read again has no mistake, or all of them are named with their lines") {
    Folder folder;
    const auto read = [&](const std::string& text) {
        std::ofstream(folder.site(), std::ios::trunc) << text;
        return read_again(folder.site());
    };
    REQUIRE(read(good).has_value());
    CHECK(read(good)->text == good);
    const std::string twice =
        "buses:\n  - {id: lan, link: tcp, host: 192.168.8.20}\n  - {id: b, link: pigeon}\ndevices:\n"
        "  - {id: grid, profile: chint/dtsu666, bus: lan, unit: 999, use: grid_meter}\n";
    const auto bad = read(twice);
    REQUIRE_FALSE(bad.has_value());
    CHECK(bad.error().kind == Errc::denied);
    CHECK(bad.error().text.find("site.yaml:3:") != std::string::npos);
    CHECK(bad.error().text.find("site.yaml:5:") != std::string::npos);
    CHECK(bad.error().text.find("nothing was changed") != std::string::npos);
    CHECK_FALSE(read("buses: [").has_value());
    CHECK_FALSE(read("").has_value());
    CHECK_FALSE(read("modbus_server: {devices: [a], clients: [{address: x, rights: read}]}\n").has_value());
    // A doubt is none: a site without a meter may be on its way.
    CHECK(read("buses: []\ndevices: []\n").has_value());
    CHECK(read("buses:\n  - {id: lan, link: tcp, host: h}\ndevices:\n"
               "  - {id: roof, profile: sunspec/inverter, bus: lan, unit: 1, use: pv}\n")
              .has_value());
    std::filesystem::remove(folder.site());
    CHECK_FALSE(read_again(folder.site()).has_value());
}
