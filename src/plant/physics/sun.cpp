#include "plant/physics/sun.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace busbar::plant {
namespace {

constexpr double degree = std::numbers::pi / 180;
double sine(double deg) { return std::sin(deg * degree); }
double cosine(double deg) { return std::cos(deg * degree); }
double wrap_360(double deg) { return deg - 360 * std::floor(deg / 360); }

double days_since_j2000(WallTime utc) {
    return static_cast<double>(to_ms(utc) - 946'728'000'000) / 86'400'000.0;  // 2000-01-01T12:00Z
}

}  // namespace

SunPosition sun_position(Place place, WallTime utc) {
    const double n = days_since_j2000(utc);
    const double mean_longitude = 280.460 + 0.9856474 * n;
    const double anomaly = 357.528 + 0.9856003 * n;
    const double ecliptic = mean_longitude + 1.915 * sine(anomaly) + 0.020 * sine(2 * anomaly);
    const double obliquity = 23.439 - 4e-7 * n;
    const double ascension = std::atan2(cosine(obliquity) * sine(ecliptic), cosine(ecliptic)) / degree;
    const double declination = std::asin(sine(obliquity) * sine(ecliptic)) / degree;

    const double sidereal = 280.46061837 + 360.98564736629 * n + place.longitude_deg;
    const double hour_angle = wrap_360(sidereal - ascension);
    const double lat = place.latitude_deg;
    const double up = sine(lat) * sine(declination) + cosine(lat) * cosine(declination) * cosine(hour_angle);
    const double east = -cosine(declination) * sine(hour_angle);
    const double north = cosine(lat) * sine(declination) - sine(lat) * cosine(declination) * cosine(hour_angle);
    return {std::asin(std::clamp(up, -1.0, 1.0)) / degree, wrap_360(std::atan2(east, north) / degree)};
}

Irradiance clear_sky(double elevation_deg) {
    if (elevation_deg <= 0) return {};
    const double air_mass = 1 / (sine(elevation_deg) + 0.50572 * std::pow(elevation_deg + 6.07995, -1.6364));
    const double beam = 1353 * std::pow(0.7, std::pow(air_mass, 0.678));
    return {beam, 0.1 * beam};
}

double plane_irradiance_wm2(Orientation plane, SunPosition sun, Irradiance sky) {
    const double facing =
        cosine(plane.tilt_deg) * sine(sun.elevation_deg) +
        sine(plane.tilt_deg) * cosine(sun.elevation_deg) * cosine(sun.azimuth_deg - plane.azimuth_deg);
    const double horizontal = sky.beam_wm2 * std::max(0.0, sine(sun.elevation_deg)) + sky.diffuse_wm2;
    return sky.beam_wm2 * std::max(0.0, facing) + sky.diffuse_wm2 * (1 + cosine(plane.tilt_deg)) / 2 +
           0.2 * horizontal * (1 - cosine(plane.tilt_deg)) / 2;
}

double solar_hour(Place place, WallTime utc) {
    const double hours = static_cast<double>(to_ms(utc)) / 3.6e6 + place.longitude_deg / 15;
    return hours - 24 * std::floor(hours / 24);
}

}  // namespace busbar::plant
