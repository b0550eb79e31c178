#pragma once
// One device as clients of the gateway reach it: its rules, what was lately read from it, and how to ask it without
// harm. Field loop only; the callers take turns (Multiplexer), one request of theirs at a time per bus.
//
// What protects the device and control from curious clients: registers that nobody ever read with success are asked for
// with care. When such a read times out, as many devices let it, no other unknown register is tried for 30 s, then
// 1, 2, 4 ... 10 min; an exception is repeated from memory for 10 s.
#include <bitset>
#include <memory>
#include <string>

#include "base/loop.hpp"
#include "northbound/register_cache.hpp"

namespace busbar::northbound {

// What a client is told instead of an answer. Devices use codes of their own, hence a plain byte.
struct Refused {
    std::uint8_t code = 0;
    Refused() = default;
    explicit Refused(std::uint8_t c) : code(c) {}
    Refused(wire::ExceptionCode c) : code(static_cast<std::uint8_t>(c)) {}
};
using Words = boost::system::result<std::vector<std::uint16_t>, Refused>;
using Done = boost::system::result<void, Refused>;

class SharedDevice {
public:
    // `max_age`: how old may be what a client is given.
    SharedDevice(Loop& loop, Duration max_age) : loop_(loop), max_age_(max_age) {}

    // The device has opened: `bus` and `unit` are where it is. Calls in flight on an earlier bus end unanswered.
    void attach(std::shared_ptr<bus::ModbusBus> bus, std::uint8_t unit, DeviceRules rules);
    void detach();
    bool is_attached() const { return place_ != nullptr; }
    bool is_at(const bus::ModbusBus* bus, std::uint8_t unit) const {
        return place_ && place_->bus.get() == bus && place_->unit == unit;
    }
    const bus::ModbusBus* bus() const { return place_ ? place_->bus.get() : nullptr; }
    const DeviceRules& rules() const { return place_->rules; }  // attached only

    // Everything asked, if it was read within max_age.
    std::optional<RegisterCache::Kept> cached(const bus::RegisterBlock& asked) const;
    // All of it was once read with success, by whomever.
    bool has_read(const bus::RegisterBlock& block) const { return is_attached() && is_known(block); }
    // Asks the device, in as many requests as its rules want, and keeps what comes.
    Task<Words> read(bus::RegisterBlock asked);
    // Whatever comes, nothing read before counts any more.
    Task<Done> write(std::uint16_t address, std::vector<std::uint16_t> words, bus::WriteForm form,
                     bus::Urgency urgency);

    // What the gateway itself read from this device or wrote to it. `asked`: when the read began; an answer to a
    // question from before the last write is not kept.
    void observe_read(const bus::RegisterBlock& block, const bus::Registers& answer, Instant asked);
    void observe_write(std::uint16_t address, std::size_t count);
    void observe_raw();  // anything may have changed

    std::uint64_t bus_requests() const { return bus_requests_; }

private:
    struct Place {
        std::shared_ptr<bus::ModbusBus> bus;
        std::uint8_t unit;
        DeviceRules rules;
    };
    using Known = std::bitset<65536>;  // registers that were once read with success
    struct Refusal {
        bus::RegisterBlock block;
        Refused code;
        Instant until;
    };

    using Answer = boost::system::result<bus::Registers, Refused>;

    Task<Answer> read_one(std::shared_ptr<const Place> place, bus::RegisterBlock block);
    Refused note_failure(const bus::RegisterBlock& block, const Error& error);
    std::optional<Refused> refusal_of(const bus::RegisterBlock& block) const;
    bool is_known(const bus::RegisterBlock& block) const;
    Known& known(bus::Table table) { return *known_[table == bus::Table::input ? 1 : 0]; }

    Loop& loop_;
    Duration max_age_;
    std::shared_ptr<const Place> place_;
    RegisterCache cache_;
    std::unique_ptr<Known> known_[2];
    std::vector<Refusal> refusals_;
    Instant changed_{};                   // the last write
    std::optional<Instant> last_answer_;  // of any kind, to anybody
    bool is_silent_ = false;
    Instant careful_until_{};
    Duration care_{0};
    std::uint64_t bus_requests_ = 0;
};

}  // namespace busbar::northbound
