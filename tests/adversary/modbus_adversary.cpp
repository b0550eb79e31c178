// Modbus requests to devices that misbehave in every way, on a line, through a serial server and over Modbus/TCP; says
// what was done to them and whether a value ever came to the wrong register. ./dev adversary runs it.
//
// Usage: modbus_adversary [REQUESTS] [SEED]. Exit code 0 when no value was wrong and every bus got back in step.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "bus/adversary/adversary.hpp"

using namespace busbar::bus;

namespace {

// One fight uses one seed; many short ones see more beginnings than one long one.
constexpr std::uint64_t per_fight = 50'000;

struct Sum {
    Fight all;
    std::uint64_t fights = 0, out_of_step = 0;
};

void add(Sum& sum, const Fight& f) {
    ++sum.fights;
    sum.all.requests += f.requests;
    sum.all.right += f.right;
    sum.all.wrong += f.wrong;
    for (std::size_t i = 0; i < mischiefs; ++i) sum.all.answers[i] += f.answers[i];
    if (!f.is_in_step) ++sum.out_of_step;
}

void print(const std::array<Sum, all_media.size()>& sums) {
    fmt::print("\n{:<20}", "");
    for (const Medium m : all_media) fmt::print("{:>16}", name_of(m));
    const auto row = [&](std::string_view name, auto figure) {
        fmt::print("\n{:<20}", name);
        for (const Sum& s : sums) fmt::print("{:>16}", figure(s));
    };
    row("requests", [](const Sum& s) { return s.all.requests; });
    for (std::size_t i = 0; i < mischiefs; ++i)
        row(name_of(static_cast<Mischief>(i)), [i](const Sum& s) { return s.all.answers[i]; });
    row("values right", [](const Sum& s) { return s.all.right; });
    row("values WRONG", [](const Sum& s) { return s.all.wrong; });
    row("fights", [](const Sum& s) { return s.fights; });
    row("OUT OF STEP after", [](const Sum& s) { return s.out_of_step; });
    fmt::print("\n");
}

}  // namespace

int main(int argc, char** argv) {
    const std::uint64_t wanted = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
    const auto first_seed = static_cast<std::uint32_t>(argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 1);
    std::array<Sum, all_media.size()> sums;
    std::uint64_t made = 0, bad = 0, told = 0;
    for (std::uint32_t seed = first_seed; made < wanted;)
        for (std::size_t i = 0; i < all_media.size(); ++i, ++seed) {
            const std::uint64_t share = std::min(per_fight, wanted / all_media.size() + 1);
            const Fight f = fight(all_media[i], seed, share);
            add(sums[i], f);
            made += f.requests;
            if (f.wrong > 0 || !f.is_in_step) {
                ++bad;
                fmt::print("seed {}, {}: {} values wrong{}\n", seed, name_of(all_media[i]), f.wrong,
                           f.is_in_step ? "" : ", and not in step afterwards");
            }
            if (made - told < 1'000'000) continue;
            told = made;
            fmt::print("{} requests, {} fights lost\n", made, bad);
            std::fflush(stdout);
        }
    print(sums);
    fmt::print("{} requests from seed {} on: {}\n", made, first_seed,
               bad == 0 ? "no value came to a wrong register, every bus got back in step" : "FAILED");
    return bad == 0 ? 0 : 1;
}
