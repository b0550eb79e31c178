// Routes that show the site as it is now, and the control settings.
#include <algorithm>

#include "api/json/points_json.hpp"
#include "api/json/serialise.hpp"
#include "api/request/parameters.hpp"
#include "api/request/request_body.hpp"
#include "api/routes/routes.hpp"

extern "C" {
extern const char openapi_text[], openapi_text_end[];
}

namespace busbar::api {
namespace {
template <class View>
net::Response list_response(std::string_view name, const std::vector<View>& views) {
    JsonWriter json;
    json.begin_object().key(name).begin_array();
    for (const auto& view : views) write(json, view);
    return json_response(json.end_array().end_object().done());
}

std::string control_json(const ControlSettings& settings) {
    JsonWriter json;
    json.begin_object();
    write_control(json, settings);
    return json.end_object().done();
}

std::string control_json(const ControlSettings& settings, const std::optional<StoredControl>& stored) {
    JsonWriter json;
    json.begin_object();
    write_control(json, settings);
    json.key("changed_by").text_or_null(stored ? stored->changed_by : std::string());
    json.key("changed_at").time(stored ? std::optional(stored->changed_at) : std::nullopt);
    return json.end_object().done();
}

// The settings asked for, checked as far as they can be without knowing the site.
Outcome<ControlSettings> read_control(const net::Request& request) {
    auto body = RequestBody::parse(request);
    if (!body) return body.error();
    ControlSettings wanted;
    wanted.self_consumption.enabled = body->boolean("self_consumption.enabled");
    wanted.self_consumption.import_target_w = body->number("self_consumption.import_target_w", -100'000, 100'000);
    using Mode = config::FeedInLimit::Mode;
    wanted.feed_in_limit.mode =
        static_cast<Mode>(body->one_of("feed_in_limit.mode", {"none", "zero", "watts", "percent"}));
    const double most = wanted.feed_in_limit.mode == Mode::percent ? 100 : 10'000'000;
    wanted.feed_in_limit.value = body->number("feed_in_limit.value", 0, most);
    if (auto problem = body->problem()) return *problem;
    return wanted;
}

Problem problem_of_site(Error error) {
    Problem problem = problem_of(std::move(error));
    const auto colon = problem.text.find(':');
    if (colon != std::string::npos && problem.text.find(' ') > colon) problem.field = problem.text.substr(0, colon);
    return problem;
}
}  // namespace

net::Response Routes::description() const {
    Response response;
    response.headers = {{"Content-Type", "application/yaml"}, {"Cache-Control", "no-cache"}};
    response.fixed_body = as_bytes({openapi_text, static_cast<std::size_t>(openapi_text_end - openapi_text)});
    return response;
}

net::Response Routes::status() const { return json_response(status_json(site_)); }

net::Response Routes::overview() const {
    JsonWriter json;
    write(json, site_.live()->overview);
    return json_response(json.done());
}

net::Response Routes::devices() const { return list_response("devices", site_.devices()); }
net::Response Routes::buses() const {
    const auto* commissioning = commissioning_.commissioning();
    JsonWriter json;
    json.begin_object().key("buses").begin_array();
    for (const auto& bus : site_.buses())
        write(json, bus, commissioning ? commissioning->budget(bus.id) : std::nullopt);
    return json_response(json.end_array().end_object().done());
}

net::Response Routes::device(const Call& call) const {
    const auto all = site_.devices();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const DeviceView& d) { return d.id == call.parameter; });
    if (found == all.end())
        return response_of(
            not_found("device '" + call.parameter + "': there is none", "take ids from /api/v1/devices"));
    JsonWriter json;
    write(json, *found);
    return json_response(json.done());
}

net::Response Routes::points(const Call& call) const {
    const auto device = call.request.parameter("device");
    const auto view = site_.live();
    JsonWriter json(view->image->readings.size() * 160 + 64);
    json.begin_object().key("at").time(view->image->wall).key("points");
    if (!write_points(json, *view, device))
        return response_of(
            not_found("device '" + std::string(*device) + "': there is none", "take ids from /api/v1/devices"));
    return json_response(json.end_object().done());
}

net::Response Routes::decisions(const Call& call) const {
    const auto limit = integer_parameter(call.request, "limit", 1, 1000);
    if (!limit) return response_of(limit.error());
    const auto before = integer_parameter(call.request, "before", 0, latest_ms);
    if (!before) return response_of(before.error());
    DecisionQuery query;
    query.limit = static_cast<std::size_t>(limit->value_or(100));
    if (*before) query.before = WallTime(std::chrono::milliseconds(**before));
    if (const auto device = call.request.parameter("device")) query.device = std::string(*device);
    return list_response("decisions", site_.decisions(query));
}

net::Response Routes::alarms(const Call& call) const {
    const auto active = word_parameter(call.request, "active", {"false", "true"});
    if (!active) return response_of(active.error());
    return list_response("alarms", site_.alarms(active->value_or(0) == 1));
}

net::Response Routes::control() const { return json_response(control_json(site_.control(), settings_.control())); }

Task<net::Response> Routes::put_control(const Call& call) {
    const auto wanted = read_control(call.request);
    if (!wanted) co_return response_of(wanted.error());
    if (auto fits = site_.check_control(*wanted); !fits)
        co_return response_of(problem_of_site(std::move(fits).error()));
    StoredControl stored;
    stored.settings = *wanted;
    stored.changed_by = call.who->username;
    stored.changed_at = loop_.wall();
    AuditRow audit{
        stored.changed_at,    stored.changed_by, call.caller.address, "settings.control", control_json(site_.control()),
        control_json(*wanted)};
    auto saved = co_await settings_.save_control(stored, std::move(audit));
    if (!saved) co_return response_of(problem_of(std::move(saved).error()));
    site_.apply_control(*wanted);
    co_return json_response(control_json(*wanted, settings_.control()));
}

net::Response Routes::open_live(const Call& call) {
    if (!call.request.wants_upgrade) {
        auto response =
            response_of({426, Errc::unsupported, "this is a WebSocket", "open it with a WebSocket client", {}, {}});
        response.headers.emplace_back("Upgrade", "websocket");
        return response;
    }
    Response response;
    response.socket = live_.open(call.who->session, site_.live());
    return response;
}

}  // namespace busbar::api
