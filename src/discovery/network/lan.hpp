#pragma once
// The local network as a search sees it: which networks the machine is in, connections, and who announces himself.
// SocketLan is the real one; tests have their own. Field loop only; nothing here blocks.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/task.hpp"
#include "bus/link/link.hpp"
#include "discovery/network/announcement.hpp"

namespace busbar::discovery {

class Lan {
public:
    virtual ~Lan() = default;

    // The machine's own private IPv4 networks, as "192.168.1.0/24"; larger ones as they are.
    virtual std::vector<std::string> own_networks() = 0;
    // An open connection. Errors: unavailable (refused, no answer in time).
    virtual Task<Result<std::unique_ptr<bus::Link>>> connect(std::string host, std::uint16_t port,
                                                             Duration timeout) = 0;
    // Asks everybody (mDNS) and listens this long. At most 200; empty when the network does not let us.
    virtual Task<std::vector<Announcement>> ask_names(Duration listen) = 0;
};

}  // namespace busbar::discovery
