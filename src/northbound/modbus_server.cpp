#include "northbound/modbus_server.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.hpp"
#include "northbound/modbus_session.hpp"

namespace busbar::northbound {
namespace {
using namespace std::chrono_literals;
constexpr Duration turned_away_told_every = 10s;
}  // namespace

struct ModbusServer::Core : SessionHost {
    Core(RealLoop& s, RealLoop& f, std::shared_ptr<Multiplexer> m, ServerOptions o, std::unique_ptr<net::Listener> on)
        : SessionHost{s, f, std::move(m), std::move(o), {}, {}, {}, {}, false},
          rights(options.config),
          listener(std::move(on)) {}

    Rights rights;
    std::unique_ptr<net::Listener> listener;
    std::uint64_t next_id = 0;
    std::optional<Instant> told;
    std::uint64_t untold = 0;

    static Task<void> accept_all(std::shared_ptr<Core> core);
    static Task<void> sweep(std::shared_ptr<Core> core);
    void let_in(const std::shared_ptr<Core>& self, net::Accepted accepted);
    bool has_room_for(const std::string& source);
    void turn_away(const std::string& peer, std::string_view why);
    void forget_sources();
    void end_all();
};

Task<void> ModbusServer::Core::accept_all(std::shared_ptr<Core> core) {
    while (!core->is_stopping) {
        auto accepted = co_await core->listener->accept();
        if (core->is_stopping) co_return;
        if (accepted)
            core->let_in(core, std::move(*accepted));
        else  // out of descriptors: waiting is all that can be done
            co_await core->service.sleep_for(100ms);
    }
}

void ModbusServer::Core::let_in(const std::shared_ptr<Core>& self, net::Accepted accepted) {
    const auto client = rights.client_of(accepted.peer);
    if (!client) return turn_away(accepted.peer, "not under 'clients' of modbus_server");
    if (!has_room_for(accepted.source)) return turn_away(accepted.peer, "no room; max_clients says how many there are");
    Source& source = sources[accepted.source];
    if (source.id == 0) source = {++next_id, 0, options.limits.burst, service.now()};
    Caller caller{++next_id, source.id, *client, accepted.peer};
    std::make_shared<ModbusSession>(self, std::move(accepted), std::move(caller))->start();
}

// One address takes half of the places at most. When there is no place, the connection that has been idle longest makes
// room, unless all are busy: of the same address when that has its share.
bool ModbusServer::Core::has_room_for(const std::string& source) {
    const std::size_t most = options.config.max_clients;
    const auto found = sources.find(source);
    const bool has_its_share =
        found != sources.end() && found->second.connections >= std::max<std::size_t>(1, most / 2);
    if (!has_its_share && open.size() < most) return true;
    ModbusSession* longest = nullptr;
    for (ModbusSession* session : open) {
        if (has_its_share && session->source() != source) continue;
        if (longest == nullptr || session->idle_since() < longest->idle_since()) longest = session;
    }
    if (longest == nullptr || service.now() < longest->idle_since() ||
        service.now() - longest->idle_since() < options.limits.makes_room)
        return false;
    ++statistics.dropped;
    longest->abort();
    return true;
}

void ModbusServer::Core::turn_away(const std::string& peer, std::string_view why) {
    ++statistics.turned_away;
    const Instant now = service.now();
    if (told && now - *told < turned_away_told_every) {
        ++untold;
        return;
    }
    told = now;
    const std::string others = untold > 0 ? fmt::format(" ({} others since the last line)", untold) : "";
    untold = 0;
    log(Level::warning, "modbus server", fmt::format("{} turned away: {}{}", peer, why, others));
}

// Deadlines are looked at together, four times a second, and not at all while nobody is connected.
Task<void> ModbusServer::Core::sweep(std::shared_ptr<Core> core) {
    while (!core->is_stopping) {
        if (core->open.empty()) {
            co_await core->service.wait(core->changed, core->service.now() + 24h);
            continue;
        }
        co_await core->service.sleep_for(250ms);
        const Instant now = core->service.now();
        const std::vector<ModbusSession*> all(core->open.begin(), core->open.end());
        for (ModbusSession* session : all) session->check(now);
        core->forget_sources();
    }
}

// Only when its tokens are full again, so that connecting anew brings nobody more requests.
void ModbusServer::Core::forget_sources() {
    const Duration to_refill = std::chrono::duration_cast<Duration>(
        std::chrono::duration<double>(options.limits.burst / options.limits.requests_per_second));
    std::erase_if(sources, [&](const auto& entry) {
        return entry.second.connections == 0 && service.now() - entry.second.refilled > to_refill;
    });
}

void ModbusServer::Core::end_all() {
    is_stopping = true;
    listener->close();
    const std::vector<ModbusSession*> all(open.begin(), open.end());
    for (ModbusSession* session : all) session->abort();
    changed.set();
}

ModbusServer::ModbusServer(std::shared_ptr<Core> core) : core_(std::move(core)) {}
ModbusServer::~ModbusServer() { core_->end_all(); }

Result<std::unique_ptr<ModbusServer>> ModbusServer::start(RealLoop& service, RealLoop& field,
                                                          std::shared_ptr<Multiplexer> multiplexer,
                                                          ServerOptions options) {
    BUSBAR_TRY(auto listener, net::listen(service, options.config.address, options.port, nullptr));
    auto core = std::make_shared<Core>(service, field, std::move(multiplexer), std::move(options), std::move(listener));
    service.spawn("modbus accept", Core::accept_all(core));
    service.spawn("modbus deadlines", Core::sweep(core));
    return std::unique_ptr<ModbusServer>(new ModbusServer(std::move(core)));
}

std::uint16_t ModbusServer::port() const { return core_->listener->port(); }

ServerStatistics ModbusServer::statistics() const {
    ServerStatistics now = core_->statistics;
    now.clients = core_->open.size();
    return now;
}

Task<void> ModbusServer::stop() {
    const auto core = core_;
    core->end_all();
    for (int i = 0; i < 200 && !core->open.empty(); ++i) co_await core->service.sleep_for(10ms);
}

}  // namespace busbar::northbound
