#include "wire/modbus_tcp.hpp"

#include <algorithm>
#include <cstring>

#include "base/assert.hpp"

namespace busbar::wire {

TcpFrame encode_tcp(std::uint16_t transaction, std::uint8_t unit, ByteView pdu) {
    BUSBAR_ASSERT(!pdu.empty() && pdu.size() <= max_pdu_size);
    const std::size_t length = pdu.size() + 1;
    TcpFrame frame;
    frame.bytes[0] = static_cast<std::uint8_t>(transaction >> 8);
    frame.bytes[1] = static_cast<std::uint8_t>(transaction & 0xFF);
    frame.bytes[2] = 0;  // protocol: Modbus
    frame.bytes[3] = 0;
    frame.bytes[4] = static_cast<std::uint8_t>(length >> 8);
    frame.bytes[5] = static_cast<std::uint8_t>(length & 0xFF);
    frame.bytes[6] = unit;
    std::copy(pdu.begin(), pdu.end(), frame.bytes.begin() + mbap_size);
    frame.size = static_cast<std::uint16_t>(mbap_size + pdu.size());
    return frame;
}

std::span<std::uint8_t> TcpStream::space() {
    if (begin_ > 0) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    return std::span(buffer_).subspan(end_);
}

void TcpStream::arrived(std::size_t n) {
    BUSBAR_ASSERT(n <= buffer_.size() - end_);
    end_ += n;
}

TcpStream::State TcpStream::next() {
    if (broken_) return State::broken;
    const ByteView left(buffer_.data() + begin_, end_ - begin_);
    if (left.size() < mbap_size) return State::need_more;
    ByteReader in(left);
    message_.transaction = in.u16_be();
    const std::uint16_t protocol = in.u16_be();
    const std::uint16_t length = in.u16_be();  // counts the unit id and the PDU
    message_.unit = in.u8();
    if (protocol != 0 || length < 2 || length > 1 + max_pdu_size) {
        broken_ = true;
        return State::broken;
    }
    message_.pdu = in.take(length - 1u);
    if (!in.ok()) return State::need_more;
    begin_ += in.offset();
    return State::message;
}

void TcpStream::clear() {
    begin_ = end_ = 0;
    broken_ = false;
}

}  // namespace busbar::wire
