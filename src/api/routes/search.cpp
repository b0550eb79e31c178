// The search for devices, and the profiles and packs that know them.
#include "api/json/commissioning_json.hpp"
#include "api/routes/commissioning_body.hpp"
#include "api/routes/commissioning_routes.hpp"
#include "base/phrases_running.hpp"

namespace busbar::api {

net::Response CommissioningRoutes::profiles() const {
    const auto all = commissioning_->profiles();
    JsonWriter json(64 + all.size() * 256);
    json.begin_object().key("profiles").begin_array();
    for (const auto& profile : all) write(json, profile);
    return json_response(json.end_array().end_object().done());
}

Task<net::Response> CommissioningRoutes::add_profile(const Call& call) {
    auto body = RequestBody::parse(call.request);
    if (!body) co_return response_of(body.error());
    NewProfile profile{read_profile_name(*body, "name"), body->text("text", longest_pack),
                       body->boolean_or("over_shipped", false)};
    if (profile.text.size() > longest_pack)
        body->note(bad_field("text", say<phrases::field_pack_long>(), "shorten it"));
    if (auto problem = body->problem()) co_return response_of(*problem);
    const std::string name = profile.name;
    const auto added = co_await commissioning_->add_profile(std::move(profile), by(call));
    if (!added) co_return response_of(problem_of_change(added.error()));
    JsonWriter json;
    co_return json_response(json.begin_object().key("name").text(name).end_object().done(), 201);
}

Task<net::Response> CommissioningRoutes::remove_profile(const Call& call) {
    const auto name = call.request.parameter("name");
    if (!name || name->empty() || name->size() > 128)
        co_return response_of(bad_field("name", "missing", "say which pack is to go: ?name=acme/meter"));
    co_return answer_of(co_await commissioning_->remove_profile(std::string(*name), by(call)));
}

Task<net::Response> CommissioningRoutes::start_scan(const Call& call) {
    auto body = RequestBody::parse(call.request);
    if (!body) co_return response_of(body.error());
    ScanOrder order = read_scan(*body);
    if (auto problem = body->problem()) co_return response_of(*problem);
    const auto started = co_await commissioning_->start_scan(std::move(order), by(call));
    if (!started) co_return response_of(problem_of_change(started.error()));
    JsonWriter json;
    write(json, commissioning_->scan());
    co_return json_response(json.done(), 202);
}

net::Response CommissioningRoutes::scan() const {
    JsonWriter json;
    write(json, commissioning_->scan());
    return json_response(json.done());
}

net::Response CommissioningRoutes::cancel_scan() {
    commissioning_->cancel_scan();
    return no_content();
}

}  // namespace busbar::api
