#include "api/settings/settings_store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "api/settings/sql.hpp"
#include "base/log.hpp"

namespace busbar::api {
namespace {
constexpr std::int64_t schema_version = 1;
constexpr std::int64_t kept_logins = 10'000, kept_audit_rows = 100'000;

constexpr const char* schema = R"(
CREATE TABLE account(username TEXT PRIMARY KEY, hash TEXT NOT NULL, role INTEGER NOT NULL, language TEXT NOT NULL,
                     created_ms INTEGER NOT NULL) STRICT;
CREATE TABLE session(hash BLOB PRIMARY KEY, username TEXT NOT NULL, opened_ns INTEGER NOT NULL, used_ns INTEGER NOT NULL,
                     boot TEXT NOT NULL) STRICT;
CREATE TABLE lockout(account TEXT NOT NULL, source TEXT NOT NULL, failures BLOB NOT NULL, until_ns INTEGER NOT NULL,
                     saved_ns INTEGER NOT NULL, boot TEXT NOT NULL, PRIMARY KEY(account, source)) STRICT;
CREATE TABLE login(at_ms INTEGER NOT NULL, username TEXT NOT NULL, address TEXT NOT NULL, ok INTEGER NOT NULL) STRICT;
CREATE INDEX login_by_user ON login(username, at_ms);
CREATE TABLE control(id INTEGER PRIMARY KEY CHECK(id = 1), enabled INTEGER NOT NULL, import_target_w REAL NOT NULL,
                     mode INTEGER NOT NULL, value REAL NOT NULL, changed_by TEXT NOT NULL, changed_ms INTEGER NOT NULL) STRICT;
CREATE TABLE audit(at_ms INTEGER NOT NULL, who TEXT NOT NULL, address TEXT NOT NULL, what TEXT NOT NULL, old TEXT, new TEXT)
                   STRICT;
)";

// EXCLUSIVE keeps a second gateway out (and needs no shared-memory file); mmap stays off: 3.40's WAL bug is worse with
// it.
constexpr const char* pragmas =
    "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA mmap_size=0;"
    "PRAGMA cache_size=-256; PRAGMA journal_size_limit=262144; PRAGMA trusted_schema=OFF;";

Status execute(sqlite3* db, const char* sql) {
    const int code = sqlite3_exec(db, sql, nullptr, nullptr, nullptr);
    if (code == SQLITE_OK) return ok();
    const std::string reason = sqlite3_errmsg(db);
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
        return fail(Errc::unavailable, "in use by another gateway; stop that one or choose another data folder");
    if (code == SQLITE_FULL) return fail(Errc::unavailable, "disk full; free some space");
    return fail(code == SQLITE_CORRUPT || code == SQLITE_NOTADB ? Errc::corrupt : Errc::unavailable, reason);
}

std::int64_t to_ns(Instant at) { return at.time_since_epoch().count(); }
Instant from_ns(std::int64_t ns) { return Instant(Duration(ns)); }
WallTime from_ms(std::int64_t ms) { return WallTime(std::chrono::milliseconds(ms)); }

Result<sqlite3*> connect(const std::string& path) {
    // Made by us first so that nobody else can read it for an instant; a file that was copied here is closed to others.
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return fail(Errc::unavailable, std::string(std::strerror(errno)) + "; is the data folder writable?");
    ::fchmod(fd, 0600);
    ::close(fd);
    sqlite3* db = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    if (code != SQLITE_OK) {
        const std::string reason = sqlite3_errmsg(db);
        sqlite3_close(db);
        return fail(Errc::unavailable, reason);
    }
    return db;
}

Status check_whole(sqlite3* db) {
    Statement check(db, "PRAGMA quick_check(1)");
    const bool is_whole = check.next() && check.text() == "ok";
    if (is_whole) return ok();
    const auto done = check.done();
    return done ? fail(Errc::corrupt, "fails its own check") : fail(Errc::corrupt, done.error().text);
}

bool set_aside(const std::string& path, const std::string& suffix) {
    ::rename((path + "-wal").c_str(), (path + "-wal" + suffix).c_str());
    return ::rename(path.c_str(), (path + suffix).c_str()) == 0;
}
}  // namespace

