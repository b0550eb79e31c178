#include "bus/link/peer_rule.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <vector>

#include "base/phrases.hpp"

namespace busbar::bus {
namespace {

// Few, of the whole process; asked once for each connection.
std::mutex ports_guard;
std::vector<std::uint16_t> own_ports;

bool is_own_port(std::uint16_t port) {
    const std::scoped_lock lock(ports_guard);
    return std::find(own_ports.begin(), own_ports.end(), port) != own_ports.end();
}

// An IPv4 address in IPv6 clothes is that IPv4 address: one form for all of them.
in6_addr one_form(const sockaddr* address) {
    in6_addr form{};
    if (address->sa_family == AF_INET6) {
        sockaddr_in6 six{};
        std::memcpy(&six, address, sizeof six);
        return six.sin6_addr;
    }
    sockaddr_in four{};
    std::memcpy(&four, address, sizeof four);
    form.s6_addr[10] = form.s6_addr[11] = 0xFF;
    std::memcpy(form.s6_addr + 12, &four.sin_addr, 4);
    return form;
}

std::uint16_t port_of(const sockaddr* address) {
    sockaddr_in four{};  // the port is at the same place in both
    std::memcpy(&four, address, sizeof four);
    return ntohs(four.sin_port);
}

bool is_link_local(const in6_addr& form) {
    if (IN6_IS_ADDR_V4MAPPED(&form)) return form.s6_addr[12] == 169 && form.s6_addr[13] == 254;
    return IN6_IS_ADDR_LINKLOCAL(&form);
}

// The kernel reaches an address of this machine from that same address. Nothing is sent: the socket is a datagram one.
bool is_own_address(const sockaddr* address, const in6_addr& form) {
    if (IN6_IS_ADDR_LOOPBACK(&form) || IN6_IS_ADDR_UNSPECIFIED(&form)) return true;
    if (IN6_IS_ADDR_V4MAPPED(&form) && (form.s6_addr[12] == 127 || form.s6_addr[12] == 0)) return true;
    const int fd = ::socket(address->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return false;
    const socklen_t size = address->sa_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
    sockaddr_storage here{};
    socklen_t length = sizeof here;
    auto* source = reinterpret_cast<sockaddr*>(&here);
    const bool is_known = ::connect(fd, address, size) == 0 && ::getsockname(fd, source, &length) == 0;
    ::close(fd);
    const in6_addr from = one_form(source);
    return is_known && std::memcmp(&from, &form, sizeof form) == 0;
}

}  // namespace

OwnPort::OwnPort(std::uint16_t port) : port_(port) {
    const std::scoped_lock lock(ports_guard);
    own_ports.push_back(port);
}

OwnPort::~OwnPort() {
    const std::scoped_lock lock(ports_guard);
    own_ports.erase(std::find(own_ports.begin(), own_ports.end(), port_));
}

Status check_peer(const sockaddr* address, const std::string& host) {
    if (address->sa_family != AF_INET && address->sa_family != AF_INET6) return ok();
    const in6_addr form = one_form(address);
    if (is_link_local(form)) return fail(Errc::denied, say<phrases::link_local>(host));
    const std::uint16_t port = port_of(address);
    if (is_own_port(port) && is_own_address(address, form))
        return fail(Errc::denied, say<phrases::own_port>(host, port));
    return ok();
}

Status check_peer(const std::string& host, std::uint16_t port) {
    addrinfo wanted{};
    wanted.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found) != 0) return ok();
    Status allowed = ok();
    for (const addrinfo* one = found; one != nullptr && allowed; one = one->ai_next)
        allowed = check_peer(one->ai_addr, host);
    ::freeaddrinfo(found);
    return allowed;
}

}  // namespace busbar::bus
