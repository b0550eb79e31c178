#pragma once
// One request and its answer over a link, in one of the two framings. Internal to bus: the master decides what is asked
// and when, an exchange knows how to tell the answer from everything else that may arrive.
#include "base/loop.hpp"
#include "bus/link/link.hpp"
#include "bus/master/request_queue.hpp"
#include "bus/transaction.hpp"

namespace busbar::bus {

class Exchange {
public:
    virtual ~Exchange() = default;
    // Sends and waits; fills in outcome, registers and, for a lost link, error. One at a time.
    virtual Task<void> run(Transaction& transaction, Patience patience) = 0;
    // The link was opened anew: what came before is over.
    virtual void reset() = 0;
    // An answer could come late and be taken for another: see UnitHealth.
    virtual bool needs_quarantine() const = 0;
};

}  // namespace busbar::bus
