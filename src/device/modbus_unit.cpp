#include "device/modbus_unit.hpp"

#include <fmt/format.h>

namespace busbar::device {

ModbusUnit::ModbusUnit(bus::ModbusBus& bus, std::uint8_t unit, const profile::BusRules& rules)
    : bus_(&bus), unit_(unit), timing_{rules.timeout, rules.pause, rules.settle, rules.pipeline}, form_(rules.write) {}

Task<Result<bus::Registers>> ModbusUnit::read(profile::Table table, std::uint16_t first, std::uint16_t count,
                                              bus::Urgency urgency) const {
    const bus::Table wire_table = table == profile::Table::holding ? bus::Table::holding : bus::Table::input;
    const bus::RegisterBlock block{wire_table, first, count};
    Result<bus::Registers> answer = co_await bus_->read(unit_, block, urgency, timing_);
    if (answer && answer->count != count)
        answer = fail(Errc::malformed, fmt::format("{} registers came, {} were asked for", answer->count, count));
    if (!answer) {
        const std::string place = fmt::format("read {} {}..{}", profile::to_string(table), first, first + count - 1);
        co_return because(place, answer.error());
    }
    co_return answer;
}

Task<Status> ModbusUnit::write(std::uint16_t address, std::span<const std::uint16_t> words,
                               bus::Urgency urgency) const {
    const bool is_single = words.size() == 1 && form_ == profile::WriteFunction::single;
    const bus::WriteForm form = is_single ? bus::WriteForm::single : bus::WriteForm::multiple;
    Status done = co_await bus_->write(unit_, address, words, form, timing_, urgency);
    if (!done) co_return because(fmt::format("write holding {}", address), done.error());
    co_return done;
}

Task<Result<bus::RawAnswer>> ModbusUnit::raw(std::span<const std::uint8_t> pdu, bus::Urgency urgency) const {
    co_return co_await bus_->raw(unit_, pdu, urgency, timing_);
}

bool says_absent(const Error& error) {
    // The bus puts the exception code into the text (modbus_bus.hpp).
    return error.kind == Errc::refused && (error.text.find("exception 2:") != std::string::npos ||
                                           error.text.find("exception 3:") != std::string::npos);
}

bool says_busy(const Error& error) {
    return error.kind == Errc::refused && (error.text.find("exception 5:") != std::string::npos ||
                                           error.text.find("exception 6:") != std::string::npos);
}

}  // namespace busbar::device
