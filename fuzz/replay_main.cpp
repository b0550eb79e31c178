// Runs a fuzz target over stored inputs, and over a few thousand seeded mutations of them, without libFuzzer.
// Arguments: files or folders.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

std::vector<std::uint8_t> content_of(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void run(std::vector<std::uint8_t> bytes, std::mt19937& random) {
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    for (int i = 0; i < 200 && !bytes.empty(); ++i) {
        auto changed = bytes;
        for (int k = 0; k < 1 + static_cast<int>(random() % 4); ++k)
            changed[random() % changed.size()] = static_cast<std::uint8_t>(random());
        if (random() % 4 == 0) changed.resize(random() % (changed.size() + 1));
        LLVMFuzzerTestOneInput(changed.data(), changed.size());
    }
}

}  // namespace

int main(int argc, char** argv) {
    std::mt19937 random(1);
    std::size_t files = 0;
    for (int i = 1; i < argc; ++i) {
        std::vector<std::filesystem::path> paths;
        if (std::filesystem::is_directory(argv[i])) {
            for (const auto& entry : std::filesystem::directory_iterator(argv[i])) paths.push_back(entry.path());
        } else {
            paths.push_back(argv[i]);
        }
        for (const auto& path : paths) {
            run(content_of(path), random);
            ++files;
        }
    }
    if (files == 0) {
        std::fprintf(stderr, "no input found; give files or folders that exist\n");
        return 1;
    }
    std::printf("%zu inputs\n", files);
    return 0;
}
