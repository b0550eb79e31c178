#include "bus/transaction.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace busbar::bus {
namespace {

using Kind = wire::AnswerCheck::Kind;

// Registers, or for coils and discretes one word (0 or 1) per bit.
void copy_values(ByteView pdu, Transaction& t) {
    t.registers.count = t.request.count;
    if (t.request.function <= wire::Function::read_discretes) {
        for (std::size_t i = 0; i < t.request.count; ++i) t.registers.words[i] = wire::answer_bit(pdu, i) ? 1 : 0;
        return;
    }
    wire::copy_registers(pdu, t.registers.words);
}

wire::AnswerCheck take_raw_answer(ByteView pdu, Transaction& t) {
    const std::uint8_t function = t.function_code();
    if (pdu.empty() || pdu.size() > wire::max_pdu_size) return {};
    const bool is_exception = pdu.size() == 2 && pdu[0] == (function | wire::exception_bit);
    if (!is_exception && pdu[0] != function) return {};
    std::copy(pdu.begin(), pdu.end(), t.raw_answer->bytes.begin());
    t.raw_answer->size = static_cast<std::uint16_t>(pdu.size());
    if (is_exception) return {Kind::exception, pdu[1]};
    return {Kind::good, 0};
}

}  // namespace

wire::Pdu pdu_of(const Transaction& t) {
    if (t.pdu.empty()) return wire::encode_read(t.request.function, t.request.address, t.request.count);
    wire::Pdu pdu;
    pdu.size = static_cast<std::uint16_t>(t.pdu.size());
    std::copy(t.pdu.begin(), t.pdu.end(), pdu.bytes.begin());
    return pdu;
}

std::string_view table_name(Table table) {
    switch (table) {
        case Table::coil:
            return "coil";
        case Table::discrete:
            return "discrete";
        case Table::holding:
            return "holding";
        case Table::input:
            return "input";
    }
    return "register";
}

wire::Function read_function(Table table) {
    switch (table) {
        case Table::coil:
            return wire::Function::read_coils;
        case Table::discrete:
            return wire::Function::read_discretes;
        case Table::holding:
            return wire::Function::read_holding;
        case Table::input:
            return wire::Function::read_input;
    }
    return wire::Function::read_holding;
}

std::string describe(const Transaction& t) {
    const wire::Request& r = t.request;
    if (t.raw_answer != nullptr) return fmt::format("unit {}: function {}", t.unit, t.function_code());
    if (!r.is_read()) return fmt::format("unit {}: write {}", t.unit, r.address);
    const auto table = r.function == wire::Function::read_coils       ? Table::coil
                       : r.function == wire::Function::read_discretes ? Table::discrete
                       : r.function == wire::Function::read_input     ? Table::input
                                                                      : Table::holding;
    return fmt::format("unit {}: read {} {}+{}", t.unit, table_name(table), r.address, r.count);
}

FrameVerdict verdict_of(const Outcome& outcome) {
    switch (outcome.kind) {
        case Outcome::Kind::answered:
        case Outcome::Kind::exception:
            return FrameVerdict::ok;
        case Outcome::Kind::bad_checksum:
            return FrameVerdict::bad_checksum;
        case Outcome::Kind::mismatch:
            return FrameVerdict::mismatch;
        case Outcome::Kind::timeout:
        case Outcome::Kind::link_lost:
        case Outcome::Kind::given_up:
            break;
    }
    return FrameVerdict::timeout;
}

wire::AnswerCheck take_answer(ByteView pdu, Transaction& t) {
    if (t.raw_answer != nullptr) return take_raw_answer(pdu, t);
    const wire::AnswerCheck check = wire::check_answer(pdu, t.request);
    if (check.kind == Kind::good && t.request.is_read()) copy_values(pdu, t);
    return check;
}

}  // namespace busbar::bus
