#include "verbs.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.hpp"
#include "nearest.hpp"
#include "sign_in.hpp"

namespace busbar::ctl {
namespace {

constexpr std::size_t any_number = 1000;

std::size_t words_in(std::string_view name) {
    return 1 + static_cast<std::size_t>(std::count(name.begin(), name.end(), ' '));
}

std::vector<std::string> names() {
    std::vector<std::string> all;
    for (const auto& verb : verbs()) all.emplace_back(verb.name);
    return all;
}

bool has_option(const Verb& verb, std::string_view name) {
    return std::any_of(verb.options.begin(), verb.options.end(), [&](std::string_view option) {
        return option == name || (option.ends_with('=') && option.substr(0, option.size() - 1) == name);
    });
}

// A word that nobody reads is a mistake, and is told before anything is asked.
Status check_words(const Arguments& a, const Verb& verb) {
    for (const auto& [name, unused] : a.options)
        if (!has_option(verb, name))
            return fail(Errc::malformed,
                        fmt::format("'{}' takes no --{}; 'busbarctl help' shows what it takes", verb.name, name));
    const std::size_t before = words_in(verb.name), given = a.words.size() - before;
    if (given < verb.least)
        return fail(Errc::malformed, fmt::format("busbarctl {} {}: {}", verb.name, verb.words, verb.text));
    if (given <= verb.most) return ok();
    const std::string& word = a.words[before + verb.most];
    std::vector<std::string> longer = names();
    std::erase_if(longer, [&](const std::string& name) { return !name.starts_with(std::string(verb.name) + " "); });
    return fail(Errc::malformed,
                fmt::format("'{}' takes no '{}'{} 'busbarctl help' shows what it takes", verb.name, printable(word),
                            longer.empty() ? ";" : did_you_mean(a.words[0] + " " + word, longer)));
}

}  // namespace

std::span<const Verb> verbs() {
    static const std::vector<Verb> all = {
        {"setup",
         "ADDRESS --user NAME --code CODE",
         "make the first account with the setup code",
         0,
         1,
         {"user=", "code=", "fingerprint=", "password-stdin"}},
        {"login",
         "ADDRESS --user NAME",
         "sign in; the session is kept for the other verbs",
         0,
         1,
         {"user=", "fingerprint=", "password-stdin"}},
        {"logout", "", "end the session", 0, 0, {}},
        {"status", "", "what happens now, and active alarms", 0, 0, {}, show_status},
        {"points", "[DEVICE | POINT]", "values with quality and age", 0, 1, {}, show_points},
        {"live", "[DEVICE | POINT] [--count N]", "the same, each second", 0, 1, {"count="}, show_live},
        {"history",
         "[SERIES...] [--from T] [--to T] [--buckets N]",
         "what is kept, or its course",
         0,
         any_number,
         {"from=", "to=", "buckets="},
         show_history},
        {"export",
         "SERIES... [--from T] [--to T]",
         "every sample as CSV",
         0,
         any_number,
         {"from=", "to="},
         export_history},
        {"why", "[DEVICE] [--limit N]", "the last setpoints and who decided them", 0, 1, {"limit="}, show_why},
        {"devices", "", "devices, their state and their bus", 0, 0, {}, show_devices},
        {"devices add",
         "PROFILE BUS UNIT [--name NAME] [--use USE] [--id ID] [--serial S] [--rated-power W] [--via WAY]",
         "poll one more device",
         3,
         3,
         {"name=", "use=", "id=", "serial=", "rated-power=", "via="},
         add_device},
        {"devices change",
         "DEVICE [--name NAME] [--use USE] [--serial S] [--rated-power W] [--via WAY]",
         "what is said about it",
         1,
         1,
         {"name=", "use=", "serial=", "rated-power=", "via="},
         change_device},
        {"devices rename", "DEVICE NAME", "its name alone", 2, 2, {}, rename_device},
        {"devices replace",
         "DEVICE [--serial S] [--bus BUS] [--unit N] [--profile PROFILE]",
         "another one in its place; name and history stay",
         1,
         1,
         {"serial=", "bus=", "unit=", "profile="},
         replace_device},
        {"devices remove",
         "DEVICE [--bus BUS --unit N --profile PROFILE]",
         "its history stays readable",
         1,
         1,
         {"bus=", "unit=", "profile="},
         remove_device},
        {"settings", "DEVICE [KEY VALUE]", "a device's own settings, read or written", 1, 3, {}, device_settings},
        {"upgrade",
         "DEVICE [FILE] [--take-unsupported] [--cancel]",
         "send a firmware image to a device; goes on where it broke off",
         1,
         2,
         {"cancel", "take-unsupported"},
         upgrade_device},
        {"scan",
         "[--bus BUS] [--first N] [--last N] [--baud B,B] [--lan] [--network N] [--add]",
         "search lines and networks for devices",
         0,
         0,
         {"bus=", "first=", "last=", "baud=", "lan", "network=", "add"},
         scan_devices},
        {"profiles", "", "device families the gateway knows", 0, 0, {}, show_profiles},
        {"profiles add",
         "FILE [--name MAKER/FAMILY] [--over-shipped]",
         "a device pack",
         1,
         1,
         {"name=", "over-shipped"},
         add_profile},
        {"profiles remove", "MAKER/FAMILY", "a device pack that no device needs", 1, 1, {}, remove_profile},
        {"buses", "[BUS]", "lines and endpoints, how busy, how fast", 0, 1, {}, show_buses},
        {"buses add",
         "BUS PORT | HOST[:PORT] [--baud B] [--parity P] [--stop-bits N] [--framing F]",
         "a serial line or an endpoint",
         2,
         2,
         {"baud=", "parity=", "stop-bits=", "framing="},
         add_bus},
        {"buses change",
         "BUS [PORT | HOST[:PORT]] [--baud B] [--parity P] [--stop-bits N] [--framing F] [--anyway]",
         "how it is reached, once a device answers so",
         1,
         2,
         {"baud=", "parity=", "stop-bits=", "framing=", "anyway"},
         change_bus},
        {"buses remove", "BUS", "once it has no devices", 1, 1, {}, remove_bus},
        {"ports", "", "serial ports of the gateway", 0, 0, {}, show_ports},
        {"sharing", "", "who else reads the devices through this gateway", 0, 0, {}, show_sharing},
        {"sharing on",
         "[--clients A,A] [--devices D,D] [--listen ADDRESS] [--port N]",
         "let other programs read, at once",
         0,
         0,
         {"clients=", "devices=", "listen=", "port="},
         switch_sharing},
        {"sharing off", "", "every connection ends; the list stays", 0, 0, {}, switch_sharing},
        {"site reload",
         "[--check]",
         "read the site file again; --check shows what is different",
         0,
         0,
         {"check"},
         reload_site},
        {"ask",
         "BUS UNIT FUNCTION ADDRESS [COUNT] [--values V,V] | --pdu HEX",
         "one request by hand",
         2,
         5,
         {"pdu=", "values="},
         ask_bus},
        {"monitor",
         "BUS [--count N] [--capture FILE]",
         "what goes over a line, frame by frame",
         1,
         1,
         {"count=", "capture="},
         monitor_bus},
    };
    return all;
}

const Verb* verb_of(const std::vector<std::string>& words) {
    const Verb* best = nullptr;
    for (const auto& verb : verbs()) {
        std::string begin = words[0];
        if (words_in(verb.name) == 2 && words.size() > 1) begin += " " + words[1];
        if (begin == verb.name && (!best || verb.name.size() > best->name.size())) best = &verb;
    }
    return best;
}

std::optional<bool> takes_value(std::string_view option) {
    for (const auto& verb : verbs())
        for (const auto known : verb.options)
            if (known.substr(0, known.find('=')) == option) return known.ends_with('=');
    return std::nullopt;
}

std::string usage() {
    std::string text = "busbarctl - ask a Busbar gateway, and change its site\n\n";
    for (const auto& verb : verbs()) {
        const std::string call = fmt::format("busbarctl {}{}{}", verb.name, verb.words.empty() ? "" : " ", verb.words);
        text += call.size() <= 46 ? fmt::format("  {:46}  {}\n", call, verb.text)
                                  : fmt::format("  {}\n  {:46}  {}\n", call, "", verb.text);
    }
    return text +
           "\n"
           "  ADDRESS         192.168.8.10, box.local:8443 (without a port: 8443)\n"
           "  T               now, today, yesterday, -6h, -7d, 2026-11-21, 2026-11-21T14:05 (local), ...Z (UTC)\n"
           "  USE             grid_meter, pv, hybrid, battery, charger, sub_meter (without it: as the profile says)\n"
           "  WAY             chargers: lan (the gateway's LAN port) or router\n"
           "  P, F            parity none, even or odd; framing tcp or rtu (a serial server that passes frames on)\n"
           "  FUNCTION        1 to 4 read COUNT bits or registers, 5, 6, 15, 16 write --values\n"
           "  --json          print the API's JSON instead of tables\n"
           "  --password-stdin, --fingerprint AB:CD:...   setup and login in scripts: the password's first line, and "
           "the\n"
           "                  certificate the gateway printed at its start\n";
}

Status run(const Arguments& a) {
    const Verb* verb = verb_of(a.words);
    if (!verb)
        return fail(Errc::malformed, fmt::format("there is no verb '{}'{} 'busbarctl help' lists them",
                                                 printable(a.words[0]), did_you_mean(a.words[0], names())));
    if (const Status checked = check_words(a, *verb); !checked) return checked;
    if (verb->name == "logout") return sign_out();
    if (!verb->show) return sign_in(a);
    BUSBAR_TRY(Session session, load_session(session_path()));
    return verb->show(Context{a, std::move(session)});
}

void print_done(const Context& context, const boost::json::value& answer, const std::string& text) {
    if (context.arguments.json && !answer.is_null()) return print_json(answer);
    if (!context.arguments.json) fmt::print("{}\n", text);
}

}  // namespace busbar::ctl
