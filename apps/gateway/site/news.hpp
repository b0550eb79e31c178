#pragma once
// What a report says that the one before did not: new decisions and faults, and known ones that have changed since
// (pending became in force, an alarm cleared). The service loop hands it to the live sockets. Pure.
#include <vector>

#include "field/field_report.hpp"

namespace busbar::gateway {

struct News {
    std::vector<std::shared_ptr<const control::Decision>> decisions;  // oldest first, as they are now
    std::vector<model::Fault> faults;                                 // oldest first, as they are now
};

// `before`: the report told last; null = nothing was told yet. Both lists of a report ascend by id. A decision that
// changed is another object (field.cpp), so that comparing addresses is enough.
News news(const FieldReport* before, const FieldReport& now);

}  // namespace busbar::gateway
