// A disk that fills up while the history logs, and has room again later; and a disk that can only be read. The disk is
// a small tmpfs in a mount namespace of this process; where none can be made the test is skipped.
#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <filesystem>

#include "history/engine.hpp"

using namespace busbar;
using namespace std::chrono_literals;

namespace {

constexpr int skipped = 77;

// Many noisy series within one hour: the journal grows fast and nothing old is there to be dropped in its place.
constexpr std::size_t series_count = 64;
constexpr std::int64_t start_ms = 1'700'006'400'000;
std::string key_of(std::size_t i) { return fmt::format("meter/noise{}", i); }
std::int64_t time_of(std::int64_t n) { return start_ms + n * 10; }
std::int64_t raw_of(std::size_t i, std::int64_t n) {
    return static_cast<std::int64_t>((static_cast<std::uint64_t>(n) * series_count + i) * 0x9E3779B97F4A7C15u >> 32);
}

[[noreturn]] void give_up(const std::string& text) {
    fmt::print(stderr, "full_disk: {}\n", text);
    std::exit(1);
}

class SmallDisk {
public:
    SmallDisk() {
        if (::mkdtemp(path.data()) == nullptr) give_up("no folder");
        if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
            ::mount("tmpfs", path.c_str(), "tmpfs", 0, "size=4m") != 0) {
            fmt::print("full_disk: skipped, a small disk cannot be mounted here\n");
            std::filesystem::remove(path);
            std::exit(skipped);
        }
    }
    ~SmallDisk() {
        (void)::umount2(path.c_str(), MNT_DETACH);
        (void)::rmdir(path.c_str());
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    void fill() {
        const int fd = ::open(filler().c_str(), O_WRONLY | O_CREAT, 0600);
        const std::string zeros(4096, 'x');
        while (::write(fd, zeros.data(), zeros.size()) > 0) {
        }
        ::close(fd);
    }
    void make_room() { std::filesystem::remove(filler()); }
    void make_read_only() {
        if (::mount("none", path.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) != 0) give_up("remount");
    }
    std::string path = "/tmp/busbar-full-XXXXXX";

private:
    std::string filler() const { return path + "/filler"; }
};

history::EngineConfig config_on(const SmallDisk& disk) {
    history::EngineConfig config;
    config.store.folder = disk.path;
    config.store.ballast_bytes = 64u << 10;
    config.store.min_free_bytes = 0;
    config.commit_every = 5ms;
    return config;
}

class Logger {
public:
    explicit Logger(history::EngineConfig config) {
        config.now_ms = [this] { return time_of(next_.load()); };
        auto opened = history::Engine::open(std::move(config));
        if (!opened) give_up(opened.error().text);
        engine = std::move(*opened);
        for (std::size_t i = 0; i < ids_.size(); ++i) ids_[i] = *engine->series(key_of(i), "W", 1);
    }
    void append() {
        std::vector<history::Sample> row;
        const std::int64_t n = next_;
        for (std::size_t i = 0; i < ids_.size(); ++i)
            row.push_back(history::value_of(ids_[i], time_of(n), raw_of(i, n)));
        engine->append(row);
        ++next_;
    }
    std::int64_t appended() const { return next_; }
    std::unique_ptr<history::Engine> engine;

private:
    std::atomic<std::int64_t> next_{0};
    std::array<history::SeriesId, series_count> ids_{};
};

// Every number up to `count` is there once with its value.
void check_all(history::Engine& engine, std::int64_t count) {
    for (std::size_t i = 0; i < series_count; ++i) {
        std::int64_t n = 0;
        const auto sink = [&](std::span<const history::Point> points) {
            for (const history::Point& p : points) {
                if (p.time_ms != time_of(n) || p.value != static_cast<double>(raw_of(i, n)))
                    give_up(fmt::format("{}: number {} expected, found time {}", key_of(i), n, p.time_ms));
                ++n;
            }
            return true;
        };
        if (const auto read = engine.raw(key_of(i), 0, time_of(count), sink); !read) give_up(read.error().text);
        if (n != count) give_up(fmt::format("{}: {} samples expected, {} found", key_of(i), count, n));
    }
}

void fills_and_empties(SmallDisk& disk) {
    Logger logger(config_on(disk));
    while (logger.appended() < 500) logger.append();
    if (!logger.engine->flush(60s)) give_up("a disk with room does not take samples");
    disk.fill();
    // What was allocated before still takes some; the reserve gives a little more.
    bool full = false;
    while (!full && logger.appended() < 50'000) {
        for (int i = 0; i < 100; ++i) logger.append();
        // A slow machine may need longer than this; a full disk is one that is reported.
        full = !logger.engine->flush(500ms) && !logger.engine->status().problems.empty();
        if (!full) disk.fill();
    }
    if (!full) give_up("the disk did not fill; the test says nothing");
    fmt::print("full_disk: after {} polls: {}\n", logger.appended(), fmt::join(logger.engine->status().problems, "; "));
    for (int i = 0; i < 100; ++i) logger.append();
    disk.make_room();
    if (!logger.engine->flush(120s)) give_up("logging does not resume when the disk has room again");
    check_all(*logger.engine, logger.appended());
    if (logger.engine->status().lost > 0) give_up("samples were lost");
    const std::int64_t count = logger.appended();
    logger.engine.reset();
    auto again = history::Engine::open(config_on(disk));
    if (!again) give_up(again.error().text);
    check_all(**again, count);
    fmt::print("full_disk: {} polls, none lost, none twice, also after opening again\n", count);
}

void opens_on_full_disk_or_says_why(SmallDisk& disk) {
    disk.fill();
    const auto opened = history::Engine::open(config_on(disk));
    if (!opened && opened.error().text.find("full") == std::string::npos &&
        opened.error().text.find(disk.path) == std::string::npos)
        give_up("a full disk at the start is not named: " + opened.error().text);
    fmt::print("full_disk: opening on a full disk: {}\n", opened ? "works" : opened.error().text);
    disk.make_room();
}

void read_only_is_named(SmallDisk& disk) {
    disk.make_read_only();
    const auto opened = history::Engine::open(config_on(disk));
    if (opened) give_up("a read-only folder was opened for writing");
    const std::string& text = opened.error().text;
    fmt::print("full_disk: read-only: {}\n", text);
    if (text.find(disk.path) == std::string::npos || text.find(';') == std::string::npos)
        give_up("the error names no place or no remedy");
}

}  // namespace

int main() {
    SmallDisk disk;
    fills_and_empties(disk);
    opens_on_full_disk_or_says_why(disk);
    read_only_is_named(disk);
    return 0;
}
