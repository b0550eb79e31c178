// An HTTP connection's bytes, cut into pieces as the first byte says; when a request comes out whole it is taken
// through everything that reads it, and what is left is read as WebSocket frames.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "api/access/policy.hpp"
#include "api/request/parameters.hpp"
#include "api/request/request_checks.hpp"
#include "net/asset.hpp"
#include "net/request_parser.hpp"
#include "net/web_socket_frame.hpp"

using namespace busbar;

namespace {
void use(const net::Request& request) {
    // A path that got through is absolute, without control bytes and cannot climb.
    if (request.path.empty() || request.path.front() != '/' || request.path.find("/../") != std::string::npos)
        std::abort();
    for (const char c : request.path)
        if (static_cast<unsigned char>(c) < 0x20) std::abort();
    api::find_route(request.method, request.path);
    api::is_own_host(request.header("host"), {});
    api::is_own_origin(request);
    api::token_of(request);
    (void)api::span_parameters(request);
    (void)api::series_parameters(request);
    net::serve_asset(request, {});
}

void read_frames(std::string_view bytes, std::size_t piece) {
    net::FrameReader reader(1024);
    net::SocketMessage message;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        reader.put(bytes.substr(at, piece));
        for (;;) {
            const auto state = reader.next(message);
            if (state == net::FrameReader::State::bad) return;
            if (state == net::FrameReader::State::need_more) break;
            if (message.payload.size() > 1024) std::abort();
            if (message.kind == net::Opcode::text && !net::is_utf8(message.payload)) std::abort();
        }
    }
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::size_t piece = 1 + data[0];
    const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
    net::RequestParser parser(4096);
    std::string buffer;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        buffer += bytes.substr(at, piece);
        auto state = parser.put(buffer);
        while (state == net::RequestParser::State::done) {
            const auto request = parser.take();
            if (request.body.size() > 4096) std::abort();
            use(request);
            state = buffer.empty() ? net::RequestParser::State::need_more : parser.put(buffer);
        }
        if (state == net::RequestParser::State::bad) {
            if (parser.status() < 400) std::abort();
            break;
        }
        if (buffer.size() > net::RequestParser::header_limit + 256) std::abort();
    }
    read_frames(bytes, piece);
    return 0;
}
