#include "profile/sunspec/sunspec.hpp"

#include <algorithm>

namespace busbar::profile {
namespace {

class Chain {
public:
    explicit Chain(std::span<const ModelBlock> found) : found_(found) {}

    // Makes a model-relative register absolute. False when this device does not have it.
    bool place(std::uint16_t model, std::uint16_t& offset, std::uint16_t words) const {
        const auto block =
            std::find_if(found_.begin(), found_.end(), [&](const ModelBlock& b) { return b.model == model; });
        if (block == found_.end() || offset + words > block->length + 2u) return false;
        if (std::uint32_t{block->address} + offset + words > 0x10000u) return false;
        offset = static_cast<std::uint16_t>(block->address + offset);
        return true;
    }
    bool place(Address& at, std::uint16_t words) const {
        if (at.model == 0) return true;
        if (!place(at.model, at.offset, words)) return false;
        at.model = 0;
        at.table = Table::holding;
        return true;
    }
    bool place(Address& at, Encoding& encoding) const {
        const std::uint16_t model = at.model;
        if (model != 0 && encoding.exponent && !place(model, *encoding.exponent, 1)) return false;
        return place(at, words_of(encoding.type));
    }
    bool place(Point& point) const {
        if (point.at.model != 0 && point.less && !place(point.at.model, *point.less, words_of(point.encoding.type)))
            return false;
        return place(point.at, point.encoding);
    }
    bool place(std::vector<WriteStep>& steps) const {
        return std::all_of(steps.begin(), steps.end(), [&](WriteStep& step) { return place(step.to, step.encoding); });
    }

private:
    std::span<const ModelBlock> found_;
};

}  // namespace

Profile resolve_models(const Profile& profile, std::span<const ModelBlock> found) {
    if (!profile.sunspec) return profile;
    const Chain chain(found);
    Profile placed = profile;
    placed.points.clear();
    placed.controls.clear();
    placed.settings.clear();
    for (Point point : profile.points) {
        const bool is_known = std::any_of(placed.points.begin(), placed.points.end(),
                                          [&](const Point& p) { return p.role == point.role; });
        if (!is_known && chain.place(point)) placed.points.push_back(std::move(point));
    }
    for (Control control : profile.controls)
        if (chain.place(control.before) && chain.place(control.write) && chain.place(control.release))
            placed.controls.push_back(std::move(control));
    for (Setting setting : profile.settings)
        if (chain.place(setting.before) && chain.place(setting.at, setting.encoding))
            placed.settings.push_back(std::move(setting));
    if (placed.clock && !(chain.place(placed.clock->before) && chain.place(placed.clock->at, words_of(*profile.clock))))
        placed.clock.reset();
    for (auto* text :
         {&placed.identify.maker_text, &placed.identify.model, &placed.identify.serial, &placed.identify.firmware})
        if (*text && !chain.place((*text)->at, (*text)->count)) text->reset();
    std::erase_if(placed.identify.checks, [&](Check& check) { return !chain.place(check.at, check.encoding); });
    return placed;
}

std::vector<ModelBlock> chain_of(const Profile& profile, std::uint16_t base, std::span<const std::uint16_t> models) {
    std::vector<ModelBlock> chain;
    if (!profile.sunspec) return chain;
    std::uint32_t at = base + 2u;
    for (const std::uint16_t model : models) {
        const auto& known = profile.sunspec->models;
        const auto length =
            std::find_if(known.begin(), known.end(), [&](const ModelLength& m) { return m.model == model; });
        if (length == known.end()) continue;
        const std::uint32_t registers = length->length + std::uint32_t{chain_groups} * length->group;
        if (at + registers + 2u > 0x10000u) continue;
        chain.push_back({model, static_cast<std::uint16_t>(at), static_cast<std::uint16_t>(registers)});
        at += registers + 2u;
    }
    return chain;
}

}  // namespace busbar::profile
