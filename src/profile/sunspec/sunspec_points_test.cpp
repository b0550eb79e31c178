// Every point of the SunSpec models against a second decoder, written here from the standard's type table and nothing
// of this module. The list of points is not part of the repository; without it the test says so and passes.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <sstream>

#include "profile/codec/decode.hpp"
#include "profile/load/load.hpp"
#include "profile/sunspec/sunspec.hpp"

using namespace busbar::profile;

namespace {

constexpr const char* list = "../shared/data/sunspec/points.csv";

struct Row {
    int model = 0;
    std::string group, name, type, factor;  // factor: a power of ten, the name of its point, or nothing
    std::uint16_t offset = 0, words = 0;
};
using Rows = std::map<int, std::vector<Row>>;

Rows read_rows() {
    Rows rows;
    std::ifstream in(list);
    std::string line;
    for (std::getline(in, line); std::getline(in, line);) {
        std::array<std::string, 8> cell;
        std::istringstream cells(line);
        for (std::string& c : cell) std::getline(cells, c, ',');
        const int model = std::stoi(cell[0]);
        rows[model].push_back({model, cell[1], cell[4], cell[5], cell[7],
                               static_cast<std::uint16_t>(std::stoi(cell[2])),
                               static_cast<std::uint16_t>(std::stoi(cell[6]))});
    }
    return rows;
}

bool is_of(std::string_view type, std::initializer_list<std::string_view> group) {
    return std::ranges::find(group, type) != group.end();
}
bool is_number(const Row& row) { return row.type != "string" && row.type != "pad"; }

// What stands in the registers, as the standard has it.
std::optional<long double> value_in(const Row& row, std::span<const std::uint16_t> registers, std::uint16_t shift) {
    std::uint64_t raw = 0;
    for (std::size_t i = 0; i < row.words; ++i) raw = raw * 65536 + registers[row.offset + shift + i];
    const int bits = 16 * row.words;
    const std::uint64_t top = std::uint64_t{1} << (bits - 1), all = top | (top - 1);
    if (row.type == "float32") {
        const float number = std::bit_cast<float>(static_cast<std::uint32_t>(raw));
        return std::isfinite(number) ? std::optional<long double>(number) : std::nullopt;
    }
    if (row.type.starts_with("acc")) return raw == 0 ? std::nullopt : std::optional<long double>(raw);
    if (row.type.starts_with("bitfield")) return (raw & top) != 0 ? std::nullopt : std::optional<long double>(raw);
    if (row.type.starts_with("int") || row.type == "sunssf") {
        if (raw == top) return std::nullopt;
        return (raw & top) == 0 ? static_cast<long double>(raw) : -static_cast<long double>(all - raw + 1);
    }
    return raw == all ? std::nullopt : std::optional<long double>(raw);
}

const Row* factor_of(const Row& row, const std::vector<Row>& model) {
    const auto found =
        std::ranges::find_if(model, [&](const Row& r) { return r.type == "sunssf" && r.name == row.factor; });
    return found == model.end() ? nullptr : &*found;
}
bool has_fixed_power(const Row& row) { return row.factor.starts_with('-') || row.factor == "0"; }

std::optional<long double> scaled_value(const Row& row, const std::vector<Row>& model,
                                        std::span<const std::uint16_t> registers, std::uint16_t shift = 0) {
    const auto number = value_in(row, registers, shift);
    if (!number || row.factor.empty()) return number;
    if (has_fixed_power(row)) return *number * std::pow(10.0L, std::stoi(row.factor));
    const auto power = value_in(*factor_of(row, model), registers, 0);
    if (!power || *power < -10 || *power > 10) return std::nullopt;
    return *number * std::pow(10.0L, *power);
}

// Random registers with the interesting words often among them.
std::vector<std::uint16_t> random_registers(std::mt19937& random, const std::vector<Row>& model) {
    std::vector<std::uint16_t> registers(2200);
    constexpr std::uint16_t special[] = {0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF, 0xFFFE};
    for (std::uint16_t& r : registers)
        r = random() % 3 == 0 ? special[random() % std::size(special)] : static_cast<std::uint16_t>(random());
    for (const Row& row : model) {
        if (row.type == "sunssf" && random() % 8 != 0)
            registers[row.offset] = static_cast<std::uint16_t>(static_cast<int>(random() % 23) - 11);
        // Whole values, not just words, that mean "not there".
        if (random() % 6 != 0) continue;
        const std::uint16_t first = row.type.starts_with("acc") ? 0 : row.type.starts_with("int") ? 0x8000 : 0xFFFF;
        for (std::uint16_t i = 0; i < row.words; ++i)
            registers[row.offset + i] = i == 0 ? first : first == 0xFFFF ? std::uint16_t{0xFFFF} : std::uint16_t{0};
    }
    return registers;
}

bool agree(std::optional<double> ours, std::optional<long double> theirs) {
    if (!ours || !theirs) return ours.has_value() == theirs.has_value();
    return std::fabs(static_cast<long double>(*ours) - *theirs) <= 1e-14L * std::fabs(*theirs);
}

std::string_view our_type(const Row& row) {
    if (row.type == "float32") return "f32";
    if (is_of(row.type, {"int16", "sunssf"})) return "s16";
    if (row.type == "int32") return "s32";
    if (row.type == "int64") return "s64";
    return row.words == 1 ? "u16" : row.words == 2 ? "u32" : "u64";
}

// A profile whose points are these rows, twenty-four at most, as an author would write them.
Profile profile_of(const std::vector<Row>& model, std::span<const Row* const> rows) {
    std::string text = fmt::format(
        "profile: test/m\nsource: s\nverified: v\nproducts: [{{brand: T, models: [T]}}]\nbus: {{protocol: modbus}}\n"
        "sunspec: {{bases: [0], models: {{{}: 2000}}}}\nidentify: {{maker: T}}\npoints:\n",
        model.front().model);
    int number = 0;
    for (const Row* row : rows) {
        text += fmt::format("  device.alarm.{}: {{read: model {} offset {}, type: {}", ++number, row->model,
                            row->offset, our_type(*row));
        if (has_fixed_power(*row))
            text += fmt::format(", unit: {:.{}f}", std::pow(10.0, std::stoi(row->factor)), -std::stoi(row->factor));
        else if (!row->factor.empty())
            text += fmt::format(", exponent: {}", factor_of(*row, model)->offset);
        if (row->type.starts_with("acc")) text += ", invalid: 0";
        if (row->type.starts_with("bitfield")) text += ", bits: {}";
        text += ", resolution: 1}\n";
    }
    auto loaded = load(text, "test/m.yaml");
    REQUIRE_MESSAGE(loaded.has_value(), (loaded ? "" : loaded.error().text));
    return std::move(*loaded);
}

std::vector<Point> placed_points(const Profile& profile, int model, std::uint16_t at) {
    const ModelBlock chain[] = {{static_cast<std::uint16_t>(model), at, 2000}};
    return resolve_models(profile, chain).points;
}

std::optional<double> decoded(const Point& point, std::uint16_t at, std::span<const std::uint16_t> registers) {
    const Span span = span_of(point);
    return decode(point, span.first, registers.subspan(span.first - at, span.last - span.first + 1u));
}

int check_model(const std::vector<Row>& model, std::mt19937& random) {
    std::vector<const Row*> rows;
    for (const Row& row : model)
        if (is_number(row)) rows.push_back(&row);
    int checked = 0;
    for (std::size_t begin = 0; begin < rows.size(); begin += 24) {
        const std::span part(rows.data() + begin, std::min<std::size_t>(24, rows.size() - begin));
        const Profile profile = profile_of(model, part);
        for (int round = 0; round < 40; ++round) {
            const auto at = static_cast<std::uint16_t>(random() % 60000);
            const auto points = placed_points(profile, model.front().model, at);
            REQUIRE(points.size() == part.size());
            const auto registers = random_registers(random, model);
            for (std::size_t i = 0; i < part.size(); ++i) {
                const auto ours = decoded(points[i], at, registers);
                const auto theirs = scaled_value(*part[i], model, registers);
                if (!agree(ours, theirs))
                    FAIL_CHECK(fmt::format("model {} {}: ours {}, second decoder {}", model.front().model,
                                           part[i]->name, ours.value_or(-0.5),
                                           static_cast<double>(theirs.value_or(-0.5))));
                ++checked;
            }
        }
    }
    return checked;
}

void check_texts(const std::vector<Row>& model) {
    for (const Row& row : model) {
        if (row.type != "string") continue;
        std::vector<std::uint16_t> registers(row.words, 0);
        CHECK(decode_text(registers).empty());
        registers[0] = 'H' << 8 | 'i';
        CHECK(decode_text(registers) == "Hi");
    }
}

const std::vector<Row>* rows_of(const Rows& rows, const Point& point) {
    const auto found = rows.find(point.at.model);
    return found == rows.end() ? nullptr : &found->second;
}

// The row a shipped point means, and how far its repeating group is from the first.
struct Meant {
    const Row* row = nullptr;
    std::uint16_t shift = 0;
};
Meant row_at(const std::vector<Row>& model, std::uint16_t offset, std::uint16_t group) {
    for (const Row& row : model) {
        if (row.offset == offset) return {&row, 0};
        const bool repeats = group != 0 && row.group.find('/') != std::string::npos;
        if (repeats && offset > row.offset && (offset - row.offset) % group == 0)
            return {&row, static_cast<std::uint16_t>(offset - row.offset)};
    }
    return {};
}

// A shipped point reads what the second decoder reads, times one constant for unit and sign.
int check_shipped(const Point& point, std::uint16_t group, const std::vector<Row>& model, std::mt19937& random) {
    INFO(to_string(point.role), " model ", point.at.model, " offset ", point.at.offset, " line ", point.line);
    const Meant meant = row_at(model, point.at.offset, group);
    REQUIRE(meant.row != nullptr);
    CHECK(words_of(point.encoding.type) == meant.row->words);
    if (point.less || !point.codes.empty()) return 0;
    long double unit = static_cast<long double>(point.encoding.scale.multiply) / point.encoding.scale.divide;
    if (has_fixed_power(*meant.row)) unit /= std::pow(10.0L, std::stoi(meant.row->factor));
    for (int round = 0; round < 40; ++round) {
        const auto registers = random_registers(random, model);
        const auto ours = decoded(point, 0, registers);
        auto theirs = scaled_value(*meant.row, model, registers, meant.shift);
        if (theirs) *theirs *= unit;
        CHECK_MESSAGE(agree(ours, theirs), "ours ", ours.value_or(-0.5), ", second decoder ",
                      static_cast<double>(theirs.value_or(-0.5)));
    }
    return 1;
}

}  // namespace

