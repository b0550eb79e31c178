#pragma once
// One connection from handshake to end. Internal to the server (http_server.cpp).
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "net/http_server.hpp"
#include "net/request_parser.hpp"
#include "net/socket_session.hpp"

namespace busbar::net {

class Connection;

// What all connections of a server share. Outlives the server object while connections end.
struct ConnectionHost {
    RealLoop& loop;
    ServerOptions options;
    Handler handler;
    std::set<Connection*> open;
    std::map<std::string, std::size_t> per_source;
    Event changed;  // a connection came or went
    bool stopping = false;
};

class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(std::shared_ptr<ConnectionHost> host, Accepted accepted);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    Task<void> serve();
    void check(Instant now);  // ends what is overdue
    void abort();
    // Since when it has neither a whole request nor an open socket: it may have to go when there is no room. nullopt =
    // it is being answered, or is going already.
    std::optional<Instant> waiting_since() const { return waiting_since_; }
    const std::string& source() const { return source_; }

private:
    enum class Next : std::uint8_t { request, end };

    Task<Next> serve_one();
    Task<bool> read_request();
    Task<bool> read_more();
    Task<Response> answer(const Request& request);
    Task<bool> send(const Request& request, Response& response, bool keep);
    Task<bool> send_stream(const Request& request, BodySource& body);
    Task<void> refuse(int status, std::string text);
    Task<void> open_socket(const Request& request, Response& response);
    Task<void> close_gently();
    void due_in(std::chrono::milliseconds time);

    std::shared_ptr<ConnectionHost> host_;
    std::unique_ptr<Stream> stream_;
    std::string peer_, source_;
    RequestParser parser_;
    std::string in_;  // received, not yet taken
    Instant deadline_ = Instant::max();
    std::optional<Instant> waiting_since_;
    std::shared_ptr<SocketSession> socket_;
};

// Status line and headers, ready to send. `length` absent: no Content-Length.
std::string head_of(const Response& response, std::optional<std::size_t> length, bool chunked, bool keep);

}  // namespace busbar::net
