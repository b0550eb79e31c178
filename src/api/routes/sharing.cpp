// Who else reads the site's devices through this gateway; and the site file, read again.
#include <fmt/format.h>

#include <algorithm>

#include "api/json/commissioning_json.hpp"
#include "api/routes/commissioning_body.hpp"
#include "api/routes/commissioning_routes.hpp"

namespace busbar::api {

Task<net::Response> CommissioningRoutes::sharing() {
    const SharingView view = co_await commissioning_->sharing();
    JsonWriter json;
    write(json, view);
    co_return json_response(json.done());
}

Task<net::Response> CommissioningRoutes::put_sharing(const Call& call) {
    auto body = RequestBody::parse(call.request);
    if (!body) co_return response_of(body.error());
    config::ModbusServerConfig wanted = read_sharing(*body);
    if (auto problem = body->problem()) co_return response_of(*problem);
    const Status changed = co_await commissioning_->change_sharing(std::move(wanted), by(call));
    if (!changed) co_return response_of(problem_of_change(changed.error()));
    co_return co_await sharing();
}

Task<net::Response> CommissioningRoutes::reload_site(const Call& call) {
    auto body = RequestBody::parse(call.request);
    if (!body) co_return response_of(body.error());
    const bool is_applied = body->boolean("apply");
    if (auto problem = body->problem()) co_return response_of(*problem);
    const auto found = co_await commissioning_->reload_site(is_applied, by(call));
    if (!found) co_return response_of(problem_of_change(found.error()));
    JsonWriter json;
    json.begin_object().key("applied").boolean(is_applied).key("differences").begin_array();
    for (const SiteDifference& difference : *found) write(json, difference);
    co_return json_response(json.end_array().end_object().done());
}

}  // namespace busbar::api
