#pragma once
// The catalogue of faults the gateway itself can raise: what operators see, what it means and what to do. Raised and
// cleared by control and apps through control/fault_book; kept in history, shown by API and web.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "model/role.hpp"

namespace busbar::model {

enum class Severity : std::uint8_t { critical, major, minor, warning };
std::string_view to_string(Severity severity);  // "critical"

enum class FaultKind : std::uint8_t {
    meter_silent,
    meter_implausible,
    device_offline,
    uncontrollable,
    two_masters,
    write_refused,
    feed_in_exceeded,
    no_fallback,
    config_problem,
    history_failing,
    access_failing,
    unsupported_firmware,
    clock_wrong,
    upgrade_failed,
    wrong_device,
    count_
};

struct FaultInfo {
    FaultKind kind;
    Severity severity;
    std::string_view name;        // "meter_silent": stable, used by API and translations
    std::string_view text;        // one sentence for people
    std::string_view suggestion;  // what to do
};
const FaultInfo& info(FaultKind kind);
std::span<const FaultInfo> all_faults();

// One occurrence. It stays listed after it is cleared, so that nobody misses what came and went.
struct Fault {
    std::uint64_t id = 0;  // unique since start
    FaultKind kind{};
    std::string source;             // device id, or "site"
    std::optional<RoleKey> role{};  // the setpoint it is about; one device may have the same fault with several
    std::string text;               // what exactly: "no answer since 12 s"
    WallTime raised{};
    std::optional<WallTime> cleared;
    Instant raised_at{};
};

}  // namespace busbar::model
