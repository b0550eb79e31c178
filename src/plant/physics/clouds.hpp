#pragma once
// How much of the clear sky's light arrives: a seeded alternation of gaps and clouds, or the edges a scenario writes.
// One Clouds belongs to one site; all its arrays see the same sky.
#include <cstdint>
#include <optional>

#include "plant/physics/random.hpp"

namespace busbar::plant {

enum class Weather : std::uint8_t { clear, fair, broken, overcast };

class Clouds {
public:
    Clouds(Weather weather, std::uint64_t seed);

    // The sky from now on follows the script: linear to `transmission` (0..1.2) within ramp_s.
    void edge(double transmission, double ramp_s);
    void follow_weather();  // back to the seeded process
    void step(double dt_s);
    double transmission() const { return now_; }

private:
    void turn_weather();

    Weather weather_;
    Random random_;
    bool scripted_ = false;
    bool covered_ = false;
    double dwell_left_s_ = 0;  // until the weather turns
    double now_ = 1, target_ = 1, slope_per_s_ = 0;
};

}  // namespace busbar::plant