TEST_CASE("every point of the SunSpec models decodes to what a second decoder says") {
    if (!std::filesystem::exists(list)) {
        MESSAGE("skipped: " << std::string(list) << " is not there");
        return;
    }
    std::mt19937 random(20240615);
    int models = 0, checked = 0;
    for (const auto& [id, model] : read_rows()) {
        checked += check_model(model, random);
        check_texts(model);
        ++models;
    }
    CHECK(models >= 50);
    CHECK(checked >= 40 * 1500);
}

TEST_CASE("shipped SunSpec profiles read each point where and how the standard has it") {
    if (!std::filesystem::exists(list)) {
        MESSAGE("skipped: " << std::string(list) << " is not there");
        return;
    }
    const Rows rows = read_rows();
    std::mt19937 random(7);
    int checked = 0;
    for (const auto& entry : std::filesystem::directory_iterator("profiles/sunspec")) {
        if (entry.path().extension() != ".yaml") continue;
        std::ifstream in(entry.path());
        std::stringstream text;
        text << in.rdbuf();
        const auto profile = load(text.str(), entry.path().string());
        REQUIRE_MESSAGE(profile.has_value(), (profile ? "" : profile.error().text));
        for (const Point& point : profile->points) {
            const auto* model = rows_of(rows, point);
            REQUIRE(model != nullptr);
            const auto known = std::ranges::find(profile->sunspec->models, point.at.model, &ModelLength::model);
            checked += check_shipped(point, known->group, *model, random);
        }
    }
    CHECK(checked >= 30);
}
