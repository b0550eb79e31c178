#include "history/journal_codec.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace busbar;
using namespace busbar::history;

namespace {

constexpr auto value = value_of;
constexpr auto gap = gap_of;

}  // namespace

TEST_CASE("records come back as they were, in any rhythm") {
    std::mt19937_64 random(11);
    JournalState writer, reader;
    std::int64_t now = 1'700'000'000'000;
    for (int second = 0; second < 300; ++second) {
        std::vector<Sample> samples;
        for (unsigned device = 0; device < 5; ++device) {
            if (random() % 20 == 0) continue;
            const std::int64_t at = now + device * 7 + static_cast<std::int64_t>(random() % 9);
            const unsigned members = random() % 10 == 0 ? 3 : 8;
            for (unsigned i = 0; i < members; ++i)
                samples.push_back(random() % 30 == 0 ? gap(device * 10 + i, at)
                                                     : value(device * 10 + i, at,
                                                             static_cast<std::int64_t>(random() >> (random() % 64))));
        }
        now += random() % 50 == 0 ? -3'000'000 : 1000;
        std::vector<SeriesInfo> defined;
        if (second % 40 == 0) defined.push_back({static_cast<SeriesId>(second), "roof/ac.power", "W", {1, -1}});
        Bytes body;
        writer.encode(second % 64 == 0, defined, samples, body);
        const auto back = reader.decode(body);
        REQUIRE(back.has_value());
        CHECK(back->samples == samples);
        CHECK(back->defined == defined);
        CHECK(JournalState::is_fresh(body) == (second % 64 == 0));
    }
}

TEST_CASE("a caller without rhythm fills no table for ever") {
    JournalState writer, reader;
    for (unsigned round = 0; round < 3; ++round) {
        std::vector<Sample> samples;
        for (unsigned i = 0; i < 5000; ++i) samples.push_back(value(i * 7 % 9973, 1000 + i, i));
        Bytes body;
        writer.encode(round == 0, {}, samples, body);
        const auto back = reader.decode(body);
        REQUIRE(back.has_value());
        CHECK(back->samples == samples);
    }
}

TEST_CASE("standing values cost a bit each in the journal") {
    JournalState writer;
    Bytes body;
    std::vector<Sample> samples;
    for (int second = 0; second < 200; ++second) {
        samples.clear();
        for (unsigned i = 0; i < 40; ++i) samples.push_back(value(i, 1'700'000'000'000 + second * 1000, 2301));
        body.clear();
        writer.encode(second == 0, {}, samples, body);
    }
    CHECK(body.size() <= 9);
}

TEST_CASE("cut and random bodies are refused without harm") {
    JournalState writer;
    Bytes body;
    std::vector<Sample> samples;
    for (unsigned i = 0; i < 200; ++i) samples.push_back(value(i, 1000 + i / 20, i * 31));
    writer.encode(true, std::vector<SeriesInfo>{{1, "a/b", "W", {1, 0}}}, samples, body);
    for (std::size_t cut = 0; cut + 1 < body.size(); ++cut) {
        JournalState reader;
        CHECK_FALSE(reader.decode(ByteView(body).first(cut)).has_value());
    }
    std::mt19937_64 random(12);
    for (int round = 0; round < 3000; ++round) {
        Bytes hostile(random() % 300);
        for (auto& b : hostile) b = static_cast<std::uint8_t>(random());
        if (!hostile.empty()) hostile[0] &= 1;
        JournalState reader;
        (void)reader.decode(hostile);
    }
}
