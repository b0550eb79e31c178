#include "net/web_socket_frame.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>
#include <utility>

namespace busbar::net {

struct FrameReader::Head {
    bool final = false;
    Opcode opcode{};
    std::size_t size = 0;    // of the payload
    std::size_t length = 0;  // of the head itself
    std::array<std::uint8_t, 4> mask{};
    bool is_control() const { return static_cast<std::uint8_t>(opcode) >= 8; }
};

namespace {
bool is_known(std::uint8_t opcode) { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

// Codes a peer may send in a close frame (RFC 6455 7.4).
bool is_sendable(std::uint16_t code) {
    return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
           (code >= 3000 && code < 5000);
}
}  // namespace

FrameReader::State FrameReader::bad(std::uint16_t code, const char* problem) {
    close_code_ = code;
    problem_ = problem;
    return State::bad;
}

FrameReader::State FrameReader::read_head(Head& head) {
    const auto byte = [this](std::size_t i) { return static_cast<std::uint8_t>(buffer_[i]); };
    if (buffer_.size() < 2) return State::need_more;
    if (byte(0) & 0x70) return bad(1002, "reserved bits are set");
    if (!is_known(byte(0) & 0x0f)) return bad(1002, "unknown opcode");
    if (!(byte(1) & 0x80)) return bad(1002, "a client's frames must be masked");
    head.final = (byte(0) & 0x80) != 0;
    head.opcode = static_cast<Opcode>(byte(0) & 0x0f);
    const std::uint8_t short_size = byte(1) & 0x7f;
    const std::size_t extra = short_size == 126 ? 2 : short_size == 127 ? 8 : 0;
    if (head.is_control() && (!head.final || extra != 0)) return bad(1002, "control frames are short and whole");
    head.length = 2 + extra + 4;
    if (buffer_.size() < head.length) return State::need_more;
    std::uint64_t size = short_size;
    if (extra != 0) {
        size = 0;
        for (std::size_t i = 0; i < extra; ++i) size = size << 8 | byte(2 + i);
        if (size < (extra == 2 ? 126u : 65536u) || size >> 63) return bad(1002, "length is not in its shortest form");
    }
    if (!head.is_control() && size > limit_ - partial_.size()) return bad(1009, "message is too long");
    head.size = static_cast<std::size_t>(size);
    for (std::size_t i = 0; i < 4; ++i) head.mask[i] = byte(2 + extra + i);
    return State::message;
}

FrameReader::State FrameReader::take_data(const Head& head, std::string&& payload, SocketMessage& out) {
    const bool continues = head.opcode == Opcode::continuation;
    if (continues != (partial_kind_ != Opcode::continuation)) return bad(1002, "fragments out of order");
    if (!continues) partial_kind_ = head.opcode;
    partial_ += payload;
    if (!head.final) return State::need_more;
    out = SocketMessage{std::exchange(partial_kind_, Opcode::continuation), std::exchange(partial_, {}), 0};
    if (out.kind == Opcode::text && !is_utf8(out.payload)) return bad(1007, "text is not UTF-8");
    return State::message;
}

FrameReader::State FrameReader::take_control(const Head& head, std::string&& payload, SocketMessage& out) {
    out = SocketMessage{head.opcode, std::move(payload), 0};
    if (head.opcode != Opcode::close) return State::message;
    if (out.payload.size() == 1) return bad(1002, "close code is cut off");
    out.close_code = 1005;
    if (out.payload.size() < 2) return State::message;
    const auto high = static_cast<std::uint8_t>(out.payload[0]), low = static_cast<std::uint8_t>(out.payload[1]);
    out.close_code = static_cast<std::uint16_t>(high << 8 | low);
    out.payload.erase(0, 2);
    if (!is_sendable(out.close_code)) return bad(1002, "close code may not be sent");
    if (!is_utf8(out.payload)) return bad(1007, "close reason is not UTF-8");
    return State::message;
}

FrameReader::State FrameReader::next(SocketMessage& out) {
    for (;;) {
        if (close_code_ != 0) return State::bad;
        Head head;
        if (const auto state = read_head(head); state != State::message) return state;
        if (buffer_.size() < head.length + head.size) return State::need_more;
        std::string payload = buffer_.substr(head.length, head.size);
        buffer_.erase(0, head.length + head.size);
        for (std::size_t i = 0; i < payload.size(); ++i)
            payload[i] = static_cast<char>(static_cast<std::uint8_t>(payload[i]) ^ head.mask[i & 3]);
        const auto state =
            head.is_control() ? take_control(head, std::move(payload), out) : take_data(head, std::move(payload), out);
        if (state != State::need_more) return state;
    }
}

std::string frame(Opcode opcode, std::string_view payload) {
    std::string out;
    out.reserve(payload.size() + 10);
    out += static_cast<char>(0x80 | static_cast<std::uint8_t>(opcode));
    if (payload.size() < 126) {
        out += static_cast<char>(payload.size());
    } else {
        const int bytes = payload.size() < 65536 ? 2 : 8;
        out += static_cast<char>(bytes == 2 ? 126 : 127);
        for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(payload.size() >> (8 * i));
    }
    out += payload;
    return out;
}

std::string close_frame(std::uint16_t code, std::string_view reason) {
    std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
    payload += reason.substr(0, 123);
    return frame(Opcode::close, payload);
}

std::string accept_key(std::string_view key) {
    std::string text(key);
    text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455 1.3
    std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
    SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
    std::array<unsigned char, 32> encoded{};
    const int n = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(digest.size()));
    return {reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(n)};
}

bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<std::uint8_t>(text[i]);
        if (lead < 0x80) {
            ++i;
            continue;
        }
        const int tail = lead >= 0xc2 && lead < 0xe0   ? 1
                         : (lead & 0xf0) == 0xe0       ? 2
                         : lead >= 0xf0 && lead < 0xf5 ? 3
                                                       : 0;
        if (tail == 0 || text.size() - i <= static_cast<std::size_t>(tail)) return false;
        std::uint32_t code = lead & (0x3f >> tail);
        for (int k = 1; k <= tail; ++k) {
            const auto next = static_cast<std::uint8_t>(text[i + static_cast<std::size_t>(k)]);
            if ((next & 0xc0) != 0x80) return false;
            code = code << 6 | (next & 0x3f);
        }
        const bool overlong = (tail == 2 && code < 0x800) || (tail == 3 && code < 0x10000);
        if (overlong || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff) return false;
        i += static_cast<std::size_t>(tail) + 1;
    }
    return true;
}

}  // namespace busbar::net
