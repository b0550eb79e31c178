#pragma once
// One request on its way through a bus, and what became of it. Lives in the coroutine of the caller, who waits on
// `done`; the bus's coroutine fills in the rest. Internal to bus.
#include "base/loop.hpp"
#include "bus/modbus_bus.hpp"
#include "wire/modbus_pdu.hpp"

namespace busbar::bus {

// What became of one request on the wire.
struct Outcome {
    enum class Kind : std::uint8_t {
        answered,
        exception,     // the device refused; see `exception`
        timeout,       // not one byte, or not enough of them
        bad_checksum,  // bytes arrived, but no whole frame
        mismatch,      // a whole frame that does not belong to this request
        link_lost,     // see Transaction::error
        given_up,      // never sent: unit backed off, link down
    };
    Kind kind = Kind::given_up;
    std::uint8_t exception = 0;
    bool heard_bytes = false;  // at least one byte arrived
    bool is_spent = false;     // bad_checksum, but surely this request's own answer: none can follow
    Instant started{};         // first byte of the request
    Instant sent{};            // last byte of the request
    Instant ended{};           // last byte of the answer, or when waiting for it ended
    Duration turnaround{0};  // of an answer: from the request's last byte to its own first one, as far as one can tell
    std::uint32_t bytes_out = 0, bytes_in = 0;
};

struct Transaction {
    std::uint8_t unit = 0;
    Urgency urgency = Urgency::telemetry;
    DeviceTiming timing;
    wire::Request request;
    ByteView pdu{};  // what is sent, with its owner in the caller's task; empty: a read, encoded when it goes

    // Raw requests only. Then `request` tells the answer's length if `has_known_length`, else only the function.
    wire::Pdu* raw_answer = nullptr;
    bool has_known_length = true;

    bool is_second_try = false;  // the connection was lost before a byte of the answer came
    Outcome outcome;
    Registers registers;
    Error error;  // filled when outcome is link_lost or given_up
    Event done;
    Instant queued{};
    Transaction* next = nullptr;  // in the queue

    std::uint8_t function_code() const { return static_cast<std::uint8_t>(request.function); }
};

wire::Pdu pdu_of(const Transaction& transaction);

std::string_view table_name(Table table);
wire::Function read_function(Table table);
std::string describe(const Transaction& transaction);  // "unit 3: read holding 40000+2"

// What a monitor says of the answer.
FrameVerdict verdict_of(const Outcome& outcome);

// Compares an answer with what was asked and takes it over. Raw requests: any answer with the right function.
wire::AnswerCheck take_answer(ByteView pdu, Transaction& transaction);

// How long an exchange waits for the first byte of an answer: surely `sure` after the request's last byte, and on to
// `most` while nobody else wants the bus. They differ only for probes of silent units.
struct Patience {
    Duration sure;
    Duration most;
};

}  // namespace busbar::bus
