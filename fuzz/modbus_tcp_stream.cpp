// A stream of anything, cut at places the input chooses, gives the same messages as the stream in one piece.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "wire/modbus_tcp.hpp"

using namespace busbar;
using namespace busbar::wire;

namespace {

// Everything that came out, flattened; `step` bytes at a time.
Bytes messages(ByteView bytes, std::size_t step) {
    Bytes out;
    ByteWriter writer(out);
    TcpStream stream;
    for (std::size_t at = 0; at < bytes.size();) {
        const auto space = stream.space();
        if (space.empty()) std::abort();
        const std::size_t n = std::min({space.size(), step, bytes.size() - at});
        std::copy_n(bytes.begin() + at, n, space.begin());
        stream.arrived(n);
        at += n;
        TcpStream::State state;
        while ((state = stream.next()) == TcpStream::State::message) {
            writer.u16_be(stream.message().transaction);
            writer.u8(stream.message().unit);
            writer.append(stream.message().pdu);
        }
        if (state == TcpStream::State::broken) break;
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const ByteView bytes(data + 1, size - 1);
    if (messages(bytes, 1u + data[0]) != messages(bytes, 520)) std::abort();
    return 0;
}