Result<std::unique_ptr<SettingsStore>> SettingsStore::open(const std::string& path, WallTime now) {
    const std::string folder = path.substr(0, path.rfind('/') + 1), suffix = ".corrupt-" + std::to_string(to_ms(now));
    bool was_set_aside = false;
    for (;;) {
        auto db = connect(path);
        if (!db) return because(path, std::move(db).error());
        std::unique_ptr<SettingsStore> store(new SettingsStore(*db, folder + "control-settings"));
        auto ready = execute(*db, pragmas);
        if (ready) ready = check_whole(*db);
        if (ready) ready = store->prepare_schema();
        if (ready) {
            if (was_set_aside) store->set_aside_ = path.substr(folder.size()) + suffix;
            return store;
        }
        Error error = because(path, std::move(ready).error());
        if (error.kind != Errc::corrupt || was_set_aside) return error;
        store.reset();
        if (!busbar::api::set_aside(path, suffix)) return error;
        log(Level::error, "settings",
            error.text + "; set aside, starting with an empty one: make the first account again");
        was_set_aside = true;
    }
}

SettingsStore::~SettingsStore() { sqlite3_close(db_); }

Status SettingsStore::prepare_schema() {
    Statement version(db_, "PRAGMA user_version");
    const auto found = version.next() ? version.integer() : -1;
    if (found == schema_version) return ok();
    if (found != 0)
        return fail(Errc::unsupported,
                    "made by a newer version (" + std::to_string(found) + "); install that version again");
    return transaction([&] {
        auto made = execute(db_, schema);
        return made ? execute(db_, "PRAGMA user_version=1") : made;
    });
}

template <class Work>
Status SettingsStore::transaction(Work work) {
    BUSBAR_TRY([[maybe_unused]] const bool begun, [&]() -> Result<bool> {
        auto status = execute(db_, "BEGIN IMMEDIATE");
        if (!status) return because("settings database", std::move(status).error());
        return true;
    }());
    Status status = work();
    if (status) status = execute(db_, "COMMIT");
    if (status) return ok();
    sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
    return because("settings database", std::move(status).error());
}

Status SettingsStore::add_audit(const AuditRow& row) {
    Statement insert(db_, "INSERT INTO audit VALUES(?,?,?,?,?,?)");
    insert.bind(to_ms(row.at)).bind(row.who).bind(row.address).bind(row.what).bind(row.old_value).bind(row.new_value);
    if (auto done = insert.run(); !done) return done;
    Statement prune(db_, "DELETE FROM audit WHERE rowid <= (SELECT max(rowid) FROM audit) - ?");
    return prune.bind(kept_audit_rows).run();
}

Result<std::vector<AccountRow>> SettingsStore::accounts() {
    Statement select(db_, "SELECT username, hash, role, language, created_ms FROM account ORDER BY username");
    std::vector<AccountRow> out;
    while (select.next()) {
        AccountRow row;
        row.username = select.text();
        row.hash = select.text();
        row.role = static_cast<Access>(std::clamp<std::int64_t>(select.integer(), 1, 3));
        row.language = select.text();
        row.created = from_ms(select.integer());
        out.push_back(std::move(row));
    }
    if (auto done = select.done(); !done) return std::move(done).error();
    return out;
}

Status SettingsStore::add_account(const AccountRow& account, const AuditRow& audit) {
    return transaction([&] {
        Statement insert(db_, "INSERT INTO account VALUES(?,?,?,?,?)");
        insert.bind(account.username).bind(account.hash).bind(static_cast<std::int64_t>(account.role));
        auto done = insert.bind(account.language).bind(to_ms(account.created)).run();
        return done ? add_audit(audit) : done;
    });
}

Status SettingsStore::change_password(const std::string& username, const std::string& hash, const AuditRow& audit) {
    return transaction([&] {
        Statement update(db_, "UPDATE account SET hash = ? WHERE username = ?");
        auto done = update.bind(hash).bind(username).run();
        return done ? add_audit(audit) : done;
    });
}

Status SettingsStore::remove_account(const std::string& username, const AuditRow& audit) {
    return transaction([&] {
        auto done = Statement(db_, "DELETE FROM account WHERE username = ?").bind(username).run();
        if (done) done = Statement(db_, "DELETE FROM session WHERE username = ?").bind(username).run();
        if (done) done = Statement(db_, "DELETE FROM login WHERE username = ?").bind(username).run();
        if (done) done = Statement(db_, "DELETE FROM lockout WHERE account = ?").bind(username).run();
        return done ? add_audit(audit) : done;
    });
}

