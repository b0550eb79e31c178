#include "device/sunspec_walk.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <map>

namespace busbar::device {
namespace {

using profile::ModelBlock;
using profile::Table;
constexpr std::size_t most_models = 100;
constexpr int most_exponent = 10, not_implemented = -32768;

// Where the chain begins: right behind "SunS".
Task<Result<std::uint16_t>> find_base(const ModbusUnit& unit, const profile::SunSpec& sunspec) {
    for (const std::uint16_t base : sunspec.bases) {
        const Result<bus::Registers> mark = co_await unit.read(Table::holding, base, 2, bus::Urgency::background);
        if (!mark && mark.error().kind != Errc::refused) co_return mark.error();
        if (mark && mark->words[0] == profile::sunspec_mark[0] && mark->words[1] == profile::sunspec_mark[1])
            co_return static_cast<std::uint16_t>(base + 2);
    }
    co_return fail(
        Errc::unsupported,
        fmt::format("no SunSpec mark at {}; is SunSpec Modbus switched on at the device, and the unit address right?",
                    fmt::join(sunspec.bases, ", ")));
}

}  // namespace

Task<Result<std::vector<ModelBlock>>> walk_models(const ModbusUnit& unit, const profile::SunSpec& sunspec) {
    const Result<std::uint16_t> start = co_await find_base(unit, sunspec);
    if (!start) co_return start.error();
    std::vector<ModelBlock> chain;
    std::uint32_t at = *start;
    while (chain.size() < most_models && at <= 0xFFFF) {
        // Id and length apart: some devices do not answer for the length of the end model.
        const auto address = static_cast<std::uint16_t>(at);
        const Result<bus::Registers> id = co_await unit.read(Table::holding, address, 1, bus::Urgency::background);
        if (!id && says_absent(id.error()) && !chain.empty()) co_return chain;  // the chain ends without an end model
        if (!id) co_return id.error();
        if (id->words[0] == profile::sunspec_end_model) co_return chain;
        if (at == 0xFFFF) break;
        const auto behind = static_cast<std::uint16_t>(at + 1);
        const Result<bus::Registers> length = co_await unit.read(Table::holding, behind, 1, bus::Urgency::background);
        if (!length) co_return length.error();
        const ModelBlock block{id->words[0], address, length->words[0]};
        chain.push_back(block);
        at += 2u + block.length;
    }
    co_return fail(Errc::malformed, "the SunSpec chain of models does not end; the device's firmware is faulty");
}

Task<Status> read_far_exponents(const ModbusUnit& unit, profile::Profile& placed) {
    std::map<std::uint16_t, int> known;  // by register; strings of one combiner share theirs
    std::vector<profile::Point> points;
    points.reserve(placed.points.size());
    for (profile::Point& point : placed.points) {
        if (!profile::has_far_exponent(point, placed.bus)) {
            points.push_back(std::move(point));
            continue;
        }
        const std::uint16_t at = *point.encoding.exponent;
        if (!known.contains(at)) {
            const Result<bus::Registers> answer = co_await unit.read(point.at.table, at, 1, bus::Urgency::background);
            if (!answer && !says_absent(answer.error())) co_return answer.error();
            known[at] = answer ? static_cast<std::int16_t>(answer->words[0]) : not_implemented;
        }
        if (std::abs(known[at]) <= most_exponent) points.push_back(with_exponent(std::move(point), known[at]));
    }
    placed.points = std::move(points);
    co_return ok();
}

}  // namespace busbar::device
