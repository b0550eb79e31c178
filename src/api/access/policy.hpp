#pragma once
// The one table of what exists and who may use it. A path or method that is not here does not exist; an operation
// without a row cannot be reached. The contract tests hold it equal to openapi.yaml (x-access, operationId).
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api/access/sessions.hpp"
#include "net/http.hpp"

namespace busbar::api {

enum class Operation : std::uint8_t {
    getDescription,
    getSetup,
    setUp,
    getSession,
    logIn,
    logOut,
    changePassword,
    listAccounts,
    addAccount,
    removeAccount,
    listAudit,
    getStatus,
    getOverview,
    listDevices,
    getDevice,
    listPoints,
    listBuses,
    getHistory,
    listSeries,
    getEnergy,
    exportHistory,
    listDecisions,
    listAlarms,
    getControlSettings,
    putControlSettings,
    openLive,
    addDevice,
    changeDevice,
    removeDevice,
    replaceDevice,
    listDeviceSettings,
    putDeviceSetting,
    uploadFirmware,
    startUpgrade,
    getUpgrade,
    cancelUpgrade,
    addBus,
    changeBus,
    removeBus,
    askBus,
    listFrames,
    getCapture,
    getSharing,
    putSharing,
    reloadSite,
    listPorts,
    listProfiles,
    addProfile,
    removeProfile,
    startScan,
    getScan,
    cancelScan,
    count_
};
inline constexpr std::size_t operation_count = static_cast<std::size_t>(Operation::count_);

struct Route {
    net::Method method;
    std::string_view pattern;  // "/api/v1/devices/{id}/settings": one {..} matches one non-empty part
    Access access;
    Operation operation;
    std::string_view operation_id;  // as in openapi.yaml
};
std::span<const Route> routes();

struct Match {
    const Route* route = nullptr;  // nullptr: no such path, or not with this method
    std::string parameter;         // what {..} stood for
    std::string allowed;           // methods of the path, for 405; empty = no such path
};
// HEAD finds the GET route.
Match find_route(net::Method method, std::string_view path);

// Where device packs are added: a text of up to 64 KiB inside JSON, longer than any other request.
inline constexpr std::string_view pack_path = "/api/v1/profiles";
inline constexpr std::size_t longest_pack_body = 128 * 1024;

}  // namespace busbar::api
