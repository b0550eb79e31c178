// Routes for setup, sessions, accounts and the audit log.
#include "api/json/serialise.hpp"
#include "api/request/parameters.hpp"
#include "api/request/request_body.hpp"
#include "api/routes/routes.hpp"
#include "base/phrases_running.hpp"

namespace busbar::api {
namespace {
constexpr std::size_t longest_password = 256;

std::string session_json(const Identity& who, const std::vector<LoginRow>& logins) {
    JsonWriter json;
    json.begin_object().key("username").text(who.username).key("role").text(to_string(who.role));
    json.key("language").text_or_null(who.language).key("expires").time(who.expires).key("last_logins").begin_array();
    for (const auto& row : logins)
        json.begin_object()
            .key("at")
            .time(row.at)
            .key("address")
            .text(row.address)
            .key("ok")
            .boolean(row.ok)
            .end_object();
    return json.end_array().end_object().done();
}

net::Response opened(const Outcome<Login>& login, int status) {
    if (!login) return response_of(login.error());
    auto response = json_response(session_json(login->identity, login->last_logins), status);
    response.headers.emplace_back("Set-Cookie",
                                  "__Host-busbar=" + login->token + "; Path=/; Secure; HttpOnly; SameSite=Strict");
    return response;
}

void write_account(JsonWriter& json, const AccountRow& account, std::optional<WallTime> last_login) {
    json.begin_object().key("username").text(account.username).key("role").text(to_string(account.role));
    json.key("created").time(account.created).key("last_login").time(last_login).end_object();
}

// The name of a new account; notes the problem in `problem`.
std::string new_username(RequestBody& body, std::optional<Problem>& problem) {
    auto name = canonical_username(body.text("username", 32));
    if (!name)
        problem = bad_field("username", say<phrases::field_username>(),
                            "use 1 to 32 of a-z, 0-9, dot, dash and underscore, beginning with a letter or digit");
    return name.value_or("");
}

bool is_language(const std::string& text) {
    return text.empty() || (text.size() == 2 && text[0] >= 'a' && text[0] <= 'z' && text[1] >= 'a' && text[1] <= 'z');
}
}  // namespace

// Anybody on the network may ask this: neither whose site it is nor which version runs is told before a login.
net::Response Routes::setup_state() const {
    JsonWriter json;
    return json_response(json.begin_object().key("needed").boolean(accounts_.needs_setup()).end_object().done());
}

Task<net::Response> Routes::set_up(const Call& call) {
    auto body = RequestBody::parse(call.request);
    if (!body) co_return response_of(body.error());
    std::optional<Problem> bad_name;
    AccountRow first;
    auto code = body->text("code", 64);
    first.username = new_username(*body, bad_name);
    auto password = body->text("password", longest_password);
    first.language = body->optional_text("language", 2).value_or("");
    if (auto problem = body->problem()) co_return response_of(*problem);
    if (bad_name) co_return response_of(*bad_name);
    if (!is_language(first.language))
        co_return response_of(bad_field("language", "not a language", "use two small letters: en, de"));
    const auto login = co_await accounts_.set_up(std::move(code), std::move(first), std::move(password), call.caller);
    co_return opened(login, 201);
}

Task<net::Response> Routes::session(const Call& call) {
    const auto logins = co_await accounts_.last_logins(call.who->username);
    if (!logins) co_return response_of(logins.error());
    co_return json_response(session_json(*call.who, *logins));
}

Task<net::Response> Routes::log_in(const Call& call) {
    auto body = RequestBody::parse(call.request);
    if (!body) co_return response_of(body.error());
    auto username = body->text("username", 64);
    auto password = body->text("password", longest_password);
    if (auto problem = body->problem()) co_return response_of(*problem);
    const auto login = co_await accounts_.log_in(std::move(username), std::move(password), call.caller);
    co_return opened(login, 200);
}

Task<net::Response> Routes::log_out(const Call& call) {
    const auto done = co_await accounts_.log_out(call.who->session);
    if (!done) co_return response_of(problem_of(done.error()));
    auto response = no_content();
    response.headers.emplace_back("Set-Cookie", "__Host-busbar=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
    co_return response;
}

Task<net::Response> Routes::change_password(const Call& call) {
    auto body = RequestBody::parse(call.request);
    if (!body) co_return response_of(body.error());
    auto before = body->text("old", longest_password), after = body->text("new", longest_password);
    if (auto problem = body->problem()) co_return response_of(*problem);
    const auto done = co_await accounts_.change_password(*call.who, std::move(before), std::move(after), call.caller);
    co_return done ? no_content() : response_of(done.error());
}

Task<net::Response> Routes::list_accounts() {
    const auto all = co_await accounts_.list();
    if (!all) co_return response_of(all.error());
    JsonWriter json;
    json.begin_object().key("accounts").begin_array();
    for (const auto& listed : *all) write_account(json, listed.account, listed.last_login);
    co_return json_response(json.end_array().end_object().done());
}

Task<net::Response> Routes::add_account(const Call& call) {
    auto body = RequestBody::parse(call.request);
    if (!body) co_return response_of(body.error());
    std::optional<Problem> bad_name;
    AccountRow account;
    account.username = new_username(*body, bad_name);
    auto password = body->text("password", longest_password);
    account.role = static_cast<Access>(1 + body->one_of("role", {"viewer", "owner", "installer"}));
    if (auto problem = body->problem()) co_return response_of(*problem);
    if (bad_name) co_return response_of(*bad_name);
    const auto added = co_await accounts_.add(*call.who, std::move(account), std::move(password), call.caller);
    if (!added) co_return response_of(added.error());
    JsonWriter json;
    write_account(json, *added, std::nullopt);
    co_return json_response(json.done(), 201);
}

Task<net::Response> Routes::remove_account(const Call& call) {
    const auto removed = co_await accounts_.remove(*call.who, call.parameter, call.caller);
    co_return removed ? no_content() : response_of(removed.error());
}

Task<net::Response> Routes::audit(const Call& call) {
    const auto limit = integer_parameter(call.request, "limit", 1, 1000);
    if (!limit) co_return response_of(limit.error());
    const auto before = integer_parameter(call.request, "before", 0, latest_ms);
    if (!before) co_return response_of(before.error());
    std::optional<WallTime> older_than;
    if (*before) older_than = WallTime(std::chrono::milliseconds(**before));
    const auto rows = co_await settings_.audit(static_cast<std::size_t>(limit->value_or(100)), older_than);
    if (!rows) co_return response_of(problem_of(rows.error()));
    JsonWriter json;
    json.begin_object().key("rows").begin_array();
    for (const auto& row : *rows) {
        json.begin_object().key("at").time(row.at).key("who").text(row.who).key("address").text(row.address);
        json.key("what").text(row.what).key("old").text_or_null(row.old_value.value_or(""));
        json.key("new").text_or_null(row.new_value.value_or("")).end_object();
    }
    co_return json_response(json.end_array().end_object().done());
}

}  // namespace busbar::api
