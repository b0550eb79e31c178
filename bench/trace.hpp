#pragma once
// The load that history figures are quoted for: 60 devices (40 inverters, 8 meters, 8 batteries, 4 charge points) of 40
// points at 1 Hz around noon with clouds, quantised as registers are. Synthetic; its noise is set so that the mean
// order-0 entropy of the differences is 2.3 bits a point, which bench_history prints beside its results.
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace busbar::bench {

inline constexpr std::size_t devices = 60;
inline constexpr std::size_t points = 40;

struct PointKind {
    const char* name;
    const char* unit;
    double resolution;
    double noise;  // standard deviation from one second to the next, in steps
    double share;  // of the device's power that shows in it, in steps at full power
};
// 8 status words, 4 counters, 3 x 3 voltages and currents, powers, frequency, temperatures: 40 in all.
inline PointKind kind_of(std::size_t point) {
    if (point < 8) return {"state", "", 1, 0, 0};
    if (point < 12) return {"energy", "Wh", 10, 0, 0};
    if (point < 18) return {"voltage", "V", 0.1, 1.3, 12};
    if (point < 24) return {"current", "A", 0.01, 2.6, 1500};
    if (point < 29) return {"power", "W", 1, 9, 8000};
    if (point < 32) return {"reactive", "var", 1, 5, 300};
    if (point < 35) return {"power_factor", "", 0.001, 0.9, 20};
    if (point < 36) return {"frequency", "Hz", 0.01, 0.25, 0};
    if (point < 39) return {"temperature", "C", 0.1, 0.25, 100};
    return {"soc", "%", 1, 0, 0};
}

class Trace {
public:
    explicit Trace(std::uint64_t seed) : random_(seed), state_(devices) {
        for (Device& d : state_) {
            d.sun = 0.6 + 0.4 * uniform();
            d.energy = 1e6 * uniform();
            d.soc = 50;
            d.raw.resize(points);
        }
    }
    // The next second of one device.
    const std::vector<std::int64_t>& next(std::size_t device) {
        Device& d = state_[device];
        if (uniform() < 0.004) d.aim = 0.25 + 0.75 * uniform();  // a cloud comes or goes
        d.sun += (d.aim - d.sun) * 0.05;
        d.energy += d.sun * 8000 / 3600 / 10;
        d.soc += 0.0008;
        if (uniform() < 0.0002) d.state = static_cast<int>(uniform() * 6);
        for (std::size_t p = 0; p < points; ++p) {
            const PointKind kind = kind_of(p);
            if (p < 8)
                d.raw[p] = p == 0 ? d.state : static_cast<std::int64_t>(device + p);
            else if (p < 12)
                d.raw[p] = static_cast<std::int64_t>(d.energy / static_cast<double>(p - 7));
            else if (p == 39)
                d.raw[p] = static_cast<std::int64_t>(d.soc);
            else
                d.raw[p] = std::llround(2300.0 * (p < 18) + 5000.0 * (p == 35) + kind.share * d.sun +
                                        kind.noise / std::sqrt(2.0) * normal_(random_));
        }
        return d.raw;
    }
    // Milliseconds by which a poll is late, mostly few.
    std::int64_t lateness_ms() { return static_cast<std::int64_t>(-3.0 * std::log(1 - uniform() * 0.999)); }

private:
    struct Device {
        double sun = 1, aim = 0.9, energy = 0, soc = 0;
        int state = 3;
        std::vector<std::int64_t> raw;
    };
    double uniform() { return std::uniform_real_distribution<double>()(random_); }
    std::mt19937_64 random_;
    std::normal_distribution<double> normal_;
    std::vector<Device> state_;
};

inline std::string key_of(std::size_t device, std::size_t point) {
    return "device" + std::to_string(device) + "/" + kind_of(point).name + "." + std::to_string(point);
}

}  // namespace busbar::bench
