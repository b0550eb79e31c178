#pragma once
// The Modbus TCP server in front of a Multiplexer: lets known clients in, cuts their bytes into requests, carries those
// to the field loop and the answers back. Runs on the service loop, so that no client can hold up control: all the
// field sees of a connection is one request at a time, and at most `requests_per_second` of them from one address.
//
// A connection that speaks anything but Modbus, sends half a request and stops, or does not take its answers is closed;
// the others do not notice. Requests of one connection are answered in their order.
#include <memory>

#include "base/real_loop.hpp"
#include "config/modbus_server.hpp"
#include "northbound/multiplexer.hpp"

namespace busbar::northbound {

struct ServerLimits {
    std::chrono::milliseconds idle{300'000};   // without a request
    std::chrono::milliseconds partial{5'000};  // for the rest of a request that has begun
    std::chrono::milliseconds write{5'000};    // for an answer to be taken
    std::chrono::milliseconds answer{30'000};  // longest wait for the field; then exception 11
    // An idle connection may have to go for a newcomer after this.
    std::chrono::milliseconds makes_room{10'000};
    double requests_per_second = 100;  // per address, all its connections together; more has to wait
    double burst = 100;
};

struct ServerOptions {
    config::ModbusServerConfig config;
    std::uint16_t port = 1502;  // in place of the configuration's; 0 = any free one, for tests
    ServerLimits limits{};
};

struct ServerStatistics {
    std::size_t clients = 0;  // connected now
    std::uint64_t accepted = 0;
    std::uint64_t turned_away = 0;  // not in the list, or no room
    std::uint64_t malformed = 0;    // closed for what they sent
    std::uint64_t dropped = 0;      // closed for what they did not: silent, slow, or in the way of a newcomer
};

class ModbusServer {
public:
    // Listens from here on. `field` is the loop the multiplexer lives on; both outlive the service loop's run. Errors:
    // unavailable (port in use, not allowed) with the remedy.
    static Result<std::unique_ptr<ModbusServer>> start(RealLoop& service, RealLoop& field,
                                                       std::shared_ptr<Multiplexer> multiplexer, ServerOptions options);
    ~ModbusServer();  // closes everything

    std::uint16_t port() const;
    ServerStatistics statistics() const;
    // Stops listening and ends every connection; returns when all are gone or after 2 s.
    Task<void> stop();

private:
    struct Core;
    explicit ModbusServer(std::shared_ptr<Core> core);
    std::shared_ptr<Core> core_;
};

}  // namespace busbar::northbound
