#pragma once
// The Lan of production: the machine's interfaces, TCP connections through bus/make_bus, multicast DNS over a UDP
// socket that is looked at ten times a second. Made before, and destroyed after, the loop runs.
#include "base/real_loop.hpp"
#include "discovery/network/lan.hpp"

namespace busbar::discovery {

class SocketLan final : public Lan {
public:
    explicit SocketLan(RealLoop& loop) : loop_(loop) {}

    std::vector<std::string> own_networks() override;
    Task<Result<std::unique_ptr<bus::Link>>> connect(std::string host, std::uint16_t port, Duration timeout) override;
    Task<std::vector<Announcement>> ask_names(Duration listen) override;

private:
    RealLoop& loop_;
};

}  // namespace busbar::discovery
