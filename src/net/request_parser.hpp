#pragma once
// Bytes of an HTTP/1.1 connection in, whole requests out. Used by the server's connections and by the fuzz target; does
// no I/O. The only file that knows which HTTP library does the work is request_parser.cpp.
//
// Refused on sight: header above 16 KiB, more than 100 fields, body above the limit, Content-Length together with
// Transfer-Encoding, transfer codings other than chunked, line folding, HTTP below 1.0, Host absent or given twice.
#include <memory>
#include <string>

#include "net/http.hpp"

namespace busbar::net {

// The one path whose bodies may be longer than those of all others.
struct LongBody {
    std::string path;
    std::size_t limit = 0;
};

class RequestParser {
public:
    static constexpr std::size_t header_limit = 16 * 1024;

    enum class State : std::uint8_t {
        need_more,  // nothing wrong so far
        done,       // take() hands out the request; rest of the buffer belongs to the next one
        bad,        // status() and text() say why; the connection cannot go on
    };

    explicit RequestParser(std::size_t body_limit, LongBody long_body = {});
    ~RequestParser();

    // Takes what it can use from the front of `buffer`.
    State put(std::string& buffer);
    // True once, after the header of a request with "Expect: 100-continue" was accepted and its body is awaited.
    bool wants_continue();
    bool header_done() const;

    Request take();  // only in State::done; the parser is then ready for the next request

    int status() const { return status_; }  // 400, 413, 431, 501
    const std::string& text() const { return text_; }

private:
    struct Impl;
    State bad(int status, std::string text);
    State check_header();
    State too_long();
    Status fill(Request& request) const;

    std::unique_ptr<Impl> impl_;
    std::size_t body_limit() const;  // of the request in hand

    const std::size_t usual_limit_;
    const LongBody long_body_;
    int status_ = 0;
    std::string text_;
};

}  // namespace busbar::net
