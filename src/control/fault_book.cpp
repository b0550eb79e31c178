#include "control/fault_book.hpp"

#include <algorithm>

namespace busbar::control {

model::Fault* FaultBook::find_active(model::FaultKind kind, std::string_view source, Role role) {
    const auto found = std::find_if(faults_.begin(), faults_.end(), [&](const model::Fault& fault) {
        return fault.kind == kind && fault.source == source && fault.role == role && !fault.cleared;
    });
    return found == faults_.end() ? nullptr : &*found;
}

bool FaultBook::is_active(model::FaultKind kind, std::string_view source) const {
    return std::any_of(faults_.begin(), faults_.end(), [&](const model::Fault& fault) {
        return fault.kind == kind && fault.source == source && !fault.cleared;
    });
}

void FaultBook::raise(model::FaultKind kind, std::string_view source, std::string_view text, Role role) {
    if (find_active(kind, source, role)) return;
    if (faults_.size() >= capacity) {
        auto oldest =
            std::find_if(faults_.begin(), faults_.end(), [](const model::Fault& f) { return f.cleared.has_value(); });
        if (oldest == faults_.end()) oldest = faults_.begin();
        faults_.erase(oldest);
    }
    faults_.push_back({.id = next_id_++,
                       .kind = kind,
                       .source = std::string(source),
                       .role = role,
                       .text = std::string(text.empty() ? model::info(kind).text : text),
                       .raised = loop_.wall(),
                       .cleared = std::nullopt,
                       .raised_at = loop_.now()});
    if (sink_) sink_(faults_.back());
}

void FaultBook::clear_all(std::string_view source) {
    for (model::Fault& fault : faults_) {
        if (fault.source != source || fault.cleared) continue;
        fault.cleared = loop_.wall();
        if (sink_) sink_(fault);
    }
}

void FaultBook::clear(model::FaultKind kind, std::string_view source, Role role) {
    model::Fault* fault = find_active(kind, source, role);
    if (!fault) return;
    fault->cleared = loop_.wall();
    if (sink_) sink_(*fault);
}

}  // namespace busbar::control
