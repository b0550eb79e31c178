#pragma once
// How far a profile was proven, in the API's words.
#include "api/views.hpp"
#include "profile/profile.hpp"

namespace busbar::gateway {

inline api::Verified verified_of(const profile::Profile& profile) {
    const std::string_view text = profile.verified;
    if (text.starts_with("device")) return api::Verified::device;
    if (text.starts_with("capture")) return api::Verified::captured;
    if (text.starts_with("single") || text.starts_with("one ") || text.starts_with("bus observation"))
        return api::Verified::single_source;
    return api::Verified::documented;
}

}  // namespace busbar::gateway
