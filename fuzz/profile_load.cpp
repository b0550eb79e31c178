// Any text as a profile. What loads must then be usable: planned, decoded and encoded without leaving its bounds.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "profile/codec/decode.hpp"
#include "profile/codec/encode.hpp"
#include "profile/load/load.hpp"
#include "profile/read_plan.hpp"
#include "profile/sunspec/sunspec.hpp"
#include "profile/upgrade_image.hpp"

using namespace busbar::profile;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

Profile placed(const Profile& profile) {
    if (!profile.sunspec) return profile;
    std::vector<std::uint16_t> models;
    for (const ModelLength& m : profile.sunspec->models) models.push_back(m.model);
    return resolve_models(profile, chain_of(profile, profile.sunspec->bases.front(), models));
}

void use(const Profile& profile) {
    std::vector<std::uint16_t> all(profile.points.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint16_t>(i);
    std::size_t planned = 0;
    for (const ReadRequest& request : plan_reads(profile.points, all, profile.bus)) {
        require(request.count >= 1 && request.count <= 125 && request.first + request.count <= 0x10000);
        const std::vector<std::uint16_t> words(request.count, 0x0102);
        for (const std::uint16_t i : request.points) {
            const Span span = span_of(profile.points[i]);
            require(span.first >= request.first && span.last < request.first + request.count);
            (void)decode(profile.points[i], request.first, words);
            ++planned;
        }
    }
    require(planned == profile.points.size());
    for (const Point& point : profile.points)
        for (const double value : {0.0, 1.0, -1234.5})
            if (const auto writes = encode(point, value))
                for (const RegisterWrite& w : *writes) require(w.address + w.words.count <= 0x10000);
    for (const Setting& setting : profile.settings) {
        // What a setting offers, its register can hold.
        for (const Choice& choice : setting.choices)
            require(encode_words(setting.encoding, static_cast<double>(choice.code)).has_value());
        if (setting.min < setting.max && !setting.encoding.exponent)
            require(encode_words(setting.encoding, setting.max).has_value());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto loaded = load(text, "fuzz.yaml");
    if (!loaded) {
        require(loaded.error().text.starts_with("fuzz.yaml:"));
        return 0;
    }
    use(placed(*loaded));
    // A profile says how an image looks; any file may be given as one.
    if (loaded->upgrade) (void)check_image(*loaded->upgrade, {data, size}, "T1");
    (void)firmware_support(loaded->firmware, "T1", text.substr(0, 20));
    return 0;
}
