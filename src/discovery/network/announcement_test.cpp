#include "discovery/network/announcement.hpp"

#include <doctest/doctest.h>

using namespace busbar;
using namespace busbar::discovery;

namespace {

// A packet written by hand, as RFC 1035 draws it.
struct Packet {
    Bytes bytes = Bytes(12, 0);
    Packet() { bytes[2] = 0x84; }  // an answer, authoritative
    Packet& u8(unsigned v) {
        bytes.push_back(static_cast<std::uint8_t>(v));
        return *this;
    }
    Packet& u16(unsigned v) { return u8(v >> 8).u8(v & 255); }
    Packet& label(std::string_view text) {
        u8(static_cast<unsigned>(text.size()));
        bytes.insert(bytes.end(), text.begin(), text.end());
        return *this;
    }
    Packet& back_to(unsigned offset) { return u16(0xC000 | offset); }
    Packet& head(unsigned type, unsigned size) { return u16(type).u16(0x8001).u16(0).u16(120).u16(size); }
    Packet& answers(unsigned n) {
        bytes[7] = static_cast<std::uint8_t>(n);
        return *this;
    }
    Packet& more(unsigned n) {
        bytes[11] = static_cast<std::uint8_t>(n);
        return *this;
    }
};

// PTR _shelly._tcp.local -> "Pro 3EM"; SRV with port 80 and a host; its address.
Packet shelly() {
    Packet p;
    p.answers(1).more(2);
    const unsigned service = 12;
    p.label("_shelly").label("_tcp").label("local").u8(0).head(12, 10);
    const auto instance = static_cast<unsigned>(p.bytes.size());
    p.label("Pro.3EM").back_to(service);
    p.back_to(instance).head(33, 6 + 6 + 2).u16(0).u16(0).u16(80);
    const auto host = static_cast<unsigned>(p.bytes.size());
    p.label("box-1").back_to(service + 13);
    p.back_to(host).head(1, 4).u8(192).u8(168).u8(1).u8(77);
    return p;
}
constexpr std::uint32_t sender = 0xC0A80105;

}  // namespace

TEST_CASE("an announcement with its port and address, whoever sent it") {
    const auto found = read_mdns_answer(shelly().bytes, sender);
    REQUIRE(found.size() == 1);
    CHECK(found[0] == Announcement{"Pro.3EM", "_shelly._tcp", 0xC0A8014D, 80});
}

TEST_CASE("without an address the sender's counts; other services and questions are nothing") {
    Packet p;
    p.answers(1).label("_modbus").label("_tcp").label("local").u8(0).head(12, 6).label("inv").back_to(12);
    const auto found = read_mdns_answer(p.bytes, sender);
    REQUIRE(found.size() == 1);
    CHECK(found[0] == Announcement{"inv", "_modbus._tcp", sender, 0});

    Packet other;
    other.answers(1).label("_ipp").label("_tcp").label("local").u8(0).head(12, 6).label("inv").back_to(12);
    CHECK(read_mdns_answer(other.bytes, sender).empty());
    Bytes question = shelly().bytes;
    question[2] = 0;
    CHECK(read_mdns_answer(question, sender).empty());
}

TEST_CASE("what a switch says about its model and firmware") {
    Packet p = shelly();
    p.more(3).back_to(12 + 20 + 10).head(16, 0);  // the instance's name begins behind the first record's head
    const std::string_view texts[] = {"gen=2", "APP=Plus2PM", "ver=1.0.8", "ver=9", "ver", ""};
    std::size_t size = 0;
    for (const std::string_view text : texts) {
        p.label(text);
        size += text.size() + 1;
    }
    p.bytes[p.bytes.size() - size - 1] = static_cast<std::uint8_t>(size);
    const auto found = read_mdns_answer(p.bytes, sender);
    REQUIRE(found.size() == 1);
    CHECK(found[0].model == "Plus2PM");
    CHECK(found[0].firmware == "1.0.8");
    // A text that claims to be longer than its record.
    p.bytes[p.bytes.size() - size] = 255;
    const auto cut = read_mdns_answer(p.bytes, sender);
    REQUIRE(cut.size() == 1);
    CHECK(cut[0].model.empty());
}

TEST_CASE("a hostile packet gives nothing, or printable text of bounded length") {
    CHECK(read_mdns_answer({}, sender).empty());
    const Bytes good = shelly().bytes;
    for (std::size_t n = 0; n < good.size(); ++n) CHECK(read_mdns_answer(ByteView(good).first(n), sender).size() <= 1);
    Packet loop;  // a name that points at itself
    loop.answers(1).back_to(12).head(12, 2).back_to(12);
    CHECK(read_mdns_answer(loop.bytes, sender).empty());
    Packet many;  // says 65535 records, has one
    many.answers(1).label("_http").label("_tcp").label("local").u8(0).head(12, 6).label("\x1b[m").back_to(12);
    many.bytes[6] = 0xFF;
    CHECK(read_mdns_answer(many.bytes, sender).empty());
    many.bytes[6] = 0;
    const auto found = read_mdns_answer(many.bytes, sender);
    REQUIRE(found.size() == 1);
    CHECK(found[0].name == "[m");
}

TEST_CASE("the question asks for each service once, with an answer to ourselves") {
    const Bytes q = mdns_question();
    CHECK(q[5] == announced_services().size());
    CHECK(q.size() < 512);
    CHECK(q[q.size() - 2] == 0x80);
    const std::string text(q.begin(), q.end());
    CHECK(text.find("\x07_shelly\x04_tcp\x05local") != std::string::npos);
}
