#pragma once
// The settings database: accounts, sessions, failed logins, login log, control settings, audit. SQLite of its own,
// synchronous=FULL, one connection in exclusive mode, separate from history so that neither can harm the other.
//
// Opened by the app before the loops start; afterwards used from one thread at a time (the accounts' worker). A write
// that returned ok survives a power cut. A damaged file is set aside as <name>.corrupt-<ms> and a new one begun: the
// gateway always starts; the first account is then made anew with a new setup code. The control settings outlive that
// in `control-settings` beside it (settings_copy.hpp).
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/access/lockout.hpp"
#include "api/access/sessions.hpp"
#include "api/settings/settings_copy.hpp"
#include "api/views.hpp"
#include "base/result.hpp"

struct sqlite3;

namespace busbar::api {

struct AccountRow {
    std::string username;  // lower case
    std::string hash;      // password.hpp
    Access role = Access::viewer;
    std::string language;  // "" = not chosen
    WallTime created{};
};
struct LoginRow {
    WallTime at{};
    std::string username;  // "" = an account that does not exist
    std::string address;
    bool ok = false;
};
struct AuditRow {
    WallTime at{};
    std::string who, address, what;
    std::optional<std::string> old_value, new_value;  // JSON text, never a secret
};

class SettingsStore {
public:
    // Errors: unavailable (folder, disk full, another gateway uses it), each with the remedy.
    static Result<std::unique_ptr<SettingsStore>> open(const std::string& path, WallTime now);
    ~SettingsStore();

    // The file name a damaged database was given at open(); empty when it was sound.
    const std::string& set_aside() const { return set_aside_; }

    Result<std::vector<AccountRow>> accounts();
    Status add_account(const AccountRow& account, const AuditRow& audit);
    Status change_password(const std::string& username, const std::string& hash, const AuditRow& audit);
    Status remove_account(const std::string& username, const AuditRow& audit);

    // Instants are monotonic of the boot named; see accounts.cpp for what another boot means.
    Status save_session(const OpenSession& session, const std::string& boot);
    Status end_sessions(const std::vector<TokenHash>& hashes);
    Result<std::vector<OpenSession>> sessions(const std::string& boot);

    // One login attempt in one transaction: log row, new lockout state (failure) or its end (success).
    Status log_attempt(const LoginRow& row, const LockoutEntry& entry, Instant now, const std::string& boot);
    Result<std::vector<LockoutEntry>> lockouts(Instant now, const std::string& boot);
    Result<std::vector<LoginRow>> last_logins(const std::string& username, std::size_t limit);
    Result<std::vector<LoginRow>> newest_login_of_each();

    Result<std::optional<StoredControl>> control();
    // Written to the copy first. Errors: unavailable, when either cannot be written.
    Status save_control(const StoredControl& control, const AuditRow& audit);
    // What control is to run on, from the database or its copy; brings the copy in step.
    ControlAtStart control_at_start();
    // For what is kept elsewhere: the site file, devices.
    Status add_audit(const AuditRow& row);
    Result<std::vector<AuditRow>> audit(std::size_t limit, std::optional<WallTime> before);

private:
    SettingsStore(sqlite3* db, std::string copy_path) : db_(db), copy_path_(std::move(copy_path)) {}
    Status prepare_schema();
    Status save_lockout(const LockoutEntry& entry, Instant now, const std::string& boot);
    template <class Work>
    Status transaction(Work work);

    sqlite3* db_;
    std::string copy_path_, set_aside_;
};

}  // namespace busbar::api
