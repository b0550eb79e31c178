#include "api/access/policy.hpp"

namespace busbar::api {
namespace {
using enum net::Method;
using enum Access;
#define ROUTE(method, path, access, operation) \
    Route { method, "/api/v1" path, access, Operation::operation, #operation }
constexpr std::array table{
    ROUTE(get, "/openapi.yaml", open, getDescription),
    ROUTE(get, "/setup", open, getSetup),
    ROUTE(post, "/setup", open, setUp),
    ROUTE(get, "/session", viewer, getSession),
    ROUTE(post, "/session", open, logIn),
    ROUTE(del, "/session", viewer, logOut),
    ROUTE(put, "/session/password", viewer, changePassword),
    ROUTE(get, "/accounts", installer, listAccounts),
    ROUTE(post, "/accounts", installer, addAccount),
    ROUTE(del, "/accounts/{username}", installer, removeAccount),
    ROUTE(get, "/audit", installer, listAudit),
    ROUTE(get, "/status", viewer, getStatus),
    ROUTE(get, "/overview", viewer, getOverview),
    ROUTE(get, "/devices", viewer, listDevices),
    ROUTE(get, "/devices/{id}", viewer, getDevice),
    ROUTE(get, "/points", viewer, listPoints),
    ROUTE(get, "/buses", viewer, listBuses),
    ROUTE(get, "/history", viewer, getHistory),
    ROUTE(get, "/history/series", viewer, listSeries),
    ROUTE(get, "/energy", viewer, getEnergy),
    ROUTE(get, "/export", viewer, exportHistory),
    ROUTE(get, "/why", viewer, listDecisions),
    ROUTE(get, "/alarms", viewer, listAlarms),
    ROUTE(get, "/settings/control", viewer, getControlSettings),
    ROUTE(put, "/settings/control", installer, putControlSettings),
    ROUTE(get, "/live", viewer, openLive),
    ROUTE(post, "/devices", installer, addDevice),
    ROUTE(put, "/devices/{id}", installer, changeDevice),
    ROUTE(del, "/devices/{id}", installer, removeDevice),
    ROUTE(post, "/devices/{id}/replacement", installer, replaceDevice),
    ROUTE(get, "/devices/{id}/settings", owner, listDeviceSettings),
    ROUTE(put, "/devices/{id}/settings", owner, putDeviceSetting),
    ROUTE(post, "/devices/{id}/firmware", installer, uploadFirmware),
    ROUTE(post, "/devices/{id}/upgrade", installer, startUpgrade),
    ROUTE(get, "/devices/{id}/upgrade", viewer, getUpgrade),
    ROUTE(del, "/devices/{id}/upgrade", installer, cancelUpgrade),
    ROUTE(post, "/buses", installer, addBus),
    ROUTE(put, "/buses/{id}", installer, changeBus),
    ROUTE(del, "/buses/{id}", installer, removeBus),
    ROUTE(post, "/buses/{id}/request", installer, askBus),
    ROUTE(get, "/buses/{id}/frames", installer, listFrames),
    ROUTE(get, "/buses/{id}/capture", installer, getCapture),
    ROUTE(get, "/sharing", owner, getSharing),
    ROUTE(put, "/sharing", installer, putSharing),
    ROUTE(post, "/site/reload", installer, reloadSite),
    ROUTE(get, "/ports", installer, listPorts),
    ROUTE(get, "/profiles", viewer, listProfiles),
    ROUTE(post, "/profiles", installer, addProfile),
    ROUTE(del, "/profiles", installer, removeProfile),
    ROUTE(post, "/scan", installer, startScan),
    ROUTE(get, "/scan", installer, getScan),
    ROUTE(del, "/scan", installer, cancelScan),
};
#undef ROUTE
static_assert(table.size() == operation_count);

// What the braces of `pattern` stand for in `path`; "" when there are none; nullopt: no match.
std::optional<std::string> matched(std::string_view pattern, std::string_view path) {
    const auto brace = pattern.find('{');
    if (brace == std::string_view::npos) return pattern == path ? std::optional<std::string>("") : std::nullopt;
    if (!path.starts_with(pattern.substr(0, brace))) return std::nullopt;
    const auto behind = pattern.substr(pattern.find('}') + 1);
    auto part = path.substr(brace);
    if (part.size() <= behind.size() || !part.ends_with(behind)) return std::nullopt;
    part.remove_suffix(behind.size());
    if (part.find('/') != std::string_view::npos) return std::nullopt;
    return std::string(part);
}
}  // namespace

std::span<const Route> routes() { return table; }

Match find_route(net::Method method, std::string_view path) {
    const auto wanted = method == net::Method::head ? net::Method::get : method;
    Match match;
    for (const auto& route : table) {
        auto parameter = matched(route.pattern, path);
        if (!parameter) continue;
        if (!match.allowed.empty()) match.allowed += ", ";
        match.allowed += net::to_string(route.method);
        if (route.method != wanted) continue;
        match.route = &route;
        match.parameter = std::move(*parameter);
    }
    return match;
}

}  // namespace busbar::api
