#pragma once
// The one error type of all modules. `kind` is for callers (retry, report, give up), `text` is for people and grows
// outward: "pv_roof: read 40083: timeout after 3 tries". Nothing here allocates unless an error occurs.
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>

namespace busbar {

// What the caller does about it decides the kind; never add one that no caller treats differently.
enum class Errc {
    timeout,       // nobody answered in time; trying again may help
    refused,       // the other side understood and said no
    malformed,     // bytes or text that do not follow their format
    out_of_range,  // well formed, but outside what is allowed
    unsupported,   // the other side, or this build, cannot do that
    unavailable,   // not now: closed, full, busy, absent; trying again later may help
    denied,        // the caller has no right to do that
    corrupt,       // stored data fails its own check
    internal,      // our mistake
};

std::string_view to_string(Errc kind);

struct Error {
    Errc kind = Errc::internal;
    std::string text;

    // True when the same call may succeed later without anybody changing anything.
    bool retryable() const { return kind == Errc::timeout || kind == Errc::unavailable; }
};

// The same error seen from one level further out: because("pv_roof", e) -> "pv_roof: <text of e>".
Error because(std::string_view where, Error inner);

// "timeout: <text>", for test messages and logs.
std::ostream& operator<<(std::ostream& out, const Error& error);

}  // namespace busbar
