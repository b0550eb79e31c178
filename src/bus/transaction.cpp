#include "bus/transaction.hpp"

namespace busbar::bus {

void copy_answer(ByteView pdu, Transaction& t) {
    t.registers.count = t.request.count;
    if (t.request.function <= wire::Function::read_discretes) {
        for (std::size_t i = 0; i < t.request.count; ++i) t.registers.words[i] = wire::answer_bit(pdu, i) ? 1 : 0;
        return;
    }
    wire::copy_registers(pdu, t.registers.words);
}

}  // namespace busbar::bus
