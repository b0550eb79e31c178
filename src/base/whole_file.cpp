#include "base/whole_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/disk_space.hpp"

namespace busbar {
namespace {
std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, std::max<std::size_t>(slash, 1));
}

Error not_written(const std::string& path, int why) {
    if (why == ENOSPC || why == EDQUOT) return disk_full(folder_of(path));
    return fail(Errc::unavailable,
                path + ": " + std::strerror(why) + "; make it and the folder writable for this user, or move it away");
}

bool sync_folder_of(const std::string& path) {
    const int fd = ::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
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
    if (fd < 0) return not_written(draft, errno);
    errno = ENOSPC;  // what a short write means, which sets none
    const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
    int why_not = written ? 0 : errno;
    ::close(fd);
    if (written && ::rename(draft.c_str(), path.c_str()) != 0) why_not = errno;
    if (why_not != 0) {
        ::unlink(draft.c_str());
        return not_written(path, why_not);
    }
    return sync_folder_of(path) ? ok() : Status(not_written(path, errno));
}

}  // namespace busbar
