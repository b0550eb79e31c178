#pragma once
// One process per data folder. The lock is the kernel's (flock) on the folder itself, so it ends with the process
// however that ends, and a full disk does not keep it from being taken. A file beside it names the owner, where it can
// be written, for the message a second process gets.
#include <string>
#include <utility>

#include "base/result.hpp"

namespace busbar::history {

class FolderLock {
public:
    FolderLock() = default;
    ~FolderLock();
    FolderLock(FolderLock&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
    FolderLock& operator=(FolderLock&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }

    // The folder must exist. `unavailable`, naming the process, when another one holds it.
    static Result<FolderLock> take(const std::string& folder);

private:
    int fd_ = -1;
};

}  // namespace busbar::history
