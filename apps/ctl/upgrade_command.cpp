// busbarctl upgrade: an image to the gateway, then to the device.
#include <fmt/format.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <iostream>

#include "answer.hpp"
#include "base/log.hpp"
#include "commands.hpp"
#include "interrupt.hpp"
#include "lookup.hpp"
#include "text.hpp"

namespace busbar::ctl {
namespace json = boost::json;
namespace {

constexpr std::size_t largest_image = 16u << 20, piece_size = 32 * 1024;

Result<std::string> read_image(const std::string& path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    const auto size = file ? static_cast<std::int64_t>(file.tellg()) : -1;
    if (size < 0) return fail(Errc::malformed, printable(path) + ": cannot be read");
    if (size == 0 || size > static_cast<std::int64_t>(largest_image))
        return fail(Errc::malformed, fmt::format("{}: {} bytes; an image has 1 to 16 MiB", printable(path), size));
    std::string image(static_cast<std::size_t>(size), '\0');
    file.seekg(0);
    file.read(image.data(), size);
    if (!file) return fail(Errc::malformed, printable(path) + ": cannot be read");
    return image;
}

std::string sha256_hex(const std::string& bytes) {
    std::array<unsigned char, 32> digest{};
    EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
    std::string text;
    for (const auto byte : digest) text += fmt::format("{:02x}", byte);
    return text;
}

std::string base64(std::string_view bytes) {
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const int n = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                  reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(n));
    return text;
}

void show_line(const std::string& text) {
    if (!::isatty(STDERR_FILENO)) return;
    fmt::print(stderr, "\r\033[K{}", text);
    std::fflush(stderr);
}

// Piece by piece from where the gateway says; returns the image's name there.
Result<std::string> upload(const Context& c, const std::string& path, const std::string& image) {
    const std::string name = sha256_hex(image);
    std::size_t received = 0, n = 0;  // the first, empty, piece asks how far an earlier try came
    for (bool is_complete = false; !is_complete;) {
        if (interrupted()) return fail(Errc::denied, "interrupted; the same command goes on where this ended");
        const json::object body{{"image", name},
                                {"size", image.size()},
                                {"offset", received},
                                {"data", base64(std::string_view(image).substr(received, n))}};
        BUSBAR_TRY(const json::value answer, send_json(c.session, "POST", path + "/firmware", body));
        received = std::min(static_cast<std::size_t>(number_of(answer, "received").value_or(0)), image.size());
        const auto* complete = field(answer, "complete");
        is_complete = complete && complete->is_bool() && complete->as_bool();
        n = piece_size;
        show_line(fmt::format("to the gateway: {:3.0f} %", 100.0 * double(received) / double(image.size())));
    }
    return name;
}

// ", 812 bytes/s, 2 min 5 s to go"; nothing while it is not known.
std::string pace_of(const json::value& upgrade) {
    const auto speed = number_of(upgrade, "bytes_per_s"), left = number_of(upgrade, "remaining_s");
    if (!speed || !left) return "";
    const auto seconds = static_cast<int>(*left);
    const std::string minutes = seconds >= 60 ? fmt::format("{} min ", seconds / 60) : "";
    return fmt::format(", {:.0f} bytes/s, {}{} s to go", *speed, minutes, seconds % 60);
}

bool is_under_way(const std::string& state) {
    return state == "transferring" || state == "verifying" || state == "installing";
}

Status print_upgrade(const Context& c, const json::value& upgrade) {
    if (c.arguments.json) {
        print_json(upgrade);
        return ok();
    }
    const std::string from = text_of(upgrade, "from", ""), to = text_of(upgrade, "to", "");
    fmt::print("{}, {} %{}{}{}{}\n", words_of(upgrade, "state"), count_of(upgrade, "percent"), pace_of(upgrade),
               from.empty() ? "" : ", from " + from, to.empty() ? "" : " to " + to,
               text_of(upgrade, "text", "").empty() ? "" : "\n" + text_of(upgrade, "text", ""));
    return ok();
}

// Until it is over. Ctrl-C leaves it running: a transfer broken off on purpose needs --cancel.
Status follow(const Context& c, const std::string& path) {
    for (;;) {
        BUSBAR_TRY(const json::value upgrade, get_json(c.session, path + "/upgrade"));
        const std::string state = text_of(upgrade, "state");
        if (!is_under_way(state)) {
            show_line("");
            if (state != "failed" && state != "interrupted") return print_upgrade(c, upgrade);
            return fail(Errc::refused, text_of(upgrade, "text", "the upgrade failed"));
        }
        show_line(fmt::format("to the device: {:>3} %{}  {}", count_of(upgrade, "percent"), pace_of(upgrade),
                              text_of(upgrade, "text", "").substr(0, 40)));
        if (wait_ms(1000)) continue;
        show_line("");
        return fail(Errc::denied,
                    fmt::format("it goes on at the gateway; 'busbarctl upgrade {}' shows it, --cancel ends it",
                                c.arguments.words[1]));
    }
}

}  // namespace

Status upgrade_device(const Context& c) {
    const auto& words = c.arguments.words;
    if (const auto known = device_named(c.session, words[1]); !known) return known.error();
    const std::string path = "/api/v1/devices/" + url_escape(words[1]);
    if (c.arguments.options.contains("cancel")) {
        if (words.size() > 2) return fail(Errc::malformed, "--cancel takes no file");
        BUSBAR_TRY(const json::value answer, delete_json(c.session, path + "/upgrade"));
        print_done(c, answer, words[1] + ": the upgrade was ended");
        return ok();
    }
    if (words.size() == 2) {
        BUSBAR_TRY(const json::value upgrade, get_json(c.session, path + "/upgrade"));
        return print_upgrade(c, upgrade);
    }
    BUSBAR_TRY(const std::string image, read_image(words[2]));
    catch_interrupt();
    const auto name = upload(c, path, image);
    show_line("");
    if (!name) return name.error();
    json::object order{{"image", *name}};
    if (c.arguments.options.contains("take-unsupported")) order["take_unsupported"] = true;
    BUSBAR_TRY(const json::value begun, send_json(c.session, "POST", path + "/upgrade", order));
    return follow(c, path);
}

}  // namespace busbar::ctl
