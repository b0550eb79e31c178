#pragma once
// Modbus TCP server socket on the loopback interface: hands each accepted connection to the plant as a Link. At most 32
// connections at a time, or as many as the devices take; one more is closed at once, or ends the oldest.
#include <memory>

#include "descriptor_link.hpp"
#include "plant/devices/line.hpp"

namespace busbar::plant_app {

class TcpListener {
public:
    // port 0: chosen by the system. Errors: unavailable, when the port is taken.
    static Result<std::unique_ptr<TcpListener>> open(RealLoop& loop, std::uint16_t port);
    ~TcpListener();

    std::uint16_t port() const;
    // Serves `line` to whoever connects, until the loop ends.
    Task<void> serve(plant::Line& line);

private:
    struct Impl;
    explicit TcpListener(RealLoop& loop);
    RealLoop& loop_;
    std::unique_ptr<Impl> impl_;
};

// Stops the loop at SIGTERM or SIGINT.
class StopSignal {
public:
    explicit StopSignal(RealLoop& loop);
    ~StopSignal();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace busbar::plant_app
