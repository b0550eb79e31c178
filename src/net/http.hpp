#pragma once
// One HTTP request and its answer, as plain values. The server fills Request after checking it (sizes, framing, names);
// everything in it is still a stranger's text. Nothing here waits or knows a socket.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/task.hpp"

namespace busbar::net {

enum class Method : std::uint8_t { get, head, post, put, del, other };
std::string_view to_string(Method method);  // "GET" ... ; "other" for other

struct Header {
    std::string name;  // lower case
    std::string value;
};

struct Request {
    Method method = Method::other;
    std::string target;  // as sent: "/api/v1/points?device=a%20b"
    std::string path;    // percent-decoded, begins with '/', without control characters, "." and ".." segments refused
    std::vector<std::pair<std::string, std::string>> query;  // percent-decoded, in order, at most 64
    std::vector<Header> headers;                             // at most 100
    std::string body;
    std::string peer;        // address of the other end, "192.168.8.20", IPv4-mapped IPv6 shown as IPv4
    bool is_secure = false;  // over TLS
    bool keep_alive = true;
    bool is_http10 = false;
    bool wants_upgrade = false;  // a complete WebSocket upgrade (RFC 6455 4.2.1)

    // The first header of that name (lower case); empty when absent.
    std::string_view header(std::string_view name) const;
    std::optional<std::string_view> parameter(std::string_view name) const;
};

// A body that is made while it is sent (chunked). One call at a time.
class BodySource {
public:
    virtual ~BodySource() = default;
    // Fills `chunk` (handed in empty); left empty = the end. An error closes the connection without the final chunk, so
    // that the other end knows the body is incomplete.
    virtual Task<Status> next(std::string& chunk) = 0;
};

class SocketHandler;

struct Response {
    int status = 200;
    std::vector<std::pair<std::string_view, std::string>> headers;  // without length and connection; names are literals
    std::string body;
    ByteView fixed_body;                   // instead of `body`: bytes that live as long as the program
    std::unique_ptr<BodySource> streamed;  // instead of both
    std::shared_ptr<SocketHandler>
        socket;          // answers 101; only when the request wants_upgrade. Shared with who pushes to it
    bool close = false;  // end the connection afterwards
};

using Handler = std::function<Task<Response>(const Request&)>;

std::string_view reason_phrase(int status);
// Percent-decoding of one path or query part; nullopt for a broken escape, control characters or a zero byte.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space);
// Splits `target` into request.path and request.query. Errors: malformed (place named).
Status parse_target(std::string_view target, Request& request);

}  // namespace busbar::net
