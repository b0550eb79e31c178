#pragma once
// A disk in memory that tests own: it remembers what was synced, can cut the power (forgetting or tearing the rest),
// and can fail the n-th call. Test code only; its source is a _test file.
#include <map>
#include <random>

#include "history/disk.hpp"

namespace busbar::history {

class FaultDisk final : public Disk {
public:
    struct File {
        Bytes now;      // what reads see
        Bytes durable;  // what a power cut leaves
        // Writes since the last sync, in order: any subset of their 512-byte sectors may survive a power cut.
        std::vector<std::pair<std::uint64_t, Bytes>> unsynced;
        bool truncated = false;
    };

    Result<std::unique_ptr<BlockFile>> open(const std::string& name, bool create) override;
    Status remove(const std::string& name) override;
    Status rename(const std::string& from, const std::string& to) override;
    Result<std::vector<std::string>> list() override;
    Status sync_folder() override;
    Result<std::uint64_t> free_bytes() override { return free_; }

    // After this, files hold what was synced plus a random part of what was not; names as of the last sync_folder() or
    // as of now, per file at random.
    void cut_power(std::mt19937_64& random);

    // The n-th mutating call from now (1 = the next) fails, and `times` in all. 0 = never.
    void fail_at(std::uint64_t n, Errc kind, std::uint64_t times = 1) {
        fail_in_ = n;
        fail_kind_ = kind;
        fail_times_ = times;
    }
    std::uint64_t calls() const { return calls_; }
    void set_capacity(std::uint64_t bytes) { capacity_ = bytes; }
    std::shared_ptr<File> file(const std::string& name) { return names_.count(name) ? names_[name] : nullptr; }
    std::vector<std::string> names() const;

    Status step(std::string_view what);  // counts a mutating call; the error if it is to fail
    bool has_room(std::uint64_t more);

private:
    std::map<std::string, std::shared_ptr<File>> names_;
    std::map<std::string, std::shared_ptr<File>> durable_names_;
    std::uint64_t calls_ = 0;
    std::uint64_t fail_in_ = 0;
    std::uint64_t fail_times_ = 0;
    Errc fail_kind_ = Errc::corrupt;
    std::uint64_t free_ = 1ull << 40;
    std::uint64_t capacity_ = 1ull << 40;
};

}  // namespace busbar::history
