#pragma once
// A profile: everything we know about one family of devices, as plain data. Read from profiles/<maker>/<family>.yaml by
// load.hpp, used by ModbusDevice to talk to a real device and by the simulated plant to play one. Format and units of
// the file: docs/reference/profile-format.md.
//
// Nothing here knows an opinion about control: a profile says what a device offers and what it needs, never what to do.
// Everything in a loaded Profile has been checked; users may rely on the stated ranges.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "model/poll_class.hpp"
#include "model/role.hpp"
#include "profile/children.hpp"
#include "profile/firmware.hpp"
#include "profile/quirks.hpp"

namespace busbar::profile {

using model::PollClass;
using model::RoleKey;

enum class Table : std::uint8_t { holding, input };
enum class ValueType : std::uint8_t { u16, s16, u32, s32, u64, s64, f32, f64 };
enum class WordOrder : std::uint8_t { high_first, low_first };

// Where a value begins. `model` != 0: SunSpec, and `offset` counts from that model's ID register; resolve_models()
// (sunspec.hpp) turns such an address into an absolute one once the device's models are known.
struct Address {
    Table table = Table::holding;
    std::uint16_t offset = 0;  // wire address, 0-based, when model == 0
    std::uint16_t model = 0;
    bool operator==(const Address&) const = default;
};

// value in the role's unit = raw * multiply / divide. Two integers instead of one factor, so that raw 2301 at 0.1 V is
// the double nearest to 230.1. The device's sign is inside `multiply`.
struct Scale {
    double multiply = 1;  // integer, not 0
    double divide = 1;    // integer > 0
    bool operator==(const Scale&) const = default;
};

// How registers become one number.
struct Encoding {
    ValueType type = ValueType::u16;
    WordOrder words = WordOrder::high_first;
    Scale scale;
    std::vector<std::uint64_t> invalid;  // raw bit patterns that mean "not available"; NaN and infinity always do
    std::optional<std::uint16_t>
        exponent;  // register (offset as in Address) with a power of ten, s16, -10..10: SunSpec sunssf
    bool top_bit_is_invalid = false;  // SunSpec bit fields: with their highest bit set they say nothing
};

using Name = std::pair<std::uint32_t, std::string>;  // code or bit number -> words

struct Point {
    RoleKey role;
    Address at;
    std::optional<std::uint16_t> less;  // second value of the same encoding that is subtracted: devices with one
                                        // register per direction (import / export, discharge / charge)
    Encoding encoding;
    PollClass every = PollClass::telemetry;
    double resolution = 1;  // smallest step, in the role's unit; with an exponent: the step to expect
    std::vector<Name> names;
    int line = 0;  // in the profile's file
    std::vector<std::pair<std::uint32_t, std::uint32_t>>
        codes{};        // the device's code -> the role's; others are unknown
    bool adds = false;  // `less` is added, not subtracted: one value spread over two inputs
};

// What the device tells about itself: a text, or a number that stands for one. A device without the number is accepted
// all the same: older ones of many families lack it.
struct TextRead {
    Address at;
    std::uint16_t count = 0;               // registers; of a text 1..32 with two characters each
    std::vector<std::string> starts_with;  // the device is accepted when one fits; empty: anything is
    int line = 0;
    std::optional<Encoding> number{};  // u16 or u32
    std::vector<Name> codes{};         // what its numbers mean, and others mean nothing; empty: it is read as it stands
};

// A number that a device of this family must answer.
struct Check {
    Address at;
    Encoding encoding;
    double min = 0, max = 0;
    std::string what;  // "grid frequency"
    int line = 0;
};

struct Identify {
    std::string maker;  // when the device does not say it
    std::optional<TextRead> maker_text, model, serial, firmware;
    std::vector<Check> checks;
};

// What one write step puts into its register.
enum class StepValue : std::uint8_t {
    constant,       // `constants[0]`
    setpoint,       // the value, signed
    positive_part,  // the value if > 0, else 0
    negative_part,  // minus the value if < 0, else 0
    lease,          // how long the device shall obey, in seconds times scale, at least 1
    by_sign,        // constants[0] if the value is < 0, [1] if 0, [2] if > 0
};

struct WriteStep {
    Address to;
    Encoding encoding;
    StepValue value = StepValue::constant;
    std::int64_t constants[3] = {0, 0, 0};  // raw, before encoding
    std::optional<RoleKey> percent_of;      // the register wants % of this point's value, the setpoint is in W
    bool join = false;                      // goes into the same request as the step before it
    bool verify = true;        // read back after writing; false for registers that count or clear themselves
    bool is_optional = false;  // left out where the device does not have the register
    int line = 0;
};

// One setpoint of the device: a flat program.
struct Control {
    RoleKey role;                              // kind setpoint
    std::vector<WriteStep> before;             // when we take control: once, and again after the device was away
    std::vector<WriteStep> write;              // with each new value
    std::vector<WriteStep> release;            // hands control back
    double min = 0, max = 0;                   // accepted values, role's unit
    Duration repeat{};                         // an unchanged value is written again after this; 0 = never
    std::optional<Duration> falls_back_after;  // nullopt: keeps the last setpoint for ever
    bool falls_back_after_lease = false;       // falls back when the lease that was written runs out
    std::string falls_back_to;                 // "own self-consumption"
    int line = 0;
};

enum class Access : std::uint8_t {
    owner,      // and installers
    installer,  // may need knowledge of the plant or of the law
    nobody,     // only shown
};
std::string_view to_string(Access access);  // "owner"

struct Choice {
    std::int64_t code = 0;  // what the register holds
    std::string text;
};

// Something that is set once and kept by the device: a limit, a mode, an address. Not a setpoint: control never touches
// it, and a register of a control is never a setting (checked).
struct Setting {
    std::string key;   // "feed_in_limit": stable, for API and audit; unique in the profile
    std::string text;  // "Largest feed-in power", for people
    Address at;
    Encoding encoding;
    std::string unit;             // as shown; values are in it
    double min = 0, max = 0;      // accepted values
    double step = 0;              // from `min` on; 0: any value between
    std::vector<Choice> choices;  // not empty: only these codes are accepted, and the value is the code
    Access access = Access::installer;
    bool verify = true;             // read back after writing; false for what cannot be read back
    std::vector<WriteStep> before;  // constants that make the device accept the write: a password, an unlock
    std::string applies;            // when it holds, if not at once: "after a restart of the inverter"
    std::string danger;             // what people must know and confirm before it is written; empty: nothing
    int line = 0;
};

enum class ClockField : std::uint8_t { year, month, day, hour, minute, second };
enum class YearForm : std::uint8_t { full, since_2000, as_shown };  // as_shown: what the device shows decides

// The device's own clock: day counters and load profiles go by it.
struct Clock {
    Address at;
    std::vector<ClockField> fields;  // one register each, from `at` on; empty: seconds since 1970 in `epoch`
    Encoding epoch;
    YearForm years = YearForm::full;
    bool is_utc = false;                            // its face shows UTC, else the site's local time
    Duration tolerance = std::chrono::seconds(30);  // off by more: it is set
    bool is_set = true;                             // false: only compared
    std::vector<WriteStep> before;                  // as for settings
    int line = 0;
};
// Registers from `at` on.
std::uint16_t words_of(const Clock& clock);

enum class CheckSum : std::uint8_t { crc16, crc32 };  // CRC-16/MODBUS, CRC-32 as in zip files

// How a device takes new firmware: records of a file (function 21), one after another, between two commands.
// Explained in docs/explanation/firmware-upgrade.md.
struct Upgrade {
    struct Text {
        std::uint32_t at = 0, length = 0;  // bytes, in the image
    };
    std::string begins_with;  // the image's first bytes
    Text model, version;      // texts in the image, ended by NUL or their length
    std::uint32_t max_bytes = 0;
    CheckSum check = CheckSum::crc32;  // the image ends with it, high byte first, over all bytes before
    std::uint16_t file = 1;
    std::uint16_t record_words = 100;  // per record; records count on in the next file after 9999
    Address next;                      // number of the record the device expects next
    ValueType next_type = ValueType::u16;
    std::optional<Address> size;  // takes the image's size in bytes before `start`, u32
    WordOrder words = WordOrder::high_first;
    Address received_check;  // what the device computes over the whole image it received
    std::vector<WriteStep> start, commit, abort;
    Duration start_within = std::chrono::seconds(30);  // until it expects record 0: it may erase memory first
    Duration check_within = std::chrono::seconds(60);
    Duration restart_within = std::chrono::minutes(5);
    int line = 0;
};

struct RegisterRange {
    Table table = Table::holding;
    std::uint16_t first = 0, last = 0;  // both included
};

enum class WriteFunction : std::uint8_t { multiple, single };  // 16 or 6

// What the family asks of its bus.
struct BusRules {
    std::uint16_t max_registers = 125;     // per read, 1..125
    std::uint16_t max_gap = 0;             // unasked registers that may be read over to merge two points
    std::uint16_t block = 0;               // no read may cross a multiple of this; 0 = no such rule
    std::uint16_t align = 1;               // start and count of a read are multiples of this, 1..4
    std::vector<RegisterRange> forbidden;  // never read over
    WriteFunction write = WriteFunction::multiple;
    Duration timeout = std::chrono::seconds(1);
    Duration pause{0};
    Duration settle{0};         // wait after the connection opened, before the first request
    std::uint8_t pipeline = 1;  // requests the device takes at once on one TCP connection, 1..16
    std::uint8_t unit = 1;      // as delivered
    std::uint32_t baud = 9600;  // as delivered
};

struct ModelLength {
    std::uint16_t model = 0;
    std::uint16_t length = 0;  // registers after ID and L, as the model says; without its repeating groups
    std::uint16_t group = 0;   // registers of one repeating group behind them, 0 = none. How many there are is told by
                               // the length the device states
};
struct SunSpec {
    std::vector<std::uint16_t> bases;  // where "SunS" may stand, in the order to try
    std::vector<ModelLength> models;   // every model the points use, in the order a device lists them
};

struct Product {
    std::string brand;
    std::vector<std::string> models;
};

struct Profile {
    std::string name;      // "huawei/sun2000-luna2000", equals its path below profiles/
    std::string source;    // which documents, which tables
    std::string verified;  // how far it was proven, honestly: "documents", "capture", "device: <model, firmware, date>"
    std::vector<Product> products;
    BusRules bus;
    Quirks quirks;
    std::optional<Children> children;  // loggers and energy managers
    std::optional<SunSpec> sunspec;
    Identify identify;
    std::vector<Point> points;  // a role may stand several times only with different SunSpec models
    std::vector<Control> controls;
    std::vector<Setting> settings;
    std::optional<Clock> clock;
    std::vector<FirmwareRule> firmware;
    std::optional<Upgrade> upgrade;
};

constexpr std::uint16_t words_of(ValueType type) {
    switch (type) {
        case ValueType::u16:
        case ValueType::s16:
            return 1;
        case ValueType::u32:
        case ValueType::s32:
        case ValueType::f32:
            return 2;
        case ValueType::u64:
        case ValueType::s64:
        case ValueType::f64:
            return 4;
    }
    return 1;
}
constexpr bool is_float(ValueType type) { return type == ValueType::f32 || type == ValueType::f64; }

std::string_view to_string(ValueType type);  // "u16"
std::string_view to_string(Table table);     // "holding"

std::vector<RoleKey> roles_of(const Profile& profile);  // all it may show and take

// First and last register of everything a point needs in one answer: value, `less` and exponent.
struct Span {
    std::uint16_t first = 0, last = 0;
};
Span span_of(const Point& point);

// A SunSpec model may be so long that a value of a late group and its exponent register do not fit into one answer
// (`rules.max_registers`). Such an exponent is read once, when the device is opened.
bool has_far_exponent(const Point& point, const BusRules& rules);
// The point with its exponent known: no register is read for it any more. `exponent` is -10..10.
Point with_exponent(Point point, int exponent);

}  // namespace busbar::profile
