#include "lookup.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <iostream>

#include "answer.hpp"
#include "base/log.hpp"
#include "nearest.hpp"

namespace busbar::ctl {
namespace json = boost::json;
namespace {

struct Kind {
    const char *one, *path, *list, *key, *verb;
};

Result<json::value> named(const Session& session, const Kind& kind, const std::string& word) {
    BUSBAR_TRY(const json::value answer, get_json(session, kind.path));
    std::vector<std::string> known;
    for (const auto& item : list_of(answer, kind.list)) {
        known.push_back(text_of(item, kind.key));
        if (known.back() == word) return item;
    }
    return fail(Errc::malformed, fmt::format("there is no {} '{}'{}\n'busbarctl {}' lists all {}", kind.one,
                                             printable(word), did_you_mean(word, known), kind.verb, known.size()));
}

}  // namespace

Result<json::value> device_named(const Session& session, const std::string& word) {
    return named(session, {"device", "/api/v1/devices", "devices", "id", "devices"}, word);
}
Result<json::value> bus_named(const Session& session, const std::string& word) {
    return named(session, {"bus", "/api/v1/buses", "buses", "id", "buses"}, word);
}
Result<json::value> profile_named(const Session& session, const std::string& word) {
    return named(session, {"profile", "/api/v1/profiles", "profiles", "name", "profiles"}, word);
}

Result<std::string> usual_use(const Session& session, const std::string& use) {
    if (use != "grid_meter") return use;
    BUSBAR_TRY(const json::value answer, get_json(session, "/api/v1/devices"));
    for (const auto& device : list_of(answer, "devices"))
        if (text_of(device, "use") == "grid_meter") return std::string("sub_meter");
    return use;
}

Result<std::int64_t> whole_number(const std::string& what, const std::string& text, std::int64_t low,
                                  std::int64_t high) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc{} && end == text.data() + text.size() && number >= low && number <= high) return number;
    return fail(Errc::malformed,
                fmt::format("{} {}: expected a number from {} to {}", what, printable(text), low, high));
}

Result<std::optional<std::int64_t>> option_number(const Arguments& a, const std::string& name, std::int64_t low,
                                                  std::int64_t high) {
    if (!a.options.contains(name)) return std::optional<std::int64_t>();
    BUSBAR_TRY(const auto number, whole_number("--" + name, a.option(name), low, high));
    return std::optional(number);
}

Status confirm(const std::string& question, const std::string& instead) {
    if (!::isatty(STDIN_FILENO)) return fail(Errc::malformed, instead);
    std::cerr << question << " [y/N] ";
    std::string answer;
    std::getline(std::cin, answer);
    if (answer == "y" || answer == "Y" || answer == "yes") return ok();
    return fail(Errc::denied, "nothing was changed");
}

}  // namespace busbar::ctl
