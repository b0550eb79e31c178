#pragma once
// Modbus/TCP frames (MBAP header and PDU) and their reassembly from a byte stream. Used by the bus as client and by
// servers (simulated devices). Pure. Source: MODBUS Messaging on TCP/IP V1.0b.
#include <array>
#include <cstdint>
#include <span>

#include "base/bytes.hpp"
#include "wire/modbus_pdu.hpp"

namespace busbar::wire {

inline constexpr std::size_t mbap_size = 7;
inline constexpr std::size_t max_tcp_frame_size = mbap_size + max_pdu_size;

// One frame by value. `bytes` beyond `size` are not initialised.
struct TcpFrame {
    std::array<std::uint8_t, max_tcp_frame_size> bytes;
    std::uint16_t size = 0;
    ByteView view() const { return {bytes.data(), size}; }
};
TcpFrame encode_tcp(std::uint16_t transaction, std::uint8_t unit, ByteView pdu);

struct TcpMessage {
    std::uint16_t transaction = 0;
    std::uint8_t unit = 0;
    ByteView pdu;  // points into the stream's buffer; valid until the next space() or clear()
};

// Cuts a byte stream into messages:
//
//   n = read(socket, stream.space());  stream.arrived(n);
//   while (stream.next() == message) use(stream.message());
//
// Once broken (protocol id not 0, or a length that cannot be) it stays broken until clear(): after a lost frame border
// nothing that follows can be trusted, so the connection has to go.
class TcpStream {
public:
    enum class State : std::uint8_t { need_more, message, broken };

    // Where to put bytes; never empty when next() has been called until it said need_more.
    std::span<std::uint8_t> space();
    void arrived(std::size_t n);
    State next();
    const TcpMessage& message() const { return message_; }
    std::size_t left() const { return end_ - begin_; }  // bytes that are not part of a message yet
    ByteView rest() const { return ByteView(buffer_).subspan(begin_, left()); }  // those bytes, until the next space()
    void clear();

private:
    // At least two frames: a whole one always fits behind a partial one. Sixteen are read at once from a device that has
    // been asked as many things.
    std::array<std::uint8_t, 16 * max_tcp_frame_size> buffer_;
    std::size_t begin_ = 0, end_ = 0;
    bool broken_ = false;
    TcpMessage message_;
};

}  // namespace busbar::wire
