#pragma once
// A setpoint: what the arbiter decided for one target and the dispatcher writes. It always expires and always carries
// the chain of who decided what, in the order in which it was decided.
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "model/limit.hpp"

namespace busbar::model {

struct Step {
    enum class Kind : std::uint8_t { request, limit, result };
    Kind kind = Kind::request;
    Rank rank = Rank::strategy;
    std::string source;
    std::string text;
    std::optional<double> low, high;  // limits: the side that is set
    std::optional<double> value;      // requests: the wish; result: what came out
    bool operator==(const Step&) const = default;
};
std::string_view to_string(Step::Kind kind);

struct Setpoint {
    Target target;
    double value = 0;   // in the role's unit
    Instant expires{};  // the device shall not obey it longer than that without a refresh
    std::vector<Step> chain;
};

}  // namespace busbar::model
