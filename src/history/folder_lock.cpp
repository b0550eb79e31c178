#include "history/folder_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace busbar::history {
namespace {

std::string owner_named_in(const std::string& path) {
    char owner[64] = {};
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    const ssize_t n = fd < 0 ? 0 : ::pread(fd, owner, sizeof owner - 1, 0);
    if (fd >= 0) ::close(fd);
    return n > 0 ? owner : "";
}

// Only for the message: what cannot be written now, on a full disk, is not worth an error.
void name_owner(const std::string& path) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (fd < 0) return;
    const std::string me = fmt::format("process {}", ::getpid());
    [[maybe_unused]] const ssize_t written = ::pwrite(fd, me.data(), me.size(), 0);
    ::close(fd);
}

}  // namespace

FolderLock::~FolderLock() {
    if (fd_ >= 0) ::close(fd_);
}

Result<FolderLock> FolderLock::take(const std::string& folder) {
    FolderLock lock;
    lock.fd_ = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock.fd_ < 0)
        return fail(Errc::unavailable, fmt::format("data folder {}: {}; create it and give it to this user", folder,
                                                   std::strerror(errno)));
    const bool is_taken = ::flock(lock.fd_, LOCK_EX | LOCK_NB) == 0;
    const int why_not = is_taken ? 0 : errno;
    if (!is_taken && why_not != EWOULDBLOCK)
        return fail(Errc::unavailable, fmt::format("data folder {} cannot be locked: {}; choose one on a local disk",
                                                   folder, std::strerror(why_not)));
    const std::string path = folder + "/lock";
    if (!is_taken) {
        const std::string owner = owner_named_in(path);
        return fail(Errc::unavailable,
                    fmt::format("data folder {} is in use by {}; stop it, or choose another data folder", folder,
                                owner.empty() ? "another process" : owner));
    }
    name_owner(path);
    return lock;
}

}  // namespace busbar::history
