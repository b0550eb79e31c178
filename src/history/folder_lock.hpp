#pragma once
// One process per data folder. The lock is the kernel's (flock), so it ends with the process however that ends; the
// file names the owner for the message a second one gets.
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

    // `unavailable`, naming the process, when another one holds the folder.
    static Result<FolderLock> take(const std::string& folder);

private:
    int fd_ = -1;
};

}  // namespace busbar::history
