#include "site/search.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "field/on_loop.hpp"

namespace busbar::gateway {
namespace {

discovery::ScanRequest request_of(const api::ScanOrder& order) {
    discovery::ScanRequest request;
    for (const auto& line : order.lines)
        request.buses.push_back(
            {line.bus, static_cast<std::uint8_t>(line.first), static_cast<std::uint8_t>(line.last)});
    for (const int baud : order.bauds) request.bauds.push_back(static_cast<std::uint32_t>(baud));
    if (order.own_networks || !order.networks.empty()) {
        request.lan.emplace();
        request.lan->networks = order.own_networks ? std::vector<std::string>{} : order.networks;
    }
    return request;
}

discovery::KnownUnit known_unit(const Field& field, const config::DeviceConfig& device) {
    discovery::KnownUnit known{device.unit, device.id, device.profile, device.use};
    if (const DeviceFacts* facts = field.facts(device.id)) {
        known.maker = facts->info.maker;
        known.model = facts->info.model;
        known.serial = facts->info.serial;
        known.firmware = facts->info.firmware;
    }
    if (known.serial.empty()) known.serial = device.serial;
    return known;
}

std::vector<discovery::SearchedBus> buses_of(const Field& field) {
    std::vector<discovery::SearchedBus> buses;
    for (const auto& config : field.site().buses) {
        const auto bus = field.bus(config.id);
        if (!bus) continue;
        discovery::SearchedBus searched;
        searched.id = config.id;
        searched.bus = bus.get();  // stays: Field ends the search before it closes a bus
        if (const auto* serial = std::get_if<config::SerialPort>(&config.link)) {
            searched.line = discovery::LineSettings{serial->baud, serial->parity, serial->stop_bits};
        } else {
            const auto& tcp = std::get<config::TcpEndpoint>(config.link);
            searched.host = tcp.host;
            searched.port = tcp.port;
        }
        for (const auto& device : field.site().devices)
            if (device.bus == config.id) searched.known.push_back(known_unit(field, device));
        buses.push_back(std::move(searched));
    }
    return buses;
}

api::FoundView found_view(const discovery::Found& found) {
    api::FoundView view;
    view.place = found.bus.empty() ? fmt::format("{}:{}", found.host, found.port) : found.bus;
    view.bus = found.bus;
    view.host = found.host;
    view.port = found.port;
    view.unit = found.unit;
    view.baud = found.line ? static_cast<int>(found.line->baud) : 0;
    view.maker = found.maker;
    view.model = found.model;
    view.serial = found.serial;
    view.firmware = found.firmware;
    view.profile = found.profile;
    for (const auto& candidate : found.candidates) view.candidates.push_back(candidate.profile);
    view.use = found.use.value_or(model::Use::sub_meter);
    view.device = found.device;
    view.notes = found.notes;
    view.is_double = found.is_double;
    view.reason = found.reason;
    return view;
}

}  // namespace

api::ScanView scan_view(const discovery::ScanState& state) {
    using discovery::Phase;
    api::ScanView view;
    view.state = state.phase == Phase::idle   ? api::ScanState::idle
                 : state.phase != Phase::done ? api::ScanState::running
                 : state.was_cancelled        ? api::ScanState::cancelled
                                              : api::ScanState::done;
    std::optional<Duration> left;
    for (const auto& part : state.progress) {
        view.asked += static_cast<int>(part.done);
        view.total += static_cast<int>(part.total);
        if (!part.has_ended && view.now.empty()) view.now = part.bus + ": " + part.current;
        if (part.left) left = std::max(left.value_or(Duration{0}), *part.left);
        if (!part.problem.empty()) view.messages.push_back(part.bus + ": " + part.problem);
    }
    if (left && view.state == api::ScanState::running) view.remaining_s = static_cast<int>(to_seconds(*left) + 0.5);
    view.messages.insert(view.messages.end(), state.messages.begin(), state.messages.end());
    for (const auto& found : state.found) view.found.push_back(found_view(found));
    return view;
}

Search::Search(RealLoop& service, RealLoop& field_loop, Field& field)
    : service_(service), field_loop_(field_loop), field_(field), lan_(field_loop), discovery_(field_loop, &lan_) {
    discovery_.on_change([this] { publish(); });
    field_.before_bus_goes = [this]() -> Task<void> { return discovery_.stopped(); };
    field_.is_searching = [this] { return discovery_.is_running(); };
}

void Search::publish() {
    auto view = std::make_shared<const api::ScanView>(scan_view(discovery_.state()));
    service_.post([this, view] { view_ = view; });
}

Status Search::begin(const api::ScanOrder& order, discovery::Catalogue known) {
    discovery::ScanRequest request = request_of(order);
    std::vector<std::string> lines;
    for (const auto& bus : request.buses) lines.push_back(bus.bus);
    if (auto objection = field_.objection_to_search(lines, request.lan.has_value())) return *objection;
    auto begun = discovery_.start(std::move(request), buses_of(field_), std::move(known));
    publish();  // before the answer to whoever asked: he must not read that nothing runs
    return begun;
}

Task<Status> Search::start(api::ScanOrder order, discovery::Catalogue known) {
    std::function<Task<Status>()> work = [this, order = std::move(order), known = std::move(known)]() {
        return [](Search& search, api::ScanOrder what, discovery::Catalogue all) -> Task<Status> {
            co_return search.begin(what, std::move(all));
        }(*this, order, known);
    };
    co_return co_await on_loop<Status>(service_, field_loop_, "start of the search", std::move(work));
}

void Search::cancel() {
    field_loop_.post([this] { discovery_.cancel(); });
}

}  // namespace busbar::gateway
