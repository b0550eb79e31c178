#include "contract/fake_commissioning.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/phrases.hpp"
#include "contract/fake_site.hpp"

namespace busbar::test {
namespace {
Status known_device(const std::string& id) {
    if (id == "roof" || id == "meter") return ok();
    return fail(Errc::unsupported, "device '" + id + "': there is none");
}
Status free_address(const std::string& bus, int unit) {
    if (bus != "rs485-1" || unit != 11) return ok();
    return fail(Errc::denied, say<phrases::address_taken>(11, "rs485-1", "meter", ""));
}
}  // namespace

Status FakeCommissioning::known_bus(const std::string& id) const {
    if (std::find(buses_.begin(), buses_.end(), id) != buses_.end()) return ok();
    return fail(Errc::unsupported, "bus '" + id + "': there is none");
}

void FakeCommissioning::show_new_device() {
    const std::lock_guard lock(mutex_);
    shows_new_device_ = true;
}
void FakeCommissioning::end_upgrade(api::UpgradeState state) {
    const std::lock_guard lock(mutex_);
    upgrade_ = state;
}

Status FakeCommissioning::note(std::string what, const api::By& by) {
    const std::lock_guard lock(mutex_);
    last_ = fmt::format("{} by {} from {}{}", what, by.username, by.address, by.is_installer ? "" : ", an owner");
    ++changes_;
    return ok();
}
std::string FakeCommissioning::last() const {
    const std::lock_guard lock(mutex_);
    return last_;
}
int FakeCommissioning::changes() const {
    const std::lock_guard lock(mutex_);
    return changes_;
}

Task<Result<std::string>> FakeCommissioning::add_device(api::DeviceChange d, api::By by) {
    if (auto known = known_bus(d.bus); !known) co_return std::move(known).error();
    if (auto taken = free_address(d.bus, d.unit); !taken) co_return std::move(taken).error();
    const std::string id = d.id.empty() ? "made-up" : d.id;
    note(fmt::format("add_device {} '{}' {} {} unit {} {} {} {} {}", id, d.name, d.profile, d.bus, d.unit,
                     to_string(d.use), d.rated_power_w.value_or(0), d.serial, d.via),
         by);
    co_return id;
}
Task<Status> FakeCommissioning::change_device(std::string id, api::DeviceChange d, api::By by) {
    if (auto known = known_device(id); !known) co_return known;
    co_return note(fmt::format("change_device {} '{}' {} {}", id, d.name, to_string(d.use), d.serial), by);
}
Task<Status> FakeCommissioning::remove_device(std::string id, api::DeviceMatch match, api::By by) {
    if (auto known = known_device(id); !known) co_return known;
    if (match.bus != "lan" || match.unit != 1 || match.profile != "sunspec/inverter")
        co_return fail(Errc::denied, "device 'roof' is sunspec/inverter at unit 1 of bus 'lan', not that; look again");
    co_return note("remove_device " + id, by);
}
Task<Status> FakeCommissioning::replace_device(std::string id, api::Replacement with, api::By by) {
    if (auto known = known_device(id); !known) co_return known;
    if (with.unit)
        if (auto taken = free_address(with.bus.value_or("rs485-1"), *with.unit); !taken) co_return taken;
    co_return note("replace_device " + id + " " + with.serial, by);
}

Task<Status> FakeCommissioning::add_bus(config::BusConfig bus, api::By by) {
    if (known_bus(bus.id)) co_return fail(Errc::denied, "bus '" + bus.id + "' exists already; choose another id");
    buses_.push_back(bus.id);
    const auto* port = std::get_if<config::SerialPort>(&bus.link);
    const auto* endpoint = std::get_if<config::TcpEndpoint>(&bus.link);
    co_return note(
        "add_bus " + bus.id + " " +
            (port ? fmt::format("{} {} {}{}", port->path, port->baud, port->parity, port->stop_bits)
                  : fmt::format("{}:{}{}", endpoint->host, endpoint->port, endpoint->rtu_framing ? " rtu" : "")),
        by);
}
Task<Status> FakeCommissioning::change_bus(api::BusChange change, api::By by) {
    if (auto known = known_bus(change.bus.id); !known) co_return known;
    co_return note("change_bus " + change.bus.id + (change.is_set_anyway ? " anyway" : ""), by);
}
Task<Status> FakeCommissioning::remove_bus(std::string id, api::By by) {
    if (auto known = known_bus(id); !known) co_return known;
    co_return note("remove_bus " + id, by);
}
std::optional<api::BudgetView> FakeCommissioning::budget(const std::string& bus) const {
    if (bus != "rs485-1") return std::nullopt;
    return api::BudgetView{0.42,
                           "fits",
                           "room for 11 more such meters",
                           {{"meter", 1000, 412.5}, {"roof", 1000, {}}},
                           true,
                           {{"roof", 25, 10}}};
}
std::vector<api::PortView> FakeCommissioning::ports() const {
    return {{"/dev/ttyUSB0", "FTDI \"FT232R\"\n", "rs485-1"}, {"/dev/ttyUSB1", "", ""}};
}

std::vector<api::ProfileView> FakeCommissioning::profiles() const {
    api::ProfileView inverter;
    inverter.name = "sunspec/inverter";
    inverter.products = {"any inverter with SunSpec models 101 to 103"};
    inverter.use = config::Use::pv;
    inverter.uses = {config::Use::pv, config::Use::sub_meter};
    inverter.unit = 126;
    inverter.is_identifying = true;
    api::ProfileView broken;
    broken.name = "acme/broken";
    broken.is_pack = broken.is_over_shipped = true;
    broken.problem = "line 3: unknown role";
    return {inverter, broken};
}
Task<Status> FakeCommissioning::add_profile(api::NewProfile profile, api::By by) {
    if (profile.text.starts_with("broken"))
        co_return fail(Errc::malformed, profile.name + ".yaml:1: expected a map of keys");
    if (profile.name == "sunspec/inverter" && !profile.is_over_shipped)
        co_return fail(Errc::denied,
                       "profile 'sunspec/inverter' is shipped; add it with over_shipped (busbarctl: --over-shipped)");
    co_return note(fmt::format("add_profile {} of {} bytes{}", profile.name, profile.text.size(),
                               profile.is_over_shipped ? " over the shipped one" : ""),
                   by);
}
Task<Status> FakeCommissioning::remove_profile(std::string name, api::By by) {
    if (name == "sunspec/inverter")
        co_return fail(Errc::denied, "profile 'sunspec/inverter' is shipped; only packs go");
    if (name != "acme/meter") co_return fail(Errc::unsupported, "there is no device pack '" + name + "'");
    co_return note("remove_profile " + name, by);
}

Task<Status> FakeCommissioning::start_scan(api::ScanOrder order, api::By by) {
    const std::lock_guard lock(mutex_);
    if (scan_ == api::ScanState::running && looks_ <= 3)
        co_return fail(Errc::unavailable, "a search is under way; end it first");
    for (const auto& line : order.lines)
        if (auto known = known_bus(line.bus); !known) co_return known;
    scan_ = api::ScanState::running;
    looks_ = 0;
    last_ =
        fmt::format("start_scan {} lines {} networks by {}", order.lines.size(), order.networks.size(), by.username);
    ++changes_;
    co_return ok();
}
void FakeCommissioning::cancel_scan() {
    const std::lock_guard lock(mutex_);
    if (scan_ == api::ScanState::running) scan_ = api::ScanState::cancelled;
}
api::ScanView FakeCommissioning::scan() const {
    const std::lock_guard lock(mutex_);
    api::ScanView view;
    view.state = scan_ == api::ScanState::running && ++looks_ > 3 ? api::ScanState::done : scan_;
    if (scan_ == api::ScanState::idle) return view;
    view.asked = 17;
    view.total = 247;
    view.now = "rs485-1: unit 17 of 247";
    view.remaining_s = 23;
    view.messages = {"line rs485-2: its port is gone"};
    view.found.resize(2);
    auto& known = view.found[0];
    known.place = known.bus = "rs485-1";
    known.unit = 11;
    known.baud = 9600;
    known.maker = "<b>Eastron</b>\x1b[2J";
    known.profile = "eastron/sdm630";
    known.use = config::Use::grid_meter;
    known.device = "meter";
    auto& stranger = view.found[1];
    stranger.place = "192.168.8.20:502";
    stranger.host = "192.168.8.20";
    stranger.port = 502;
    stranger.candidates = {"chint/dtsu666", "janitza/umg"};
    stranger.notes = {"answers, but does not say what it is", say<phrases::found_at_baud>("9600 8N1")};
    if (!shows_new_device_) return view;
    auto& fresh = view.found.emplace_back(view.found[0]);
    fresh.bus = fresh.device = "";
    fresh.place = "192.168.8.21:502";
    fresh.host = "192.168.8.21";
    fresh.port = 502;
    fresh.unit = 7;
    fresh.model = "SDM630";
    fresh.serial = "77";
    return view;
}

Task<Result<std::vector<api::SettingView>>> FakeCommissioning::device_settings(std::string id) {
    if (auto known = known_device(id); !known) co_return std::move(known).error();
    if (id == "meter") co_return fail(Errc::timeout, "meter: no answer for 12 s; check its wiring");
    api::SettingView country, reserve;
    country.key = "grid_code";
    country.text = "Grid code";
    country.value = 4;
    country.max = 20;
    country.choices = {{4, "VDE-AR-N 4105"}, {5, "EN 50549"}};
    country.warning = "the inverter restarts";
    reserve.key = "backup_reserve";
    reserve.text = "Kept for a power cut";
    reserve.unit = "%";
    reserve.max = 100;
    reserve.is_owners = true;
    reserve.problem = "not read: illegal data address";
    co_return std::vector{country, reserve};
}
Task<Result<api::SettingWritten>> FakeCommissioning::write_setting(std::string id, std::string key, double value,
                                                                   api::By by) {
    if (auto known = known_device(id); !known) co_return std::move(known).error();
    if (id == "meter") co_return fail(Errc::refused, "meter: it refused the value: illegal data value");
    if (key == "grid_code" && !by.is_installer) co_return fail(Errc::denied, "grid_code: installers only");
    if (key != "grid_code" && key != "backup_reserve") co_return fail(Errc::unsupported, key + ": no such setting");
    if (value > 100) co_return fail(Errc::out_of_range, "value: 101 is above 100 %");
    note(fmt::format("write_setting {} {} {}", id, key, value), by);
    co_return api::SettingWritten{std::nullopt, value};
}

Task<api::SharingView> FakeCommissioning::sharing() {
    api::SharingView view;
    view.settings = sharing_;
    view.is_listening = sharing_.is_enabled;
    view.requests = 7;
    view.seen.push_back({"192.168.1.20", 7, 5, 1, 0, WallTime(std::chrono::milliseconds(start_ms)), 420, 990});
    co_return view;
}
Task<Status> FakeCommissioning::change_sharing(config::ModbusServerConfig settings, api::By by) {
    for (const auto& device : settings.devices)
        if (auto known = known_device(device.id); !known) co_return known;
    sharing_ = std::move(settings);
    co_return note(fmt::format("sharing {} on {} port {}, {} clients", sharing_.is_enabled ? "on" : "off",
                               sharing_.address, sharing_.port, sharing_.clients.size()),
                   by);
}
Task<Result<std::vector<api::SiteDifference>>> FakeCommissioning::reload_site(bool apply, api::By by) {
    if (apply) note("reload_site", by);
    co_return std::vector<api::SiteDifference>{{"device", "roof", "changed", "unit: 1 -> 2"},
                                               {"site", {}, "changed", "name: A -> B", true}};
}

Task<Result<api::RawAnswer>> FakeCommissioning::ask(std::string bus, api::RawRequest request, api::By by) {
    if (auto known = known_bus(bus); !known) co_return std::move(known).error();
    if (request.unit == 99) co_return fail(Errc::timeout, "rs485-1: unit 99 does not answer");
    std::string hex;
    for (const auto byte : request.pdu) hex += fmt::format("{:02x}", byte);
    note(fmt::format("ask {} unit {} {}", bus, request.unit, hex), by);
    if (request.pdu[0] == 3) co_return api::RawAnswer{{3, 4, 0x08, 0xfc, 0xff, 0xff}, 12.34};
    if (request.pdu[0] == 1) co_return api::RawAnswer{{1, 1, 0x05}, 9};
    co_return api::RawAnswer{{static_cast<std::uint8_t>(request.pdu[0] | 0x80), 2}, 8};
}
Task<Result<api::FramesView>> FakeCommissioning::frames(std::string bus, std::uint64_t from, std::size_t limit) {
    if (auto known = known_bus(bus); !known) co_return std::move(known).error();
    api::FramesView view;
    for (std::uint64_t n = from; n < 4 && view.frames.size() < limit; ++n)
        view.frames.push_back({n,
                               WallTime(std::chrono::milliseconds(start_ms + std::int64_t(n))),
                               n % 2 == 0,
                               {0x0b, 3, 0, static_cast<std::uint8_t>(n), 0, 2, 0xc4, 0x0b},
                               n % 2 == 0 ? "ok" : "bad checksum"});
    view.next = from + view.frames.size();
    view.dropped = 1;
    co_return view;
}
Task<Result<std::string>> FakeCommissioning::capture(std::string bus) {
    if (auto known = known_bus(bus); !known) co_return std::move(known).error();
    co_return "# capture of " + bus + "\n> 0b03\n";
}

Task<Result<std::string>> FakeCommissioning::start_upgrade(std::string id, api::UpgradeOrder order, api::By by) {
    if (auto known = known_device(id); !known) co_return std::move(known).error();
    if (id == "meter" && !order.is_unsupported_taken) co_return std::string("0.9 loses its counters at midnight.");
    const Status noted = note("start_upgrade " + id + " " + order.image.substr(0, 8), by);
    if (!noted) co_return noted.error();
    co_return std::string();
}
Task<Status> FakeCommissioning::cancel_upgrade(std::string id, api::By by) {
    if (auto known = known_device(id); !known) co_return known;
    co_return note("cancel_upgrade " + id, by);
}
api::UpgradeView FakeCommissioning::upgrade(const std::string&) const {
    return {upgrade_, 37, "block 370 of 1000", "V100R001C00SPC117", ""};
}

}  // namespace busbar::test
