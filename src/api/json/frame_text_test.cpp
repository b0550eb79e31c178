#include "api/json/frame_text.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace busbar;
using namespace busbar::api;

namespace {
std::string rtu(std::vector<std::uint8_t> bytes, bool is_request) {
    bytes.insert(bytes.end(), {0xaa, 0xbb});  // the checksum is somebody else's business
    return frame_text(bytes, Framing::rtu, is_request);
}
}  // namespace

TEST_CASE("requests and answers in words") {
    const struct {
        std::vector<std::uint8_t> bytes;
        bool is_request;
        const char* text;
    } cases[] = {
        {{11, 3, 0, 0, 0, 2}, true, "unit 11: read 2 holding registers from 0"},
        {{11, 4, 1, 2, 0, 1}, true, "unit 11: read 1 input register from 258"},
        {{1, 2, 0, 9, 0, 8}, true, "unit 1: read 8 discrete inputs from 9"},
        {{1, 6, 0, 9, 0, 8}, true, "unit 1: write 8 to 9"},
        {{1, 5, 0, 9, 0xff, 0}, true, "unit 1: switch coil 9 on"},
        {{1, 16, 0, 9, 0, 2, 4, 0, 1, 0, 2}, true, "unit 1: write 1, 2 to 9"},
        {{1, 15, 0, 9, 0, 2, 1, 3}, true, "unit 1: write 2 coils from 9"},
        {{1, 43, 14, 1, 0}, true, "unit 1: function 43"},
        {{11, 3, 4, 8, 0xfc, 0xff, 0xff}, false, "unit 11: 2300, 65535"},
        {{11, 0x83, 2}, false, "unit 11: refused, code 2: illegal data address"},
        {{11, 6, 0, 9, 0, 8}, false, "unit 11: done"},
        {{11, 1, 1, 5}, false, "unit 11: 1 bytes of bits"},
    };
    for (const auto& c : cases) CHECK(rtu(c.bytes, c.is_request) == c.text);
    const std::vector<std::uint8_t> tcp{0, 1, 0, 0, 0, 6, 11, 3, 0, 0, 0, 2};
    CHECK(frame_text(tcp, Framing::tcp, true) == "unit 11: read 2 holding registers from 0");
    std::vector<std::uint8_t> many{11, 3, 40};
    many.resize(43, 1);
    CHECK(rtu(many, false) == "unit 11: 257, 257, 257, 257, 257, 257, 257, 257, ...");
}

TEST_CASE("what is cut or foul says only what is certain") {
    CHECK(frame_text({}, Framing::rtu, true) == "");
    CHECK(frame_text(std::vector<std::uint8_t>{1, 2, 3}, Framing::rtu, false) == "");
    CHECK(frame_text(std::vector<std::uint8_t>(7, 1), Framing::tcp, false) == "");
    CHECK(rtu({11, 3, 0, 0}, true) == "unit 11: function 3");
    CHECK(rtu({11, 3, 200, 1}, false) == "unit 11: function 3");
    CHECK(rtu({11, 0x83}, false) == "unit 11: refused");
    CHECK(rtu({11, 1}, false) == "unit 11: bits");
    // Every length and every first byte is taken without harm.
    for (std::size_t size = 0; size < 300; ++size)
        for (const int byte : {0, 1, 3, 5, 6, 15, 16, 22, 23, 0x83, 0xff})
            for (const bool is_request : {false, true})
                frame_text(std::vector<std::uint8_t>(size, static_cast<std::uint8_t>(byte)),
                           size % 2 ? Framing::rtu : Framing::tcp, is_request);
}
