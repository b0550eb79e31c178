#include "wire/modbus_tcp.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

using namespace busbar;
using namespace busbar::wire;
using State = TcpStream::State;

namespace {

void feed(TcpStream& stream, ByteView bytes) {
    const auto space = stream.space();
    REQUIRE(space.size() >= bytes.size());
    std::copy(bytes.begin(), bytes.end(), space.begin());
    stream.arrived(bytes.size());
}

}  // namespace

TEST_CASE("a frame is the header of the specification and the PDU") {
    const TcpFrame frame = encode_tcp(0x1501, 0xFF, Bytes{3, 0, 4, 0, 1});
    CHECK(Bytes(frame.view().begin(), frame.view().end()) ==
          Bytes{0x15, 0x01, 0x00, 0x00, 0x00, 0x06, 0xFF, 0x03, 0x00, 0x04, 0x00, 0x01});
}

TEST_CASE("messages come out whole however the stream was cut or merged") {
    std::mt19937 random(3);
    for (int round = 0; round < 300; ++round) {
        std::vector<Bytes> sent;
        Bytes wire;
        for (int i = 0; i < 20; ++i) {
            Bytes pdu(1 + random() % max_pdu_size);
            for (auto& b : pdu) b = static_cast<std::uint8_t>(random());
            const TcpFrame frame = encode_tcp(static_cast<std::uint16_t>(i), 7, pdu);
            wire.insert(wire.end(), frame.view().begin(), frame.view().end());
            sent.push_back(std::move(pdu));
        }
        TcpStream stream;
        std::size_t got = 0, at = 0;
        while (at < wire.size()) {
            const std::size_t room = stream.space().size();
            REQUIRE(room > 0);
            const std::size_t n = std::min({room, wire.size() - at, std::size_t{1} + random() % 400});
            feed(stream, ByteView(wire).subspan(at, n));
            at += n;
            while (stream.next() == State::message) {
                REQUIRE(got < sent.size());
                CHECK(stream.message().transaction == got);
                CHECK(stream.message().unit == 7);
                CHECK(Bytes(stream.message().pdu.begin(), stream.message().pdu.end()) == sent[got++]);
            }
        }
        CHECK(got == sent.size());
    }
}

TEST_CASE("a header that cannot be breaks the stream until it is cleared") {
    const Bytes bad[] = {
        {0, 1, 0, 1, 0, 6, 1, 3},     // protocol id 1
        {0, 1, 0, 0, 0, 1, 1, 3},     // no PDU
        {0, 1, 0, 0, 0, 0, 1, 3},     // nothing at all
        {0, 1, 0, 0, 0, 255, 1, 3},   // longer than any PDU
        {0, 1, 0, 0, 0xFF, 6, 1, 3},  // much longer
    };
    for (const Bytes& bytes : bad) {
        TcpStream stream;
        feed(stream, bytes);
        CHECK(stream.next() == State::broken);
        stream.space();
        CHECK(stream.next() == State::broken);
        stream.clear();
        CHECK(stream.next() == State::need_more);
        feed(stream, encode_tcp(9, 1, Bytes{3, 2, 0, 1}).view());
        CHECK(stream.next() == State::message);
    }
}

TEST_CASE("the longest frame passes") {
    TcpStream stream;
    const Bytes pdu(max_pdu_size, 0x55);
    feed(stream, encode_tcp(1, 2, pdu).view());
    REQUIRE(stream.next() == State::message);
    CHECK(stream.message().pdu.size() == max_pdu_size);
}
