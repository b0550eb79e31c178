#include "discovery/network/socket_lan.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <bit>

#include "base/network.hpp"
#include "bus/make_bus.hpp"

namespace busbar::discovery {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t most_announcements = 200, most_packets = 1000;
constexpr std::uint32_t mdns_group = 0xE00000FB;  // 224.0.0.251
constexpr std::uint16_t mdns_port = 5353;
constexpr Duration look_interval = 100ms;

struct Interface {
    std::uint32_t address = 0;
    int bits = 32;
};

std::uint32_t address_of(const sockaddr* socket_address) {
    sockaddr_in in{};
    std::copy_n(reinterpret_cast<const std::uint8_t*>(socket_address), sizeof in, reinterpret_cast<std::uint8_t*>(&in));
    return ntohl(in.sin_addr.s_addr);
}

// Those that are up, lead to other machines and have a private IPv4 address.
std::vector<Interface> interfaces() {
    std::vector<Interface> found;
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) return found;
    for (const ifaddrs* i = list; i != nullptr; i = i->ifa_next) {
        const bool is_usable = i->ifa_addr != nullptr && i->ifa_netmask != nullptr &&
                               i->ifa_addr->sa_family == AF_INET && (i->ifa_flags & IFF_UP) != 0 &&
                               (i->ifa_flags & IFF_LOOPBACK) == 0;
        if (!is_usable || !is_private(address_of(i->ifa_addr))) continue;
        found.push_back({address_of(i->ifa_addr), std::popcount(address_of(i->ifa_netmask))});
    }
    ::freeifaddrs(list);
    return found;
}

// A UDP socket with a port of its own; closed with the object.
class UdpSocket {
public:
    UdpSocket() : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {}
    ~UdpSocket() {
        if (fd_ >= 0) ::close(fd_);
    }
    UdpSocket(const UdpSocket&) = delete;
    UdpSocket& operator=(const UdpSocket&) = delete;

    void send_from(std::uint32_t own_address, ByteView packet) const {
        const in_addr from{htonl(own_address)};
        if (::setsockopt(fd_, IPPROTO_IP, IP_MULTICAST_IF, &from, sizeof from) != 0) return;
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(mdns_port);
        to.sin_addr.s_addr = htonl(mdns_group);
        // A network that lets nothing out has nobody to find.
        (void)::sendto(fd_, packet.data(), packet.size(), MSG_DONTWAIT, reinterpret_cast<const sockaddr*>(&to),
                       sizeof to);
    }
    // One packet that has come; empty: none.
    Bytes receive(std::uint32_t& sender) const {
        Bytes packet(9000);
        sockaddr_in from{};
        socklen_t size = sizeof from;
        const ssize_t n =
            ::recvfrom(fd_, packet.data(), packet.size(), MSG_DONTWAIT, reinterpret_cast<sockaddr*>(&from), &size);
        packet.resize(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
        sender = ntohl(from.sin_addr.s_addr);
        return packet;
    }

private:
    int fd_;
};

}  // namespace

std::vector<std::string> SocketLan::own_networks() {
    std::vector<std::string> networks;
    for (const Interface& i : interfaces()) {
        const std::uint32_t mask = i.bits == 0 ? 0 : ~std::uint32_t{0} << (32 - i.bits);
        std::string text = to_string(Network{i.address & mask, i.bits});
        if (std::ranges::find(networks, text) == networks.end()) networks.push_back(std::move(text));
    }
    return networks;
}

Task<Result<std::unique_ptr<bus::Link>>> SocketLan::connect(std::string host, std::uint16_t port, Duration timeout) {
    std::unique_ptr<bus::Link> link = bus::make_link(loop_, bus::TcpSettings{std::move(host), port});
    const Status opened = co_await link->open(loop_.now() + timeout);
    if (!opened) co_return opened.error();
    co_return link;
}

Task<std::vector<Announcement>> SocketLan::ask_names(Duration listen) {
    const UdpSocket socket;
    const Bytes question = mdns_question();
    for (const Interface& i : interfaces()) socket.send_from(i.address, question);
    std::vector<Announcement> heard;
    std::size_t packets = 0;
    const Instant end = loop_.now() + listen;
    while (loop_.now() < end) {
        co_await loop_.sleep_for(look_interval);
        // A flood is read a little at a time: the loop has other work.
        for (int i = 0; i < 20 && packets < most_packets; ++i, ++packets) {
            std::uint32_t sender = 0;
            const Bytes packet = socket.receive(sender);
            if (packet.empty()) break;
            for (Announcement& a : read_mdns_answer(packet, sender))
                if (heard.size() < most_announcements && std::ranges::find(heard, a) == heard.end())
                    heard.push_back(std::move(a));
        }
    }
    co_return heard;
}

}  // namespace busbar::discovery
