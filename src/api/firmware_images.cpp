#include "api/firmware_images.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <vector>

#include "base/assert.hpp"
#include "base/disk_space.hpp"
#include "net/crypto.hpp"

namespace busbar::api {
namespace fs = std::filesystem;
namespace {
using namespace std::chrono_literals;
constexpr auto arriving_for = 60s;  // after its last piece an image that is not whole makes room for another

Error cannot_write(const std::string& folder) {
    if (errno == ENOSPC || errno == EDQUOT || is_disk_full(folder)) return disk_full(folder);
    return fail(Errc::unavailable, folder + ": cannot be written; is the data folder the gateway's own?");
}

// An open file that closes itself.
struct File {
    int number;
    explicit File(int fd) : number(fd) {}
    ~File() {
        if (number >= 0) ::close(number);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
};

std::optional<std::uint64_t> size_of(const std::string& path) {
    struct stat found {};
    if (::lstat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) return std::nullopt;
    return static_cast<std::uint64_t>(found.st_size);
}

std::optional<std::string> digest_of(int file, std::uint64_t size) {
    void* bytes = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
    if (bytes == MAP_FAILED) return std::nullopt;
    const auto digest = net::sha256({static_cast<const char*>(bytes), size});
    ::munmap(bytes, size);
    std::string text;
    for (const auto byte : digest) text += fmt::format("{:02x}", byte);
    return text;
}

std::vector<fs::directory_entry> entries(const std::string& folder, bool want_parts) {
    std::vector<fs::directory_entry> found;
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
        if ((at->path().extension() == ".part") == want_parts) found.push_back(*at);
    return found;
}
}  // namespace

Result<FirmwareImages::Progress> FirmwareImages::put(const FirmwarePiece& piece) {
    BUSBAR_ASSERT(piece.image.size() == 64 && piece.image.find_first_not_of("0123456789abcdef") == std::string::npos);
    if (piece.bytes.size() > piece.size || piece.offset > piece.size - piece.bytes.size())
        return fail(Errc::out_of_range, "offset: this piece reaches beyond the size announced");
    if (::mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST) return cannot_write(folder_);
    if (size_of(path(piece.image)) == piece.size) return Progress{piece.size, true};
    std::uint64_t received = size_of(part(piece.image)).value_or(0);
    if (received > piece.size) {
        ::unlink(part(piece.image).c_str());
        received = 0;
    }
    if (piece.bytes.empty() || piece.offset != received) {
        // All of it was there, but not its end: a restart came between the last piece and the check.
        if (received != piece.size) return Progress{received, false};
        if (auto done = finish(piece); !done) return std::move(done).error();
        return Progress{received, true};
    }
    return append(piece, received);
}

Result<FirmwareImages::Progress> FirmwareImages::append(const FirmwarePiece& piece, std::uint64_t received) {
    if (received == 0)
        if (auto room = make_room(piece.image); !room) return std::move(room).error();
    {
        const File file(
            ::open(part(piece.image).c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (file.number < 0) return cannot_write(folder_);
        if (::write(file.number, piece.bytes.data(), piece.bytes.size()) != static_cast<ssize_t>(piece.bytes.size())) {
            const Error why = cannot_write(folder_);
            // What half a piece left behind is taken back, so that the next try begins where it should.
            [[maybe_unused]] const int cut = ::ftruncate(file.number, static_cast<off_t>(received));
            return why;
        }
    }
    received += piece.bytes.size();
    if (received < piece.size) return Progress{received, false};
    if (auto done = finish(piece); !done) return std::move(done).error();
    return Progress{received, true};
}

Status FirmwareImages::finish(const FirmwarePiece& piece) {
    const File file(::open(part(piece.image).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (file.number < 0 || ::fsync(file.number) != 0) return cannot_write(folder_);
    const auto digest = digest_of(file.number, piece.size);
    if (!digest) return cannot_write(folder_);
    if (*digest != piece.image) {
        ::unlink(part(piece.image).c_str());
        return fail(Errc::malformed, "image: what arrived is not what was announced; send it again from the start");
    }
    if (::rename(part(piece.image).c_str(), path(piece.image).c_str()) != 0) return cannot_write(folder_);
    drop_oldest();
    return ok();
}

// One image arrives at a time: one that nobody sends any more goes, one that somebody sends is left in peace.
Status FirmwareImages::make_room(const std::string& image) {
    for (const auto& other : entries(folder_, true)) {
        std::error_code error;
        const auto age = fs::file_time_type::clock::now() - other.last_write_time(error);
        if (!error && age < arriving_for && other.path() != fs::path(part(image)))
            return fail(Errc::unavailable, "firmware: another image is being sent; try again when it has arrived");
        fs::remove(other.path(), error);
    }
    return ok();
}

void FirmwareImages::drop_oldest() {
    auto whole = entries(folder_, false);
    const auto written = [](const fs::directory_entry& entry) {
        std::error_code error;
        return entry.last_write_time(error);
    };
    std::sort(whole.begin(), whole.end(), [&](const auto& a, const auto& b) { return written(a) > written(b); });
    for (std::size_t i = most_kept; i < whole.size(); ++i) {
        std::error_code error;
        fs::remove(whole[i].path(), error);
    }
}

}  // namespace busbar::api
