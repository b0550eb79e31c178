#pragma once
// One accepted byte stream, plain or TLS, and the listener that yields them. The only files of the server that know
// sockets are stream.cpp, tls_stream.cpp and listener.cpp. Loop thread only; one reader and one writer at a time.
#include <memory>
#include <span>
#include <string>

#include "base/bytes.hpp"
#include "base/real_loop.hpp"
#include "base/result.hpp"
#include "base/task.hpp"

namespace busbar::net {

class TlsContext;

class Stream {
public:
    virtual ~Stream() = default;

    virtual Task<Status> handshake() = 0;
    // At least one byte; 0 = the other end has finished. Errors: unavailable (broken, aborted), malformed (TLS).
    virtual Task<Result<std::size_t>> read_some(std::span<char> buffer) = 0;
    // All of it. The bytes must live until it returns.
    virtual Task<Status> write(ByteView bytes) = 0;
    // Says goodbye: nothing will be written any more; reading goes on.
    virtual void finish_writing() = 0;
    // Ends every pending operation with an error, at once, from any task of the loop.
    virtual void abort() = 0;
    virtual bool is_secure() const = 0;
};

struct Accepted {
    std::unique_ptr<Stream> stream;
    std::string peer;    // "192.168.8.20", "fd00::1"
    std::string source;  // what limits count by, source_of(peer)
};

class Listener {
public:
    virtual ~Listener() = default;
    // Errors: unavailable; after close() every time.
    virtual Task<Result<Accepted>> accept() = 0;
    virtual std::uint16_t port() const = 0;
    virtual void close() = 0;
};

// Without `tls` the streams are plain. Errors: malformed (address), unavailable (in use, not allowed) with the remedy.
Result<std::unique_ptr<Listener>> listen(RealLoop& loop, const std::string& address, std::uint16_t port,
                                         std::shared_ptr<TlsContext> tls);

// What one attacker has: an IPv4 address; of public IPv6 the /64. Link-local and unique local IPv6 addresses stay whole:
// there everybody on the wire shares the /64, and one infected plug must not lock its owner out.
std::string source_of(const std::string& peer);

}  // namespace busbar::net
