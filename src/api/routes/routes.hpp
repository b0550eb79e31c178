#pragma once
// What each operation of policy.hpp does. Called by the server after its checks: the caller may do it, the origin is
// ours. Site views come straight from the SiteSource; history runs on a query thread; accounts and settings on theirs.
#include <functional>
#include <optional>

#include "api/access/accounts.hpp"
#include "api/access/policy.hpp"
#include "api/live_hub.hpp"
#include "api/routes/call.hpp"
#include "api/routes/commissioning_routes.hpp"
#include "api/settings/settings.hpp"
#include "api/site_source.hpp"
#include "api/worker.hpp"

namespace busbar::api {

class Routes {
public:
    // `commissioning` may be null; `images`: see CommissioningRoutes.
    Routes(Loop& loop, SiteSource& site, HistorySource& history, Accounts& accounts, Settings& settings,
           Commissioning* commissioning, std::string images);

    Task<net::Response> run(Operation operation, const Call& call);
    LiveHub& live() { return live_; }

private:
    using Response = net::Response;
    // What needs no waiting.
    Response description() const;
    Response setup_state() const;
    Response status() const;
    Response overview() const;
    Response devices() const;
    Response device(const Call& call) const;
    Response points(const Call& call) const;
    Response buses() const;
    Response decisions(const Call& call) const;
    Response alarms(const Call& call) const;
    Response control() const;
    Response open_live(const Call& call);

    Task<Response> set_up(const Call& call);
    Task<Response> session(const Call& call);
    Task<Response> log_in(const Call& call);
    Task<Response> log_out(const Call& call);
    Task<Response> change_password(const Call& call);
    Task<Response> list_accounts();
    Task<Response> add_account(const Call& call);
    Task<Response> remove_account(const Call& call);
    Task<Response> audit(const Call& call);
    Task<Response> history(const Call& call);
    Task<Response> series();
    Task<Response> energy(const Call& call);
    Task<Response> export_csv(const Call& call);
    Task<Response> put_control(const Call& call);

    // Runs `make`, which returns Result<std::string>, on the query thread and answers with its JSON.
    Task<Response> query(std::function<Result<std::string>()> make);

    Loop& loop_;
    SiteSource& site_;
    HistorySource& history_;
    Accounts& accounts_;
    Settings& settings_;
    LiveHub live_;
    std::shared_ptr<Worker> queries_;  // shared with exports under way
    CommissioningRoutes commissioning_;
    std::shared_ptr<void> exports_ = std::make_shared<char>();  // each export under way holds one more
};

}  // namespace busbar::api
