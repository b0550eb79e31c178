#include "api/request/request_checks.hpp"

#include <algorithm>

namespace busbar::api {
namespace {
std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    return out;
}

std::string_view without_port(std::string_view host) {
    if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
    return host.substr(0, host.find(':'));
}

bool is_ipv4(std::string_view host) {
    return !host.empty() && host.find_first_not_of("0123456789.") == std::string_view::npos;
}
}  // namespace

bool is_own_host(std::string_view host, std::span<const std::string> names) {
    const std::string name = lower(without_port(host));
    if (name.empty()) return false;
    if (is_ipv4(name) || (name.front() == '[' && name.back() == ']')) return true;
    if (name.find('.') == std::string::npos) return true;
    for (const std::string_view zone :
         {".local", ".lan", ".home", ".home.arpa", ".internal", ".fritz.box", ".localhost"})
        if (name.ends_with(zone)) return true;
    return std::any_of(names.begin(), names.end(), [&](const std::string& own) { return lower(own) == name; });
}

bool is_own_origin(const net::Request& request) {
    const auto origin = request.header("origin");
    if (origin.empty()) return true;
    const std::string own = (request.is_secure ? "https://" : "http://") + lower(request.header("host"));
    return lower(origin) == own;
}

std::string_view token_of(const net::Request& request) {
    constexpr std::string_view bearer = "Bearer ", name = "__Host-busbar=";
    if (const auto value = request.header("authorization"); value.starts_with(bearer))
        return value.substr(bearer.size());
    auto cookies = request.header("cookie");
    while (!cookies.empty()) {
        const auto end = cookies.find(';');
        auto cookie = cookies.substr(0, end);
        cookie.remove_prefix(std::min(cookie.find_first_not_of(' '), cookie.size()));
        if (cookie.starts_with(name)) return cookie.substr(name.size());
        if (end == std::string_view::npos) break;
        cookies.remove_prefix(end + 1);
    }
    return {};
}

}  // namespace busbar::api
