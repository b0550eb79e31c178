// Devices of the site: added, changed, removed, replaced; their own settings.
#include "api/json/commissioning_json.hpp"
#include "api/request/parameters.hpp"
#include "api/routes/commissioning_body.hpp"
#include "api/routes/commissioning_routes.hpp"

namespace busbar::api {
namespace {
// What a person says to name the device he means to remove.
Outcome<DeviceMatch> match_parameters(const net::Request& request) {
    const auto unit = integer_parameter(request, "unit", 0, 255);
    if (!unit) return unit.error();
    DeviceMatch match;
    for (const auto& [name, into] : {std::pair{"bus", &match.bus}, std::pair{"profile", &match.profile}}) {
        const auto value = request.parameter(name);
        if (!value || value->empty() || value->size() > 128)
            return bad_field(name, "missing", "send bus, unit and profile of the device that is to go");
        *into = std::string(*value);
    }
    if (!*unit) return bad_field("unit", "missing", "send bus, unit and profile of the device that is to go");
    match.unit = static_cast<int>(**unit);
    return match;
}
}  // namespace

Task<net::Response> CommissioningRoutes::add_device(const Call& call) {
    auto body = RequestBody::parse(call.request);
    if (!body) co_return response_of(body.error());
    DeviceChange device = read_new_device(*body);
    check_unit(*body, "unit", device.unit, device.bus, site_.buses());
    if (auto problem = body->problem()) co_return response_of(*problem);
    const auto added = co_await commissioning_->add_device(std::move(device), by(call));
    co_return added ? created(*added) : response_of(problem_of_change(added.error()));
}

Task<net::Response> CommissioningRoutes::change_device(const Call& call) {
    auto body = RequestBody::parse(call.request);
    if (!body) co_return response_of(body.error());
    DeviceChange device = read_device_change(*body);
    device.id = call.parameter;
    if (auto problem = body->problem()) co_return response_of(*problem);
    co_return answer_of(co_await commissioning_->change_device(call.parameter, std::move(device), by(call)));
}

Task<net::Response> CommissioningRoutes::remove_device(const Call& call) {
    const auto match = match_parameters(call.request);
    if (!match) co_return response_of(match.error());
    co_return answer_of(co_await commissioning_->remove_device(call.parameter, *match, by(call)));
}

Task<net::Response> CommissioningRoutes::replace_device(const Call& call) {
    auto body = RequestBody::parse(call.request);
    if (!body) co_return response_of(body.error());
    Replacement with = read_replacement(*body);
    if (with.unit && with.bus) check_unit(*body, "unit", *with.unit, *with.bus, site_.buses());
    if (auto problem = body->problem()) co_return response_of(*problem);
    co_return answer_of(co_await commissioning_->replace_device(call.parameter, std::move(with), by(call)));
}

Task<net::Response> CommissioningRoutes::device_settings(const Call& call) {
    const auto settings = co_await commissioning_->device_settings(call.parameter);
    if (!settings) co_return response_of(problem_of_change(settings.error()));
    JsonWriter json(256 + settings->size() * 256);
    json.begin_object().key("settings").begin_array();
    for (const auto& setting : *settings) write(json, setting);
    co_return json_response(json.end_array().end_object().done());
}

Task<net::Response> CommissioningRoutes::put_setting(const Call& call) {
    auto body = RequestBody::parse(call.request);
    if (!body) co_return response_of(body.error());
    const auto key = body->text("key", 64);
    const auto value = body->number("value", -1e12, 1e12);
    if (auto problem = body->problem()) co_return response_of(*problem);
    const auto written = co_await commissioning_->write_setting(call.parameter, key, value, by(call));
    if (!written && written.error().kind == Errc::denied)
        co_return response_of(denied(403, written.error().text, "ask the installer"));
    if (!written) co_return response_of(problem_of_change(written.error()));
    JsonWriter json;
    json.begin_object().key("key").text(key).key("before").number(written->before);
    co_return json_response(json.key("value").number(written->value).end_object().done());
}

}  // namespace busbar::api
