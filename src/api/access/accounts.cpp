#include "api/access/accounts.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>

#include "api/access/setup_code.hpp"
#include "api/json/json_writer.hpp"
#include "base/log.hpp"
#include "base/phrases_running.hpp"

namespace busbar::api {
using namespace std::chrono_literals;

namespace {
constexpr std::size_t shown_logins = 10, most_accounts = 64;
constexpr auto save_use_every = 60s;

std::string boot_of_system() {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string id;
    std::getline(file, id);
    return id;
}

Problem wrong_login() {
    return denied(401, "user name or password is wrong", "check both; capital letters matter in the password");
}

Problem too_busy() { return busy("too many requests wait", 2); }

Problem try_later(Duration wait, std::string text) {
    const int seconds = std::max(1, static_cast<int>(std::ceil(to_seconds(wait))));
    return {429, Errc::denied, std::move(text), "wait, or log in from another device", {}, seconds};
}

std::string account_json(const AccountRow& account) {
    JsonWriter json;
    json.begin_object().key("username").text(account.username).key("role").text(to_string(account.role)).end_object();
    return json.done();
}
}  // namespace

// One source tries one password at a time: a flood from one place cannot fill the queue of the others.
struct Accounts::Turn {
    Turn(std::shared_ptr<std::set<std::string>> all, std::string s) : trying(std::move(all)), source(std::move(s)) {
        trying->insert(source);
    }
    ~Turn() { trying->erase(source); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    std::shared_ptr<std::set<std::string>> trying;
    std::string source;
};

std::optional<std::string> canonical_username(std::string_view typed) {
    std::string out(typed);
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    const bool fits =
        !out.empty() && out.size() <= 32 && is_plain(out.front()) &&
        std::all_of(out.begin(), out.end(), [&](char c) { return is_plain(c) || c == '.' || c == '_' || c == '-'; });
    return fits ? std::optional(out) : std::nullopt;
}

Accounts::Accounts(Loop& loop, Settings& settings, AccountsOptions options)
    : loop_(loop),
      settings_(settings),
      options_(std::move(options)),
      lockout_(options_.lockout),
      sessions_(options_.sessions),
      nobody_(unmatchable_hash(options_.cost)),
      trying_(std::make_shared<std::set<std::string>>()) {
    if (options_.boot.empty()) options_.boot = boot_of_system();
}

Result<std::unique_ptr<Accounts>> Accounts::open(Loop& loop, Settings& settings, AccountsOptions options) {
    std::unique_ptr<Accounts> accounts(new Accounts(loop, settings, std::move(options)));
    if (auto loaded = accounts->load(); !loaded) return std::move(loaded).error();
    return accounts;
}

Status Accounts::load() {
    auto& store = settings_.at_start();
    BUSBAR_TRY(auto rows, store.accounts());
    for (auto& row : rows) accounts_.emplace(row.username, std::move(row));
    BUSBAR_TRY(auto sessions, store.sessions(options_.boot));
    for (auto& session : sessions)
        if (accounts_.contains(session.username)) sessions_.open(std::move(session));
    BUSBAR_TRY(auto entries, store.lockouts(loop_.now(), options_.boot));
    for (auto& entry : entries) lockout_.restore(std::move(entry));
    if (accounts_.empty()) setup_code_ = new_setup_code();
    return ok();
}

AuditRow Accounts::audit_row(const std::string& who, const Caller& caller, std::string what) const {
    return {loop_.wall(), who, caller.address, std::move(what), {}, {}};
}

Identity Accounts::identity_of(const OpenSession& session, const AccountRow& account) const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(sessions_.left(session, loop_.now()));
    return {session.hash, account.username, account.role, account.language, loop_.wall() + left};
}

// The right to try once, held until the answer is out. Errors: 429.
Outcome<std::shared_ptr<Accounts::Turn>> Accounts::begin_try(const LockoutKey& key) {
    if (const auto wait = lockout_.locked_for(key, loop_.now()))
        return try_later(*wait, "locked out for a while after too many wrong tries");
    if (trying_->contains(key.source)) return try_later(1s, "another login from this address is being checked");
    return std::make_shared<Turn>(trying_, key.source);
}

LockoutEntry Accounts::note_failure(const LockoutKey& key) {
    auto entry = lockout_.failed(key, loop_.now());
    if (entry.locked_until > loop_.now())
        log(Level::warning, "accounts",
            "locked out " + key.source + " after repeated wrong logins as '" + key.account + "'");
    return entry;
}

Task<std::optional<bool>> Accounts::matches(std::string password, std::string hash) {
    if (options_.slows_down) {
        if (const auto delay = lockout_.slow_down(loop_.now()); delay > Duration{}) co_await loop_.sleep_for(delay);
    }
    auto work = [password = std::move(password), hash = std::move(hash)] { return verify_password(password, hash); };
    co_return co_await run_on(settings_.worker(), loop_, std::move(work));
}

Task<Outcome<std::string>> Accounts::hashed(std::string password, std::string username, std::string field) {
    if (auto flaw = password_flaw(password, username); !flaw.empty())
        co_return bad_field(std::move(field), std::move(flaw),
                            "choose a longer or less usual one, for example four unrelated words");
    auto work = [password = std::move(password), cost = options_.cost] { return hash_password(password, cost); };
    auto done = co_await run_on(settings_.worker(), loop_, std::move(work));
    if (!done) co_return too_busy();
    if (!*done) co_return problem_of(done->error());
    co_return std::move(**done);
}

// A log that cannot be written (full disk) does not keep people out; the lock-out goes on in memory.
Task<void> Accounts::keep_attempt(LoginRow row, LockoutEntry entry) {
    auto work = [row = std::move(row), entry = std::move(entry), now = loop_.now(),
                 boot = options_.boot](SettingsStore& store) { return store.log_attempt(row, entry, now, boot); };
    const auto kept = co_await settings_.on_store(std::move(work));
    if (!kept) log(Level::error, "accounts", "login attempt is not kept: " + kept.error().text);
}

Task<Outcome<Login>> Accounts::open_session(AccountRow account, LockoutKey key, Caller caller) {
    Login login;
    login.token = new_token();
    if (login.token.empty()) co_return Problem{503, Errc::unavailable, "no random numbers for a session", {}, {}, 5};
    lockout_.succeeded(key);
    OpenSession session;
    session.hash = hash_of(login.token);
    session.username = account.username;
    session.opened = session.used = session.saved = loop_.now();
    login.identity = identity_of(session, account);
    auto gone = sessions_.open(session);
    LockoutEntry clear;
    clear.key = std::move(key);
    const LoginRow row{loop_.wall(), account.username, caller.address, true};
    auto work = [=, boot = options_.boot](SettingsStore& store) -> Result<std::vector<LoginRow>> {
        auto kept = store.log_attempt(row, clear, session.opened, boot);
        if (kept) kept = store.save_session(session, boot);
        if (kept && !gone.empty()) kept = store.end_sessions(gone);
        if (!kept) return std::move(kept).error();
        return store.last_logins(session.username, shown_logins);
    };
    auto logins = co_await settings_.on_store(std::move(work));
    if (logins)
        login.last_logins = std::move(*logins);
    else
        log(Level::error, "accounts", "login is not kept: " + logins.error().text);
    co_return login;
}

Task<Outcome<Login>> Accounts::set_up(std::string code, AccountRow first, std::string password, Caller caller) {
    const Problem already{
        409, Errc::refused, "setup is already done", "log in, or ask the installer for an account", {}, {}};
    if (!needs_setup() || is_setting_up_) co_return already;
    const LockoutKey key{"", caller.source};
    auto turn = begin_try(key);
    if (!turn) co_return turn.error();
    if (!is_setup_code(code, setup_code_)) {
        LoginRow row{loop_.wall(), "", caller.address, false};
        co_await keep_attempt(std::move(row), note_failure(key));
        co_return denied(403, "code: this is not the setup code",
                         "read it again where the gateway printed it at its last start");
    }
    is_setting_up_ = true;
    auto hash = co_await hashed(std::move(password), first.username, "password");
    is_setting_up_ = false;
    if (!hash) co_return hash.error();
    if (!needs_setup()) co_return already;
    first.hash = std::move(*hash);
    first.role = Access::installer;
    first.created = loop_.wall();
    auto audit = audit_row(first.username, caller, "setup");
    audit.new_value = account_json(first);
    is_setting_up_ = true;
    auto work = [first, audit](SettingsStore& store) { return store.add_account(first, audit); };
    auto added = co_await settings_.on_store(std::move(work));
    is_setting_up_ = false;
    if (!added) co_return problem_of(std::move(added).error());
    accounts_.emplace(first.username, first);
    setup_code_.clear();
    log(Level::info, "accounts", "first account '" + first.username + "' made from " + caller.address);
    co_return co_await open_session(std::move(first), key, std::move(caller));
}

Task<Outcome<Login>> Accounts::log_in(std::string username, std::string password, Caller caller) {
    const std::string name = canonical_username(username).value_or("?");  // "?" is nobody's name, and counted like one
    const LockoutKey key{name, caller.source};
    auto turn = begin_try(key);
    if (!turn) co_return turn.error();
    auto found = accounts_.find(name);
    const bool exists = found != accounts_.end();
    const std::string hash = exists ? found->second.hash : nobody_;
    auto fits = co_await matches(std::move(password), hash);
    if (!fits) co_return too_busy();
    found = accounts_.find(name);  // it may have been removed or changed meanwhile
    if (!*fits || found == accounts_.end() || found->second.hash != hash) {
        LoginRow row{loop_.wall(), exists ? name : "", caller.address, false};
        co_await keep_attempt(std::move(row), note_failure(key));
        co_return wrong_login();
    }
    AccountRow account = found->second;
    co_return co_await open_session(std::move(account), key, std::move(caller));
}

std::optional<Identity> Accounts::identify(std::string_view token, bool touch) {
    if (token.size() != 43) return std::nullopt;
    return identify(hash_of(token), touch);
}

std::optional<Identity> Accounts::identify(const TokenHash& hash, bool touch) {
    OpenSession* session = sessions_.find(hash, loop_.now(), touch);
    if (!session) return std::nullopt;
    const auto account = accounts_.find(session->username);
    if (account == accounts_.end()) return std::nullopt;
    if (touch && session->used - session->saved >= save_use_every) {
        session->saved = session->used;
        settings_.post([copy = *session, boot = options_.boot](SettingsStore& store) {
            if (auto saved = store.save_session(copy, boot); !saved)
                log(Level::warning, "accounts", saved.error().text);
        });
    }
    return identity_of(*session, account->second);
}

Task<Status> Accounts::log_out(TokenHash session) {
    sessions_.end(session);
    auto work = [hashes = std::vector{session}](SettingsStore& store) { return store.end_sessions(hashes); };
    co_return co_await settings_.on_store(std::move(work));
}

Task<Outcome<std::vector<LoginRow>>> Accounts::last_logins(std::string username) {
    auto work = [username = std::move(username)](SettingsStore& store) {
        return store.last_logins(username, shown_logins);
    };
    auto rows = co_await settings_.on_store(std::move(work));
    if (!rows) co_return problem_of(std::move(rows).error());
    co_return std::move(*rows);
}

Task<Outcome<void>> Accounts::change_password(Identity who, std::string old_password, std::string new_password,
                                              Caller caller) {
    const LockoutKey key{who.username, caller.source};
    auto turn = begin_try(key);
    if (!turn) co_return turn.error();
    const std::string before = accounts_.at(who.username).hash;
    auto fits = co_await matches(std::move(old_password), before);
    if (!fits) co_return too_busy();
    if (!*fits) {
        LoginRow row{loop_.wall(), who.username, caller.address, false};
        co_await keep_attempt(std::move(row), note_failure(key));
        co_return denied(403, "old: this is not the present password", "try again, or ask the installer");
    }
    auto hash = co_await hashed(std::move(new_password), who.username, "new");
    if (!hash) co_return hash.error();
    const auto account = accounts_.find(who.username);
    if (account == accounts_.end() || account->second.hash != before) co_return wrong_login();
    account->second.hash = *hash;
    auto gone = sessions_.end_all(who.username, &who.session);
    auto audit = audit_row(who.username, caller, "account.password");
    auto work = [name = who.username, hash = *hash, audit, gone](SettingsStore& store) {
        auto done = store.change_password(name, hash, audit);
        return done ? store.end_sessions(gone) : done;
    };
    auto stored = co_await settings_.on_store(std::move(work));
    if (stored) co_return Outcome<void>();
    // Not durable, so not done: the old password goes on, as after a restart.
    if (const auto again = accounts_.find(who.username); again != accounts_.end()) again->second.hash = before;
    co_return problem_of(std::move(stored).error());
}

Task<Outcome<std::vector<Accounts::Listed>>> Accounts::list() {
    auto work = [](SettingsStore& store) { return store.newest_login_of_each(); };
    auto logins = co_await settings_.on_store(work);
    if (!logins) co_return problem_of(std::move(logins).error());
    std::vector<Listed> out;
    for (const auto& [name, account] : accounts_) {
        Listed listed{account, {}};
        listed.account.hash.clear();
        for (const auto& row : *logins)
            if (row.username == name) listed.last_login = row.at;
        out.push_back(std::move(listed));
    }
    co_return out;
}

Task<Outcome<AccountRow>> Accounts::add(Identity who, AccountRow account, std::string password, Caller caller) {
    const Problem taken{
        409, Errc::refused, "username: '" + account.username + "' exists already", "choose another name", "username",
        {}};
    if (accounts_.contains(account.username)) co_return taken;
    if (accounts_.size() >= most_accounts)
        co_return bad_field("username", say<phrases::accounts_full>(), "remove one first");
    auto hash = co_await hashed(std::move(password), account.username, "password");
    if (!hash) co_return hash.error();
    account.hash = std::move(*hash);
    account.created = loop_.wall();
    if (!accounts_.emplace(account.username, account).second) co_return taken;
    auto audit = audit_row(who.username, caller, "account.add");
    audit.new_value = account_json(account);
    auto work = [account, audit](SettingsStore& store) { return store.add_account(account, audit); };
    auto stored = co_await settings_.on_store(std::move(work));
    if (stored) co_return account;
    accounts_.erase(account.username);
    co_return problem_of(std::move(stored).error());
}

Task<Outcome<void>> Accounts::remove(Identity who, std::string username, Caller caller) {
    const auto account = accounts_.find(username);
    if (account == accounts_.end())
        co_return not_found("account '" + username + "': there is none", "list the accounts first");
    const auto installers = std::count_if(accounts_.begin(), accounts_.end(),
                                          [](const auto& a) { return a.second.role == Access::installer; });
    if (account->second.role == Access::installer && installers == 1)
        co_return Problem{409, Errc::refused, "the last installer stays", "add another installer first", {}, {}};
    const AccountRow removed = account->second;
    accounts_.erase(account);
    sessions_.end_all(username);
    auto audit = audit_row(who.username, caller, "account.remove");
    audit.old_value = account_json(removed);
    auto work = [username, audit](SettingsStore& store) { return store.remove_account(username, audit); };
    auto stored = co_await settings_.on_store(std::move(work));
    if (stored) co_return Outcome<void>();
    accounts_.emplace(username, removed);
    co_return problem_of(std::move(stored).error());
}

}  // namespace busbar::api
