// No bus connects to the gateway's own doors or to link-local addresses, however they are written.
#include "bus/link/peer_rule.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <unistd.h>

#include "base/real_loop.hpp"
#include "bus/link/tcp_link.hpp"

using namespace busbar;
using namespace busbar::bus;
using namespace std::chrono_literals;

namespace {

struct Listener {
    int fd = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    std::uint16_t port = 0;
    Listener() {
        sockaddr_in6 a{};
        a.sin6_family = AF_INET6;
        socklen_t size = sizeof a;
        const int no = 0;
        ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
        REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&a), size) == 0);
        REQUIRE(::listen(fd, 8) == 0);
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&a), &size);
        port = ntohs(a.sin6_port);
    }
    ~Listener() { ::close(fd); }
};

Status opened(const std::string& host, std::uint16_t port) {
    RealLoop loop;
    TcpLink link(loop, {host, port});
    Status result = fail(Errc::internal, "not run");
    auto open = [&]() -> Task<void> {
        result = co_await link.open(loop.now() + 30s);
        loop.stop();
    };
    loop.spawn("test", open());
    loop.run();
    return result;
}

}  // namespace

TEST_CASE("no bus connects to a port on which its own process listens, under any name of this machine") {
    const Listener door;
    const char* names[] = {"127.0.0.1", "127.0.0.9",  "localhost", "0.0.0.0",         "2130706433",
                           "0x7f.1",    "0177.0.0.1", "127.1",     "::ffff:127.0.0.1"};
    {
        const OwnPort own(door.port);
        for (const char* host : names) {
            CAPTURE(host);
            const Status refused = opened(host, door.port);
            REQUIRE_FALSE(refused.has_value());
            CHECK(refused.error().kind == Errc::unavailable);
            CHECK(refused.error().text.find("is this gateway itself; name the address of the device") !=
                  std::string::npos);
            const bool is_name = std::string_view(host) == "localhost";
            CHECK(check_peer(host, door.port).has_value() == is_name);
            CHECK(check_peer(host, static_cast<std::uint16_t>(door.port ^ 1)).has_value());
        }
        CHECK_FALSE(check_peer("::1", door.port).has_value());
        CHECK_FALSE(check_peer("::", door.port).has_value());
        CHECK(check_peer("192.0.2.7", door.port).has_value());
    }
    // A converter on this machine is a peer as any other.
    CHECK(opened("127.0.0.1", door.port).has_value());
}

TEST_CASE("no bus connects to a link-local address") {
    for (const char* host :
         {"169.254.169.254", "169.254.0.1", "2851995649", "fe80::1", "febf::1", "::ffff:169.254.1.1"}) {
        CAPTURE(host);
        const Status refused = check_peer(host, 80);
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().kind == Errc::denied);
        CHECK(refused.error().text.find("link-local") != std::string::npos);
        CHECK_FALSE(opened(host, 80).has_value());
    }
    for (const char* host : {"169.253.1.1", "192.168.8.20", "fd00::1", "inverter.lan"})
        CHECK(check_peer(host, 502).has_value());
}
