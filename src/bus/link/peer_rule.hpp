#pragma once
// Where no bus may connect, whatever name or number of it was given: the ports on which this very process listens, and
// link-local addresses. Who may add a device must not reach doors of the gateway that are locked for him, nor services
// that a network offers to its own machines alone. Other ports of this machine are fine: converters run there.
//
// Asked by TcpLink about each address a name stands for, before it connects; and by who adds a bus. Any thread.
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace busbar::bus {

// While it lives, no bus connects to this port at an address of this machine. For who listens.
class OwnPort {
public:
    explicit OwnPort(std::uint16_t port);
    ~OwnPort();
    OwnPort(const OwnPort&) = delete;
    OwnPort& operator=(const OwnPort&) = delete;

private:
    std::uint16_t port_;
};

// `host`: as it was given, for the text. Errors: denied, with the reason and the remedy. Sends nothing.
Status check_peer(const sockaddr* address, const std::string& host);
// The same of a host that is an address, in any way to write one (127.1, 0x7f000001). A name is looked up when the bus
// connects: ok until then.
Status check_peer(const std::string& host, std::uint16_t port);

}  // namespace busbar::bus
