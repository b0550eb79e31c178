#pragma once
// The faults of this site: raised once, cleared once, listed for as long as there is room. A fault is known by its
// kind, its source and, where it is about a setpoint, that setpoint's role: what one setpoint does well says nothing of
// another. Field loop only; API and history get each change through the sink. Bounded: `capacity` faults, the oldest
// cleared ones go first.
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "base/loop.hpp"
#include "model/fault.hpp"

namespace busbar::control {

class FaultBook {
public:
    static constexpr std::size_t capacity = 256;
    using Sink = std::function<void(const model::Fault&)>;
    using Role = std::optional<model::RoleKey>;

    explicit FaultBook(const Loop& loop) : loop_(loop) {}
    void set_sink(Sink sink) { sink_ = std::move(sink); }

    // Raising an active fault again changes nothing, so callers may state it every cycle.
    void raise(model::FaultKind kind, std::string_view source, std::string_view text, Role role = std::nullopt);
    void clear(model::FaultKind kind, std::string_view source, Role role = std::nullopt);
    void set(bool is_wrong, model::FaultKind kind, std::string_view source, std::string_view text,
             Role role = std::nullopt) {
        is_wrong ? raise(kind, source, text, role) : clear(kind, source, role);
    }

    // All that are active about this source: it is gone.
    void clear_all(std::string_view source);

    // Whatever setpoint it is about.
    bool is_active(model::FaultKind kind, std::string_view source) const;
    const std::vector<model::Fault>& faults() const { return faults_; }  // oldest first

private:
    model::Fault* find_active(model::FaultKind kind, std::string_view source, Role role);

    const Loop& loop_;
    Sink sink_;
    std::vector<model::Fault> faults_;
    std::uint64_t next_id_ = 1;
};

}  // namespace busbar::control
