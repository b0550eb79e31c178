#pragma once
// Who may do what: first-run setup, login with lock-out, sessions, personal accounts. Used by the routes; the only
// owner of passwords, tokens and their rules. Loop thread only; hashing and disk happen on the settings' worker.
//
// Answers to wrong logins never tell whether the account exists, neither in words nor in time.
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api/access/lockout.hpp"
#include "api/access/password.hpp"
#include "api/access/sessions.hpp"
#include "api/request/problem.hpp"
#include "api/settings/settings.hpp"

namespace busbar::api {

struct AccountsOptions {
    LockoutRules lockout;
    SessionLimits sessions;
    HashCost cost;
    std::string boot;        // names this boot of the machine; empty = ask the system
    bool slows_down = true;  // Lockout::slow_down
};

// Where a request comes from.
struct Caller {
    std::string address;  // shown to people
    std::string source;   // counted by
};
// Who is behind a session.
struct Identity {
    TokenHash session{};
    std::string username;
    Access role = Access::viewer;
    std::string language;
    WallTime expires{};
};
struct Login {
    std::string token;  // for the cookie
    Identity identity;
    std::vector<LoginRow> last_logins;
};

class Accounts {
public:
    // Reads accounts, sessions and lock-outs; call it before the loop runs.
    static Result<std::unique_ptr<Accounts>> open(Loop& loop, Settings& settings, AccountsOptions options = {});

    bool needs_setup() const { return accounts_.empty(); }
    // To be printed at the console while setup is needed; empty afterwards.
    const std::string& setup_code() const { return setup_code_; }

    Task<Outcome<Login>> set_up(std::string code, AccountRow first, std::string password, Caller caller);
    Task<Outcome<Login>> log_in(std::string username, std::string password, Caller caller);
    // nullopt: no such session, or it has ended. `touch`: counts as use.
    std::optional<Identity> identify(std::string_view token, bool touch);
    std::optional<Identity> identify(const TokenHash& session, bool touch);
    Task<Status> log_out(TokenHash session);
    Task<Outcome<std::vector<LoginRow>>> last_logins(std::string username);

    Task<Outcome<void>> change_password(Identity who, std::string old_password, std::string new_password,
                                        Caller caller);
    struct Listed {
        AccountRow account;  // without hash
        std::optional<WallTime> last_login;
    };
    Task<Outcome<std::vector<Listed>>> list();
    Task<Outcome<AccountRow>> add(Identity who, AccountRow account, std::string password, Caller caller);
    Task<Outcome<void>> remove(Identity who, std::string username, Caller caller);

private:
    Accounts(Loop& loop, Settings& settings, AccountsOptions options);
    Status load();

    struct Turn;
    Outcome<std::shared_ptr<Turn>> begin_try(const LockoutKey& key);
    Task<std::optional<bool>> matches(std::string password, std::string hash);
    Task<Outcome<std::string>> hashed(std::string password, std::string username, std::string field);
    Task<void> keep_attempt(LoginRow row, LockoutEntry entry);
    Task<Outcome<Login>> open_session(AccountRow account, LockoutKey key, Caller caller);
    AuditRow audit_row(const std::string& who, const Caller& caller, std::string what) const;
    Identity identity_of(const OpenSession& session, const AccountRow& account) const;
    LockoutEntry note_failure(const LockoutKey& key);

    Loop& loop_;
    Settings& settings_;
    AccountsOptions options_;
    std::map<std::string, AccountRow, std::less<>> accounts_;
    Lockout lockout_;
    Sessions sessions_;
    std::string setup_code_;
    std::string nobody_;  // unmatchable_hash()
    bool is_setting_up_ = false;
    std::shared_ptr<std::set<std::string>> trying_;  // sources with a try in hand; shared with the tries
};

// Lower case, 1..32 of a-z 0-9 . _ -, beginning with a letter or digit; nullopt otherwise.
std::optional<std::string> canonical_username(std::string_view typed);

}  // namespace busbar::api
