#include "history/journal.hpp"

#include <doctest/doctest.h>

#include "history/fault_disk.hpp"

using namespace busbar;
using namespace busbar::history;

namespace {

std::vector<Sample> second(std::int64_t n) {
    std::vector<Sample> out;
    for (unsigned i = 0; i < 6; ++i) out.push_back(value_of(i, 1'700'000'000'000 + n * 1000, n * 10 + i));
    return out;
}

struct Read {
    std::vector<std::int64_t> seconds;  // raw of series 0 divided by 10, as they came
    Journal::Replay replay;
};
Read read_back(Disk& disk, GenerationId committed = 0) {
    Read out;
    Journal journal(disk, 4096);
    const auto replay = journal.replay(committed, [&](GenerationId, const JournalState::Decoded& decoded) {
        for (const Sample& s : decoded.samples)
            if (s.series == 0) out.seconds.push_back(s.raw / 10);
    });
    REQUIRE(replay.has_value());
    out.replay = *replay;
    return out;
}
std::vector<std::int64_t> up_to(std::int64_t n) {
    std::vector<std::int64_t> out;
    for (std::int64_t i = 0; i < n; ++i) out.push_back(i);
    return out;
}
void write(Journal& journal, std::int64_t from, std::int64_t to, GenerationId generation = 1) {
    for (std::int64_t i = from; i < to; ++i) REQUIRE(journal.append(generation, {}, second(i)).has_value());
}

}  // namespace

TEST_CASE("what was appended is read back, over restarts and generations") {
    FaultDisk disk;
    for (int life = 0; life < 3; ++life) {
        Journal journal(disk, 4096);
        REQUIRE(journal.replay(0, [](auto, const auto&) {}).has_value());
        write(journal, life * 100, life * 100 + 100, life < 2 ? 1 : 2);
    }
    const Read all = read_back(disk);
    CHECK(all.seconds == up_to(300));
    CHECK(all.replay.newest == 2);
    CHECK(all.replay.corrupt_places == 0);
    CHECK(read_back(disk, 1).seconds.size() == 100);
    CHECK(read_back(disk, 2).seconds.empty());
}

TEST_CASE("a tail torn at any byte loses only the last record") {
    FaultDisk disk;
    Journal journal(disk, 4096);
    write(journal, 0, 70);
    const std::uint64_t before = journal.generation_bytes();
    write(journal, 70, 71);
    const Bytes whole = disk.file(disk.names()[0])->now;
    for (std::uint64_t cut = before; cut < journal.generation_bytes(); ++cut) {
        auto& now = disk.file(disk.names()[0])->now;
        now = whole;
        std::fill(now.begin() + static_cast<std::ptrdiff_t>(cut), now.end(), std::uint8_t{0});
        if (now == whole) continue;  // what was cut off was zeros anyway
        Read got = read_back(disk);
        CHECK(got.seconds == up_to(70));
        CHECK(got.replay.corrupt_places == 0);
        now.resize(cut);
        got = read_back(disk);
        CHECK(got.seconds == up_to(70));
    }
}

TEST_CASE("a bad byte inside costs at most the samples up to the next fresh record, and is noticed") {
    FaultDisk disk;
    Journal journal(disk, 4096);
    write(journal, 0, 400);
    const Bytes whole = disk.file(disk.names()[0])->now;
    for (std::size_t at = 0; at < journal.generation_bytes() * 2 / 3; at += 7) {
        auto& now = disk.file(disk.names()[0])->now;
        now = whole;
        now[at] ^= 0x10;
        const Read got = read_back(disk);
        CHECK((got.replay.corrupt_places >= 1 || got.seconds.size() == 400));  // between records nothing is lost
        CHECK(got.seconds.size() >= 400 - 128);
        for (std::size_t i = 1; i < got.seconds.size(); ++i) CHECK(got.seconds[i] > got.seconds[i - 1]);
        CHECK(got.seconds.back() == 399);
    }
}

TEST_CASE("a reused file never shows its old records") {
    FaultDisk disk;
    Journal journal(disk, 4096);
    write(journal, 0, 50, 1);
    write(journal, 50, 60, 2);
    journal.retire(1);
    write(journal, 60, 61, 3);
    CHECK(disk.names().size() == 2);  // the file of generation 1 is now that of 3
    const Read got = read_back(disk, 1);
    CHECK(got.seconds.size() == 11);
    CHECK(got.replay.corrupt_places == 0);
}

TEST_CASE("after any failed call the record comes again and is there once") {
    for (const Errc kind : {Errc::corrupt, Errc::unavailable}) {
        for (std::uint64_t n = 1; n < 120; ++n) {
            FaultDisk disk;
            Journal journal(disk, 4096);
            disk.fail_at(n, kind, 1 + n % 3);
            for (std::int64_t i = 0; i < 40; ++i) {
                int tries = 0;
                while (!journal.append(1 + static_cast<GenerationId>(i / 15), {}, second(i))) REQUIRE(++tries < 10);
                if (i == 30) journal.retire(1);
            }
            std::vector<std::int64_t> expected = up_to(40);
            CAPTURE(n);
            // Retiring may have failed; then the generation is there again, and the database knows that it has it.
            CHECK(read_back(disk, 1).seconds == std::vector<std::int64_t>(expected.begin() + 15, expected.end()));
        }
    }
}

TEST_CASE("power cuts lose nothing that append() confirmed") {
    for (unsigned seed = 0; seed < 200; ++seed) {
        std::mt19937_64 random(seed);
        FaultDisk disk;
        std::int64_t written = 0;
        for (int life = 0; life < 4; ++life) {
            Journal journal(disk, 4096);
            std::int64_t seen = 0;
            const auto replay = journal.replay(
                0, [&](GenerationId, const JournalState::Decoded& d) { seen = d.samples[0].raw / 10 + 1; });
            REQUIRE(replay.has_value());
            CHECK(seen >= written);
            CHECK(replay->corrupt_places == 0);
            written = seen;
            const auto target = written + static_cast<std::int64_t>(random() % 30);
            disk.fail_at(1 + random() % 60, Errc::corrupt);
            GenerationId generation = std::max<GenerationId>(1, replay->newest);
            while (written < target) {
                if (random() % 10 == 0) ++generation;
                if (journal.append(generation, {}, second(written))) ++written;
            }
            disk.fail_at(0, Errc::corrupt);
            disk.cut_power(random);
        }
        CHECK(read_back(disk).seconds.size() >= static_cast<std::size_t>(written));
    }
}
