#include "discovery/line/scan_bus.hpp"

#include <algorithm>

namespace busbar::discovery {

using namespace std::chrono_literals;

ScanBus::ScanBus(bus::ModbusBus& bus, Waiting waiting) : bus_(bus), waiting_(waiting), timeout_(waiting.first) {
    learn();
}

Task<Result<bus::Registers>> ScanBus::read(std::uint8_t unit, bus::RegisterBlock block, bus::Urgency,
                                           bus::DeviceTiming timing) {
    if (is_cancelled_) co_return fail(Errc::unavailable, "the search was cancelled");
    timing.timeout = std::min(timing.timeout, waiting_.most);
    ++questions_;
    co_return co_await bus_.read(unit, block, bus::Urgency::scan, timing);
}

Task<Status> ScanBus::write(std::uint8_t, std::uint16_t, std::span<const std::uint16_t>, bus::WriteForm,
                            bus::DeviceTiming, bus::Urgency) {
    co_return fail(Errc::denied, "a search never writes");
}

Task<Result<bus::RawAnswer>> ScanBus::raw(std::uint8_t unit, std::span<const std::uint8_t> pdu, bus::Urgency,
                                          bus::DeviceTiming timing) {
    constexpr std::uint8_t server_id = 17, encapsulated = 43, identification = 14;
    const bool asks_who = (pdu.size() == 1 && pdu[0] == server_id) ||
                          (pdu.size() == 4 && pdu[0] == encapsulated && pdu[1] == identification);
    if (!asks_who) co_return fail(Errc::denied, "a search only asks who is there");
    if (is_cancelled_) co_return fail(Errc::unavailable, "the search was cancelled");
    timing.timeout = std::min(timing.timeout, waiting_.most);
    ++questions_;
    co_return co_await bus_.raw(unit, pdu, bus::Urgency::scan, timing);
}

void ScanBus::learn() {
    Duration slowest{0};
    for (const bus::UnitStatistics& unit : bus_.statistics().units)
        if (unit.answers > 0) slowest = std::max(slowest, Duration(std::chrono::microseconds(unit.latency_us_p99)));
    if (slowest > 0ns) timeout_ = std::clamp(2 * slowest + 100ms, waiting_.least, waiting_.most);
}

}  // namespace busbar::discovery
