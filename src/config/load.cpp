#include "config/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "config/rules.hpp"
#include "profile/scan.hpp"
#include "profile/section.hpp"

namespace busbar::config {
namespace {

using profile::Node;
using profile::Report;
using profile::Section;

// Labels of letters, digits and '-', between single dots.
bool is_host_name(std::string_view text) {
    const auto is_part = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    };
    return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), is_part) &&
           text.front() != '.' && text.back() != '.' && text.find("..") == std::string_view::npos;
}

std::optional<double> number(const Section& section, std::string_view key, double min, double max,
                             std::string_view unit) {
    const auto text = section.text(key);
    if (!text) return std::nullopt;
    const auto value = profile::scan_number(*text);
    if (value && *value >= min && *value <= max) return value;
    section.problem(key, fmt::format("expected a number from {} to {} {}", min, max, unit));
    return std::nullopt;
}

// The text of a scalar list ("use: [pv]") or of a single scalar.
template <class T>
void choose(const Section& section, std::string_view key, const std::map<std::string_view, T>& words, T& value) {
    const auto text = section.text(key);
    if (!text) return;
    if (const auto found = words.find(*text); found != words.end()) {
        value = found->second;
        return;
    }
    std::string all;
    for (const auto& [word, ignored] : words) all += (all.empty() ? "" : ", ") + std::string(word);
    section.problem(key, fmt::format("'{}' is not known here; expected one of {}", *text, all));
}

