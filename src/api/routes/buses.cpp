// Lines and endpoints: added, changed, removed; asked by hand; what goes over them.
#include <algorithm>

#include "api/json/commissioning_json.hpp"
#include "api/request/parameters.hpp"
#include "api/routes/commissioning_body.hpp"
#include "api/routes/commissioning_routes.hpp"

namespace busbar::api {
namespace {
Framing framing_of(const std::string& bus, const std::vector<BusView>& buses) {
    const auto found = std::find_if(buses.begin(), buses.end(), [&](const BusView& b) { return b.id == bus; });
    const auto* endpoint = found == buses.end() ? nullptr : std::get_if<config::TcpEndpoint>(&found->settings);
    return endpoint && !endpoint->rtu_framing ? Framing::tcp : Framing::rtu;
}
}  // namespace

Task<net::Response> CommissioningRoutes::add_bus(const Call& call) {
    auto body = RequestBody::parse(call.request);
    if (!body) co_return response_of(body.error());
    config::BusConfig bus = read_bus(*body);
    bus.id = read_id(*body, "id");
    if (auto problem = body->problem()) co_return response_of(*problem);
    const auto added = co_await commissioning_->add_bus(bus, by(call));
    co_return added ? created(bus.id) : response_of(problem_of_change(added.error()));
}

Task<net::Response> CommissioningRoutes::change_bus(const Call& call) {
    auto body = RequestBody::parse(call.request);
    if (!body) co_return response_of(body.error());
    BusChange change;
    change.bus = read_bus(*body);
    change.bus.id = call.parameter;
    change.is_set_anyway = body->boolean_or("set_anyway", false);
    if (auto problem = body->problem()) co_return response_of(*problem);
    co_return answer_of(co_await commissioning_->change_bus(std::move(change), by(call)));
}

Task<net::Response> CommissioningRoutes::remove_bus(const Call& call) {
    co_return answer_of(co_await commissioning_->remove_bus(call.parameter, by(call)));
}

Task<net::Response> CommissioningRoutes::ask_bus(const Call& call) {
    auto body = RequestBody::parse(call.request);
    if (!body) co_return response_of(body.error());
    const RawRequest request = read_raw_request(*body);
    check_unit(*body, "unit", request.unit, call.parameter, site_.buses());
    if (auto problem = body->problem()) co_return response_of(*problem);
    const auto answer = co_await commissioning_->ask(call.parameter, request, by(call));
    if (!answer) co_return response_of(problem_of_change(answer.error()));
    co_return json_response(raw_answer_json(request, *answer));
}

Task<net::Response> CommissioningRoutes::frames(const Call& call) {
    const auto from = integer_parameter(call.request, "from", 0, std::numeric_limits<std::int64_t>::max());
    if (!from) co_return response_of(from.error());
    const auto limit = integer_parameter(call.request, "limit", 1, 1000);
    if (!limit) co_return response_of(limit.error());
    const auto frames = co_await commissioning_->frames(call.parameter, static_cast<std::uint64_t>(from->value_or(0)),
                                                        static_cast<std::size_t>(limit->value_or(200)));
    if (!frames) co_return response_of(problem_of_change(frames.error()));
    JsonWriter json(128 + frames->frames.size() * 160);
    write(json, *frames, framing_of(call.parameter, site_.buses()));
    co_return json_response(json.done());
}

Task<net::Response> CommissioningRoutes::capture(const Call& call) {
    auto text = co_await commissioning_->capture(call.parameter);
    if (!text) co_return response_of(problem_of_change(text.error()));
    // The name is the bus's, which exists: letters, digits, '-' and '_'; anything else stays out of the header.
    std::string name = call.parameter;
    std::erase_if(name, [](unsigned char c) { return !std::isalnum(c) && c != '-' && c != '_'; });
    Response response;
    response.headers = {{"Content-Type", "text/plain; charset=utf-8"},
                        {"Cache-Control", "no-store"},
                        {"Content-Disposition", "attachment; filename=\"" + name + ".capture\""}};
    response.body = std::move(*text);
    co_return response;
}

net::Response CommissioningRoutes::ports() const {
    JsonWriter json;
    json.begin_object().key("ports").begin_array();
    for (const auto& port : commissioning_->ports()) write(json, port);
    return json_response(json.end_array().end_object().done());
}

}  // namespace busbar::api
