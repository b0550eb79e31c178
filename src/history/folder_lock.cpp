#include "history/folder_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace busbar::history {

FolderLock::~FolderLock() {
    if (fd_ >= 0) ::close(fd_);
}

Result<FolderLock> FolderLock::take(const std::string& folder) {
    const std::string path = folder + "/lock";
    FolderLock lock;
    lock.fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (lock.fd_ < 0)
        return fail(Errc::unavailable, fmt::format("history folder {}: {}; create it and give it to this user", folder,
                                                   std::strerror(errno)));
    if (::flock(lock.fd_, LOCK_EX | LOCK_NB) != 0) {
        char owner[64] = {};
        const ssize_t n = ::pread(lock.fd_, owner, sizeof owner - 1, 0);
        return fail(Errc::unavailable,
                    fmt::format("history folder {} is in use by {}; stop it, or choose another data folder", folder,
                                n > 0 ? owner : "another process"));
    }
    const std::string me = fmt::format("process {}", ::getpid());
    if (::ftruncate(lock.fd_, 0) != 0 || ::pwrite(lock.fd_, me.data(), me.size(), 0) < 0)
        return fail(Errc::unavailable, fmt::format("history folder {}: {}", folder, std::strerror(errno)));
    return lock;
}

}  // namespace busbar::history
