#include "api/live_hub.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <set>

#include "api/json/points_json.hpp"
#include "api/json/serialise.hpp"
#include "api/request/request_body.hpp"

namespace busbar::api {
using namespace std::chrono_literals;
using net::SharedFrame;
using ViewPtr = std::shared_ptr<const LiveView>;

namespace {
constexpr auto shortest_pause = 250ms;
constexpr std::uint64_t ages_every = 10;  // publications

JsonWriter begin_message(std::string_view type, std::uint64_t seq, const LiveView& view) {
    JsonWriter json(4096);
    json.begin_object().key("type").text(type).key("seq").integer(static_cast<std::int64_t>(seq));
    json.key("at").time(view.image->wall).key("points");
    return json;
}

SharedFrame hello(std::uint64_t seq, const LiveView& view) {
    auto json = begin_message("hello", seq, view);
    write_points(json, view, std::nullopt);
    write(json.key("overview"), view.overview);
    return net::text_frame(json.end_object().done());
}

SharedFrame update(std::uint64_t seq, const LiveView& before, const LiveView& now, const LiveView* ages) {
    auto json = begin_message("update", seq, now);
    write_changes(json, before, now, ages);
    write(json.key("overview"), now.overview);
    return net::text_frame(json.end_object().done());
}

// A decision or alarm. What has the same key is the same one in a later state, and replaces it.
struct Happening {
    std::string key;
    SharedFrame frame;
};

template <class View>
Happening happening(std::string_view type, std::string key, const View& view) {
    JsonWriter json;
    json.begin_object().key("type").text(type);
    write(json.key(type), view);
    return {std::move(key), net::text_frame(json.end_object().done())};
}

std::string key_of(const DecisionView& d) {
    return fmt::format("decision {} {} {}", d.at.time_since_epoch().count(), d.device, model::to_string(d.role));
}
std::string key_of(const AlarmView& a) { return fmt::format("alarm {} {}", a.id, a.cause); }
}  // namespace

struct LiveHub::State {
    State(Loop& l, Accounts& a) : loop(l), accounts(&a) {}

    Loop& loop;
    Accounts* accounts;  // null once the hub is gone
    std::set<Client*> clients;
    std::uint64_t seq = 1;
    Instant last_sent{};
    // The update made last, for clients in the same position.
    struct {
        ViewPtr before, now, ages;
        SharedFrame frame;
    } made;

    SharedFrame update_for(const ViewPtr& before, const ViewPtr& now, const ViewPtr& ages) {
        if (made.before != before || made.now != now || made.ages != ages)
            made = {before, now, ages, update(seq, *before, *now, ages.get())};
        return made.frame;
    }
};

class LiveHub::Client final : public net::SocketHandler {
public:
    Client(std::shared_ptr<State> state, TokenHash session, ViewPtr first)
        : state_(std::move(state)), session_(session), told_(std::move(first)), ages_(told_) {}

    void opened(net::WebSocket& socket) override {
        socket_ = &socket;
        state_->clients.insert(this);
        socket.send(hello(state_->seq, *told_));
    }

    void received(std::string_view text) override {
        auto body = RequestBody::parse_text(text);
        if (!body || body->text("type", 16) != "ping" || socket_->queued() >= most_queued || !state_->accounts) return;
        if (!state_->accounts->identify(session_, true)) return socket_->close(1008, "session ended");
        socket_->send(net::text_frame(R"({"type":"pong"})"));
    }

    void closed() override {
        state_->clients.erase(this);
        socket_ = nullptr;
    }

    void tell(const ViewPtr& view, bool with_ages) {
        if (socket_->is_closing()) return;
        if (!state_->accounts->identify(session_, false)) return socket_->close(1008, "session ended");
        ages_due_ = ages_due_ || with_ages;
        if (has_room() && told_ != view) tell_view(view);
        for (; !waiting_.empty() && has_room(); waiting_.pop_front()) socket_->send(waiting_.front().frame);
    }

    void tell(const Happening& event) {
        if (waiting_.empty() && has_room()) return socket_->send(event.frame);
        const auto same =
            std::find_if(waiting_.begin(), waiting_.end(), [&](const auto& w) { return w.key == event.key; });
        if (same != waiting_.end()) {
            same->frame = event.frame;
            return;
        }
        waiting_.push_back(event);
        if (waiting_.size() > most_events) waiting_.pop_front();
    }

    void end() { socket_->close(1001, "the gateway stops"); }

private:
    void tell_view(const ViewPtr& view) {
        const bool same_points = told_->image->layout == view->image->layout;
        socket_->send(same_points ? state_->update_for(told_, view, ages_due_ ? ages_ : nullptr)
                                  : hello(state_->seq, *view));
        if (ages_due_ || !same_points) ages_ = view;
        ages_due_ = false;
        told_ = view;
    }
    bool has_room() const { return socket_->queued() < most_queued; }

    std::shared_ptr<State> state_;
    TokenHash session_;
    net::WebSocket* socket_ = nullptr;
    ViewPtr told_, ages_;  // what it knows; what it knew when ages were told last
    bool ages_due_ = false;
    std::deque<Happening> waiting_;
};

LiveHub::LiveHub(Loop& loop, Accounts& accounts) : state_(std::make_shared<State>(loop, accounts)) {}

LiveHub::~LiveHub() {
    for (Client* client : state_->clients) client->end();
    state_->accounts = nullptr;
}

std::size_t LiveHub::clients() const { return state_->clients.size(); }

void LiveHub::publish(std::shared_ptr<const LiveView> view) {
    const auto now = state_->loop.now();
    if (state_->clients.empty() || now - state_->last_sent < shortest_pause) return;
    state_->last_sent = now;
    ++state_->seq;
    for (Client* client : state_->clients) client->tell(view, state_->seq % ages_every == 0);
    // A client that fell behind makes its own text; nobody needs this one any more.
    state_->made = {};
}

void LiveHub::publish(const DecisionView& decision) {
    if (state_->clients.empty()) return;
    const auto told = happening("decision", key_of(decision), decision);
    for (Client* client : state_->clients) client->tell(told);
}

void LiveHub::publish(const AlarmView& alarm) {
    if (state_->clients.empty()) return;
    const auto told = happening("alarm", key_of(alarm), alarm);
    for (Client* client : state_->clients) client->tell(told);
}

std::shared_ptr<net::SocketHandler> LiveHub::open(TokenHash session, std::shared_ptr<const LiveView> first) {
    return std::make_shared<Client>(state_, session, std::move(first));
}

}  // namespace busbar::api
