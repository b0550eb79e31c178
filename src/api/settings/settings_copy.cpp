#include "api/settings/settings_copy.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>

#include "base/bytes.hpp"
#include "base/crc.hpp"
#include "base/whole_file.hpp"

namespace busbar::api {
namespace {
using State = ControlCopy::State;
using Mode = config::FeedInLimit::Mode;

constexpr std::string_view heading = "busbar control settings 1\n";

std::string body_of(const ControlCopy& copy) {
    std::string body(heading);
    if (copy.state == State::as_configured) return body + "as configured\n";
    if (copy.state == State::lost) return body + "lost\n";
    const auto& s = copy.control.settings;
    // The name comes last: it may hold anything.
    return body + fmt::format("saved\n{} {} {} {} {}\n{}\n", s.self_consumption.enabled ? 1 : 0,
                              s.self_consumption.import_target_w, static_cast<int>(s.feed_in_limit.mode),
                              s.feed_in_limit.value, to_ms(copy.control.changed_at), copy.control.changed_by);
}

std::string checksum_line(std::string_view body) { return fmt::format("crc32c {:08x}\n", crc32c(as_bytes(body))); }

// Takes the number that `text` begins with, and the one character after it.
template <class T>
bool take(std::string_view& text, T& value) {
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc{} || end == text.data() + text.size()) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
    return true;
}

std::optional<StoredControl> parse_saved(std::string_view text) {
    int enabled = 0, mode = 0;
    double import_target_w = 0, value = 0;
    std::int64_t changed_ms = 0;
    const bool read = take(text, enabled) && take(text, import_target_w) && take(text, mode) && take(text, value) &&
                      take(text, changed_ms) && !text.empty();
    const auto settings = read ? stored_settings(enabled != 0, import_target_w, mode, value) : std::nullopt;
    if (!settings) return std::nullopt;
    StoredControl control{.settings = *settings};
    control.changed_by = text.substr(0, text.size() - 1);
    control.changed_at = WallTime(std::chrono::milliseconds(changed_ms));
    return control;
}

ControlCopy parse(std::string_view text) {
    const ControlCopy damaged{State::damaged, {}};
    const std::size_t checksum_size = checksum_line("").size();
    if (text.size() < heading.size() + checksum_size) return damaged;
    std::string_view body = text.substr(0, text.size() - checksum_size);
    if (text.substr(body.size()) != checksum_line(body) || !body.starts_with(heading)) return damaged;
    body.remove_prefix(heading.size());
    if (body == "as configured\n") return {State::as_configured, {}};
    if (body == "lost\n") return {State::lost, {}};
    constexpr std::string_view saved = "saved\n";
    if (!body.starts_with(saved)) return damaged;
    auto control = parse_saved(body.substr(saved.size()));
    return control ? ControlCopy{State::saved, std::move(*control)} : damaged;
}
}  // namespace

std::optional<ControlSettings> stored_settings(bool is_enabled, double import_target_w, std::int64_t mode,
                                               double value) {
    const bool is_sound =
        mode >= 0 && mode <= static_cast<int>(Mode::percent) && std::isfinite(import_target_w) && std::isfinite(value);
    if (!is_sound) return std::nullopt;
    return ControlSettings{{is_enabled, import_target_w}, {static_cast<Mode>(mode), value}};
}

ControlCopy read_copy(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return {errno == ENOENT ? State::missing : State::damaged, {}};
    std::array<char, 4096> text;
    const ssize_t size = ::read(fd, text.data(), text.size());
    ::close(fd);
    return size < 0 ? ControlCopy{State::damaged, {}} : parse({text.data(), static_cast<std::size_t>(size)});
}

Status write_copy(const std::string& path, const ControlCopy& copy) {
    const std::string body = body_of(copy);
    return write_whole_file(path, body + checksum_line(body), 0600);
}

bool operator==(const ControlCopy& a, const ControlCopy& b) {
    return a.state == b.state && (a.state != State::saved || body_of(a) == body_of(b));
}

ControlAtStart decide(const Result<std::optional<StoredControl>>& database, const std::string& set_aside,
                      const ControlCopy& copy) {
    if (database && *database) return {*database, false, {}};
    const bool was_lost = !database || !set_aside.empty();
    if (copy.state == State::as_configured && database)
        return {{},
                false,
                was_lost ? fmt::format("the settings database was damaged and is kept as {} in the data folder; "
                                       "no control settings had been saved, those of site.yaml are in force; make "
                                       "the accounts again with the setup code that the gateway prints",
                                       set_aside)
                         : ""};
    if (copy.state == State::missing && !was_lost) return {};
    const std::string what =
        !database           ? "the control settings cannot be read from the settings database: " + database.error().text
        : set_aside.empty() ? "the settings database no longer holds the control settings"
                            : fmt::format(
                                  "the settings database was damaged and is kept as {} in the data folder; make the "
                                  "accounts again with the setup code that the gateway prints",
                                  set_aside);
    if (copy.state == State::saved)
        return {copy.control, false,
                fmt::format("{}; control runs on the copy of the settings that {} saved: check and save them", what,
                            copy.control.changed_by)};
    return {{},
            true,
            what + "; its copy is gone too: nothing is fed in until somebody checks and saves the control settings"};
}

}  // namespace busbar::api
