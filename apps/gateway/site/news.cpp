#include "site/news.hpp"

#include <algorithm>

namespace busbar::gateway {
namespace {

bool is_same(const std::shared_ptr<const control::Decision>& a, const std::shared_ptr<const control::Decision>& b) {
    return a == b;
}
bool is_same(const model::Fault& a, const model::Fault& b) { return a.cleared == b.cleared && a.text == b.text; }

std::uint64_t id_of(const std::shared_ptr<const control::Decision>& decision) { return decision->id; }
std::uint64_t id_of(const model::Fault& fault) { return fault.id; }

template <class Item>
std::vector<Item> changed(const std::vector<Item>& before, const std::vector<Item>& now) {
    std::vector<Item> out;
    auto known = before.begin();
    for (const Item& item : now) {
        known = std::find_if(known, before.end(), [&](const Item& k) { return id_of(k) >= id_of(item); });
        const bool is_known = known != before.end() && id_of(*known) == id_of(item);
        if (!is_known || !is_same(*known, item)) out.push_back(item);
    }
    return out;
}

}  // namespace

News news(const FieldReport* before, const FieldReport& now) {
    if (!before) return {*now.decisions, *now.faults};
    News out;
    if (before->decisions != now.decisions) out.decisions = changed(*before->decisions, *now.decisions);
    if (before->faults != now.faults) out.faults = changed(*before->faults, *now.faults);
    return out;
}

}  // namespace busbar::gateway
