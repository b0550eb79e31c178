#pragma once
// The plant's only source of chance: a seeded generator that gives the same numbers on every machine (the standard
// library's distributions do not promise that). Every consumer takes its own named stream, so that adding one appliance
// never shifts the clouds.
#include <cstdint>
#include <string_view>

namespace busbar::plant {

class Random {
public:
    Random(std::uint64_t seed, std::string_view stream);

    std::uint64_t next();
    double uniform();  // [0, 1)
    double uniform(double low, double high) { return low + (high - low) * uniform(); }
    double normal();                  // mean 0, deviation 1
    double exponential(double mean);  // > 0

private:
    std::uint64_t state_;
};

}  // namespace busbar::plant
