#pragma once
// The live socket's other side: the app publishes one view of the site per control cycle, the hub tells each client
// what changed since it was last told. A client that reads slowly skips views, so the next update merges what it missed
// (the latest value wins) and its queue stays at 16 messages; one that reads nothing is closed by the socket itself
// (1013). Loop thread only. Cost per view: one diff and one text, shared by all clients that are up to date.
#include <memory>

#include "api/access/accounts.hpp"
#include "api/views.hpp"
#include "net/web_socket.hpp"

namespace busbar::api {

class LiveHub {
public:
    LiveHub(Loop& loop, Accounts& accounts);
    ~LiveHub();
    LiveHub(const LiveHub&) = delete;
    LiveHub& operator=(const LiveHub&) = delete;

    // At most every 250 ms goes out; what comes sooner is merged into the next. Never null.
    void publish(std::shared_ptr<const LiveView> view);
    // New, or a known one in another state: a client takes one with the same `at`, `device` and `role` (decision) or
    // `id` and `cause` (alarm) for the same. To a slow client only its last state goes out.
    void publish(const DecisionView& decision);
    void publish(const AlarmView& alarm);

    // The handler of a new socket; it is closed with 1008 when the session ends. `first`: what its hello tells.
    std::shared_ptr<net::SocketHandler> open(TokenHash session, std::shared_ptr<const LiveView> first);
    std::size_t clients() const;

    static constexpr std::size_t most_queued = 16;  // messages per client
    static constexpr std::size_t most_events = 64;  // decisions and alarms kept for a slow client; the oldest go

private:
    class Client;
    struct State;
    std::shared_ptr<State> state_;  // shared with sockets, which may outlive the hub
};

}  // namespace busbar::api
