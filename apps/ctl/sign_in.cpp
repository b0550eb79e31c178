#include "sign_in.hpp"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <iostream>

#include "client.hpp"

namespace busbar::ctl {
namespace json = boost::json;
namespace {

std::string ask(const std::string& prompt) {
    std::cerr << prompt;
    std::string line;
    std::getline(std::cin, line);
    return line;
}

std::string ask_password(const Arguments& a, const std::string& prompt) {
    if (a.options.contains("password-stdin") || !::isatty(STDIN_FILENO)) return ask("");
    termios before{};
    ::tcgetattr(STDIN_FILENO, &before);
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &silent);
    const std::string password = ask(prompt);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &before);
    std::cerr << "\n";
    return password;
}

bool same_fingerprint(std::string a, std::string b) {
    for (std::string* text : {&a, &b}) {
        std::erase_if(*text, [](char c) { return c == ':' || c == ' '; });
        std::transform(text->begin(), text->end(), text->begin(), [](unsigned char c) { return std::toupper(c); });
    }
    return a == b;
}

// Nobody vouches for a gateway's own certificate but the gateway itself, at its console: the password is only sent once
// it is the one that was given, the one met before, or the one a person has looked at.
Status check_trust(const Arguments& a, const Response& hello, const std::string& url) {
    const std::string& shown = hello.fingerprint;
    if (const std::string given = a.option("fingerprint"); !given.empty()) {
        if (same_fingerprint(given, shown)) return ok();
        return fail(Errc::denied,
                    fmt::format("{} shows the certificate {}, not the one given; is the address right?", url, shown));
    }
    const auto known = load_session(session_path());
    if (known && known->url == url) {
        if (known->pinned_key == hello.server_key) return ok();
        return fail(
            Errc::denied,
            fmt::format("{} shows another certificate than at the last login:\n  {}\nIf the gateway was reset or "
                        "replaced, compare this with what it printed at its start, then log in with "
                        "--fingerprint {}\nOtherwise somebody is in between: do not log in.",
                        url, shown, shown));
    }
    std::cerr << "certificate of " << url << ":\n  " << shown << "\n";
    if (!::isatty(STDIN_FILENO) || a.options.contains("password-stdin")) return ok();
    const std::string answer = ask("Is this what the gateway printed at its start? [y/N] ");
    if (answer == "y" || answer == "Y" || answer == "yes") return ok();
    return fail(Errc::denied, "not signed in; the gateway prints its certificate and setup code when it starts");
}

Error refusal(const Response& answer, bool is_setup) {
    Error error = answer_error(answer.status, answer.body);
    if (is_setup && answer.status == 409) error.text += "; use 'busbarctl login'";
    return error;
}

}  // namespace

std::string gateway_url(std::string_view typed) {
    std::string text(typed);
    if (text.starts_with("https://")) text.erase(0, 8);
    while (text.ends_with('/')) text.pop_back();
    if (text.empty() || text.find_first_of("/ @?#") != std::string::npos || text.starts_with('-')) return {};
    const auto last = text.rfind(':');
    const bool is_bare_ipv6 = last != std::string::npos && text.find(':') != last && !text.starts_with('[');
    if (is_bare_ipv6) text = "[" + text + "]";
    const bool has_port = !text.ends_with(']') && text.find(':') != std::string::npos;
    return "https://" + text + (has_port ? "" : ":8443");
}

Status sign_in(const Arguments& a) {
    const bool is_setup = a.words[0] == "setup";
    Session session;
    if (a.words.size() > 1) {
        session.url = gateway_url(a.words[1]);
    } else if (const auto known = load_session(session_path())) {
        session.url = known->url;
        session.user = known->user;
    }
    if (session.url.empty())
        return fail(Errc::malformed, fmt::format("where is the gateway? busbarctl {} ADDRESS[:PORT] --user NAME{}",
                                                 a.words[0], is_setup ? " --code CODE" : ""));
    BUSBAR_TRY(const Response hello, request(session, "GET", "/api/v1/setup"));
    if (const Status trusted = check_trust(a, hello, session.url); !trusted) return trusted;
    session.pinned_key = hello.server_key;  // from here on, this key and no other
    session.user = a.option("user", session.user);
    if (session.user.empty() && ::isatty(STDIN_FILENO)) session.user = ask("User: ");
    if (session.user.empty()) return fail(Errc::malformed, "who signs in? Add --user NAME");
    json::object body{{"username", session.user}};
    if (is_setup) {
        std::string code = a.option("code");
        if (code.empty() && ::isatty(STDIN_FILENO)) code = ask("Setup code, as the gateway printed it: ");
        body["code"] = code;
        body["language"] = "en";
    }
    const std::string password = ask_password(a, is_setup ? "New password: " : "Password: ");
    if (password.empty()) return fail(Errc::malformed, "no password was given; nothing was sent");
    body["password"] = password;
    BUSBAR_TRY(const Response answer,
               request(session, "POST", is_setup ? "/api/v1/setup" : "/api/v1/session", json::serialize(body)));
    if (answer.status >= 400) return refusal(answer, is_setup);
    session.token = answer.token;
    if (session.token.empty()) return fail(Errc::malformed, "the answer holds no token: is this a Busbar gateway?");
    if (const Status saved = save_session(session_path(), session); !saved) return saved;
    fmt::print("signed in at {} as {}\n", session.url, session.user);
    return ok();
}

Status sign_out() {
    BUSBAR_TRY(Session session, load_session(session_path()));
    const auto ended = request(session, "DELETE", "/api/v1/session");
    session.token.clear();
    const Status saved = save_session(session_path(), session);
    return ended ? saved : Status(ended.error());
}

}  // namespace busbar::ctl
