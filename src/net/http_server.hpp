#pragma once
// The HTTP/1.1 server: accepts, bounds and times connections, parses requests, awaits the handler, sends the answer;
// turns upgraded connections into WebSockets. It knows no routes. Loop thread only.
//
// Bounds: connections in all and per source, header 16 KiB, body `body_limit`, time for each phase. A connection over a
// bound is answered where that is possible (413, 431, 400) and closed; it never costs a request under way anything.
// When there is no room for a newcomer, the connection that has waited longest without a whole request makes room.
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "net/http.hpp"
#include "net/request_parser.hpp"
#include "net/stream.hpp"
#include "net/tls.hpp"
#include "net/web_socket.hpp"

namespace busbar::net {

struct ServerLimits {
    std::size_t connections = 256;
    std::size_t connections_per_source = 64;
    std::size_t body = 64 * 1024;
    std::chrono::milliseconds handshake{10'000};
    std::chrono::milliseconds header{10'000};  // from the first byte of a request to the end of its header
    std::chrono::milliseconds body_time{20'000};
    std::chrono::milliseconds idle{60'000};   // between requests
    std::chrono::milliseconds write{30'000};  // per answer, or per chunk of a streamed one
    std::chrono::milliseconds ping_every{20'000};
    std::chrono::milliseconds unread{30'000};  // a socket that takes or answers nothing for so long is closed with 1013
    std::chrono::milliseconds closing{5'000};  // how long a socket that we closed may take to read why
};

struct ServerOptions {
    std::string address = "::";
    std::uint16_t port = 8443;        // 0 = any free one
    std::shared_ptr<TlsContext> tls;  // null = plain, for tests and benchmarks
    ServerLimits limits;
    LongBody long_body;  // for others: limits.body
    // Makes the answer to what is not a valid request, so that errors look alike everywhere. May be empty.
    std::function<Response(int status, const std::string& text)> refuse;
};

class HttpServer {
public:
    // Listens from here on. The handler must live until stop() returned, or the loop ended.
    static Result<std::unique_ptr<HttpServer>> start(RealLoop& loop, ServerOptions options, Handler handler);
    ~HttpServer();  // closes everything

    std::uint16_t port() const;
    std::size_t connections() const;
    // Stops listening and ends every connection; returns when all are gone or after 2 s.
    Task<void> stop();

private:
    struct Core;
    explicit HttpServer(std::shared_ptr<Core> core);
    std::shared_ptr<Core> core_;
};

}  // namespace busbar::net
