#include "net/socket_session.hpp"

#include <array>

namespace busbar::net {
namespace {
constexpr auto far = std::chrono::hours(24);
}  // namespace

SharedFrame text_frame(std::string_view text) { return std::make_shared<const std::string>(frame(Opcode::text, text)); }

SocketSession::SocketSession(Loop& loop, Stream& stream, const ServerLimits& limits,
                             std::shared_ptr<SocketHandler> handler)
    : loop_(loop),
      stream_(stream),
      limits_(limits),
      handler_(std::move(handler)),
      reader_(handler_->message_limit()),
      last_heard_(loop.now()) {}

void SocketSession::push(SharedFrame frame) {
    queue_.push_back(std::move(frame));
    wake_.set();
}

void SocketSession::send(SharedFrame frame) {
    if (!closing_ && !ended_) push(std::move(frame));
}

void SocketSession::close(std::uint16_t code, std::string_view reason) {
    if (closing_ || ended_) return;
    closing_ = true;
    close_deadline_ = loop_.now() + limits_.closing;
    queue_.clear();
    push(std::make_shared<const std::string>(close_frame(code, reason)));
}

void SocketSession::check(Instant now) {
    if (ended_) return;
    if (closing_) {
        if (now >= close_deadline_) stream_.abort();
        return;
    }
    const bool stuck = in_flight_ && now - write_began_ >= limits_.unread;
    const bool mute = ping_pending_ && now - ping_sent_ >= limits_.unread;
    if (stuck || mute) return close(1013, stuck ? "nothing was read" : "no answer to ping");
    if (!ping_pending_ && now - last_heard_ >= limits_.ping_every) {
        ping_pending_ = true;
        ping_sent_ = now;
        push(std::make_shared<const std::string>(frame(Opcode::ping, {})));
    }
}

// False when no more messages are to be read.
bool SocketSession::take(const SocketMessage& message) {
    switch (message.kind) {
        case Opcode::text:
            if (!closing_) handler_->received(message.payload);
            return true;
        case Opcode::ping:
            // At most a few answers wait; a flood of pings does not make the queue grow.
            if (!closing_ && queue_.size() < 32)
                push(std::make_shared<const std::string>(frame(Opcode::pong, message.payload)));
            return true;
        case Opcode::close:
            close(message.close_code == 1005 ? 1000 : message.close_code, {});
            peer_closed_ = true;
            return false;
        case Opcode::binary:
            close(1003, "text only");
            return false;
        default:
            return true;
    }
}

bool SocketSession::take_messages() {
    SocketMessage message;
    for (;;) {
        const auto state = reader_.next(message);
        if (state == FrameReader::State::need_more) return true;
        if (state == FrameReader::State::bad) {
            close(reader_.close_code(), reader_.problem());
            return false;
        }
        if (!take(message)) return false;
    }
}

Task<void> SocketSession::read_all(std::string early) {
    reader_.put(early);
    bool goes_on = take_messages();
    std::array<char, 2048> buffer;
    // After we closed, bytes are still taken in and dropped until the other end closes too: closing with unread input
    // would reset the connection and could destroy the close frame under way. check() bounds that time.
    while (!peer_closed_) {
        auto n = co_await stream_.read_some(buffer);
        if (!n || *n == 0) co_return;
        last_heard_ = loop_.now();
        ping_pending_ = false;
        if (!goes_on) continue;
        reader_.put({buffer.data(), *n});
        goes_on = take_messages();
    }
}

Task<void> SocketSession::write_all(std::shared_ptr<void> keep) {
    while (!ended_) {
        if (queue_.empty()) {
            co_await loop_.wait(wake_, loop_.now() + far);
            continue;
        }
        const SharedFrame next = std::move(queue_.front());
        queue_.pop_front();
        in_flight_ = true;
        write_began_ = loop_.now();
        const auto sent = co_await stream_.write(as_bytes(*next));
        in_flight_ = false;
        if (!sent) {
            stream_.abort();
            break;
        }
        if (closing_ && queue_.empty() && static_cast<std::uint8_t>((*next)[0]) == 0x88) {
            stream_.finish_writing();
            break;
        }
    }
    writer_done_ = true;
    written_.set();
    keep.reset();
}

Task<void> SocketSession::run(std::shared_ptr<void> keep, std::string early) {
    const auto self = shared_from_this();
    handler_->opened(*this);
    loop_.spawn("web socket writer", write_all(std::move(keep)));
    co_await read_all(std::move(early));
    // A close frame that answers the other end's may still be under way.
    const auto last = loop_.now() + limits_.closing;
    while (closing_ && !writer_done_ && loop_.now() < last) co_await loop_.wait(written_, last);
    ended_ = true;
    stream_.abort();
    wake_.set();
    handler_->closed();
    handler_.reset();
}

}  // namespace busbar::net
