#include "northbound/device_rules.hpp"

#include <algorithm>

namespace busbar::northbound {
namespace {

using wire::ExceptionCode;

bool overlap(const Span& a, const Span& b) { return a.table == b.table && a.first <= b.last && b.first <= a.last; }
bool holds(const Span& whole, const Span& part) { return whole.first <= part.first && whole.last >= part.last; }

// The read from `first` to `last`, widened as the device wants it; `last` may lie beyond the last register then.
struct Widened {
    std::uint32_t first, last;
    std::uint32_t count() const { return last - first + 1; }
};
Widened widen(const DeviceRules& rules, std::uint32_t first, std::uint32_t last) {
    const std::uint32_t align = std::max<std::uint32_t>(1, rules.align);
    return {first / align * align, (last / align + 1) * align - 1};
}

bool fits(const DeviceRules& rules, const Widened& read) {
    if (read.last > 0xFFFF || read.count() > rules.max_registers) return false;
    return rules.block == 0 || read.first / rules.block == read.last / rules.block;
}

// The farthest register up to `last` at which one read from `first` may end; nothing when there is none.
std::optional<std::uint32_t> farthest_end(const DeviceRules& rules, bus::Table table, std::uint32_t first,
                                          std::uint32_t last) {
    const std::uint32_t reach = std::min<std::uint32_t>(last, first + wire::max_read_registers - 1);
    for (std::uint32_t end = reach + 1; end-- > first;) {
        const bool may_end =
            end == last || is_seam(rules, table, static_cast<std::uint16_t>(end), static_cast<std::uint16_t>(end + 1));
        if (may_end && fits(rules, widen(rules, first, end))) return end;
    }
    return std::nullopt;
}

}  // namespace

bool is_seam(const DeviceRules& rules, bus::Table table, std::uint16_t left, std::uint16_t right) {
    // A device that cannot be read across a border has no value across it.
    if (rules.block != 0 && right % rules.block == 0) return true;
    return std::any_of(rules.values.begin(), rules.values.end(), [&](const Span& value) {
        return value.table == table && (value.first == right || value.last == left);
    });
}

Reads plan_read(const DeviceRules& rules, bus::RegisterBlock asked) {
    if (touches(rules.forbidden, span_of(asked))) return ExceptionCode::illegal_data_address;
    std::vector<bus::RegisterBlock> reads;
    const std::uint32_t last = asked.address + asked.count - 1u;
    for (std::uint32_t at = asked.address; at <= last;) {
        const auto end = farthest_end(rules, asked.table, at, last);
        if (!end) return ExceptionCode::illegal_data_value;
        const Widened read = widen(rules, at, *end);
        const bus::RegisterBlock block{asked.table, static_cast<std::uint16_t>(read.first),
                                       static_cast<std::uint16_t>(read.count())};
        if (touches(rules.forbidden, span_of(block))) return ExceptionCode::illegal_data_address;
        reads.push_back(block);
        at = *end + 1;
    }
    return reads;
}

bool cuts_value(const DeviceRules& rules, const Span& written) {
    return std::any_of(rules.values.begin(), rules.values.end(),
                       [&](const Span& value) { return overlap(value, written) && !holds(written, value); });
}

bool touches(const std::vector<Span>& spans, const Span& span) {
    return std::any_of(spans.begin(), spans.end(), [&](const Span& other) { return overlap(other, span); });
}

}  // namespace busbar::northbound
