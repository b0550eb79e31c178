#pragma once
// What clients wrote and were refused, as lines for the audit log: the first write of a kind at once, then how many
// more like it came. A client that hammers fills neither the log nor the disk. Pure: the caller says what time it is.
//
// Of one kind are writes of one address to one register with one outcome. After its first line a kind is silent for a
// minute, then for 2, 4 ... 60 min while it goes on; each line says how many writes it stands for and what the last one
// was. Bounds: 64 kinds, further ones share one line per outcome; 30 lines at once, then one every 30 s.
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "base/clock.hpp"
#include "northbound/multiplexer.hpp"

namespace busbar::northbound {

struct WriteLine {
    WriteReport last;
    std::uint64_t times = 1;  // writes this line stands for, `last` among them
    Duration over{};          // since the first of them
    bool is_mixed = false;    // of several kinds
};

class WriteLedger {
public:
    static constexpr std::size_t most_kinds = 64;

    void take(WriteReport report, Instant now);
    // Lines to be written now; ask every few seconds, and after each take().
    std::vector<WriteLine> due(Instant now);
    bool is_empty() const { return entries_.empty(); }
    // At the end: everything that is not told yet.
    std::vector<WriteLine> rest(Instant now);

private:
    using Kind = std::tuple<WriteReport::Outcome, std::string, model::DeviceId, std::uint16_t, std::size_t>;
    struct Entry {
        WriteReport last;
        std::uint64_t untold = 0;
        Instant since{}, next{};
        Duration silence{};
    };
    bool may_tell(Instant now);
    static WriteLine line_of(const Kind& kind, Entry& entry, Instant now);

    std::map<Kind, Entry> entries_;
    double tokens_ = 30;
    Instant refilled_{};
};

}  // namespace busbar::northbound
