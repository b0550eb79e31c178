#include "api/routes/routes.hpp"

namespace busbar::api {

Routes::Routes(Loop& loop, SiteSource& site, HistorySource& history, Accounts& accounts, Settings& settings,
               Commissioning* commissioning, std::string images)
    : loop_(loop),
      site_(site),
      history_(history),
      accounts_(accounts),
      settings_(settings),
      live_(loop, accounts),
      queries_(std::make_shared<Worker>("busbar-queries")),
      commissioning_(loop, site, commissioning, std::move(images), queries_) {}

// The compiler names the operation that has no case here.
Task<net::Response> Routes::run(Operation operation, const Call& call) {
    switch (operation) {
        case Operation::getDescription:
            co_return description();
        case Operation::getSetup:
            co_return setup_state();
        case Operation::setUp:
            co_return co_await set_up(call);
        case Operation::getSession:
            co_return co_await session(call);
        case Operation::logIn:
            co_return co_await log_in(call);
        case Operation::logOut:
            co_return co_await log_out(call);
        case Operation::changePassword:
            co_return co_await change_password(call);
        case Operation::listAccounts:
            co_return co_await list_accounts();
        case Operation::addAccount:
            co_return co_await add_account(call);
        case Operation::removeAccount:
            co_return co_await remove_account(call);
        case Operation::listAudit:
            co_return co_await audit(call);
        case Operation::getStatus:
            co_return status();
        case Operation::getOverview:
            co_return overview();
        case Operation::listDevices:
            co_return devices();
        case Operation::getDevice:
            co_return device(call);
        case Operation::listPoints:
            co_return points(call);
        case Operation::listBuses:
            co_return buses();
        case Operation::getHistory:
            co_return co_await history(call);
        case Operation::listSeries:
            co_return co_await series();
        case Operation::getEnergy:
            co_return co_await energy(call);
        case Operation::exportHistory:
            co_return co_await export_csv(call);
        case Operation::listDecisions:
            co_return decisions(call);
        case Operation::listAlarms:
            co_return alarms(call);
        case Operation::getControlSettings:
            co_return control();
        case Operation::putControlSettings:
            co_return co_await put_control(call);
        case Operation::openLive:
            co_return open_live(call);
        case Operation::addDevice:
        case Operation::changeDevice:
        case Operation::removeDevice:
        case Operation::replaceDevice:
        case Operation::listDeviceSettings:
        case Operation::putDeviceSetting:
        case Operation::uploadFirmware:
        case Operation::startUpgrade:
        case Operation::getUpgrade:
        case Operation::cancelUpgrade:
        case Operation::addBus:
        case Operation::changeBus:
        case Operation::removeBus:
        case Operation::askBus:
        case Operation::listFrames:
        case Operation::getCapture:
        case Operation::getSharing:
        case Operation::putSharing:
        case Operation::reloadSite:
        case Operation::listPorts:
        case Operation::listProfiles:
        case Operation::addProfile:
        case Operation::removeProfile:
        case Operation::startScan:
        case Operation::getScan:
        case Operation::cancelScan:
            co_return co_await commissioning_.run(operation, call);
        case Operation::count_:
            break;
    }
    co_return response_of(Problem{});
}

}  // namespace busbar::api
