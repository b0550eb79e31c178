#include "history/fault_disk.hpp"

#include <algorithm>

namespace busbar::history {
namespace {

constexpr std::size_t sector = 512;

void put(Bytes& into, std::uint64_t offset, ByteView bytes) {
    if (into.size() < offset + bytes.size()) into.resize(offset + bytes.size());
    std::copy(bytes.begin(), bytes.end(), into.begin() + static_cast<std::ptrdiff_t>(offset));
}

class FaultFile final : public BlockFile {
public:
    FaultFile(FaultDisk& disk, std::shared_ptr<FaultDisk::File> file) : disk_(disk), file_(std::move(file)) {}

    Status write_at(std::uint64_t offset, ByteView bytes) override {
        if (auto s = disk_.step("write"); !s) {
            if (!bytes.empty()) write(offset, bytes.first(bytes.size() / 2));  // a failed write may be half done
            return s;
        }
        const std::uint64_t end = offset + bytes.size();
        if (end > file_->now.size() && !disk_.has_room(end - file_->now.size()))
            return fail(Errc::unavailable, "disk full");
        write(offset, bytes);
        return ok();
    }
    Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> into) override {
        if (offset >= file_->now.size()) return std::size_t{0};
        const std::size_t n = std::min<std::size_t>(into.size(), file_->now.size() - offset);
        std::copy_n(file_->now.begin() + static_cast<std::ptrdiff_t>(offset), n, into.begin());
        return n;
    }
    Result<std::uint64_t> size() override { return std::uint64_t{file_->now.size()}; }
    Status truncate(std::uint64_t size) override {
        if (auto s = disk_.step("truncate"); !s) return s;
        file_->now.resize(size);
        file_->truncated = true;
        return ok();
    }
    Status sync() override {
        if (auto s = disk_.step("sync"); !s) {
            // As Linux does: the pages count as clean afterwards, and a later sync will not bring them back.
            file_->unsynced.clear();
            return s;
        }
        file_->durable = file_->now;
        file_->unsynced.clear();
        file_->truncated = false;
        return ok();
    }

private:
    void write(std::uint64_t offset, ByteView bytes) {
        put(file_->now, offset, bytes);
        file_->unsynced.emplace_back(offset, Bytes(bytes.begin(), bytes.end()));
    }
    FaultDisk& disk_;
    std::shared_ptr<FaultDisk::File> file_;
};

}  // namespace

Status FaultDisk::step(std::string_view what) {
    ++calls_;
    if (fail_in_ == 0) return ok();
    if (fail_in_ > 1) {
        --fail_in_;
        return ok();
    }
    if (fail_times_ > 0 && --fail_times_ == 0) fail_in_ = 0;
    return fail(fail_kind_, std::string(what) + ": made to fail");
}

bool FaultDisk::has_room(std::uint64_t more) {
    std::uint64_t used = 0;
    for (const auto& [name, file] : names_) used += file->now.size();
    return used + more <= capacity_;
}

Result<std::unique_ptr<BlockFile>> FaultDisk::open(const std::string& name, bool create) {
    if (names_.count(name) == 0) {
        if (!create) return fail(Errc::refused, "open " + name + ": no such file");
        if (auto s = step("create"); !s) return s.error();
        names_[name] = std::make_shared<File>();
    }
    return std::unique_ptr<BlockFile>(std::make_unique<FaultFile>(*this, names_[name]));
}

Status FaultDisk::remove(const std::string& name) {
    if (auto s = step("remove"); !s) return s;
    names_.erase(name);
    return ok();
}

Status FaultDisk::rename(const std::string& from, const std::string& to) {
    if (auto s = step("rename"); !s) return s;
    if (names_.count(from) == 0) return fail(Errc::refused, "rename " + from + ": no such file");
    names_[to] = names_[from];
    names_.erase(from);
    return ok();
}

Result<std::vector<std::string>> FaultDisk::list() { return names(); }

std::vector<std::string> FaultDisk::names() const {
    std::vector<std::string> out;
    for (const auto& [name, file] : names_) out.push_back(name);
    return out;
}

Status FaultDisk::sync_folder() {
    if (auto s = step("sync folder"); !s) return s;
    durable_names_ = names_;
    return ok();
}

void FaultDisk::cut_power(std::mt19937_64& random) {
    // A journalling file system makes folder changes durable in order, so either all of them since the last sync or
    // none.
    if (random() % 2 == 0) names_ = durable_names_;
    for (auto& [name, file] : names_) {
        Bytes left = file->durable;
        const auto mood = random() % 3;  // nothing, all, or any sectors of the unsynced writes reached the medium
        for (const auto& [offset, bytes] : file->unsynced) {
            for (std::size_t at = 0; at < bytes.size(); at += sector) {
                if (mood == 0 || (mood == 2 && random() % 2 == 0)) continue;
                put(left, offset + at, ByteView(bytes).subspan(at, std::min(sector, bytes.size() - at)));
            }
        }
        if (file->truncated && random() % 2 == 0) left.resize(file->now.size());
        file->now = file->durable = left;
        file->unsynced.clear();
        file->truncated = false;
    }
    durable_names_ = names_;
}

}  // namespace busbar::history
