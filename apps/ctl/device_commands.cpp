// busbarctl devices, devices add/change/rename/replace/remove, and settings.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iostream>

#include "answer.hpp"
#include "base/log.hpp"
#include "commands.hpp"
#include "lookup.hpp"
#include "nearest.hpp"
#include "text.hpp"

namespace busbar::ctl {
namespace json = boost::json;
namespace {

std::string device_path(const std::string& id, const char* below = "") {
    return "/api/v1/devices/" + url_escape(id) + below;
}

// "Eastron SDM630, rs485-1 unit 11": what the device says it is, or its profile.
std::string described(const json::value& device) {
    std::string what = text_of(device, "maker", "") + " " + text_of(device, "model", "");
    if (what == " ") what = text_of(device, "profile");
    return fmt::format("{}, {} unit {}", what, text_of(device, "bus"), count_of(device, "unit"));
}

// The options that say something about a device, over what is said already.
Status put_options(const Arguments& a, json::object& body) {
    for (const char* name : {"name", "use", "serial", "via", "id"})
        if (a.options.contains(name)) body[name] = a.option(name);
    BUSBAR_TRY(const auto power_w, option_number(a, "rated-power", 1, 100'000'000));
    if (power_w) body["rated_power_w"] = *power_w;
    return ok();
}

// What PUT needs in full, as it is now.
json::object as_it_is(const json::value& device) {
    json::object body;
    for (const auto& [ours, theirs] :
         {std::pair{"name", "name"}, std::pair{"use", "use"}, std::pair{"serial", "serial_expected"},
          std::pair{"via", "via"}, std::pair{"rated_power_w", "rated_power_w"}})
        if (const auto* value = field(device, theirs)) body[ours] = *value;
    return body;
}

Status put_device(const Context& c, const json::value& device, const json::object& body) {
    const std::string id = text_of(device, "id");
    BUSBAR_TRY(const json::value answer, send_json(c.session, "PUT", device_path(id), body));
    print_done(c, answer, id + " changed");
    return ok();
}

Status list_settings(const Context& c, const std::string& id) {
    BUSBAR_TRY(const json::value answer, get_json(c.session, device_path(id, "/settings")));
    if (c.arguments.json) {
        print_json(answer);
        return ok();
    }
    std::vector<std::vector<std::string>> rows;
    std::string notes;
    for (const auto& s : list_of(answer, "settings")) {
        const auto value = number_of(s, "value");
        const auto& choices = list_of(s, "choices");
        std::string shown = quantity(value, text_of(s, "unit", "")), range;
        for (const auto& choice : choices) {
            if (value && number_of(choice, "value") == value) shown = text_of(choice, "text");
            range += (range.empty() ? "" : ", ") + text_of(choice, "text");
        }
        if (choices.empty())
            range = fmt::format("{:g} to {:g}", number_of(s, "min").value_or(0), number_of(s, "max").value_or(0));
        const auto says = [&](const char* key) {
            const auto* value = field(s, key);
            return value && value->is_bool() && value->as_bool();
        };
        const char* who = !says("writable") ? "nobody" : says("owners") ? "owner" : "installer";
        rows.push_back({text_of(s, "key"), shown, range, who, text_of(s, "text", "")});
        for (const char* what : {"problem", "warning"})
            if (const auto text = text_of(s, what, ""); !text.empty())
                notes += fmt::format("\n{}: {}\n", text_of(s, "key"), text);
    }
    if (rows.empty())
        fmt::print("the profile of {} has no settings\n", id);
    else
        std::cout << table({"setting", "value", "may be", "changed by", ""}, rows) << notes;
    return ok();
}

// A number, or the name of a choice. Errors: malformed, with what may be.
Result<double> setting_value(const json::value& setting, const std::string& typed) {
    std::vector<std::string> names;
    for (const auto& choice : list_of(setting, "choices")) {
        names.push_back(text_of(choice, "text"));
        if (names.back() == typed) return number_of(choice, "value").value_or(0);
    }
    double value = 0;
    const auto [end, error] = std::from_chars(typed.data(), typed.data() + typed.size(), value);
    if (error == std::errc{} && end == typed.data() + typed.size()) return value;
    if (names.empty())
        return fail(Errc::malformed,
                    fmt::format("'{}' is no number; {} may be {:g} to {:g}", printable(typed), text_of(setting, "key"),
                                number_of(setting, "min").value_or(0), number_of(setting, "max").value_or(0)));
    return fail(Errc::malformed, fmt::format("{} cannot be '{}'{}", text_of(setting, "key"), printable(typed),
                                             did_you_mean(typed, names)));
}

}  // namespace

Status show_devices(const Context& c) {
    BUSBAR_TRY(const json::value answer, get_json(c.session, "/api/v1/devices"));
    if (c.arguments.json) {
        print_json(answer);
        return ok();
    }
    std::vector<std::vector<std::string>> rows;
    std::string problems;
    for (const auto& d : list_of(answer, "devices")) {
        const json::value none;
        const auto* found = field(d, "statistics");
        const json::value& statistics = found ? *found : none;
        rows.push_back({text_of(d, "id"), words_of(d, "state"), words_of(d, "use"), text_of(d, "maker"),
                        text_of(d, "model"), text_of(d, "serial"), text_of(d, "firmware"),
                        fmt::format("{} unit {}", text_of(d, "bus"), count_of(d, "unit")),
                        count_of(statistics, "requests"), count_of(statistics, "timeouts")});
        if (const std::string problem = text_of(d, "problem", ""); !problem.empty())
            problems += fmt::format("\n{}: {}\n", text_of(d, "id"), problem);
        const auto* firmware = field(d, "firmware_support");
        if (firmware && text_of(*firmware, "verdict") == "unsupported")
            problems += fmt::format("\n{}: {}\n", text_of(d, "id"), text_of(*firmware, "text", "unsupported firmware"));
    }
    if (rows.empty()) {
        fmt::print("no devices; 'busbarctl scan --lan --add' finds and adds them, 'busbarctl devices add' adds one\n");
        return ok();
    }
    std::cout << table(
                     {"device", "state", "use", "maker", "model", "serial", "firmware", "bus", "requests", "time-outs"},
                     rows)
              << problems;
    return ok();
}

Status add_device(const Context& c) {
    const auto& words = c.arguments.words;
    BUSBAR_TRY(const json::value profile, profile_named(c.session, words[2]));
    BUSBAR_TRY(const json::value bus, bus_named(c.session, words[3]));
    BUSBAR_TRY(const auto unit, whole_number("UNIT", words[4], 0, 255));
    const auto& products = list_of(profile, "products");
    const std::string product =
        products.empty() || !products[0].is_string() ? words[2] : std::string(products[0].as_string());
    BUSBAR_TRY(const std::string use, usual_use(c.session, text_of(profile, "use")));
    json::object body{
        {"name", product.substr(0, 64)}, {"profile", words[2]}, {"bus", words[3]}, {"unit", unit}, {"use", use}};
    if (const Status put = put_options(c.arguments, body); !put) return put;
    BUSBAR_TRY(const json::value answer, send_json(c.session, "POST", "/api/v1/devices", body));
    print_done(c, answer, fmt::format("{} added; 'busbarctl devices' shows when it is online", text_of(answer, "id")));
    return ok();
}

Status change_device(const Context& c) {
    BUSBAR_TRY(const json::value device, device_named(c.session, c.arguments.words[2]));
    if (c.arguments.options.empty())
        return fail(Errc::malformed, "what changes? Add --name, --use, --serial, --rated-power or --via");
    json::object body = as_it_is(device);
    if (const Status put = put_options(c.arguments, body); !put) return put;
    return put_device(c, device, body);
}

Status rename_device(const Context& c) {
    BUSBAR_TRY(const json::value device, device_named(c.session, c.arguments.words[2]));
    json::object body = as_it_is(device);
    body["name"] = c.arguments.words[3];
    return put_device(c, device, body);
}

Status replace_device(const Context& c) {
    const Arguments& a = c.arguments;
    BUSBAR_TRY(const json::value device, device_named(c.session, a.words[2]));
    json::object body{{"serial", a.option("serial")}};
    for (const char* name : {"bus", "profile"})
        if (a.options.contains(name)) body[name] = a.option(name);
    BUSBAR_TRY(const auto unit, option_number(a, "unit", 0, 255));
    if (unit) body["unit"] = *unit;
    BUSBAR_TRY(const json::value answer, send_json(c.session, "POST", device_path(a.words[2], "/replacement"), body));
    print_done(c, answer, fmt::format("{} is now another device; its name and history stay", a.words[2]));
    return ok();
}

// Bus, unit and profile are said by whoever removes: typed, or seen and confirmed.
Status remove_device(const Context& c) {
    const Arguments& a = c.arguments;
    BUSBAR_TRY(const json::value device, device_named(c.session, a.words[2]));
    const bool is_typed = a.options.contains("bus") && a.options.contains("unit") && a.options.contains("profile");
    if (!is_typed) {
        const std::string full = fmt::format(
            "{} is {}; to remove it in a script: busbarctl devices remove {} --bus {} --unit {} --profile {}",
            a.words[2], described(device), a.words[2], text_of(device, "bus"), count_of(device, "unit"),
            text_of(device, "profile"));
        const auto sure =
            confirm(fmt::format("Remove {} ({})? Its history stays readable.", a.words[2], described(device)), full);
        if (!sure) return sure;
    }
    const std::string unit = is_typed ? a.option("unit") : count_of(device, "unit");
    const std::string query =
        fmt::format("?bus={}&unit={}&profile={}", url_escape(a.option("bus", text_of(device, "bus"))), url_escape(unit),
                    url_escape(a.option("profile", text_of(device, "profile"))));
    BUSBAR_TRY(const json::value answer, delete_json(c.session, device_path(a.words[2]) + query));
    print_done(c, answer, a.words[2] + " removed; its history stays readable");
    return ok();
}

Status device_settings(const Context& c) {
    const auto& words = c.arguments.words;
    if (const auto known = device_named(c.session, words[1]); !known) return known.error();
    if (words.size() == 2) return list_settings(c, words[1]);
    if (words.size() == 3)
        return fail(Errc::malformed, fmt::format("busbarctl settings {} {} VALUE", words[1], printable(words[2])));
    BUSBAR_TRY(const json::value settings, get_json(c.session, device_path(words[1], "/settings")));
    const auto& all = list_of(settings, "settings");
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& s) { return text_of(s, "key") == words[2]; });
    if (found == all.end()) {
        std::vector<std::string> keys;
        for (const auto& s : all) keys.push_back(text_of(s, "key"));
        return fail(Errc::malformed,
                    fmt::format("{} has no setting '{}'{}\n'busbarctl settings {}' lists all {}", words[1],
                                printable(words[2]), did_you_mean(words[2], keys), words[1], keys.size()));
    }
    BUSBAR_TRY(const double value, setting_value(*found, words[3]));
    const json::object body{{"key", words[2]}, {"value", value}};
    BUSBAR_TRY(const json::value answer, send_json(c.session, "PUT", device_path(words[1], "/settings"), body));
    const std::string unit = text_of(*found, "unit", "");
    print_done(c, answer,
               fmt::format("{} {}: {} before, now {} (read back)", words[1], words[2],
                           quantity(number_of(answer, "before"), unit), quantity(number_of(answer, "value"), unit)));
    return ok();
}

}  // namespace busbar::ctl
