#pragma once
// The part of a search that looks at the local network: who announces himself, who has a Modbus port open, and who is
// behind it. At most 32 connections are being opened at any time, at most 8 endpoints asked; addresses are asked in
// order, once.
#include <deque>
#include <map>
#include <memory>

#include "base/network.hpp"
#include "discovery/line/endpoint_bus.hpp"
#include "discovery/line/modbus_scan.hpp"
#include "discovery/network/lan.hpp"
#include "discovery/part.hpp"

namespace busbar::discovery {

struct Endpoint {
    std::string host;
    std::uint16_t port = 502;
    auto operator<=>(const Endpoint&) const = default;
};

struct LanOrder {
    std::vector<Network> networks;
    std::vector<std::uint16_t> ports;
    bool asks_names = true;
    std::vector<Endpoint> skipped;  // of buses of the site: they have their own connection
    Profiles profiles;
    std::vector<profile::FirmwareRule> firmware{};  // of those who only announce themselves
    Duration connect_timeout = std::chrono::milliseconds(400);
};

// The unit addresses that devices of these profiles have as delivered, and those that plain TCP devices answer to.
std::vector<std::uint8_t> telling_units(const Profiles& profiles);

// A device that answers at several units of one endpoint, whatever is asked, is one device.
void merge_echoes(std::vector<Found>& found, std::size_t units_asked, const Profiles& profiles);

class LanSearch final : public Part {
public:
    LanSearch(Loop& loop, Lan& lan, LanOrder order);

    Task<void> run() override;
    void cancel() override;
    BusProgress progress() const override;
    std::vector<Found> found() const override;
    std::vector<std::string> messages() const override { return messages_; }

private:
    struct Conversation {  // with one endpoint
        Endpoint endpoint;
        std::unique_ptr<EndpointBus> bus;
        std::unique_ptr<ModbusScan> scan;  // null: waits for its turn
        std::vector<Found> found;          // once it has ended
        bool has_ended = false;
    };
    Task<void> listen();
    Task<void> knock();
    Task<void> converse(Conversation& conversation);
    void take(Announcement announcement);
    bool is_skipped(const Endpoint& endpoint) const;
    void set_place(Found& found, const Endpoint& endpoint) const;
    Found announced_at(const Announcement& first) const;

    Loop& loop_;
    Lan& lan_;
    LanOrder order_;
    std::vector<std::uint8_t> units_;
    std::vector<Announcement> announced_;
    std::map<std::string, unsigned> announced_ports_;  // by host, how many were taken
    std::deque<Endpoint> to_knock_;
    std::deque<Conversation> conversations_;  // addresses stay
    std::vector<std::string> messages_;
    Instant started_{};
    std::string current_;
    unsigned done_ = 0, total_ = 0, knockers_ = 0, talking_ = 0;
    bool is_cancelled_ = false, has_ended_ = false;
};

}  // namespace busbar::discovery