Status SettingsStore::save_session(const OpenSession& session, const std::string& boot) {
    Statement insert(db_, "INSERT OR REPLACE INTO session VALUES(?,?,?,?,?)");
    insert.bind_bytes(session.hash).bind(session.username).bind(to_ns(session.opened)).bind(to_ns(session.used));
    return insert.bind(boot).run();
}

Status SettingsStore::end_sessions(const std::vector<TokenHash>& hashes) {
    return transaction([&] {
        for (const auto& hash : hashes)
            if (auto done = Statement(db_, "DELETE FROM session WHERE hash = ?").bind_bytes(hash).run(); !done)
                return done;
        return ok();
    });
}

Result<std::vector<OpenSession>> SettingsStore::sessions(const std::string& boot) {
    if (auto pruned = Statement(db_, "DELETE FROM session WHERE boot <> ?").bind(boot).run(); !pruned)
        return std::move(pruned).error();
    Statement select(db_, "SELECT hash, username, opened_ns, used_ns FROM session");
    std::vector<OpenSession> out;
    while (select.next()) {
        OpenSession session;
        const auto hash = select.bytes();
        if (hash.size() != session.hash.size()) continue;
        std::copy(hash.begin(), hash.end(), session.hash.begin());
        session.username = select.text();
        session.opened = from_ns(select.integer());
        session.used = from_ns(select.integer());
        out.push_back(std::move(session));
    }
    if (auto done = select.done(); !done) return std::move(done).error();
    return out;
}

Status SettingsStore::save_lockout(const LockoutEntry& entry, Instant now, const std::string& boot) {
    if (entry.failures.empty() && entry.locked_until <= now) {
        Statement remove(db_, "DELETE FROM lockout WHERE account = ? AND source = ?");
        return remove.bind(entry.key.account).bind(entry.key.source).run();
    }
    std::string failures;
    for (const auto at : entry.failures) {
        const auto ns = to_ns(at);
        failures.append(reinterpret_cast<const char*>(&ns), sizeof ns);
    }
    Statement insert(db_, "INSERT OR REPLACE INTO lockout VALUES(?,?,?,?,?,?)");
    insert.bind(entry.key.account)
        .bind(entry.key.source)
        .bind_bytes({reinterpret_cast<const std::uint8_t*>(failures.data()), failures.size()});
    return insert.bind(to_ns(entry.locked_until)).bind(to_ns(now)).bind(boot).run();
}

Status SettingsStore::log_attempt(const LoginRow& row, const LockoutEntry& entry, Instant now,
                                  const std::string& boot) {
    return transaction([&] {
        Statement insert(db_, "INSERT INTO login VALUES(?,?,?,?)");
        auto done = insert.bind(to_ms(row.at)).bind(row.username).bind(row.address).bind(std::int64_t{row.ok}).run();
        if (done) done = save_lockout(entry, now, boot);
        if (done)
            done = Statement(db_, "DELETE FROM lockout WHERE rowid <= (SELECT max(rowid) FROM lockout) - 4096").run();
        if (!done) return done;
        Statement prune(db_, "DELETE FROM login WHERE rowid <= (SELECT max(rowid) FROM login) - ?");
        return prune.bind(kept_logins).run();
    });
}

// An entry of another boot: how long the box was off is not known, so its time starts again from when it was saved.
Result<std::vector<LockoutEntry>> SettingsStore::lockouts(Instant now, const std::string& boot) {
    Statement select(db_, "SELECT account, source, failures, until_ns, saved_ns, boot FROM lockout");
    std::vector<LockoutEntry> out;
    while (select.next()) {
        LockoutEntry entry;
        entry.key.account = select.text();
        entry.key.source = select.text();
        const auto failures = select.bytes();
        const auto until = from_ns(select.integer()), saved = from_ns(select.integer());
        const Duration shift = select.text() == boot ? Duration{} : now - saved;
        entry.locked_until = until + shift;
        for (std::size_t i = 0; i + 8 <= failures.size() && i < 64 * 8; i += 8) {
            std::int64_t ns = 0;
            std::memcpy(&ns, failures.data() + i, sizeof ns);
            entry.failures.push_back(from_ns(ns) + shift);
        }
        out.push_back(std::move(entry));
    }
    if (auto done = select.done(); !done) return std::move(done).error();
    return out;
}

