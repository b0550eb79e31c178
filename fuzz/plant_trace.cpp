// A trace of anything is refused with its place, or can be played forwards and backwards.
#include <cstdint>
#include <cstdlib>

#include "base/bytes.hpp"
#include "plant/physics/trace.hpp"

using namespace busbar;
using namespace busbar::plant;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto trace = parse_trace("f", as_text({data, size}));
    if (!trace) {
        if (!trace.error().text.starts_with("f")) std::abort();
        return 0;
    }
    for (const auto& column : trace->columns) {
        if (column.values.size() != trace->time_s.size()) std::abort();
        TracePlayer player(*trace, column);
        for (const double at : {-1.0, 0.0, trace->length_s() / 2, trace->length_s() + 1, trace->length_s() / 3})
            player.at(at);
    }
    return 0;
}
