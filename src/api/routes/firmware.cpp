// Firmware of attached devices: an image arrives in pieces, then goes to the device.
#include "api/json/commissioning_json.hpp"
#include "api/request/request_body.hpp"
#include "api/routes/commissioning_body.hpp"
#include "api/routes/commissioning_routes.hpp"

namespace busbar::api {
namespace {
Problem no_such_device(const std::string& id) {
    return not_found("device '" + id + "': there is none", "take ids from /api/v1/devices");
}

net::Response upgrade_response(const UpgradeView& upgrade, int status) {
    JsonWriter json;
    write(json, upgrade);
    return json_response(json.done(), status);
}
}  // namespace

Task<net::Response> CommissioningRoutes::upload_firmware(const Call& call) {
    auto body = RequestBody::parse(call.request);
    if (!body) co_return response_of(body.error());
    FirmwarePiece piece = read_firmware_piece(*body);
    if (auto problem = body->problem()) co_return response_of(*problem);
    if (!has_device(call.parameter)) co_return response_of(no_such_device(call.parameter));
    if (!images_) co_return response_of(busy("firmware: this gateway has no data folder to put it", 3600));
    const auto size = piece.size;
    const auto image = piece.image;
    auto work = [images = images_, piece = std::move(piece)] { return images->put(piece); };
    auto put = co_await run_on(*worker_, loop_, std::move(work));
    if (!put) co_return response_of(busy("firmware: too many requests wait", 2));
    if (!*put) co_return response_of(problem_of_change(put->error()));
    JsonWriter json;
    json.begin_object().key("image").text(image).key("size").integer(static_cast<std::int64_t>(size));
    json.key("received").integer(static_cast<std::int64_t>((*put)->received));
    co_return json_response(json.key("complete").boolean((*put)->is_complete).end_object().done());
}

Task<net::Response> CommissioningRoutes::start_upgrade(const Call& call) {
    auto body = RequestBody::parse(call.request);
    if (!body) co_return response_of(body.error());
    const UpgradeOrder order{read_image_name(*body, "image"), body->boolean_or("take_unsupported", false)};
    if (auto problem = body->problem()) co_return response_of(*problem);
    if (!has_device(call.parameter)) co_return response_of(no_such_device(call.parameter));
    const auto started = co_await commissioning_->start_upgrade(call.parameter, order, by(call));
    if (!started) co_return response_of(problem_of_change(started.error()));
    if (!started->empty())
        co_return response_of(Problem{.status = 409,
                                      .kind = Errc::denied,
                                      .text = *started,
                                      .remedy = "send it all the same only if you know better",
                                      .field = "take_unsupported",
                                      .retry_after_s = {}});
    co_return upgrade_response(commissioning_->upgrade(call.parameter), 202);
}

net::Response CommissioningRoutes::upgrade(const Call& call) const {
    if (!has_device(call.parameter)) return response_of(no_such_device(call.parameter));
    return upgrade_response(commissioning_->upgrade(call.parameter), 200);
}

Task<net::Response> CommissioningRoutes::cancel_upgrade(const Call& call) {
    co_return answer_of(co_await commissioning_->cancel_upgrade(call.parameter, by(call)));
}

}  // namespace busbar::api
