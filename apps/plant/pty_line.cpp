#include "pty_line.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "line_speed.hpp"

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

// The master side, deaf to what comes at another speed.
class PtyLine::Wire final : public bus::Link {
public:
    Wire(RealLoop& loop, int master, const std::string& name, std::uint32_t baud)
        : master_(loop, master, name), baud_(baud) {}
    void listen_to(int slave) { slave_ = slave; }

    Task<Status> open(Instant deadline) override { return master_.open(deadline); }
    void close() override { master_.close(); }
    bool is_open() const override { return master_.is_open(); }
    Task<Status> write(std::span<const std::uint8_t> bytes, Instant deadline) override {
        return master_.write(bytes, deadline);
    }
    Task<Result<std::size_t>> read_some(std::span<std::uint8_t> buffer, Instant deadline) override {
        for (;;) {
            auto got = co_await master_.read_some(buffer, deadline);
            if (!got || line_speed(slave_).value_or(baud_) == baud_) co_return got;
        }
    }
    std::size_t discard_input() override { return master_.discard_input(); }
    std::string describe() const override { return master_.describe(); }

private:
    DescriptorLink master_;
    std::uint32_t baud_;
    int slave_ = -1;
};

PtyLine::PtyLine() = default;
bus::Link& PtyLine::link() { return *wire_; }

Result<std::unique_ptr<PtyLine>> PtyLine::open(RealLoop& loop, const std::string& link_path, std::uint32_t baud) {
    std::unique_ptr<PtyLine> line(new PtyLine);
    const int master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master < 0) return failed("no pseudo terminal");
    line->wire_ = std::make_unique<Wire>(loop, master, link_path, baud);  // owns it from here on
    char name[64];
    if (::grantpt(master) != 0 || ::unlockpt(master) != 0 || ::ptsname_r(master, name, sizeof name) != 0)
        return failed("pseudo terminal");
    line->slave_ = ::open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (line->slave_ < 0) return failed(name);
    termios raw{};
    if (::tcgetattr(line->slave_, &raw) != 0) return failed(name);
    ::cfmakeraw(&raw);
    if (::tcsetattr(line->slave_, TCSANOW, &raw) != 0 || !set_line_speed(line->slave_, baud)) return failed(name);
    line->wire_->listen_to(line->slave_);
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
