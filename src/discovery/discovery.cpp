#include "discovery/discovery.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/phrases.hpp"
#include "discovery/compare.hpp"
#include "discovery/line/bus_search.hpp"
#include "discovery/network/lan_search.hpp"

namespace busbar::discovery {
namespace {

using namespace std::chrono_literals;
constexpr Duration look_interval = 200ms;
constexpr std::size_t most_found = 1000, most_messages = 100, most_networks = 8, most_ports = 8;
constexpr Waiting over_tcp{.first = 1s, .least = 300ms, .most = 2s};

std::vector<std::uint8_t> units_of(const BusRequest& range) {
    std::vector<std::uint8_t> units;
    for (unsigned u = range.first_unit; u <= range.last_unit; ++u) units.push_back(static_cast<std::uint8_t>(u));
    return units;
}

Status check(const BusRequest& range, const SearchedBus& bus) {
    const bool is_serial = bus.line.has_value();
    const unsigned least = is_serial ? 1 : 0, most = is_serial ? 247 : 255;
    if (range.first_unit < least || range.last_unit > most || range.first_unit > range.last_unit)
        return fail(Errc::out_of_range,
                    say<phrases::search_units>(range.bus, range.first_unit, range.last_unit, least, most));
    return ok();
}

// The profiles a request names; all when it names none.
Result<Profiles> wanted(const ScanRequest& request, const Profiles& all) {
    if (request.profiles.empty()) return all;
    Profiles chosen;
    for (const std::string& name : request.profiles) {
        const auto found = std::ranges::find_if(all, [&](const auto& p) { return p->name == name; });
        if (found == all.end())
            return fail(Errc::unsupported, fmt::format("there is no profile '{}' to look for", name.substr(0, 64)));
        chosen.push_back(*found);
    }
    return chosen;
}

// The networks a request names; the machine's own when it names none, as far as they are small enough.
Result<std::vector<Network>> networks_of(const LanRequest& request, Lan& lan, std::vector<std::string>& notices) {
    std::vector<Network> networks;
    for (const std::string& text : request.networks) {
        BUSBAR_TRY(const Network network, parse_network(text));
        networks.push_back(network);
    }
    if (request.networks.empty()) {
        for (const std::string& text : lan.own_networks()) {
            const Result<Network> network = parse_network(text);
            if (network)
                networks.push_back(*network);
            else
                notices.push_back("lan: not searched: " + network.error().text);
        }
        if (networks.empty()) return fail(Errc::unavailable, say<phrases::search_no_network>());
    }
    if (networks.size() > most_networks) return fail(Errc::out_of_range, say<phrases::search_networks>(most_networks));
    return networks;
}

// Of a device that has not opened yet.
std::string maker_of(const std::string& profile, const Profiles& all) {
    const auto found = std::ranges::find_if(all, [&](const auto& p) { return p->name == profile; });
    return found == all.end() ? std::string() : (*found)->identify.maker;
}

bool is_before(const Found& a, const Found& b) {
    return std::tie(a.bus, a.host, a.port, a.unit) < std::tie(b.bus, b.host, b.port, b.unit);
}

}  // namespace

// One search, from start() to the next. Its coroutines keep it alive.
struct Discovery::Job {
    explicit Job(Loop& on) : loop(on) {}
    Loop& loop;
    std::vector<std::unique_ptr<Part>> parts;
    std::size_t running = 0;
    std::vector<Found> site;           // all its devices
    std::vector<std::string> notices;  // about the request
    ScanState state;
    std::function<void()> on_change;

