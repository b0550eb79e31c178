#include "base/whole_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace busbar {
namespace {
Status failed_at(const std::string& path) {
    return fail(Errc::unavailable,
                path + ": " + std::strerror(errno) + "; is the folder writable and the disk not full?");
}

bool sync_folder_of(const std::string& path) {
    const std::string folder = path.substr(0, path.rfind('/') + 1) + ".";
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return false;
    const bool synced = ::fsync(fd) == 0;
    ::close(fd);
    return synced;
}
}  // namespace

Status write_whole_file(const std::string& path, std::string_view text, mode_t mode) {
    const std::string draft = path + ".new";
    ::unlink(draft.c_str());
    const int fd = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0) return failed_at(draft);
    errno = ENOSPC;  // what a short write means
    const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
    const int reason = errno;
    ::close(fd);
    errno = reason;
    if (!written || ::rename(draft.c_str(), path.c_str()) != 0 || !sync_folder_of(path)) return failed_at(path);
    return ok();
}

}  // namespace busbar
