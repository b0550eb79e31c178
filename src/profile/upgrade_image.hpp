#pragma once
// A firmware image as its profile describes it. Pure. The image is a file from a person: hostile, and perhaps the wrong
// one; it is looked at before the device hears of it.
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "profile/profile.hpp"

namespace busbar::profile {

struct ImageInfo {
    std::string model, version;  // printable
    std::uint32_t check = 0;     // over the whole image: what the device must compute
    std::uint32_t records = 0;
};

// Errors: malformed (too short, too long, another file, damaged: its check value does not hold), unsupported (made for
// another model than `device_model`). Texts say which and what to do.
Result<ImageInfo> check_image(const Upgrade& upgrade, ByteView image, std::string_view device_model);

// Record `i` of the image as it goes on the wire; the last one is filled up with 0xFF.
Bytes record_of(const Upgrade& upgrade, ByteView image, std::uint32_t i);

std::uint32_t check_value(CheckSum kind, ByteView bytes);

}  // namespace busbar::profile
