#include "net/web_socket_frame.hpp"

#include <doctest/doctest.h>

using namespace busbar::net;

namespace {
std::string masked(std::uint8_t first, std::string payload) {
    std::string out(1, static_cast<char>(first));
    if (payload.size() < 126) {
        out += static_cast<char>(0x80 | payload.size());
    } else {
        out += static_cast<char>(0xfe);
        out += static_cast<char>(payload.size() >> 8);
        out += static_cast<char>(payload.size());
    }
    out += "\x01\x02\x03\x04";
    for (std::size_t i = 0; i < payload.size(); ++i)
        out += static_cast<char>(payload[i] ^ static_cast<char>(1 + i % 4));
    return out;
}
using State = FrameReader::State;
}  // namespace

TEST_CASE("the accept key is the one of RFC 6455") {
    CHECK(accept_key("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST_CASE("fragments become one message and control frames may stand between") {
    FrameReader reader(100);
    const std::string all = masked(0x01, "Hel") + masked(0x89, "?") + masked(0x80, "lo");
    SocketMessage message;
    for (std::size_t i = 0; i + 1 < all.size(); ++i) {
        reader.put(all.substr(i, 1));
        const auto state = reader.next(message);
        if (state == State::message) {
            CHECK(message.kind == Opcode::ping);
            CHECK(message.payload == "?");
        } else {
            REQUIRE(state == State::need_more);
        }
    }
    reader.put(all.substr(all.size() - 1));
    REQUIRE(reader.next(message) == State::message);
    CHECK(message.kind == Opcode::text);
    CHECK(message.payload == "Hello");
}

TEST_CASE("bad frames are refused with the code of RFC 6455") {
    const std::string unmasked = frame(Opcode::text, "x");
    const struct {
        const char* why;
        std::string bytes;
        int code;
    } cases[] = {
        {"unmasked", unmasked, 1002},
        {"reserved bit", masked(0xC1, "x"), 1002},
        {"reserved opcode", masked(0x83, "x"), 1002},
        {"fragmented ping", masked(0x09, "x"), 1002},
        {"long ping", masked(0x89, std::string(126, 'x')), 1002},
        {"continuation of nothing", masked(0x80, "x"), 1002},
        {"new message inside a message", masked(0x01, "x") + masked(0x81, "y"), 1002},
        {"length not shortest", std::string("\x81\xfe\x00\x05\x01\x02\x03\x04", 8), 1002},
        {"too long, known from the head alone",
         std::string("\x81\xff\x00\x00\x00\x00\x10\x00\x00\x00\x01\x02\x03\x04", 14), 1009},
        {"too long in pieces", masked(0x01, std::string(60, 'x')) + masked(0x80, std::string(60, 'x')), 1009},
        {"not UTF-8", masked(0x81, "\xC3\x28"), 1007},
        {"half a close code", masked(0x88, "x"), 1002},
        {"close code 1005", masked(0x88, "\x03\xED"), 1002},
    };
    for (const auto& c : cases) {
        CAPTURE(c.why);
        FrameReader reader(100);
        reader.put(c.bytes);
        SocketMessage message;
        auto state = reader.next(message);
        while (state == State::message) state = reader.next(message);
        CHECK(state == State::bad);
        CHECK(reader.close_code() == c.code);
    }
}

TEST_CASE("frames to the client carry the right length form") {
    CHECK(frame(Opcode::text, "hi") == std::string("\x81\x02hi"));
    CHECK(frame(Opcode::text, std::string(126, 'x')).substr(0, 4) == std::string("\x81\x7e\x00\x7e", 4));
    CHECK(frame(Opcode::text, std::string(70000, 'x')).substr(0, 10) ==
          std::string("\x81\x7f\x00\x00\x00\x00\x00\x01\x11\x70", 10));
    CHECK(close_frame(1013, "later") == std::string("\x88\x07\x03\xf5later"));
}

TEST_CASE("UTF-8 is checked to the letter") {
    for (const char* good : {"", "abc", "\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x94\x8B", "\xF4\x8F\xBF\xBF"})
        CHECK(is_utf8(good));
    for (const char* bad :
         {"\x80", "\xC0\x80", "\xC3", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xFF"})
        CHECK_FALSE(is_utf8(bad));
}
