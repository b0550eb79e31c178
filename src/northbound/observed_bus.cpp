#include "northbound/observed_bus.hpp"

namespace busbar::northbound {

Task<Result<bus::Registers>> ObservedBus::read(std::uint8_t unit, bus::RegisterBlock block, bus::Urgency urgency,
                                               bus::DeviceTiming timing) {
    if (!watch_->observer) return inner_->read(unit, block, urgency, timing);
    return observed_read(unit, block, urgency, timing);
}

// Who begins to look meanwhile does not know what was written since it was asked.
Task<Result<bus::Registers>> ObservedBus::observed_read(std::uint8_t unit, bus::RegisterBlock block,
                                                        bus::Urgency urgency, bus::DeviceTiming timing) {
    const std::shared_ptr<BusObserver> observer = watch_->observer;
    const Instant asked = loop_.now();
    Result<bus::Registers> answer = co_await inner_->read(unit, block, urgency, timing);
    if (answer) observer->read_done(*inner_, unit, block, *answer, asked);
    co_return answer;
}

Task<Status> ObservedBus::write(std::uint8_t unit, std::uint16_t address, std::span<const std::uint16_t> values,
                                bus::WriteForm form, bus::DeviceTiming timing, bus::Urgency urgency) {
    const std::size_t count = values.size();
    Status done = co_await inner_->write(unit, address, values, form, timing, urgency);
    if (watch_->observer) watch_->observer->write_done(*inner_, unit, address, count);
    co_return done;
}

Task<Result<bus::RawAnswer>> ObservedBus::raw(std::uint8_t unit, std::span<const std::uint8_t> pdu,
                                              bus::Urgency urgency, bus::DeviceTiming timing) {
    constexpr std::uint8_t last_read_function = 4;
    const bool is_read = !pdu.empty() && pdu[0] <= last_read_function;
    Result<bus::RawAnswer> answer = co_await inner_->raw(unit, pdu, urgency, timing);
    if (!is_read && watch_->observer) watch_->observer->raw_done(*inner_, unit);
    co_return answer;
}

}  // namespace busbar::northbound
