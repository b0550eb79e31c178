#pragma once
// The upgrade area of the data folder: firmware images on their way from a browser to a device. An image is known by
// its SHA-256, arrives in pieces in order, and may be continued where it broke off, also after a restart. Used by the
// firmware route on a worker thread; blocks for the disk. What the image means is its profile's business.
//
// Bounds: one image arrives at a time, the three last complete ones are kept.
#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace busbar::api {

struct FirmwarePiece {
    std::string image;         // SHA-256 of the whole, 64 hex digits in lower case: also the file's name
    std::uint64_t size = 0;    // of the whole, bytes
    std::uint64_t offset = 0;  // of this piece
    std::string bytes;         // may be empty: only asks how far it is
};

class FirmwareImages {
public:
    explicit FirmwareImages(std::string folder) : folder_(std::move(folder)) {}

    struct Progress {
        std::uint64_t received = 0;  // from where to go on
        bool is_complete = false;    // all there, and its SHA-256 is the one announced
    };
    // Takes the piece when it begins where the last one ended; otherwise only says where that was. Errors: unavailable
    // (disk, another image is arriving), malformed (the whole is not what was announced: it is dropped), out_of_range.
    Result<Progress> put(const FirmwarePiece& piece);

    static constexpr std::size_t most_kept = 3;

private:
    Result<Progress> append(const FirmwarePiece& piece, std::uint64_t received);
    Status finish(const FirmwarePiece& piece);
    Status make_room(const std::string& image);
    void drop_oldest();
    std::string path(const std::string& image) const { return folder_ + "/" + image; }
    std::string part(const std::string& image) const { return path(image) + ".part"; }

    std::string folder_;
};

}  // namespace busbar::api