void read_serial(const Section& bus, SerialPort& port) {
    const auto path = bus.required_text("port");
    if (path) port.path = *path;
    if (path && (!path->starts_with('/') || path->size() > 200))
        bus.problem("port", "expected the port's path, as in /dev/ttyUSB0 or /dev/serial/by-id/...");
    if (const auto baud = bus.integer("baud", 1200, 921'600)) port.baud = static_cast<std::uint32_t>(*baud);
    choose<char>(bus, "parity", {{"none", 'N'}, {"even", 'E'}, {"odd", 'O'}}, port.parity);
    if (const auto stop = bus.integer("stop_bits", 1, 2)) port.stop_bits = static_cast<int>(*stop);
    if (bus.find("host") != nullptr || bus.find("framing") != nullptr)
        bus.problem("host and framing belong to 'link: tcp'");
}

void read_tcp(const Section& bus, TcpEndpoint& endpoint) {
    const auto host = bus.required_text("host");
    if (host) endpoint.host = *host;
    const auto bad =
        endpoint.host.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:");
    if (host && (host->empty() || host->size() > 253 || bad != std::string::npos))
        bus.problem("host", "expected a name or an address, as in 192.168.8.20");
    if (const auto port = bus.integer("port", 1, 65'535)) endpoint.port = static_cast<std::uint16_t>(*port);
    choose<bool>(bus, "framing", {{"tcp", false}, {"rtu", true}}, endpoint.rtu_framing);
    for (const char* key : {"baud", "parity", "stop_bits"})
        if (bus.find(key) != nullptr) bus.problem(key, "belongs to 'link: serial'");
}

BusConfig read_bus(const Node& node, Report& report) {
    const Section bus(node, report, "bus", {"id", "link", "port", "baud", "parity", "stop_bits", "host", "framing"});
    BusConfig config;
    config.line = {node.line};
    if (const auto id = bus.required_text("id")) config.id = *id;
    if (!is_id(config.id)) bus.problem("id", fmt::format("expected {}", id_rule));
    const auto link = bus.required_text("link");
    if (link && *link == "serial")
        read_serial(bus, config.link.emplace<SerialPort>());
    else if (link && *link == "tcp")
        read_tcp(bus, config.link.emplace<TcpEndpoint>());
    else if (link)
        bus.problem("link", "expected 'serial' or 'tcp'");
    return config;
}

// What can be shown of a name that breaks the rules: its beginning, without half a character at the end.
std::string shown_name(std::string name) {
    name.resize(std::min(name.size(), max_name_bytes));
    const auto is_inner_byte = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
    std::size_t start = name.size();
    while (start > 0 && is_inner_byte(name[start - 1])) --start;
    if (start > 0 && static_cast<unsigned char>(name[start - 1]) >= 0xC0) name.resize(start - 1);
    std::replace_if(
        name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    return name.empty() ? "device" : name;
}

// The rules begin with the key, and so does the report.
std::string without_place(const Error& error) { return error.text.substr(error.text.find(": ") + 2); }

DeviceConfig read_device(const Node& node, Report& report) {
    const Section device(node, report, "device",
                         {"id", "name", "profile", "bus", "unit", "use", "rated_power_w", "serial", "via"});
    DeviceConfig config;
    config.line = {node.line};
    if (const auto id = device.required_text("id")) config.id = *id;
    if (!is_id(config.id)) {
        device.problem("id", fmt::format("expected {}", id_rule));
        config.id = fmt::format("line-{}", node.line);
    }
    // A name is for people: one that breaks the rules is cut short and told, and leaves nobody out.
    const Node* name = device.find("name");
    const bool is_text = name != nullptr && name->kind == Node::Kind::scalar;
    config.name = is_text ? name->text : device.text("name").value_or(config.id);
    if (const auto profile = device.required_text("profile")) config.profile = *profile;
    if (const auto bus = device.required_text("bus")) config.bus = *bus;
    if (const auto unit = device.integer("unit", 0, 255))
        config.unit = static_cast<std::uint8_t>(*unit);
    else
        config.has_unit = device.find("unit") == nullptr;
    if (device.required_text("use"))
        choose<Use>(device, "use",
                    {{"grid_meter", Use::grid_meter},
                     {"pv", Use::pv},
                     {"hybrid", Use::hybrid},
                     {"battery", Use::battery},
                     {"charger", Use::charger},
                     {"sub_meter", Use::sub_meter}},
                    config.use);
    config.rated_power_w = number(device, "rated_power_w", 1, 1e8, "W");
    config.serial = device.text("serial").value_or("");
    if (const Status serial = check_serial(config.serial, config.profile); !serial)
        device.problem("serial", without_place(serial.error()));
    choose<Via>(device, "via", {{"lan", Via::lan}, {"router", Via::router}}, config.via);
    return config;
}

void read_device_limits(const Node& node, Report& report, LimitsConfig& limits) {
    const Section section(node, report, "limits", {"devices_per_bus", "devices"});
    if (const auto n = section.integer("devices_per_bus", 1, 247))
        limits.devices_per_bus = static_cast<std::size_t>(*n);
    if (const auto n = section.integer("devices", 1, max_devices)) limits.devices = static_cast<std::size_t>(*n);
}

// nullopt: not all of it is understood; what is wrong is in the report.
std::optional<FeedInLimit> read_feed_in_limit(const Node& node, std::string_view file_name, Report& report) {
    Report own(file_name);
    const Section section(node, own, "feed_in_limit", {"mode", "value"});
    using Mode = FeedInLimit::Mode;
    FeedInLimit limit;
    if (section.required_text("mode"))
        choose<Mode>(section, "mode",
                     {{"none", Mode::none}, {"zero", Mode::zero}, {"watts", Mode::watts}, {"percent", Mode::percent}},
                     limit.mode);
    if (limit.mode == Mode::watts || limit.mode == Mode::percent) {
        const bool percent = limit.mode == Mode::percent;
        limit.value = number(section, "value", 0, percent ? 100 : 1e9, percent ? "%" : "W").value_or(0);
        if (section.find("value") == nullptr) section.problem("mode", "needs a 'value' beside it");
    }
    if (own.empty()) return limit;
    report.add(own);
    return std::nullopt;
}

// Whether a feed-in limit is there and understood, "none" said in words included.
bool read_control(const Node& node, std::string_view file_name, Report& report, ControlConfig& control) {
    const Section section(node, report, "control",
                          {"cycle_ms", "self_consumption", "feed_in_limit", "guaranteed_load_w", "grid_max_w"});
    if (const auto ms = section.integer("cycle_ms", 250, 5000)) control.cycle = std::chrono::milliseconds(*ms);
    if (const auto load = number(section, "guaranteed_load_w", 0, 1e8, "W")) control.guaranteed_load_w = *load;
    control.grid_max_w = number(section, "grid_max_w", 100, 1e9, "W");
    if (const Node* own = section.find("self_consumption")) {
        const Section s(*own, report, "self_consumption", {"enabled", "import_target_w"});
        if (const auto enabled = s.flag("enabled")) control.self_consumption.enabled = *enabled;
        if (const auto target = number(s, "import_target_w", -1e6, 1e6, "W"))
            control.self_consumption.import_target_w = *target;
    }
    const Node* limit_node = section.find("feed_in_limit");
    const auto limit = limit_node ? read_feed_in_limit(*limit_node, file_name, report) : std::nullopt;
    if (limit) control.feed_in_limit = *limit;
    return limit.has_value();
}

// Names under which browsers may reach the gateway; an entry that is none is left out.
std::vector<std::string> read_host_names(const Section& site) {
    std::vector<std::string> names;
    const Node* list = site.find("host_names");
    if (list == nullptr) return names;
    constexpr std::string_view wanted = "expected a list of names without port, as in [gateway.example.org]";
    if (list->kind != Node::Kind::list || list->items.size() > max_host_names) {
        site.problem("host_names", fmt::format("{}, at most {}", wanted, max_host_names));
        return names;
    }
    for (const Node& item : list->items)
        if (item.kind == Node::Kind::scalar && is_host_name(item.text))
            names.push_back(item.text);
        else
            site.problem("host_names", fmt::format("'{}' is none; {}", item.text.substr(0, 64), wanted));
    return names;
}

// Reads every item of a list with a report of its own.
template <class T, class Read, class Take>
void read_list(const Section& site, std::string_view key, std::size_t most, std::string_view file_name, Read read,
               Take take) {
    const Node* list = site.find(key);
    if (list == nullptr || list->kind == Node::Kind::null) return;
    if (list->kind != Node::Kind::list) return site.problem(key, "expected a list: lines that begin with '-'");
    for (std::size_t i = 0; i < list->items.size(); ++i) {
        if (i == most)
            return site.problem(key, fmt::format("more than {} of them; split the site over two gateways", most));
        Report report(file_name);
        T item = read(list->items[i], report);
        take(std::move(item), report.text());
    }
}

class Loader {
public:
    Loader(std::string_view file_name, LoadOutcome& outcome) : file_name_(file_name), out_(outcome) {}

    void read(const Node& root) {
        Report report(file_name_);
        const Section site(
            root, report, "site",
            {"name", "timezone", "pv_peak_w", "host_names", "buses", "devices", "limits", "control", "modbus_server"});
        const bool has_unknown_key = !report.empty();  // it may be the control section, misspelt
        if (const auto name = site.text("name")) out_.config.name = name->substr(0, 64);
        if (const auto zone = site.text("timezone")) out_.config.timezone = *zone;
        if (const auto peak = number(site, "pv_peak_w", 0, 1e9, "W")) out_.config.pv_peak_w = *peak;
        read_list<BusConfig>(site, "buses", max_buses, file_name_, read_bus,
                             [this](BusConfig bus, std::string problem) { take(std::move(bus), std::move(problem)); });
        read_list<DeviceConfig>(
            site, "devices", max_devices, file_name_, read_device,
            [this](DeviceConfig d, std::string problem) { take(std::move(d), std::move(problem)); });
        out_.config.host_names = read_host_names(site);
        read_limits(site.find("control"), has_unknown_key, report);
        if (const Node* limits = site.find("limits")) read_device_limits(*limits, report, out_.config.limits);
        if (!report.empty()) out_.site.push_back(report.text());
        if (const Node* server = site.find("modbus_server")) read_server(*server);
        check_whole();
    }

private:
    std::string at(FileLine line, std::string_view what) const {
        return fmt::format("{}:{}: {}", file_name_, line.number, what);
    }

    void read_server(const Node& node) {
        std::string problem;
        out_.config.modbus_server = read_modbus_server(node, file_name_, problem);
        if (!problem.empty()) out_.site.push_back(problem + "\nmodbus_server stays off until this is corrected");
    }

    // A typing slip must not switch a feed-in limit off: where one may be meant and none is understood, it is zero.
    void read_limits(const Node* control, bool has_unknown_key, Report& report) {
        Report own(file_name_);
        const bool understood = control != nullptr && read_control(*control, file_name_, own, out_.config.control);
        const bool is_doubtful = !understood && (has_unknown_key || !own.empty());
        report.add(own);
        if (!is_doubtful) return;
        out_.config.control.feed_in_limit = {FeedInLimit::Mode::zero, 0};
        report.add(control != nullptr ? control->line : 1,
                   "no feed-in limit is understood, and a misspelt one may be meant: nothing is fed in until this is "
                   "corrected or a limit is saved in the settings");
    }

    void take(BusConfig bus, std::string problem) {
        const auto same = std::find_if(out_.config.buses.begin(), out_.config.buses.end(),
                                       [&](const BusConfig& b) { return b.id == bus.id; });
        if (problem.empty() && same != out_.config.buses.end())
            problem = at(bus.line, fmt::format("bus '{}' is already defined in line {}; choose another id", bus.id,
                                               same->line.number));
        for (const BusConfig& other : out_.config.buses)
            if (const auto* mine = std::get_if<SerialPort>(&bus.link); mine && problem.empty())
                if (const auto* theirs = std::get_if<SerialPort>(&other.link); theirs && theirs->path == mine->path)
                    problem = at(bus.line, fmt::format("{} already belongs to bus '{}' (line {})", mine->path, other.id,
                                                       other.line.number));
        if (problem.empty()) {
            out_.config.buses.push_back(std::move(bus));
        } else {
            broken_buses_.emplace(bus.id, problem);
            out_.site.push_back(std::move(problem));
        }
    }

    void take(DeviceConfig device, std::string problem) {
        if (problem.empty()) problem = conflict_of(device);
        if (const Status name = check_name(device.name); !name) {
            out_.site.push_back(at(device.line, name.error().text));
            device.name = shown_name(device.name);
        }
        if (taken(device.id)) device.id = free_id(device.line.number);
        if (!problem.empty()) out_.problems.push_back({device.id, fail(Errc::malformed, std::move(problem))});
        out_.config.devices.push_back(std::move(device));
    }

    // The id of a device that has none of its own. Several may stand in one line of the file.
    std::string free_id(int line) const {
        std::string id = fmt::format("line-{}", line);
        for (int n = 2; taken(id); ++n) id = fmt::format("line-{}-{}", line, n);
        return id;
    }

    bool taken(std::string_view id) const {
        return std::any_of(out_.config.devices.begin(), out_.config.devices.end(),
                           [&](const auto& d) { return d.id == id; });
    }

    // What stands against a device that is well written: others that hold its name or place, a bus that is not there.
    std::string conflict_of(const DeviceConfig& device) const {
        if (const Status place = check_place(out_.config, device); !place) return at(device.line, place.error().text);
        const bool known = std::any_of(out_.config.buses.begin(), out_.config.buses.end(),
                                       [&](const auto& b) { return b.id == device.bus; });
        if (known) return {};
        if (const auto broken = broken_buses_.find(device.bus); broken != broken_buses_.end())
            return fmt::format("its bus '{}' cannot be used: {}", device.bus, broken->second);
        std::vector<std::string_view> names;
        for (const auto& bus : out_.config.buses) names.push_back(bus.id);
        const auto near = profile::nearest(device.bus, names);
        return at(device.line, fmt::format("bus '{}' is not defined under 'buses'{}", device.bus,
                                           near ? fmt::format("; did you mean '{}'?", *near) : ""));
    }

    void check_whole() {
        const SiteConfig& c = out_.config;
        check_percent_limit();
        out_.mistakes = out_.site.size();
        check_shared();
        for (const std::string& doubt : doubts(c)) out_.site.push_back(fmt::format("{}: {}", file_name_, doubt));
        if (!c.devices.empty() &&
            std::none_of(c.devices.begin(), c.devices.end(), [](const auto& d) { return d.use == Use::grid_meter; }))
            out_.site.push_back(
                fmt::format("{}: no device has 'use: grid_meter'; without one nothing is controlled", file_name_));
    }

    void check_percent_limit() {
        FeedInLimit& limit = out_.config.control.feed_in_limit;
        if (limit.mode != FeedInLimit::Mode::percent || out_.config.pv_peak_w > 0) return;
        out_.site.push_back(
            fmt::format("{}: feed_in_limit in percent needs 'pv_peak_w', the installed PV power; "
                        "nothing is fed in until it is given",
                        file_name_));
        limit = {FeedInLimit::Mode::zero, 0};
    }

    // A shared device that is not in the site keeps its unit id, in case it comes back; so it is said, and no more.
    void check_shared() {
        if (!out_.config.modbus_server || !out_.config.modbus_server->is_enabled) return;
        for (const SharedDevice& shared : out_.config.modbus_server->devices)
            if (!taken(shared.id))
                out_.site.push_back(
                    fmt::format("{}: modbus_server shares '{}', which is not under 'devices'; clients "
                                "of unit {} get no answer",
                                file_name_, shared.id, shared.unit));
    }

    std::string_view file_name_;
    LoadOutcome& out_;
    std::map<std::string, std::string, std::less<>> broken_buses_;  // id -> why
};

}  // namespace

Result<LoadOutcome> load(std::string_view yaml, std::string_view file_name) {
    if (yaml.size() > max_file_bytes)
        return fail(Errc::malformed,
                    fmt::format("{}: {} bytes; a site file has at most {}", file_name, yaml.size(), max_file_bytes));
    BUSBAR_TRY(const Node root, profile::parse_yaml(yaml, file_name));
    if (root.kind != Node::Kind::map)
        return fail(Errc::malformed, fmt::format("{}:1: expected keys such as 'buses:' and 'devices:'", file_name));
    LoadOutcome outcome;
    outcome.file = file_name;
    Loader(file_name, outcome).read(root);
    return outcome;
}

}  // namespace busbar::config
