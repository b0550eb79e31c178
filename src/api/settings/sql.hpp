#pragma once
// The thinnest useful layer over SQLite's C interface: one prepared statement, values bound in order, rows read in
// order. Internal to settings_store.cpp.
#include <sqlite3.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace busbar::api {

class Statement {
public:
    Statement(sqlite3* db, const char* sql) : db_(db) { code_ = sqlite3_prepare_v2(db, sql, -1, &statement_, nullptr); }
    ~Statement() { sqlite3_finalize(statement_); }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    Statement& bind(std::int64_t value) {
        sqlite3_bind_int64(statement_, ++bound_, value);
        return *this;
    }
    Statement& bind(double value) {
        sqlite3_bind_double(statement_, ++bound_, value);
        return *this;
    }
    Statement& bind(std::string_view text) {
        sqlite3_bind_text(statement_, ++bound_, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
        return *this;
    }
    Statement& bind(const std::string& text) { return bind(std::string_view(text)); }
    Statement& bind(const std::optional<std::string>& text) {
        if (text) return bind(std::string_view(*text));
        sqlite3_bind_null(statement_, ++bound_);
        return *this;
    }
    Statement& bind_bytes(std::span<const std::uint8_t> bytes) {
        sqlite3_bind_blob(statement_, ++bound_, bytes.data(), static_cast<int>(bytes.size()), SQLITE_TRANSIENT);
        return *this;
    }

    // True while there is a row; afterwards done() says whether all went well.
    bool next() {
        if (code_ != SQLITE_OK && code_ != SQLITE_ROW) return false;
        code_ = sqlite3_step(statement_);
        read_ = 0;
        return code_ == SQLITE_ROW;
    }
    Status done() const {
        if (code_ == SQLITE_DONE || code_ == SQLITE_OK) return ok();
        const auto kind = code_ == SQLITE_CORRUPT || code_ == SQLITE_NOTADB ? Errc::corrupt : Errc::unavailable;
        return fail(kind, std::string("settings database: ") + sqlite3_errmsg(db_));
    }
    Status run() {
        while (next()) {
        }
        return done();
    }

    std::int64_t integer() { return sqlite3_column_int64(statement_, read_++); }
    double number() { return sqlite3_column_double(statement_, read_++); }
    std::string text() {
        const auto* data = sqlite3_column_text(statement_, read_);
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, read_++));
        return data ? std::string(reinterpret_cast<const char*>(data), size) : std::string();
    }
    std::optional<std::string> optional_text() {
        if (sqlite3_column_type(statement_, read_) != SQLITE_NULL) return text();
        ++read_;
        return std::nullopt;
    }
    std::string bytes() {
        const auto* data = sqlite3_column_blob(statement_, read_);
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, read_++));
        return data ? std::string(static_cast<const char*>(data), size) : std::string();
    }

private:
    sqlite3* db_;
    sqlite3_stmt* statement_ = nullptr;
    int code_ = SQLITE_OK, bound_ = 0, read_ = 0;
};

}  // namespace busbar::api
