#include "plant_files.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <array>
#include <fstream>
#include <memory>

#include "profile/load/load.hpp"

namespace busbar::plant_app {
namespace {

constexpr std::size_t text_max = 256u * 1024 * 1024;

struct CloseGz {
    void operator()(gzFile file) const { gzclose(file); }
};

}  // namespace

// zlib reads plain files as they are, so that one way serves both.
Result<std::string> read_text(const std::filesystem::path& path) {
    std::error_code problem;
    if (!std::filesystem::is_regular_file(path, problem))
        return fail(Errc::unavailable, path.string() + ": no such file");
    const std::unique_ptr<gzFile_s, CloseGz> file(gzopen(path.c_str(), "rb"));
    if (!file) return fail(Errc::unavailable, path.string() + ": cannot be opened; may you read it?");
    std::string text;
    std::array<char, 65536> chunk{};
    for (;;) {
        const int n = gzread(file.get(), chunk.data(), chunk.size());
        int state = Z_OK;
        if (n <= 0) gzerror(file.get(), &state);  // a file that was cut short reads as its beginning
        if (n < 0 || state < 0) return fail(Errc::corrupt, path.string() + ": damaged gzip file");
        if (n == 0) return text;
        text.append(chunk.data(), static_cast<std::size_t>(n));
        if (text.size() > text_max) return fail(Errc::out_of_range, path.string() + ": larger than 256 MiB");
    }
}

Status write_text(const std::filesystem::path& path, std::string_view text) {
    auto beside = path;
    beside += ".new";
    std::ofstream file(beside, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    std::error_code problem;
    if (file) std::filesystem::rename(beside, path, problem);
    if (!file || problem)
        return fail(Errc::unavailable, path.string() + ": cannot be written; is there room, and the right to?");
    return ok();
}

Result<profile::Profile> read_profile(const std::filesystem::path& profiles, std::string_view name) {
    const auto path = profiles / (std::string(name) + ".yaml");
    BUSBAR_TRY(const std::string text, read_text(path));
    return profile::load(text, std::string(name) + ".yaml");
}

Result<std::map<std::string, plant::Trace>> read_traces(const plant::Scenario& scenario,
                                                        const std::vector<std::filesystem::path>& folders) {
    std::map<std::string, plant::Trace> traces;
    for (const auto& item : scenario.traces) {
        std::error_code problem;
        std::filesystem::path found;
        for (const auto& folder : folders)
            if (found.empty() && std::filesystem::is_regular_file(folder / item.file, problem))
                found = folder / item.file;
        if (found.empty())
            return fail(Errc::unavailable,
                        fmt::format("line {}: trace file '{}' is not there; give its folder with --traces", item.line,
                                    item.file));
        BUSBAR_TRY(const std::string text, read_text(found));
        BUSBAR_TRY(auto trace, plant::parse_trace(item.file, text));
        traces.emplace(item.name, std::move(trace));
    }
    return traces;
}

}  // namespace busbar::plant_app
