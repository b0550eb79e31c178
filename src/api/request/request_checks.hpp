#pragma once
// What is checked before any route runs: is the request meant for us, did another site's page send it, whose session
// does it carry. Pure.
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api/request/problem.hpp"
#include "net/http.hpp"

namespace busbar::api {

// Against DNS rebinding: Host must be an address, a name without a dot, a name of a local zone (.local, .lan, .home,
// .home.arpa, .internal, .fritz.box, .localhost), or one of `names`.
bool is_own_host(std::string_view host, std::span<const std::string> names);

// Against other sites' pages: Origin absent (a program) or exactly ours.
bool is_own_origin(const net::Request& request);

// The session token of the cookie or the Authorization header; empty when there is none.
std::string_view token_of(const net::Request& request);

}  // namespace busbar::api
