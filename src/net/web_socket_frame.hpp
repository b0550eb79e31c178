#pragma once
// RFC 6455 framing without I/O: bytes of a client in, whole messages out; and frames to send to a client. Used by the
// server's sockets and the fuzz target.
//
// Accepted: masked frames, fragmented data messages, control frames between fragments. Refused with a close code:
// unmasked frames, reserved bits or opcodes, control frames that are fragmented or above 125 bytes, lengths not in
// their shortest form (1002); messages above the limit, counted before their bytes are kept (1009); text that is not
// UTF-8 (1007).
#include <cstdint>
#include <string>
#include <string_view>

namespace busbar::net {

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

struct SocketMessage {
    Opcode kind = Opcode::text;    // text, binary, close, ping or pong
    std::string payload;           // close: the reason, without its code
    std::uint16_t close_code = 0;  // close only; 1005 = none given
};

class FrameReader {
public:
    enum class State : std::uint8_t { need_more, message, bad };

    explicit FrameReader(std::size_t message_limit) : limit_(message_limit) {}

    void put(std::string_view bytes) { buffer_ += bytes; }
    // The next message, if one is complete. After `bad` only close_code() is of use.
    State next(SocketMessage& out);

    std::uint16_t close_code() const { return close_code_; }
    const char* problem() const { return problem_; }

private:
    struct Head;
    State bad(std::uint16_t code, const char* problem);
    State read_head(Head& head);
    State take_data(const Head& head, std::string&& payload, SocketMessage& out);
    State take_control(const Head& head, std::string&& payload, SocketMessage& out);

    std::size_t limit_;
    std::string buffer_;
    std::string partial_;                         // fragments so far
    Opcode partial_kind_ = Opcode::continuation;  // continuation = no message is open
    std::uint16_t close_code_ = 0;
    const char* problem_ = "";
};

// One unfragmented, unmasked frame (server to client).
std::string frame(Opcode opcode, std::string_view payload);
// `reason` is cut to 123 bytes.
std::string close_frame(std::uint16_t code, std::string_view reason);
// Sec-WebSocket-Accept for a client's Sec-WebSocket-Key.
std::string accept_key(std::string_view key);

bool is_utf8(std::string_view text);

}  // namespace busbar::net
