#pragma once
// Many clients, one device: what a Modbus client asks is answered from what was lately read, joined to the same
// question of another, or asked on the bus after everything of the gateway's own; writes go through only with rights,
// one at a time, and never against control. No sockets here: ModbusServer brings requests and takes answers away.
// Explained in docs/decisions/0008-sharing-devices.md.
//
// Field loop only, but for statistics(). Owned by shared_ptr: what is under way on a bus keeps it.
//
// What a client is told:
//   1  function not served (3, 4, 6 and 16 are; 43/14 by unit 0 and 255), or the client may not write
//   2  registers that the profile forbids to read, or that the client may not write
//   3  more registers than the device bears and no place to split, a value cut apart, a malformed request
//   6  busy: control holds the device and the register is one of control's; the device gets new firmware and may not be
//      written; too many requests wait
//   10 no such unit for this client, device not open, its link is down
//   11 the device does not answer
//   else what the device itself said
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "northbound/fair_queue.hpp"
#include "northbound/identity.hpp"
#include "northbound/observed_bus.hpp"
#include "northbound/rights.hpp"
#include "northbound/shared_device.hpp"

namespace busbar::northbound {

// Who asks. `source` is what shares are counted by: everything from one address is one source.
struct Caller {
    std::uint64_t connection = 0;
    std::uint64_t source = 0;
    std::size_t client = 0;  // as Rights::client_of says
    std::string address;
};

// One wish to write: each is told, a thousand a minute too (write_ledger.hpp).
struct WriteReport {
    enum class Outcome : std::uint8_t {
        written,  // the device confirmed
        refused,  // by us or by the device; nothing changed
        unknown,  // no answer: it may have obeyed
    };
    model::DeviceId device;  // empty when the unit is nobody's
    std::string address;     // of the client
    std::uint16_t first = 0;
    std::vector<std::uint16_t> words;
    Outcome outcome = Outcome::refused;
    std::uint8_t exception = 0;                           // what the client was told; 0 when written
    std::optional<std::vector<std::uint16_t>> before{};   // what it held until then, where that could be read
    std::optional<std::vector<std::uint16_t>> read_back;  // what the device holds afterwards, when it can be read
};

struct MultiplexerStatistics {
    std::uint64_t requests = 0, from_cache = 0, joined = 0, bus_requests = 0, refused = 0, writes = 0;
    std::uint64_t waiting = 0;  // now, for their turn on a bus
};

// What came from one address, however many connections it has.
struct ClientFigures {
    std::string address;
    std::uint64_t requests = 0, from_cache = 0, refused = 0, writes = 0;
    Instant last_seen{};
    Duration age{}, age_max{};  // of what it was last given, and the oldest ever given
};

class Multiplexer final : public BusObserver, public std::enable_shared_from_this<Multiplexer> {
public:
    using Answer = std::function<void(const wire::Pdu&)>;
    struct Hooks {
        // Control has a setpoint in force in this device, or is about to.
        std::function<bool(const model::DeviceId&)> is_held;
        std::function<void(const WriteReport&)> on_write;
        // Somebody works on this device: nothing at all is written to it. Empty: never.
        std::function<bool(const model::DeviceId&)> is_set_aside{};
    };

    Multiplexer(Loop& loop, const config::ModbusServerConfig& config, Identity identity, Hooks hooks);
    ~Multiplexer() override;

    // The device has opened, again or elsewhere, or is gone. A device that is not shared changes nothing.
    void attach(const model::DeviceId& id, std::shared_ptr<bus::ModbusBus> bus, std::uint8_t unit, DeviceRules rules);
    void detach(const model::DeviceId& id);
    void detach_all();  // its end: nothing is asked any more

    // `answer` is called once, soon or at the latest when the device's time-outs are over; not at all after forget().
    void ask(const Caller& caller, std::uint8_t unit, ByteView pdu, Answer answer);
    // This connection has ended: what it still waits for is not asked any more, above all nothing is written.
    void forget(std::uint64_t connection);

    void read_done(const bus::ModbusBus& bus, std::uint8_t unit, const bus::RegisterBlock& block,
                   const bus::Registers& answer, Instant asked) override;
    void write_done(const bus::ModbusBus& bus, std::uint8_t unit, std::uint16_t address, std::size_t count) override;
    void raw_done(const bus::ModbusBus& bus, std::uint8_t unit) override;

    MultiplexerStatistics statistics() const;        // any thread
    static constexpr std::size_t most_clients = 64;  // remembered; then the one not seen for longest goes
    std::vector<ClientFigures> clients() const;      // by address

private:
    struct Waiter {
        Caller caller;
        wire::Function function;
        Answer answer;
    };
    // A read, or a write when there are words.
    struct Job {
        std::size_t device;
        bus::RegisterBlock block;
        std::vector<std::uint16_t> words;
        bus::WriteForm form = bus::WriteForm::multiple;
        std::vector<Waiter> waiters;  // a write has one
        Instant expires;
        bool is_write() const { return !words.empty(); }
    };
    struct Lane;  // the jobs for one bus

    Lane& lane_of(const std::shared_ptr<bus::ModbusBus>& bus);
    Lane* find_lane(std::size_t device) const;  // of an attached device
    void close_idle_lanes();

    void ask_read(const Caller& caller, std::size_t device, const wire::Request& request, Answer answer);
    void ask_write(const Caller& caller, std::size_t device, const wire::Request& request, Answer answer);
    std::optional<wire::ExceptionCode> objection(const Caller& caller, std::size_t device, const Span& span) const;
    void enqueue(Lane& lane, std::shared_ptr<Job> job);
    void count_waiting();

    Task<void> run(std::shared_ptr<Multiplexer> self, std::shared_ptr<Lane> lane);
    Task<void> serve(Lane& lane, Job& job);
    Task<void> serve_read(Job& job);
    Task<void> serve_write(Job& job);
    Task<std::optional<std::vector<std::uint16_t>>> held_before(SharedDevice& shared, bus::RegisterBlock block);

    static wire::Pdu write_answer(const Job& job, wire::Function function);
    void answer_all(Job& job, const Words& words, Instant read = {});
    void refuse(const Waiter& waiter, Refused why);
    ClientFigures& figures_of(const Caller& caller);
    void give(const Waiter& waiter, const std::vector<std::uint16_t>& words, Instant read);
    void refuse_write(Job& job, Refused why);
    WriteReport report_of(const Job& job, const Caller& caller) const;
    void tell(const WriteReport& report) {
        if (hooks_.on_write) hooks_.on_write(report);
    }

    Loop& loop_;
    config::ModbusServerConfig config_;
    Rights rights_;
    Identity identity_;
    Hooks hooks_;
    std::vector<std::unique_ptr<SharedDevice>> devices_;  // as in config_.devices
    std::vector<std::shared_ptr<Lane>> lanes_;
    std::map<std::string, ClientFigures> figures_;
    struct Counters {
        std::atomic<std::uint64_t> requests{0}, from_cache{0}, joined{0}, bus_requests{0}, refused{0}, writes{0},
            waiting{0};
    };
    Counters counters_;
};

}  // namespace busbar::northbound
