#pragma once
// Where the sun stands and what it gives under a clear sky. Pure functions of place and UTC; used by pv_array.
#include "base/clock.hpp"

namespace busbar::plant {

struct Place {
    double latitude_deg = 48.1;   // + = north
    double longitude_deg = 11.6;  // + = east
};

struct SunPosition {
    double elevation_deg = 0;  // above the horizon, without refraction; negative at night
    double azimuth_deg = 0;    // 0 = north, 90 = east, 180 = south
};

// Low-precision solar coordinates of the Astronomical Almanac: within 0.02 degrees from 1950 to 2050.
SunPosition sun_position(Place place, WallTime utc);

struct Irradiance {
    double beam_wm2 = 0;     // on a plane facing the sun
    double diffuse_wm2 = 0;  // from the sky, on a horizontal plane
};

// Cloudless sky at sea level (Meinel's beam, a tenth of it diffuse; Kasten and Young's air mass). Zero below the
// horizon.
Irradiance clear_sky(double elevation_deg);

// A plane's tilt from horizontal and the direction it faces.
struct Orientation {
    double tilt_deg = 30;
    double azimuth_deg = 180;
};

// Irradiance on that plane, W/m2, with 20 % ground reflection.
double plane_irradiance_wm2(Orientation plane, SunPosition sun, Irradiance sky);

// Hours 0..24 since midnight of mean solar time: what the plant takes for local time of day.
double solar_hour(Place place, WallTime utc);

}  // namespace busbar::plant
