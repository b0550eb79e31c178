#pragma once
// The search for devices as one job: Modbus units on the buses of the site, serial settings, the local network. One at
// a time; its traffic has the lowest urgency, only reads, and reads only registers that profiles list. What is found is
// offered, never added: that is the caller's business.
//
// Field loop only; must outlive the loop's run. Used by the gateway's wiring, which hands snapshot() to the API.
#include <functional>
#include <memory>

#include "base/loop.hpp"
#include "discovery/line/scan.hpp"
#include "discovery/searched.hpp"

namespace busbar::discovery {

class Lan;  // the network as the search sees it: lan.hpp
class Part;

class Discovery {
public:
    explicit Discovery(Loop& loop, Lan* lan = nullptr);
    ~Discovery();
    Discovery(const Discovery&) = delete;
    Discovery& operator=(const Discovery&) = delete;

    // `buses`: all of the site; those the request names are searched, the endpoints of the others are skipped on the
    // network; each must stay: cancel and await stopped() before removing one. `known`: all there is. Returns at
    // once. Errors: unavailable (a search is running), out_of_range (units, ports, network too large), unsupported (a
    // bus or profile that is not there), each with the remedy.
    Status start(ScanRequest request, std::vector<SearchedBus> buses, Catalogue known);
    // No further question is asked; what was found stays. Harmless when nothing runs.
    void cancel();
    // cancel(), and returns when no bus is used any more: at most one time-out later.
    Task<void> stopped();

    bool is_running() const;  // running or cancelling
    const ScanState& state() const;
    ScanState snapshot() const { return state(); }
    // Called on the field loop after changes, at most every 200 ms; may be empty.
    void on_change(std::function<void()> call);

private:
    struct Job;
    Status add_lan(Job& job, const ScanRequest& request, const std::vector<SearchedBus>& buses, Catalogue sought);
    static Task<void> run(std::shared_ptr<Job> job, Part& part);
    static Task<void> watch(std::shared_ptr<Job> job);

    Loop& loop_;
    Lan* lan_;
    std::shared_ptr<Job> job_;  // the running or last one; never null
};

}  // namespace busbar::discovery
