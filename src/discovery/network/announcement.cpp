#include "discovery/network/announcement.hpp"

#include <arpa/nameser.h>
#include <resolv.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

#include "discovery/judge/device_text.hpp"

namespace busbar::discovery {
namespace {

constexpr std::string_view services[] = {"_modbus._tcp", "_mbap._tcp", "_sunspec._tcp", "_shelly._tcp", "_http._tcp"};
constexpr int most_records = 128;
constexpr std::size_t most_announcements = 32;
constexpr std::string_view domain = ".local";

void put_name(Bytes& out, std::string_view name) {
    while (!name.empty()) {
        const std::string_view label = name.substr(0, name.find('.'));
        out.push_back(static_cast<std::uint8_t>(label.size()));
        out.insert(out.end(), label.begin(), label.end());
        name.remove_prefix(std::min(name.size(), label.size() + 1));
    }
    out.push_back(0);
}

std::string lower(std::string_view text) {
    std::string low(text);
    std::ranges::transform(low, low.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return low;
}

// The resolver writes special characters of a label as \. or \032.
std::string unescaped(std::string_view text) {
    std::string plain;
    const auto is_digit = [&](std::size_t i) { return i < text.size() && text[i] >= '0' && text[i] <= '9'; };
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            plain.push_back(text[i]);
        } else if (is_digit(i + 1) && is_digit(i + 2) && is_digit(i + 3)) {
            plain.push_back(
                static_cast<char>((text[i + 1] - '0') * 100 + (text[i + 2] - '0') * 10 + text[i + 3] - '0'));
            i += 3;
        } else {
            plain.push_back(text[++i]);
        }
    }
    return plain;
}

// The service whose instance `name` is; the instance's own name without it.
std::optional<std::pair<std::string_view, std::string>> instance_of(const std::string& name) {
    for (const std::string_view service : services) {
        const std::string end = "." + std::string(service) + std::string(domain);
        if (name.size() > end.size() && lower(name).ends_with(end))
            return std::pair{service, printable(unescaped(std::string_view(name).substr(0, name.size() - end.size())))};
    }
    return std::nullopt;
}

// What one packet says, by lower-case name.
struct Records {
    std::vector<std::string> instances;
    struct Server {
        std::uint16_t port;
        std::string target;
    };
    std::map<std::string, Server> servers;
    std::map<std::string, std::uint32_t> addresses;
    struct About {
        std::string model, firmware;
    };
    std::map<std::string, About> abouts;

    void take(const ns_msg& message, const ns_rr& record);
};

// The strings of a TXT record, "app=Plus2PM", "ver=1.0.8": keys of Shelly's, the first of each counts.
Records::About about(ByteView data) {
    Records::About about;
    const auto keep = [](std::string& field, std::string_view value) {
        if (field.empty()) field = printable(value);
    };
    ByteReader in(data);
    while (in.left() > 0) {
        const std::size_t size = in.u8();
        const std::string_view text = as_text(in.take(size));
        if (!in.ok()) break;
        const std::string key = lower(text.substr(0, 4));
        if (key == "app=") keep(about.model, text.substr(4));
        if (key == "ver=") keep(about.firmware, text.substr(4));
    }
    return about;
}

std::string name_at(const ns_msg& message, const std::uint8_t* at) {
    char name[NS_MAXDNAME] = {};
    return ns_name_uncompress(ns_msg_base(message), ns_msg_end(message), at, name, sizeof name) < 0 ? std::string()
                                                                                                    : name;
}

void Records::take(const ns_msg& message, const ns_rr& record) {
    const std::string owner = ns_rr_name(record);
    const std::uint8_t* data = ns_rr_rdata(record);
    const std::size_t size = ns_rr_rdlen(record);
    if (ns_rr_type(record) == ns_t_ptr) {
        instances.push_back(name_at(message, data));
    } else if (ns_rr_type(record) == ns_t_srv && size > 6) {
        instances.push_back(owner);
        servers[lower(owner)] = {static_cast<std::uint16_t>(ns_get16(data + 4)), lower(name_at(message, data + 6))};
    } else if (ns_rr_type(record) == ns_t_txt) {
        abouts[lower(owner)] = about({data, size});
    } else if (ns_rr_type(record) == ns_t_a && size == 4) {
        addresses[lower(owner)] = static_cast<std::uint32_t>(ns_get32(data));
    }
}

}  // namespace

std::span<const std::string_view> announced_services() { return services; }

Bytes mdns_question() {
    Bytes out(NS_HFIXEDSZ, 0);
    out[5] = static_cast<std::uint8_t>(std::size(services));
    for (const std::string_view service : services) {
        put_name(out, std::string(service) + std::string(domain));
        // PTR, class internet with the wish for an answer to us alone.
        constexpr std::uint8_t wish[] = {0x00, 0x0C, 0x80, 0x01};
        out.insert(out.end(), std::begin(wish), std::end(wish));
    }
    return out;
}

std::vector<Announcement> read_mdns_answer(ByteView packet, std::uint32_t from) {
    ns_msg message{};
    std::vector<Announcement> found;
    constexpr std::size_t longest = 9000;  // RFC 6762, 17
    if (packet.size() > longest || ns_initparse(packet.data(), static_cast<int>(packet.size()), &message) != 0)
        return found;
    if (ns_msg_getflag(message, ns_f_qr) == 0) return found;
    Records records;
    for (const ns_sect section : {ns_s_an, ns_s_ar}) {
        const int count = std::min<int>(ns_msg_count(message, section), most_records);
        for (int i = 0; i < count; ++i) {
            ns_rr record{};
            if (ns_parserr(&message, section, i, &record) != 0) return found;
            records.take(message, record);
        }
    }
    for (const std::string& name : records.instances) {
        const auto instance = instance_of(name);
        if (!instance || instance->second.empty() || found.size() == most_announcements) continue;
        Announcement a{instance->second, std::string(instance->first), from, 0};
        if (const auto said = records.abouts.find(lower(name)); said != records.abouts.end()) {
            a.model = said->second.model;
            a.firmware = said->second.firmware;
        }
        if (const auto server = records.servers.find(lower(name)); server != records.servers.end()) {
            a.port = server->second.port;
            if (const auto at = records.addresses.find(server->second.target); at != records.addresses.end())
                a.address = at->second;
        }
        if (std::ranges::find(found, a) == found.end()) found.push_back(std::move(a));
    }
    return found;
}

}  // namespace busbar::discovery
