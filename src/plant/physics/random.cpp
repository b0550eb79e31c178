#include "plant/physics/random.hpp"

#include <cmath>
#include <numbers>

namespace busbar::plant {

// SplitMix64 (Steele, Lea, Flood 2014): 64 bits of state, any seed is good, passes the usual batteries of tests.
Random::Random(std::uint64_t seed, std::string_view stream) : state_(seed) {
    std::uint64_t name = 0xcbf29ce484222325;  // FNV-1a of the stream's name
    for (char c : stream) name = (name ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    state_ ^= name;
    next();
}

std::uint64_t Random::next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

double Random::uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

double Random::normal() {
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
}

double Random::exponential(double mean) { return -mean * std::log(1 - uniform()); }

}  // namespace busbar::plant
