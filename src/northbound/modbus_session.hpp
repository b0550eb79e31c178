#pragma once
// One connection of a Modbus client, from accept to end. Internal to modbus_server.cpp; service loop only.
//
// Two tasks: one reads, so that a client that leaves is noticed while its request waits; one takes request after
// request, asks the field and writes the answer.
#include <map>
#include <memory>
#include <set>
#include <string>

#include "net/stream.hpp"
#include "northbound/modbus_server.hpp"
#include "wire/modbus_tcp.hpp"

namespace busbar::northbound {

class ModbusSession;

// Everything that comes from one address.
struct Source {
    std::uint64_t id = 0;
    std::size_t connections = 0;
    double tokens = 0;  // requests it may make at once
    Instant refilled{};
};

// What all sessions share; outlives the server object while they end.
struct SessionHost {
    RealLoop& service;
    RealLoop& field;
    std::shared_ptr<Multiplexer> multiplexer;
    ServerOptions options;
    std::set<ModbusSession*> open;
    std::map<std::string, Source> sources;
    ServerStatistics statistics;
    Event changed;  // a connection came or went
    bool is_stopping = false;
};

class ModbusSession : public std::enable_shared_from_this<ModbusSession> {
public:
    ModbusSession(std::shared_ptr<SessionHost> host, net::Accepted accepted, Caller caller);
    ~ModbusSession();
    ModbusSession(const ModbusSession&) = delete;
    ModbusSession& operator=(const ModbusSession&) = delete;

    void start();
    void check(Instant now);  // ends what is overdue
    void abort();
    // Since when nothing is asked; Instant::max() while something is.
    Instant idle_since() const { return idle_since_; }
    const std::string& source() const { return source_; }

private:
    static Task<void> read(std::shared_ptr<ModbusSession> self);
    static Task<void> serve(std::shared_ptr<ModbusSession> self);
    Task<bool> serve_one();
    Task<void> wait_for_turn();
    Task<wire::Pdu> ask(std::uint8_t unit, wire::Pdu request);
    void take(std::uint64_t question, const wire::Pdu& answer);
    void leave();

    std::shared_ptr<SessionHost> host_;
    std::unique_ptr<net::Stream> stream_;
    std::string source_;
    Caller caller_;
    wire::TcpStream in_;
    Event arrived_, room_, answered_;
    bool is_gone_ = false;
    Instant deadline_ = Instant::max();
    Instant idle_since_;
    std::uint64_t question_ = 0;  // numbers them, so that an answer that comes too late is nobody's
    std::optional<wire::Pdu> answer_;
};

}  // namespace busbar::northbound
