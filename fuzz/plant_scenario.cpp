// A scenario of anything is refused with its place, or can be played: ten seconds of its physics keep their balance.
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "base/bytes.hpp"
#include "plant/scenario/checker.hpp"
#include "plant/site.hpp"

using namespace busbar;
using namespace busbar::plant;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto scenario = parse(as_text({data, size}), "f");
    if (!scenario) {
        if (!scenario.error().text.starts_with("f")) std::abort();
        return 0;
    }
    Site site(*scenario, 1);
    Checker checker(*scenario);
    for (const auto& event : scenario->events) checker.event(event, event.at_s);
    for (int i = 0; i < 100; ++i) {
        site.step(0.1, {});
        const auto now = site.state();
        if (!(std::abs(now.load_w - now.grid_w - now.ac_w) <= 1e-6 * (1 + std::abs(now.load_w) + std::abs(now.ac_w))))
            std::abort();
        checker.observe(now);
    }
    if (checker.verdicts(true).size() != scenario->expectations.size()) std::abort();
    return 0;
}
