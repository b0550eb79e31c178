#pragma once
// The seam between the history and the file system: one folder of files. Everything the journal and the ballast do to
// disk goes through here, so that tests can own it: forget what was not synced, tear writes, fail the n-th call.
//
// Errors: `unavailable` when the disk is full (free something and try again), `corrupt` for an I/O error (what was not
// synced before may be gone), `refused` otherwise. Names are plain file names inside the folder.
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace busbar::history {

class BlockFile {
public:
    virtual ~BlockFile() = default;
    // Writes all of it or returns the error; how much of it then lies in the file is unknown.
    virtual Status write_at(std::uint64_t offset, ByteView bytes) = 0;
    // Bytes up to the end of the file; fewer than asked for only there.
    virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> into) = 0;
    virtual Result<std::uint64_t> size() = 0;
    virtual Status truncate(std::uint64_t size) = 0;
    // After this returns without error the written bytes outlive a power cut. After an error nothing is known about
    // what was written since the last good sync, and a second sync would lie: give the file up.
    virtual Status sync() = 0;
};

class Disk {
public:
    virtual ~Disk() = default;
    virtual Result<std::unique_ptr<BlockFile>> open(const std::string& name, bool create) = 0;
    virtual Status remove(const std::string& name) = 0;  // of an absent file: no error
    virtual Status rename(const std::string& from, const std::string& to) = 0;
    virtual Result<std::vector<std::string>> list() = 0;
    virtual Status sync_folder() = 0;  // makes creation, removal and renaming durable
    virtual Result<std::uint64_t> free_bytes() = 0;
};

// The folder must exist.
std::unique_ptr<Disk> posix_disk(std::string folder);

}  // namespace busbar::history
