#pragma once
// Looks for units on one Modbus bus while others go on using it: first who is there, asked with one short read that
// most of the wanted profiles list, then, side by side, who they are (interview.hpp). An exception is an answer. Who
// stays silent is asked once more, for a register of the other kind and with more patience. Units of devices of the
// site are not asked.
//
// run() once; the bus and the loop outlive it. Field loop only. cancel() ends it at the answer or time-out of the
// question in flight; what was found stays.
#include <functional>

#include "discovery/judge/interview.hpp"
#include "discovery/line/scan.hpp"
#include "discovery/searched.hpp"

namespace busbar::discovery {

class ChildSearch;

struct ModbusScanOrder {
    std::vector<std::uint8_t> units;  // in the order to ask
    std::vector<KnownUnit> known;     // those among `units` are reported as known
    Profiles profiles;                // who may be there; none: nobody is asked
    Waiting waiting{};
    bool has_second_pass = true;  // asks the silent ones again
    bool follows_loggers = true;  // looks behind those whose profile says that devices stand there
    std::size_t enough = 247;     // stops looking when so many have answered
};

class ModbusScan {
public:
    ModbusScan(Loop& loop, bus::ModbusBus& bus, ModbusScanOrder order);
    ~ModbusScan();
    ModbusScan(const ModbusScan&) = delete;
    ModbusScan& operator=(const ModbusScan&) = delete;

    // Errors: unavailable, when the bus cannot be used at all; with its reason.
    Task<Status> run();
    void cancel();

    // In the order of being found. The place is the caller's to fill in.
    std::vector<Found> found() const;
    const std::vector<std::string>& messages() const { return messages_; }
    // Steps done and to do, and the estimate of what is left.
    unsigned done() const;
    unsigned total() const;
    std::optional<Duration> left() const;
    std::string current() const;
    std::uint64_t questions() const { return bus_.questions(); }

private:
    enum class Presence : std::uint8_t { absent, present, garbled };
    struct Sign {
        Presence presence = Presence::absent;
        Answer answer;  // of Presence::present
    };
    struct Silent {
        std::uint8_t unit;
        bool was_garbled;
    };
    Task<Status> sweep(Block question, const std::vector<Silent>& units, bool is_last);
    Task<Result<Sign>> look(std::uint8_t unit, Block question, Duration timeout);
    Task<void> start_interview(std::uint8_t unit, Block question, Answer answer);
    Task<void> interview(std::uint8_t unit, Block question, Evidence known);
    void report_garbled();
    Task<void> follow_loggers();

    Loop& loop_;
    ScanBus bus_;
    ModbusScanOrder order_;
    profile::BusRules rules_;  // of the first question: nobody's pause is cut short
    std::vector<Found> found_;
    std::vector<Silent> silent_;
    std::vector<std::uint8_t> garbled_;
    std::vector<std::string> messages_;
    Instant started_{};
    unsigned done_ = 0, total_ = 0, interviews_ = 0;
    std::size_t answered_ = 0;
    std::unique_ptr<ChildSearch> children_;  // the running one
    std::optional<std::uint8_t> current_;
    Event interview_ended_;
};

// The short reads that tell whether somebody is there: of each kind of registers the one that most profiles list, the
// most usual kind first.
std::vector<Block> presence_blocks(const Profiles& profiles);

}  // namespace busbar::discovery
