#include "api/routes/commissioning_routes.hpp"

#include <algorithm>

#include "api/json/json_writer.hpp"
#include "base/phrase.hpp"

namespace busbar::api {

CommissioningRoutes::CommissioningRoutes(Loop& loop, const SiteSource& site, Commissioning* commissioning,
                                         std::string images, std::shared_ptr<Worker> worker)
    : loop_(loop),
      site_(site),
      commissioning_(commissioning),
      images_(images.empty() ? nullptr : std::make_shared<FirmwareImages>(std::move(images))),
      worker_(std::move(worker)) {}

By by(const Call& call) { return {call.who->username, call.caller.address, call.who->role == Access::installer}; }

Problem problem_of_change(Error error) {
    const Errc kind = error.kind;
    Problem problem = problem_of(std::move(error));
    if (kind == Errc::denied) problem.status = 409;
    if (kind == Errc::refused) problem.status = 502;
    if (kind == Errc::timeout) problem.status = 504;
    problem.said = problem.text;
    if (const auto said = recognise(problem.said)) problem.field = said->phrase->field;
    // What is wrong and what to do come as one sentence: "unit 11 is held by 'meter'; remove it first".
    if (const auto semicolon = problem.text.rfind("; "); semicolon != std::string::npos) {
        problem.remedy = problem.text.substr(semicolon + 2);
        problem.text.resize(semicolon);
    }
    return problem;
}

net::Response answer_of(const Status& done) {
    return done ? no_content() : response_of(problem_of_change(done.error()));
}

net::Response created(const std::string& id) {
    JsonWriter json;
    return json_response(json.begin_object().key("id").text(id).end_object().done(), 201);
}

bool CommissioningRoutes::has_device(const std::string& id) const {
    const auto all = site_.devices();
    return std::any_of(all.begin(), all.end(), [&](const DeviceView& device) { return device.id == id; });
}

Task<net::Response> CommissioningRoutes::run(Operation operation, const Call& call) {
    if (!commissioning_) {
        const Problem problem{503,
                              Errc::unavailable,
                              "this gateway runs without the part that changes devices and buses",
                              "change site.yaml and restart it",
                              {},
                              {}};
        co_return response_of(problem);
    }
    switch (operation) {
        case Operation::addDevice:
            co_return co_await add_device(call);
        case Operation::changeDevice:
            co_return co_await change_device(call);
        case Operation::removeDevice:
            co_return co_await remove_device(call);
        case Operation::replaceDevice:
            co_return co_await replace_device(call);
        case Operation::listDeviceSettings:
            co_return co_await device_settings(call);
        case Operation::putDeviceSetting:
            co_return co_await put_setting(call);
        case Operation::uploadFirmware:
            co_return co_await upload_firmware(call);
        case Operation::startUpgrade:
            co_return co_await start_upgrade(call);
        case Operation::getUpgrade:
            co_return upgrade(call);
        case Operation::cancelUpgrade:
            co_return co_await cancel_upgrade(call);
        case Operation::addBus:
            co_return co_await add_bus(call);
        case Operation::changeBus:
            co_return co_await change_bus(call);
        case Operation::removeBus:
            co_return co_await remove_bus(call);
        case Operation::askBus:
            co_return co_await ask_bus(call);
        case Operation::listFrames:
            co_return co_await frames(call);
        case Operation::getCapture:
            co_return co_await capture(call);
        case Operation::getSharing:
            co_return co_await sharing();
        case Operation::putSharing:
            co_return co_await put_sharing(call);
        case Operation::reloadSite:
            co_return co_await reload_site(call);
        case Operation::listPorts:
            co_return ports();
        case Operation::listProfiles:
            co_return profiles();
        case Operation::addProfile:
            co_return co_await add_profile(call);
        case Operation::removeProfile:
            co_return co_await remove_profile(call);
        case Operation::startScan:
            co_return co_await start_scan(call);
        case Operation::getScan:
            co_return scan();
        case Operation::cancelScan:
            co_return cancel_scan();
        default:
            co_return response_of(Problem{});
    }
}

}  // namespace busbar::api
