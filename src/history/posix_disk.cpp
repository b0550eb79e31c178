#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "history/disk.hpp"

namespace busbar::history {
namespace {

Error system_error(std::string_view what, std::string_view name, int code) {
    const Errc kind = code == ENOSPC || code == EDQUOT ? Errc::unavailable
                      : code == EIO                    ? Errc::corrupt
                                                       : Errc::refused;
    const char* const remedy = kind == Errc::unavailable ? "; free some space on it" : "";
    return fail(kind, fmt::format("{} {}: {}{}", what, name, std::strerror(code), remedy));
}

class PosixFile final : public BlockFile {
public:
    PosixFile(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}
    ~PosixFile() override { ::close(fd_); }
    PosixFile(const PosixFile&) = delete;
    PosixFile& operator=(const PosixFile&) = delete;

    Status write_at(std::uint64_t offset, ByteView bytes) override {
        while (!bytes.empty()) {
            const ssize_t n = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return system_error("write", name_, errno);
            if (n == 0) return system_error("write", name_, ENOSPC);
            offset += static_cast<std::uint64_t>(n);
            bytes = bytes.subspan(static_cast<std::size_t>(n));
        }
        return ok();
    }
    Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> into) override {
        std::size_t done = 0;
        while (done < into.size()) {
            const ssize_t n = ::pread(fd_, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return system_error("read", name_, errno);
            if (n == 0) break;
            done += static_cast<std::size_t>(n);
        }
        return done;
    }
    Result<std::uint64_t> size() override {
        struct stat info {};
        if (::fstat(fd_, &info) != 0) return system_error("size of", name_, errno);
        return static_cast<std::uint64_t>(info.st_size);
    }
    Status truncate(std::uint64_t size) override {
        if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) return system_error("truncate", name_, errno);
        return ok();
    }
    Status sync() override {
        if (::fdatasync(fd_) != 0) return system_error("sync", name_, errno);
        return ok();
    }

private:
    int fd_;
    std::string name_;
};

class PosixDisk final : public Disk {
public:
    explicit PosixDisk(std::string folder) : folder_(std::move(folder)) {}

    Result<std::unique_ptr<BlockFile>> open(const std::string& name, bool create) override {
        const int fd = ::open(path(name).c_str(), O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0), 0640);
        if (fd < 0) return system_error("open", path(name), errno);
        return std::unique_ptr<BlockFile>(std::make_unique<PosixFile>(fd, path(name)));
    }
    Status remove(const std::string& name) override {
        if (::unlink(path(name).c_str()) != 0 && errno != ENOENT) return system_error("remove", path(name), errno);
        return ok();
    }
    Status rename(const std::string& from, const std::string& to) override {
        if (::rename(path(from).c_str(), path(to).c_str()) != 0) return system_error("rename", path(from), errno);
        return ok();
    }
    Result<std::vector<std::string>> list() override {
        DIR* dir = ::opendir(folder_.c_str());
        if (dir == nullptr) return system_error("list", folder_, errno);
        std::vector<std::string> names;
        while (const dirent* entry = ::readdir(dir)) names.emplace_back(entry->d_name);
        ::closedir(dir);
        return names;
    }
    Status sync_folder() override {
        const int fd = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0) return system_error("open", folder_, errno);
        const int failed = ::fsync(fd) != 0 ? errno : 0;
        ::close(fd);
        if (failed != 0) return system_error("sync", folder_, failed);
        return ok();
    }
    Result<std::uint64_t> free_bytes() override {
        struct statvfs info {};
        if (::statvfs(folder_.c_str(), &info) != 0) return system_error("free space of", folder_, errno);
        return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
    }

private:
    std::string path(const std::string& name) const { return folder_ + "/" + name; }
    std::string folder_;
};

}  // namespace

std::unique_ptr<Disk> posix_disk(std::string folder) { return std::make_unique<PosixDisk>(std::move(folder)); }

}  // namespace busbar::history
