#include "net/http_server.hpp"

#include <algorithm>

#include "net/connection.hpp"

namespace busbar::net {
using namespace std::chrono_literals;

struct HttpServer::Core : ConnectionHost {
    Core(RealLoop& l, ServerOptions o, Handler h, std::unique_ptr<Listener> on)
        : ConnectionHost{l, std::move(o), std::move(h), {}, {}, {}, false}, listener(std::move(on)) {}

    std::unique_ptr<Listener> listener;

    static Task<void> accept_all(std::shared_ptr<Core> core);
    static Task<void> sweep(std::shared_ptr<Core> core);
    bool has_room_for(const Accepted& accepted);
    void end_all() {
        stopping = true;
        listener->close();
        for (Connection* connection : open) connection->abort();
        changed.set();
    }
};

// Makes room by ending the connection that has waited longest for its own other end: of the newcomer's source when that
// has its share, else of the source that holds most. Half-sent requests count as waiting, so that a few sources which
// send a byte now and then cannot keep everybody else out. What is being answered, and open sockets, stay.
bool HttpServer::Core::has_room_for(const Accepted& accepted) {
    const auto held = [this](const std::string& source) {
        const auto found = per_source.find(source);
        return found == per_source.end() ? 0 : found->second;
    };
    const bool has_its_share = held(accepted.source) >= options.limits.connections_per_source;
    if (!has_its_share && open.size() < options.limits.connections) return true;
    Connection* victim = nullptr;
    const auto goes_before = [&](const Connection& a, const Connection& b) {
        return std::pair(held(b.source()), *a.waiting_since()) < std::pair(held(a.source()), *b.waiting_since());
    };
    for (Connection* c : open) {
        if (!c->waiting_since() || (has_its_share && c->source() != accepted.source)) continue;
        if (!victim || goes_before(*c, *victim)) victim = c;
    }
    if (victim) victim->abort();
    return victim != nullptr;
}

Task<void> HttpServer::Core::accept_all(std::shared_ptr<Core> core) {
    while (!core->stopping) {
        auto accepted = co_await core->listener->accept();
        if (core->stopping) co_return;
        if (!accepted) {  // out of descriptors: waiting is all that can be done
            co_await core->loop.sleep_for(100ms);
            continue;
        }
        if (!core->has_room_for(*accepted)) continue;
        auto connection = std::make_shared<Connection>(core, std::move(*accepted));
        core->changed.set();
        core->loop.spawn("http connection", connection->serve());
    }
}

// Deadlines are looked at together, four times a second, and not at all while nobody is connected.
Task<void> HttpServer::Core::sweep(std::shared_ptr<Core> core) {
    while (!core->stopping) {
        if (core->open.empty()) {
            co_await core->loop.wait(core->changed, core->loop.now() + 24h);
            continue;
        }
        co_await core->loop.sleep_for(250ms);
        const auto now = core->loop.now();
        const std::vector<Connection*> all(core->open.begin(), core->open.end());
        for (Connection* connection : all) connection->check(now);
    }
}

HttpServer::HttpServer(std::shared_ptr<Core> core) : core_(std::move(core)) {}
HttpServer::~HttpServer() { core_->end_all(); }

Result<std::unique_ptr<HttpServer>> HttpServer::start(RealLoop& loop, ServerOptions options, Handler handler) {
    BUSBAR_TRY(auto listener, listen(loop, options.address, options.port, options.tls));
    auto core = std::make_shared<Core>(loop, std::move(options), std::move(handler), std::move(listener));
    loop.spawn("http accept", Core::accept_all(core));
    loop.spawn("http deadlines", Core::sweep(core));
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(core)));
}

std::uint16_t HttpServer::port() const { return core_->listener->port(); }
std::size_t HttpServer::connections() const { return core_->open.size(); }

Task<void> HttpServer::stop() {
    const auto core = core_;
    core->end_all();
    for (int i = 0; i < 200 && !core->open.empty(); ++i) co_await core->loop.sleep_for(10ms);
}

}  // namespace busbar::net
