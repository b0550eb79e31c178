#pragma once
// The WebSocket phase of a connection: one task reads, one writes, check() looks at the clock. Internal to the server.
//
// A client that takes nothing: the frame in flight stays; after limits.unread its socket is closed with 1013 (try again
// later); it still sees that code if it begins to read within limits.closing. A client that does not answer pings ends
// the same way.
#include <deque>
#include <memory>

#include "base/loop.hpp"
#include "net/http_server.hpp"
#include "net/stream.hpp"
#include "net/web_socket.hpp"
#include "net/web_socket_frame.hpp"

namespace busbar::net {

class SocketSession final : public WebSocket, public std::enable_shared_from_this<SocketSession> {
public:
    // `stream` must live as long as the session; the owner of both is kept alive by `keep`.
    SocketSession(Loop& loop, Stream& stream, const ServerLimits& limits, std::shared_ptr<SocketHandler> handler);

    // The whole phase; returns when the connection is at its end. `early` came in with the upgrade request.
    Task<void> run(std::shared_ptr<void> keep, std::string early);
    void check(Instant now);

    void send(SharedFrame frame) override;
    std::size_t queued() const override { return queue_.size() + (in_flight_ ? 1 : 0); }
    void close(std::uint16_t code, std::string_view reason) override;
    bool is_closing() const override { return closing_; }

private:
    Task<void> write_all(std::shared_ptr<void> keep);
    Task<void> read_all(std::string early);
    bool take_messages();
    bool take(const SocketMessage& message);
    void push(SharedFrame frame);

    Loop& loop_;
    Stream& stream_;
    const ServerLimits& limits_;
    std::shared_ptr<SocketHandler> handler_;
    FrameReader reader_;
    std::deque<SharedFrame> queue_;
    Event wake_;
    Event written_;
    Instant last_heard_{}, ping_sent_{}, write_began_{}, close_deadline_{};
    bool in_flight_ = false, ping_pending_ = false, closing_ = false, peer_closed_ = false, ended_ = false,
         writer_done_ = false;
};

}  // namespace busbar::net
