#pragma once
// One open WebSocket as the application sees it, and what the application must be. The server does framing, ping and
// pong, limits and the closing handshake. Loop thread only.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace busbar::net {

// A message made ready to send; shared by all sockets that get it.
using SharedFrame = std::shared_ptr<const std::string>;
SharedFrame text_frame(std::string_view text);

class WebSocket {
public:
    virtual ~WebSocket() = default;
    // Never waits. The queue is the caller's to bound: look at queued() first. Ignored once closing.
    virtual void send(SharedFrame frame) = 0;
    virtual std::size_t queued() const = 0;  // frames not yet wholly handed to the kernel
    // Drops what was not begun, sends the close frame, ends the connection when the other end answered or after 5 s.
    virtual void close(std::uint16_t code, std::string_view reason) = 0;
    virtual bool is_closing() const = 0;
};

class SocketHandler {
public:
    virtual ~SocketHandler() = default;
    // `socket` lives until closed() was called.
    virtual void opened(WebSocket& socket) = 0;
    virtual void received(std::string_view text) = 0;  // at most message_limit() bytes, valid UTF-8
    virtual void closed() = 0;                         // called exactly once after opened()
    virtual std::size_t message_limit() const { return 1024; }
};

}  // namespace busbar::net
