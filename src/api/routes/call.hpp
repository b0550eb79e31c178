#pragma once
// One request on its way through a route.
#include <optional>
#include <string>

#include "api/access/accounts.hpp"
#include "net/http.hpp"

namespace busbar::api {

// Lives until the route returned.
struct Call {
    const net::Request& request;
    std::string parameter;        // what stood for {..} in the path
    std::optional<Identity> who;  // set where the route's access is above `open`
    Caller caller;
};

}  // namespace busbar::api
