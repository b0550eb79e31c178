// busbar-profile: what the driver makes of a profile and a capture, for who writes a device pack. It opens no port.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "device/capture/conformance.hpp"
#include "model/role.hpp"
#include "profile/load/load.hpp"

namespace busbar {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view usage = R"(busbar-profile checks a device profile, and reads a capture with it.

  busbar-profile FILE.yaml [--capture FILE] [--unit N]

  FILE.yaml         the profile, in a folder named after its maker: acme/em1.yaml
  --capture FILE    a capture, or a recording of the bus monitor; default FILE.capture, if it is there
  --unit N          whose frames, where a recording holds those of several units

It shows every point with the value the driver reads, and what the capture says otherwise.
Ends with 0: they agree; 1: the profile or the capture cannot be read; 3: they differ.
)";

constexpr std::uintmax_t most_bytes = 16 * 1024 * 1024;  // as much as a capture may have

struct Options {
    fs::path profile, capture;
    std::optional<std::uint8_t> unit;
    bool help = false;
};

Result<Options> read_options(int argc, char** argv) {
    Options o;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "--help" || word == "-h") {
            o.help = true;
            return o;
        }
        if (word != "--capture" && word != "--unit") {
            if (word.starts_with("-") || !o.profile.empty())
                return fail(Errc::malformed, fmt::format("{} is unknown; see --help", word));
            o.profile = word;
            continue;
        }
        if (++i == argc) return fail(Errc::malformed, fmt::format("{} lacks its value; see --help", word));
        const std::string_view value = argv[i];
        if (word == "--capture") {
            o.capture = value;
            continue;
        }
        std::uint8_t unit = 0;
        const auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), unit);
        if (problem != std::errc{} || end != value.data() + value.size())
            return fail(Errc::out_of_range, fmt::format("--unit {}: write a number from 0 to 255", value));
        o.unit = unit;
    }
    if (o.profile.empty()) return fail(Errc::malformed, "the profile is missing; see --help");
    return o;
}

Result<std::string> content_of(const fs::path& file) {
    std::error_code problem;
    if (!fs::is_regular_file(file, problem)) return fail(Errc::unavailable, file.string() + ": no such file");
    if (fs::file_size(file, problem) > most_bytes)
        return fail(Errc::out_of_range, fmt::format("{}: larger than {} MiB", file.string(), most_bytes >> 20));
    std::ifstream in(file, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in) return fail(Errc::unavailable, file.string() + ": cannot be read; may you?");
    return text;
}

void show(const device::Conformance& found) {
    const device::DeviceInfo& info = found.info;
    for (const auto& [name, text] : {std::pair{"maker", info.maker}, std::pair{"model", info.model},
                                     std::pair{"serial", info.serial}, std::pair{"firmware", info.firmware}})
        if (!text.empty()) fmt::print("  {:<28} {}\n", name, text);
    for (const device::PointInfo& point : info.points) {
        const std::string role = to_string(point.role);
        const auto reading = found.readings.find(role);
        if (reading != found.readings.end())
            fmt::print("  {:<28} {} {}\n", role, reading->second, to_string(model::info(point.role.role).unit));
        else
            fmt::print("  {:<28} {}\n", role, found.unknown.contains(role) ? "unknown" : "not in the capture");
    }
    for (const std::string& difference : found.differences) fmt::print("differs: {}\n", difference);
}

Result<bool> check(const Options& o) {
    const fs::path file = fs::absolute(o.profile);
    const std::string name = (file.parent_path().filename() / file.stem()).string();
    BUSBAR_TRY(const std::string yaml, content_of(file));
    BUSBAR_TRY(const profile::Profile profile, profile::load(yaml, name + ".yaml"));
    fmt::print("{}: {} points, {} controls, {} settings\n", profile.name, profile.points.size(),
               profile.controls.size(), profile.settings.size());
    const fs::path beside = fs::path(file).replace_extension(".capture");
    const fs::path capture_file = o.capture.empty() ? beside : o.capture;
    if (o.capture.empty() && !fs::exists(beside)) {
        fmt::print("no capture beside it; {} would be looked at\n", beside.filename().string());
        return true;
    }
    BUSBAR_TRY(const std::string text, content_of(capture_file));
    const auto capture = device::parse_capture(text);
    if (!capture) return because(capture_file.string(), capture.error());
    const auto found = device::conform(profile, *capture, o.unit);
    if (!found) return because(capture_file.string(), found.error());
    fmt::print("{}: {}\n", capture_file.filename().string(), capture->origin);
    show(*found);
    if (found->differences.empty())
        fmt::print("{} of {} points, {} orders: {}\n", found->readings.size(), profile.points.size(),
                   capture->orders.size(), capture->recorded.empty() ? "the capture agrees" : "what it holds can be read");
    return found->differences.empty();
}

int run(int argc, char** argv) {
    const auto options = read_options(argc, argv);
    if (!options) {
        fmt::print(stderr, "busbar-profile: {}\n", options.error().text);
        return 1;
    }
    if (options->help) {
        fmt::print("{}", usage);
        return 0;
    }
    const auto agrees = check(*options);
    if (!agrees) {
        fmt::print(stderr, "busbar-profile: {}\n", agrees.error().text);
        return 1;
    }
    return *agrees ? 0 : 3;
}

}  // namespace
}  // namespace busbar

int main(int argc, char** argv) { return busbar::run(argc, argv); }
