#include "base/disk_space.hpp"

#include <sys/statvfs.h>

#include <cstdint>

namespace busbar {
namespace {
constexpr std::uint64_t needed_bytes = 256u << 10;  // a new database with its log and shared memory
}

bool is_disk_full(const std::string& folder) {
    struct statvfs disk {};
    if (::statvfs(folder.c_str(), &disk) != 0) return false;
    const bool has_no_files = disk.f_files > 0 && disk.f_favail == 0;  // 0 of 0: a file system that does not count them
    return has_no_files || std::uint64_t{disk.f_bavail} * disk.f_frsize < needed_bytes;
}

Error disk_full(const std::string& folder) {
    return {Errc::unavailable, "data folder " + folder + ": disk full; free some space on it"};
}

}  // namespace busbar
