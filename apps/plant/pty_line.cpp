#include "pty_line.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace busbar::plant_app {
namespace {

Error failed(const std::string& what) {
    return fail(Errc::unavailable, what + ": " + std::generic_category().message(errno));
}

Status link_to(const std::string& target, const std::string& path) {
    std::error_code problem;
    const auto there = std::filesystem::symlink_status(path, problem);
    if (std::filesystem::is_symlink(there))
        std::filesystem::remove(path, problem);
    else if (std::filesystem::exists(there))
        return fail(Errc::unavailable, path + ": exists and is no symbolic link; remove it or choose another --dir");
    std::filesystem::create_symlink(target, path, problem);
    if (problem) return fail(Errc::unavailable, path + ": " + problem.message());
    return ok();
}

}  // namespace

Result<std::unique_ptr<PtyLine>> PtyLine::open(RealLoop& loop, const std::string& link_path) {
    std::unique_ptr<PtyLine> line(new PtyLine);
    const int master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master < 0) return failed("no pseudo terminal");
    line->link_ = std::make_unique<DescriptorLink>(loop, master, link_path);  // owns it from here on
    char name[64];
    if (::grantpt(master) != 0 || ::unlockpt(master) != 0 || ::ptsname_r(master, name, sizeof name) != 0)
        return failed("pseudo terminal");
    line->slave_ = ::open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (line->slave_ < 0) return failed(name);
    termios raw{};
    if (::tcgetattr(line->slave_, &raw) != 0) return failed(name);
    ::cfmakeraw(&raw);
    if (::tcsetattr(line->slave_, TCSANOW, &raw) != 0) return failed(name);
    if (auto s = link_to(name, link_path); !s) return s.error();
    line->path_ = link_path;
    return line;
}

PtyLine::~PtyLine() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove(path_, ignored);
    if (slave_ >= 0) ::close(slave_);
}

}  // namespace busbar::plant_app
