#include "net/http_server.hpp"

#include <doctest/doctest.h>
#include <openssl/ssl.h>

#include <atomic>
#include <future>
#include <thread>

#include "base/rigs/temporary_folder.hpp"
#include "contract/http_client.hpp"
#include "net/certificate.hpp"

using namespace busbar;
using namespace busbar::net;
using namespace std::chrono_literals;
using test::HttpClient;
using test::patience_ms;

namespace {
class Echo final : public SocketHandler {
public:
    explicit Echo(std::atomic<int>& ended) : ended_(ended) {}
    void opened(WebSocket& socket) override { socket_ = &socket; }
    void received(std::string_view text) override {
        if (text == "flood")
            for (int i = 0; i < 100; ++i) socket_->send(text_frame(std::string(60'000, 'x')));
        else if (text == "bye")
            socket_->close(1000, "bye");
        else
            socket_->send(text_frame(text));
    }
    void closed() override { ++ended_; }

private:
    WebSocket* socket_ = nullptr;
    std::atomic<int>& ended_;
};

class Numbers final : public BodySource {
public:
    explicit Numbers(int fail_at) : fail_at_(fail_at) {}
    Task<Status> next(std::string& chunk) override {
        if (at_ == fail_at_) co_return fail(Errc::corrupt, "no more");
        if (at_ < 3) chunk = std::string(10'000, static_cast<char>('0' + at_));
        ++at_;
        co_return ok();
    }

private:
    int at_ = 0, fail_at_;
};

// The server under test on its own thread.
class Running {
public:
    explicit Running(bool tls = false, ServerLimits limits = {}) {
        ServerOptions options;
        options.address = "127.0.0.1";
        options.port = 0;
        options.limits = limits;
        if (tls) {
            const auto own = ensure_certificate({folder_.path, {"localhost"}, loop_.wall()});
            options.tls = *TlsContext::load(own->files);
        }
        server_ = *HttpServer::start(loop_, options, [this](const Request& r) { return handle(r); });
        port = server_->port();
        thread_ = std::thread([this] { loop_.run(); });
    }
    ~Running() {
        loop_.post([this] { loop_.spawn("stop", end()); });
        thread_.join();
        server_.reset();
    }
    std::size_t connections() {
        std::promise<std::size_t> count;
        loop_.post([&] { count.set_value(server_->connections()); });
        return count.get_future().get();
    }
    std::uint16_t port = 0;
    std::atomic<int> sockets_ended{0};

private:
    Task<Response> handle(const Request& request) {
        Response response;
        if (request.path == "/socket") response.socket = std::make_shared<Echo>(sockets_ended);
        if (request.path == "/stream") response.streamed = std::make_unique<Numbers>(-1);
        if (request.path == "/broken") response.streamed = std::make_unique<Numbers>(2);
        if (request.path == "/throw") throw std::runtime_error("on purpose");
        if (request.path == "/inject") response.headers.emplace_back("X-Name", "a\r\nX-Evil: 1");
        response.body = std::string(to_string(request.method)) + " " + request.path + " " + request.body;
        if (request.path == "/big") response.body.assign(300'000, 'b');
        co_return response;
    }
    Task<void> end() {
        co_await server_->stop();
        loop_.stop();
    }
    RealLoop loop_;
    std::unique_ptr<HttpServer> server_;
    std::thread thread_;
    const TemporaryFolder folder_;
};
}  // namespace

TEST_CASE("requests are answered, plain and over TLS, many on one connection") {
    for (const bool tls : {false, true}) {
        CAPTURE(tls);
        Running server(tls);
        HttpClient client(server.port, tls);
        REQUIRE(client.is_connected());
        for (int i = 0; i < 3; ++i) {
            const auto answer = client.request("POST", "/x", {}, "body");
            CHECK(answer.status == 200);
            CHECK(answer.body == "POST /x body");
        }
        CHECK(client.request("GET", "/big").body == std::string(300'000, 'b'));
        const auto head = client.request("HEAD", "/big");
        CHECK(head.header("content-length") == "300000");
        CHECK(client.request("GET", "/after").body == "GET /after ");
    }
}

TEST_CASE("pipelined requests are answered in order") {
    Running server;
    HttpClient client(server.port, false);
    client.send_raw("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(client.read_answer().body == "GET /1 ");
    CHECK(client.read_answer().body == "GET /2 ");
}

TEST_CASE("a streamed body ends with the last chunk, a broken one does not") {
    Running server(true);
    HttpClient client(server.port, true);
    const auto whole = client.request("GET", "/stream");
    CHECK(whole.is_complete);
    CHECK(whole.body.size() == 30'000);
    const auto broken = client.request("GET", "/broken");
    CHECK_FALSE(broken.is_complete);
    CHECK(broken.body.size() == 20'000);
}

TEST_CASE("an exception costs one answer, a header value cannot add headers") {
    Running server;
    HttpClient client(server.port, false);
    CHECK(client.request("GET", "/throw").status == 500);
    const auto injected = client.request("GET", "/inject");
    CHECK(injected.status == 200);
    CHECK(injected.header("x-evil").empty());
}

TEST_CASE("a body above the limit is answered 413 and the answer arrives") {
    Running server(true);
    HttpClient client(server.port, true);
    const auto answer = client.request("POST", "/", {}, std::string(65'537, 'x'));
    CHECK(answer.status == 413);
    CHECK(answer.header("connection") == "close");
    HttpClient exact(server.port, true);
    CHECK(exact.request("POST", "/", {}, std::string(65'536, 'x')).status == 200);
}

TEST_CASE("100-continue is answered before the body") {
    Running server;
    HttpClient client(server.port, false);
    client.send_raw("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    CHECK(client.read_answer().status == 100);
    client.send_raw("hi");
    CHECK(client.read_answer().body == "POST / hi");
}

TEST_CASE("only TLS 1.2 and 1.3 are spoken") {
    Running server(true);
    CHECK_FALSE(HttpClient::can_connect_with(server.port, TLS1_VERSION));
    CHECK_FALSE(HttpClient::can_connect_with(server.port, TLS1_1_VERSION));
    CHECK(HttpClient::can_connect_with(server.port, TLS1_2_VERSION));
    CHECK(HttpClient::can_connect_with(server.port, TLS1_3_VERSION));
}

TEST_CASE("who forgets https:// is told so in words") {
    Running server(true);
    HttpClient plain(server.port, false);
    REQUIRE(plain.is_connected());
    const auto answer = plain.request("GET", "/x", {{"Host", "evil.example"}}, "");
    CHECK(answer.status == 400);
    CHECK(answer.body.find("https://") != std::string::npos);
    CHECK(answer.body.find("evil") == std::string::npos);  // nothing that was sent comes back
    HttpClient secure(server.port, true);
    CHECK(secure.request("GET", "/after").body == "GET /after ");
    HttpClient noise(server.port, false);
    noise.send_raw(std::string("\x16\x03\x01\x00\x05hello", 10));
    CHECK(noise.is_closed_within(patience_ms));
}

TEST_CASE("of TLS 1.2 only suites with forward secrecy and authenticated encryption") {
    Running server(true);
    CHECK(HttpClient::can_connect_with(server.port, "ECDHE-ECDSA-AES128-GCM-SHA256"));
    CHECK(HttpClient::can_connect_with(server.port, "ECDHE-ECDSA-CHACHA20-POLY1305"));
    for (const char* weak :
         {"ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "ECDHE-ECDSA-AES128-CCM8", "AES128-GCM-SHA256",
          "AES128-SHA", "eNULL:@SECLEVEL=0", "aNULL:@SECLEVEL=0", "kRSA:@SECLEVEL=0"}) {
        CAPTURE(weak);
        CHECK_FALSE(HttpClient::can_connect_with(server.port, weak));
    }
}

TEST_CASE("slow and mute clients are cut off, others are not disturbed") {
    ServerLimits limits;
    limits.header = 300ms;
    limits.handshake = 300ms;
    Running server(false, limits);
    HttpClient slow(server.port, false);
    slow.send_raw("GET / HTTP/1.1\r\nHost:");
    CHECK(slow.is_closed_within(patience_ms));
    HttpClient dripping(server.port, false);
    dripping.send_raw("GET / HTTP/1.1\r\n");
    // No byte begins the time anew: with 30 ms between them this would otherwise go on for 30 s.
    for (int i = 0; i < 1000 && !dripping.is_closed_within(30); ++i) dripping.send_raw("X-A: b\r\n");
    CHECK(dripping.is_closed_within(0));
    HttpClient good(server.port, false);
    CHECK(good.request("GET", "/").status == 200);
    Running secure(true, limits);
    HttpClient mute(secure.port, false);
    CHECK(mute.is_closed_within(patience_ms));
    limits.idle = 300ms;
    Running impatient(false, limits);
    HttpClient idle(impatient.port, false);
    CHECK(idle.is_closed_within(patience_ms));
    limits.body_time = 300ms;
    Running hungry(false, limits);
    HttpClient starving(hungry.port, false);
    starving.send_raw("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc");
    CHECK(starving.is_closed_within(patience_ms));
}

TEST_CASE("connections are bounded per source and in all; open sockets stay, what waits longest makes room") {
    ServerLimits limits;
    limits.connections = 6;
    limits.connections_per_source = 4;
    Running server(false, limits);
    std::vector<std::unique_ptr<HttpClient>> sockets;
    for (int i = 0; i < 3; ++i) {
        sockets.push_back(std::make_unique<HttpClient>(server.port, false));
        REQUIRE(sockets.back()->open_socket("/socket").status == 101);
    }
    HttpClient idle(server.port, false);
    CHECK(idle.request("GET", "/").status == 200);
    // Until the server has taken back what it answered the idle one with, that one is busy and the fifth is refused.
    auto fifth = std::make_unique<HttpClient>(server.port, false);
    for (int i = 0; i < 1000 && fifth->request("GET", "/").status != 200; ++i)
        fifth = std::make_unique<HttpClient>(server.port, false);
    CHECK(idle.is_closed_within(patience_ms));
    CHECK(fifth->open_socket("/socket").status == 101);
    HttpClient refused(server.port, false);
    CHECK(refused.is_closed_within(patience_ms));
    for (int i = 0; i < 3; ++i) {
        sockets[std::size_t(i)]->send_text("still here");
        CHECK(sockets[std::size_t(i)]->read_frame().payload == "still here");
    }
    HttpClient elsewhere(server.port, false, 0, "127.0.0.2");
    CHECK(elsewhere.request("GET", "/").status == 200);
}

TEST_CASE("half-sent requests from a few sources do not keep the owner out") {
    ServerLimits limits;
    limits.connections = 8;
    limits.connections_per_source = 4;
    Running server(true, limits);
    std::vector<std::unique_ptr<HttpClient>> attackers;
    for (const char* source : {"127.0.0.2", "127.0.0.3"}) {
        for (int i = 0; i < 4; ++i) {
            attackers.push_back(std::make_unique<HttpClient>(server.port, i % 2 == 0, 0, source));
            if (i % 2 == 0) attackers.back()->send_raw("GET / HTTP/1.1\r\nX-Slow:");
        }
    }
    while (server.connections() < 8) std::this_thread::sleep_for(5ms);
    std::vector<std::unique_ptr<HttpClient>> owner;
    for (int i = 0; i < 3; ++i) {
        owner.push_back(std::make_unique<HttpClient>(server.port, true));
        CHECK(owner.back()->request("GET", "/").status == 200);
    }
    for (const auto& client : owner) CHECK(client->request("GET", "/again").status == 200);
}

TEST_CASE("web sockets echo, answer pings and close as asked") {
    for (const bool tls : {false, true}) {
        Running server(tls);
        HttpClient client(server.port, tls);
        const auto opened = client.open_socket("/socket");
        REQUIRE(opened.status == 101);
        CHECK(opened.header("sec-websocket-accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        client.send_text("hello");
        CHECK(client.read_frame().payload == "hello");
        client.send_frame(0x89, "p");
        const auto pong = client.read_frame();
        CHECK(pong.opcode == 10);
        CHECK(pong.payload == "p");
        client.send_text("bye");
        CHECK(client.read_frame().close_code() == 1000);
        client.send_frame(0x88, "\x03\xe8");
        CHECK(client.is_closed_within(patience_ms));
        for (int i = 0; i < 6000 && server.sockets_ended == 0; ++i) std::this_thread::sleep_for(5ms);
        CHECK(server.sockets_ended == 1);
    }
}

TEST_CASE("bad frames close the socket with their code") {
    Running server;
    const struct {
        std::uint8_t first;
        std::string payload;
        bool masked;
        int code;
    } cases[] = {{0x81, "x", false, 1002},
                 {0x81, std::string(1025, 'x'), true, 1009},
                 {0x82, "x", true, 1003},
                 {0x81, "\xff", true, 1007},
                 {0xf1, "x", true, 1002}};
    for (const auto& c : cases) {
        HttpClient client(server.port, false);
        REQUIRE(client.open_socket("/socket").status == 101);
        client.send_frame(c.first, c.payload, c.masked);
        CHECK(client.read_frame().close_code() == c.code);
    }
    HttpClient plain(server.port, false);
    CHECK(plain.request("GET", "/socket").status == 200);  // no upgrade asked: an ordinary answer
}

TEST_CASE("a socket that never reads is closed and costs the others nothing") {
    ServerLimits limits;
    limits.unread = 500ms;
    limits.closing = 60s;  // a busy machine may come late to reading
    Running server(false, limits);
    HttpClient deaf(server.port, false, 4096), good(server.port, false);
    REQUIRE(deaf.open_socket("/socket").status == 101);
    REQUIRE(good.open_socket("/socket").status == 101);
    deaf.send_text("flood");
    for (int i = 0; i < 8; ++i) {
        good.send_text("still here");
        CHECK(good.read_frame().payload == "still here");
        std::this_thread::sleep_for(100ms);
    }
    // The deaf one begins to listen within the grace time: it sees the frame in flight, then the reason.
    test::SocketFrame frame;
    do frame = deaf.read_frame();
    while (frame.opcode == 1);
    CHECK(frame.close_code() == 1013);
}

TEST_CASE("a socket that does not answer pings is closed") {
    ServerLimits limits;
    limits.ping_every = 200ms;
    limits.unread = 500ms;
    Running server(false, limits);
    HttpClient client(server.port, false);
    REQUIRE(client.open_socket("/socket").status == 101);
    CHECK(client.read_frame().opcode == 9);
    CHECK(client.read_frame().close_code() == 1013);
}
