#pragma once
// A scenario: a plant, what happens to it, and what a gateway must make of it; read from a *.plant text. Language and
// units: docs/reference/plant-language.md. Plain values; World plays them, Checker judges the expectations.
//
// parse() takes hostile text: at most 64 KiB, 1000 lines, 250 parts, 500 events, 100 expectations. Every error names
// file:line, what is wrong and what would be right.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "plant/physics/clouds.hpp"
#include "plant/physics/converter.hpp"
#include "plant/physics/grid.hpp"
#include "plant/physics/household.hpp"
#include "plant/physics/sun.hpp"
#include "profile/quirks.hpp"

namespace busbar::plant {

struct LineSpec {
    enum class Kind : std::uint8_t { serial, tcp };
    std::string id;
    Kind kind = Kind::tcp;
    std::uint32_t baud = 9600;
    char parity = 'N';
    int stop_bits = 1;
    double turnaround_s = 0.005;  // a device's thinking time before it answers
    unsigned bits_per_character() const { return 9u + static_cast<unsigned>(stop_bits) + (parity == 'N' ? 0 : 1); }
};

// How an item can be read and controlled from outside; without a profile nobody sees it but the grid meter.
struct Plug {
    std::string id;       // device id
    std::string profile;  // "eastron/sdm630"; empty = not readable
    std::string line;     // id of a LineSpec
    std::uint8_t unit = 1;
    int at_line = 0;  // in the scenario's text
};

struct GridItem {
    GridSpec spec;
    Plug meter;
};
struct SourceItem {
    ConverterSpec spec;
    std::string trace;  // "day:pv_kw"; replaces sun and clouds
    double trace_scale = 1;
    Plug plug;
};
struct LoadItem {
    LoadSpec spec;
    Plug meter;
};
// A device that measures without taking part: weather, the strings of an array, the whole site.
struct WatcherItem {
    std::string of;  // id of a source or load; empty = the site as a whole, its weather included
    Plug plug;
};
struct TraceItem {
    std::string name, file;
    double from_s = 0;                 // offset into the trace where the scenario starts
    std::optional<double> from_utc_s;  // or the instant
    int line = 0;
};

// What the gateway under test shall be set to do.
struct ControlWish {
    bool self_consumption = false;
    double import_target_w = 0;
    enum class FeedIn : std::uint8_t { none, zero, watts, percent } feed_in = FeedIn::none;
    double feed_in_value = 0;  // W or % of installed PV power
    bool operator==(const ControlWish&) const = default;
};

enum class FaultKind : std::uint8_t {
    none,
    silent,      // does not answer
    slow,        // answers later
    garbled,     // some answers arrive damaged
    frozen,      // answers, but with the values of the moment the fault began
    restarting,  // silent, and has forgotten every setpoint
    busy,        // answers every request with exception 6
    disobeying,  // confirms writes and does nothing
    reversed,    // a meter whose current transformers are clamped on backwards
    rebooting,   // breaks off in the middle of an answer, then as restarting
};

// A text a device tells about itself.
enum class IdentityText : std::uint8_t { maker, model, serial, firmware };

// A `quirk` line changes one habit of one device, or of all.
struct QuirkItem {
    std::string target;                                                        // id; empty = every device
    profile::Quirks value;                                                     // the members that `copy` takes count
    void (*copy)(const profile::Quirks& from, profile::Quirks& to) = nullptr;  // never null
    void change(profile::Quirks& quirks) const { copy(value, quirks); }
};

struct Event {
    enum class What : std::uint8_t {
        pv_power,
        pv_sun,
        cloud,
        cloud_free,
        load_power,
        load_free,
        grid_voltage,
        grid_frequency,
        setting,
        fault,
        claim
    };
    double at_s = 0;
    double repeat_s = 0;  // > 0: again and again
    What what = What::setting;
    std::string target;  // id of source, load or device; empty = all sources / the first load
    double value = 0;    // W, V, Hz, transmission, or the share of garbled answers
    double over_s = 0;   // ramp of an edge; delay of `slow`
    double for_s = 0;    // length of a fault; infinity = to the end
    FaultKind fault = FaultKind::none;
    IdentityText claimed = IdentityText::serial;  // a device that says it is another
    std::string claim;
    ControlWish wish;  // after a setting event, complete
    std::string text;  // as written after the time: "meter silent for 20s"
    int line = 0;
    bool is_step() const { return what != What::fault && what != What::claim; }
};

enum class Quantity : std::uint8_t { feed_in, import, grid, pv, battery, load, soc };

struct Expectation {
    enum class What : std::uint8_t { value, released, controlled, fault } what = What::value;
    enum class When : std::uint8_t { always, after_each_step, of_event, from, at_end } when = When::always;
    Quantity quantity = Quantity::feed_in;
    bool is_below = true;  // value < bound, else value > bound
    double bound = 0;      // W or %
    double within_s = 0;
    double from_s = 0, to_s = 0;  // When::from
    std::string event;            // beginning of the event's text
    std::string fault;
    bool then_cleared = false;
    std::string text;
    int line = 0;
};

struct Scenario {
    std::string name = "Plant";
    Place place;
    WallTime start{std::chrono::milliseconds{1'718'449'200'000}};  // 2024-06-15T11:00Z
    Weather weather = Weather::clear;
    double air_c = 20;
    std::vector<LineSpec> lines;
    GridItem grid;
    std::vector<SourceItem> sources;
    std::vector<LoadItem> loads;
    std::vector<WatcherItem> watchers;
    std::vector<TraceItem> traces;
    std::vector<QuirkItem> quirks;  // in order; later ones win
    std::string price_trace;        // "market:eur_mwh"; empty = energy costs nothing
    double price_scale = 1;
    ControlWish wish;           // at the start
    std::vector<Event> events;  // in order of at_s
    std::vector<Expectation> expectations;
    double run_s = 0;  // how long it is meant to run; default: 60 s after the last event

    double pv_peak_w() const;                               // installed PV power (DC)
    double feed_in_limit_w(const ControlWish& wish) const;  // infinity without a limit
    const LineSpec* line(std::string_view id) const;
    // Id of the device a scenario means by "meter", "battery", "inverter" or an id; empty when there is none.
    std::string device_named(std::string_view word) const;
};

// `file_name` stands in errors.
Result<Scenario> parse(std::string_view text, std::string_view file_name = "scenario");

}  // namespace busbar::plant
