#pragma once
// The ModbusBus of production: one link, one request at a time, the most urgent that may go now; each is seen through
// before the next. Over Modbus/TCP a device whose profile allows it is asked several things at once. Used by devices
// through ModbusBus; made by the gateway's wiring, the simulator and tests. Explained in docs/explanation/bus.md.
//
// It does not repeat failed requests, with one exception: a read that found its TCP connection closed by the other end
// before a byte of the answer came is asked once more on a new one. Everything else is the caller's decision.
//
// Life: destroyed after the loop has run, or after close().
#include <functional>
#include <map>
#include <memory>

#include "bus/health/quarantine.hpp"
#include "bus/health/unit_health.hpp"
#include "bus/health/utilisation.hpp"
#include "bus/master/exchange.hpp"
#include "bus/master/rtu_exchange.hpp"

namespace busbar::bus {

class TcpExchange;

enum class Framing : std::uint8_t { rtu, tcp };

struct MasterConfig {
    std::string name;  // "rs485-1", for people
    Framing framing = Framing::rtu;
    RtuTiming rtu{};  // framing rtu: must say what the link's line really does
    Duration open_timeout = std::chrono::seconds(5);
    std::size_t queue_capacity = 64;  // requests; a quarter is kept for setpoints
    // For relink(); without them it is refused.
    std::optional<LinkSettings> settings;
    std::function<std::unique_ptr<Link>(const LinkSettings&)> make_link;
};

class ModbusMaster final : public ModbusBus {
public:
    ModbusMaster(Loop& loop, std::unique_ptr<Link> link, MasterConfig config);
    ~ModbusMaster() override;

    Task<Result<Registers>> read(std::uint8_t unit, RegisterBlock block, Urgency urgency, DeviceTiming timing) override;
    Task<Status> write(std::uint8_t unit, std::uint16_t address, std::span<const std::uint16_t> values, WriteForm form,
                       DeviceTiming timing, Urgency urgency = Urgency::setpoint) override;
    Task<Result<RawAnswer>> raw(std::uint8_t unit, std::span<const std::uint8_t> pdu, Urgency urgency,
                                DeviceTiming timing) override;
    BusStatistics statistics() const override;
    std::optional<LinkSettings> link_settings() const override { return config_.settings; }
    Task<Status> relink(LinkSettings settings) override;
    Task<void> close() override;
    FrameTap* tap() override { return &tap_; }
    const std::string& name() const override { return config_.name; }

private:
    Task<void> run();
    Transaction* next_request();
    void refuse_backed_off();
    Instant next_chance() const;
    bool gives_way(const Transaction& t) const;
    Instant earliest(const Transaction& t) const;
    Task<void> serve(Transaction& t);
    bool is_ready();
    Task<bool> make_ready(Transaction& t);
    void end_service();
    Task<void> change_link(LinkSettings settings);
    void take_new_link();
    void make_exchange();
    void hold_off(std::string reason);
    Patience patience_for(const Transaction& t);
    void finish(Transaction& t);
    void refuse(Transaction& t, Error error);

    void account(Transaction& t);
    void doubt_peer(const Transaction& t);

    bool takes_several(const Transaction& t) const;
    bool waits_for_its_unit(const Transaction& t) const;
    bool fits(const Transaction& t) const;
    bool may_join_at_once(const Transaction& t) const;
    Transaction* next_to_join();
    Instant next_chance_to_join() const;
    Task<void> pump(Transaction& first);
    void launch(Transaction& t);
    void complete(Transaction& t);
    TcpExchange& pipe() const;

    Status may_read(std::uint8_t unit_id, RegisterBlock block) const;
    Task<void> ask(Transaction& t);
    bool may_go_at_once(const Transaction& t) const;
    UnitHealth& unit(std::uint8_t address);
    const UnitHealth* known(std::uint8_t address) const;  // null: never asked
    bool is_silent(const Transaction& t) const;
    bool leaves_trace(const Transaction& t) const;
    void remember_stranger(const Transaction& t);
    bool is_forgotten(std::uint8_t unit) const;
    Error error_of(const Transaction& t) const;

    Loop& loop_;
    std::unique_ptr<Link> link_;
    MasterConfig config_;
    RequestQueue queue_;
    FrameTap tap_;
    std::unique_ptr<Exchange> exchange_;
    std::unique_ptr<Link> new_link_;  // taken as soon as the bus is free
    LinkSettings new_settings_;
    bool is_relinking_ = false;  // somebody waits for `relinked_`
    Event relinked_;
    bool is_closing_ = false, has_ended_ = false;  // has_ended_: run() has
    int callers_ = 0;                              // waiting in ask() or relink()
    Event work_;                 // something was queued while the bus was idle, or is left when it becomes idle
    bool is_busy_ = false;       // a request is being served, by the bus's coroutine or its caller's
    bool is_pumping_ = false;    // several, by the bus's
    bool is_receiving_ = false;  // and it waits for their answers
    bool is_flush_due_ = false;
    std::map<std::uint8_t, UnitHealth> units_;   // that were asked; few of 256, and read every second
    std::map<std::uint8_t, Instant> strangers_;  // of those, asked by raw requests alone; when last
    Quarantine asked_in_vain_;                   // by scans
    Instant others_ended_{};                     // the last request that was no scan

    bool link_is_fresh_ = false;   // nothing was asked on it yet
    bool link_is_proved_ = false;  // a device has answered on it
    Instant opened_{};             // when the link was
    Instant next_open_{};
    Duration open_pause_{0};
    std::string last_error_;
    Duration usual_exchange_{0};      // of answered requests, gap excluded
    Duration slowest_turnaround_{0};  // lately
    Utilisation utilisation_;
    Instant used_until_{};  // the wire
    std::uint64_t bytes_out_ = 0, bytes_in_ = 0, opens_ = 0, overflows_ = 0;
    std::uint64_t failures_ = 0;  // that the time budget does not cover
};

}  // namespace busbar::bus