    void look();
    void end();
};

// What the parts tell, put together.
void Discovery::Job::look() {
    state.progress.clear();
    state.found.clear();
    state.messages = notices;
    for (const auto& part : parts) {
        state.progress.push_back(part->progress());
        for (Found& f : part->found())
            if (state.found.size() < most_found) state.found.push_back(std::move(f));
        for (std::string& m : part->messages())
            if (state.messages.size() < most_messages) state.messages.push_back(std::move(m));
        const BusProgress& p = state.progress.back();
        if (!p.problem.empty() && state.messages.size() < most_messages)
            state.messages.push_back(say<phrases::search_broke_off>(p.bus, p.problem));
    }
    std::ranges::stable_sort(state.found, is_before);
    compare(state.found, site);
    ++state.revision;
}

void Discovery::Job::end() {
    state.phase = Phase::done;
    state.ended = loop.wall();
}

Discovery::Discovery(Loop& loop, Lan* lan) : loop_(loop), lan_(lan), job_(std::make_shared<Job>(loop)) {}
Discovery::~Discovery() = default;

Status Discovery::start(ScanRequest request, std::vector<SearchedBus> buses, Catalogue known) {
    if (is_running()) return fail(Errc::unavailable, say<phrases::search_runs>());
    BUSBAR_TRY(const Profiles sought, wanted(request, known.profiles));
    if (request.buses.empty() && !request.lan) return fail(Errc::out_of_range, say<phrases::search_empty>());
    auto job = std::make_shared<Job>(loop_);
    for (const SearchedBus& bus : buses)
        for (const KnownUnit& unit : bus.known) {
            job->site.push_back(found_as(unit));
            job->site.back().bus = bus.id;
            if (unit.maker.empty()) job->site.back().maker = maker_of(unit.profile, known.profiles);
        }
    for (const BusRequest& range : request.buses) {
        const auto bus = std::ranges::find(buses, range.bus, &SearchedBus::id);
        if (bus == buses.end() || bus->bus == nullptr)
            return fail(Errc::unsupported, fmt::format("there is no bus '{}' to search", range.bus.substr(0, 64)));
        if (const Status fits = check(range, *bus); !fits) return fits;
        BusOrder order{*bus, units_of(range), sought, bus->host.empty() ? Waiting{} : over_tcp, {}};
        if (bus->line) order.lines = settings_to_try(*bus->line, request.bauds);
        job->parts.push_back(std::make_unique<BusSearch>(loop_, std::move(order)));
    }
    if (request.lan)
        if (const Status fits = add_lan(*job, request, buses, {sought, std::move(known.firmware)}); !fits) return fits;
    job->state.scan = job_->state.scan + 1;
    job->state.revision = job_->state.revision;
    job->state.started = loop_.wall();
    job->state.phase = Phase::running;
    job->on_change = std::move(job_->on_change);
    job->running = job->parts.size();
    job_ = std::move(job);
    job_->look();
    for (const auto& part : job_->parts) loop_.spawn("search", run(job_, *part));
    loop_.spawn("search state", watch(job_));
    return ok();
}

// The network, and the TCP buses of the site when they are wanted, each over its own connection.
Status Discovery::add_lan(Job& job, const ScanRequest& request, const std::vector<SearchedBus>& buses,
                          Catalogue sought) {
    const LanRequest& wanted = *request.lan;
    const Profiles& profiles = sought.profiles;
    if (lan_ == nullptr) return fail(Errc::unsupported, say<phrases::search_no_lan>());
    if (wanted.ports.empty() || wanted.ports.size() > most_ports || std::ranges::count(wanted.ports, 0) > 0)
        return fail(Errc::out_of_range, fmt::format("1 to {} ports can be searched, 1 to 65535 each", most_ports));
    LanOrder order{.networks = {},
                   .ports = wanted.ports,
                   .asks_names = wanted.asks_names,
                   .skipped = {},
                   .profiles = profiles,
                   .firmware = std::move(sought.firmware)};
    BUSBAR_TRY(order.networks, networks_of(wanted, *lan_, job.notices));
    for (const SearchedBus& bus : buses) {
        if (bus.host.empty()) continue;
        order.skipped.push_back({bus.host, bus.port});
        const bool is_named = std::ranges::find(request.buses, bus.id, &BusRequest::bus) != request.buses.end();
        if (wanted.includes_configured && !is_named && bus.bus != nullptr) {
            BusOrder own{bus, telling_units(profiles), profiles, over_tcp, {}};
            job.parts.push_back(std::make_unique<BusSearch>(loop_, std::move(own)));
        }
    }
    job.parts.push_back(std::make_unique<LanSearch>(loop_, *lan_, std::move(order)));
    return ok();
}

Task<void> Discovery::run(std::shared_ptr<Job> job, Part& part) {
    co_await part.run();
    --job->running;
}

// Shows how far it is, and ends it.
Task<void> Discovery::watch(std::shared_ptr<Job> job) {
    while (job->running > 0) {
        co_await job->loop.sleep_for(look_interval);
        job->look();
        if (job->running == 0) job->end();
        if (job->on_change) job->on_change();
    }
}

void Discovery::cancel() {
    if (!is_running()) return;
    job_->state.phase = Phase::cancelling;
    job_->state.was_cancelled = true;
    ++job_->state.revision;
    for (const auto& part : job_->parts) part->cancel();
    if (job_->on_change) job_->on_change();
}

Task<void> Discovery::stopped() {
    cancel();
    while (is_running()) co_await loop_.sleep_for(20ms);
}

bool Discovery::is_running() const {
    return job_->state.phase == Phase::running || job_->state.phase == Phase::cancelling;
}

const ScanState& Discovery::state() const { return job_->state; }
void Discovery::on_change(std::function<void()> call) { job_->on_change = std::move(call); }

}  // namespace busbar::discovery