namespace {
Result<std::vector<LoginRow>> read_logins(Statement& select) {
    std::vector<LoginRow> out;
    while (select.next()) {
        LoginRow row;
        row.at = from_ms(select.integer());
        row.username = select.text();
        row.address = select.text();
        row.ok = select.integer() != 0;
        out.push_back(std::move(row));
    }
    if (auto done = select.done(); !done) return std::move(done).error();
    return out;
}
}  // namespace

Result<std::vector<LoginRow>> SettingsStore::last_logins(const std::string& username, std::size_t limit) {
    Statement select(db_,
                     "SELECT at_ms, username, address, ok FROM login WHERE username = ? ORDER BY rowid DESC LIMIT ?");
    select.bind(username).bind(static_cast<std::int64_t>(limit));
    return read_logins(select);
}

Result<std::vector<LoginRow>> SettingsStore::newest_login_of_each() {
    Statement select(db_, "SELECT max(at_ms), username, address, ok FROM login WHERE ok = 1 GROUP BY username");
    return read_logins(select);
}

Result<std::optional<StoredControl>> SettingsStore::control() {
    Statement select(db_, "SELECT enabled, import_target_w, mode, value, changed_by, changed_ms FROM control");
    if (select.next()) {
        const bool is_enabled = select.integer() != 0;
        const double import_target_w = select.number();
        const std::int64_t mode = select.integer();
        const double value = select.number();
        const auto settings = stored_settings(is_enabled, import_target_w, mode, value);
        if (!settings)
            return fail(Errc::corrupt,
                        fmt::format("settings database: a feed-in limit of mode {} and value {} is none", mode, value));
        StoredControl out{.settings = *settings, .changed_by = select.text()};
        out.changed_at = from_ms(select.integer());
        return out;
    }
    if (auto done = select.done(); !done) return std::move(done).error();
    return std::nullopt;
}

Status SettingsStore::save_control(const StoredControl& control, const AuditRow& audit) {
    return transaction([&] {
        const auto& s = control.settings;
        Statement insert(db_, "INSERT OR REPLACE INTO control VALUES(1,?,?,?,?,?,?)");
        insert.bind(std::int64_t{s.self_consumption.enabled}).bind(s.self_consumption.import_target_w);
        insert.bind(static_cast<std::int64_t>(s.feed_in_limit.mode)).bind(s.feed_in_limit.value);
        auto done = insert.bind(control.changed_by).bind(to_ms(control.changed_at)).run();
        if (done) done = add_audit(audit);
        // Before the commit: what is acknowledged is in both. Where only the copy has it, the database wins at start.
        return done ? write_copy(copy_path_, {ControlCopy::State::saved, control}) : done;
    });
}

ControlAtStart SettingsStore::control_at_start() {
    using State = ControlCopy::State;
    const ControlCopy found = read_copy(copy_path_);
    const ControlAtStart start = decide(control(), set_aside_, found);
    ControlCopy next{start.is_limit_lost ? State::lost : State::as_configured, {}};
    if (start.control) next = {State::saved, *start.control};
    if (next == found) return start;
    if (auto written = write_copy(copy_path_, next); !written)
        log(Level::warning, "settings", "the copy of the control settings cannot be written: " + written.error().text);
    return start;
}

Result<std::vector<AuditRow>> SettingsStore::audit(std::size_t limit, std::optional<WallTime> before) {
    Statement select(
        db_, "SELECT at_ms, who, address, what, old, new FROM audit WHERE at_ms < ? ORDER BY rowid DESC LIMIT ?");
    select.bind(before ? to_ms(*before) : INT64_MAX).bind(static_cast<std::int64_t>(limit));
    std::vector<AuditRow> out;
    while (select.next()) {
        AuditRow row;
        row.at = from_ms(select.integer());
        row.who = select.text();
        row.address = select.text();
        row.what = select.text();
        row.old_value = select.optional_text();
        row.new_value = select.optional_text();
        out.push_back(std::move(row));
    }
    if (auto done = select.done(); !done) return std::move(done).error();
    return out;
}

}  // namespace busbar::api
