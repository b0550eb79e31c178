#include "discovery/network/socket_lan.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>

#include "base/network.hpp"

using namespace busbar;
using namespace busbar::discovery;
using namespace std::chrono_literals;

namespace {

// A listening socket of this machine; port() stays taken, and refuses, after close().
struct Listener {
    int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    Listener() {
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0);
        REQUIRE(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    }
    ~Listener() { ::close(fd); }
    std::uint16_t port() const { return ntohs(address.sin_port); }
};

struct Answers {
    std::optional<bool> open, refused;
};

Task<void> knock(RealLoop& loop, SocketLan& lan, std::uint16_t port, std::optional<bool>& is_open) {
    const auto link = co_await lan.connect("127.0.0.1", port, 20s);
    is_open = link.has_value() && (*link)->is_open();
    loop.stop();
}

}  // namespace

TEST_CASE("a connection is there or is not") {
    RealLoop loop;
    SocketLan lan(loop);
    Listener open, closed;
    REQUIRE(::listen(open.fd, 4) == 0);
    Answers answers;
    loop.spawn("knock", knock(loop, lan, open.port(), answers.open));
    loop.run();
    CHECK(answers.open == true);
    RealLoop again;
    SocketLan other(again);
    again.spawn("knock", knock(again, other, closed.port(), answers.refused));
    again.run();
    CHECK(answers.refused == false);
}

TEST_CASE("own networks are private ones") {
    RealLoop loop;
    SocketLan lan(loop);
    for (const std::string& text : lan.own_networks()) {
        const auto network = parse_network(text);
        const bool is_sound = network.has_value() || network.error().text.find("too large") != std::string::npos;
        CHECK_MESSAGE(is_sound, text);
    }
}
