#pragma once
// One Modbus bus (serial line or TCP endpoint) as devices see it: ask, await the answer. Behind it one coroutine owns
// the link and serves a bounded queue ordered by urgency; a setpoint starts right after the frame in flight.
//
// Loop thread only. Implementations: ModbusMaster (rtu and tcp); tests use it over a LoopbackLink on virtual time.
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "bus/health/frame_tap.hpp"
#include "bus/link/link_settings.hpp"

namespace busbar::bus {

// What goes first. `by_hand`: a person waits for it. `background`: identity, first readings, slow points. `scan`:
// looking for devices that may not be there; goes only while nobody else wants the bus, so that it delays another
// request by one probe at most. A scan of a unit that never answered leaves no statistics, backs nothing off, and waits
// its own time-out, no more and no less.
enum class Urgency : std::uint8_t { setpoint, critical, by_hand, telemetry, background, scan };

enum class Table : std::uint8_t { coil, discrete, holding, input };

struct RegisterBlock {
    Table table = Table::holding;
    std::uint16_t address = 0;  // wire address, 0-based
    std::uint16_t count = 0;    // 1..125 registers (read), 1..123 (write)
    bool operator==(const RegisterBlock&) const = default;
};

// What one device model asks of the bus; from its profile.
struct DeviceTiming {
    Duration timeout = std::chrono::seconds(1);  // last byte of the request to first byte of the answer
    Duration pause{0};                           // silence wanted between an answer and the next request to this unit
    Duration settle{0};                          // wait after the link was opened (Huawei's TCP needs 1 s)
    unsigned pipeline = 1;                       // requests it takes at once on one TCP connection, 1..16
};

// Registers of one answer, in wire order, host byte order.
struct Registers {
    std::array<std::uint16_t, 125> words{};
    std::uint16_t count = 0;
    Instant received{};  // when the last byte arrived
    std::span<const std::uint16_t> view() const { return {words.data(), count}; }
};

// What a unit sent back to a raw request. An exception is an answer: function code + 0x80 and one byte.
struct RawAnswer {
    std::vector<std::uint8_t> pdu;  // 1..253 bytes, function code first
    Duration took{0};               // from the request's last byte to the answer's last byte
};

enum class WriteForm : std::uint8_t { multiple, single };  // function 16 or 6

// Since start. Latencies in microseconds from the request's last byte to the answer's last byte.
struct UnitStatistics {
    std::uint8_t unit = 0;
    std::uint64_t requests = 0, answers = 0, timeouts = 0, crc_errors = 0, exceptions = 0, mismatches = 0;
    std::uint32_t latency_us_p50 = 0, latency_us_p90 = 0, latency_us_p99 = 0, latency_us_max = 0;
    // Of good answers, lately: from the request's last byte to the answer's first one.
    std::uint32_t turnaround_us_p50 = 0, turnaround_us_p99 = 0;
    // Between two readings of a critical block, at most, in the last minutes; failures not counted. None: not measured.
    std::optional<Duration> worst_refresh{};
    bool silent = false;  // backed off; probed only
    Instant last_answer{};
};
struct BusStatistics {
    bool connected = false;
    std::string last_error;  // empty when the link is well
    double utilisation = 0;  // 0..1, share of the last 10 s in which the wire was in use
    std::uint64_t bytes_out = 0, bytes_in = 0, reconnects = 0, overflows = 0;
    std::vector<UnitStatistics> units;
};

class ModbusBus {
public:
    virtual ~ModbusBus() = default;

    // Errors: timeout, refused (exception code in the text: "exception 2: illegal data address"), malformed,
    // unavailable (link down, queue full, unit backed off), out_of_range (count or address).
    virtual Task<Result<Registers>> read(std::uint8_t unit, RegisterBlock block, Urgency urgency,
                                         DeviceTiming timing) = 0;

    // Writes holding registers; returns once the device confirmed. Same errors. `values` is copied before the first
    // wait. Setpoints go first; what is no setpoint (settings, clocks) waits its turn with `urgency`.
    virtual Task<Status> write(std::uint8_t unit, std::uint16_t address, std::span<const std::uint16_t> values,
                               WriteForm form, DeviceTiming timing, Urgency urgency = Urgency::setpoint) = 0;

    // Any request: `pdu` is the function code (1..127) and its data, 1..253 bytes, copied before the first wait. The
    // answer is the unit's with this function code and, on a serial line, a right checksum; what it says is not checked
    // against the request. Of requests whose answer has no known length it ends with the silence behind it.
    // Errors: timeout, malformed, unavailable as for read(); out_of_range (size, function code, broadcast). A write
    // that failed may have been obeyed.
    virtual Task<Result<RawAnswer>> raw(std::uint8_t unit, std::span<const std::uint8_t> pdu, Urgency urgency,
                                        DeviceTiming timing) = 0;

    virtual BusStatistics statistics() const = 0;
    // What the bus is plugged into; nothing for one that cannot be told otherwise (tests).
    virtual std::optional<LinkSettings> link_settings() const { return std::nullopt; }
    // Changes that, between two requests: the one in flight is seen through, those that wait go over the new link,
    // which is opened with the next of them. Statistics go on; silent units get another chance at once. Of several
    // changes one comes after the other. Errors, then nothing has changed: out_of_range (what cannot be), unsupported
    // (a serial line where Modbus/TCP is spoken, or link_settings() has nothing), unavailable (the bus was removed).
    // Whether the port is there shows with the next request.
    virtual Task<Status> relink(LinkSettings) {
        co_return fail(Errc::unsupported, name() + ": the settings of this bus cannot be changed");
    }

    // Ends the bus: requests that wait, and later ones, are refused; one in flight is seen through; the link is closed.
    // Then it may be destroyed while the loop goes on. For a bus whose devices are gone. Once.
    virtual Task<void> close() { co_return; }

    // The monitor of this bus; null for one that has none.
    virtual FrameTap* tap() { return nullptr; }
    virtual const std::string& name() const = 0;  // "rs485-1"
};

}  // namespace busbar::bus
