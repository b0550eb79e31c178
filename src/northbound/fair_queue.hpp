#pragma once
// Jobs of several sources that wait for one thing. Each turn goes to the source that was served longest ago, so that
// one which asks without pause gets its share and no more; within a source first come, first served. Bounded. No time,
// no threads.
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <utility>

namespace busbar::northbound {

template <class Job>
class FairQueue {
public:
    using Source = std::uint64_t;
    explicit FairQueue(std::size_t capacity) : capacity_(capacity) {}

    bool push(Source source, Job job) {  // false when full
        if (entries_.size() >= capacity_) return false;
        entries_.push_back({source, std::move(job)});
        return true;
    }

    std::optional<Job> take() {
        auto best = entries_.end();
        for (auto at = entries_.begin(); at != entries_.end(); ++at)
            if (best == entries_.end() || turn_of(at->source) < turn_of(best->source)) best = at;
        if (best == entries_.end()) {
            last_turns_.clear();  // nobody waits: nobody has an older claim than another
            return std::nullopt;
        }
        // A source that is gone leaves its number behind; the sources at a time are few.
        if (last_turns_.size() > 4 * capacity_) last_turns_.clear();
        last_turns_[best->source] = ++turns_;
        Job job = std::move(best->job);
        entries_.erase(best);
        return job;
    }

    template <class Visit>  // Visit(Job&) -> true to take it out
    void remove_if(Visit visit) {
        entries_.remove_if([&](Entry& entry) { return visit(entry.job); });
    }
    template <class Fits>
    Job* find_if(Fits fits) {
        for (Entry& entry : entries_)
            if (fits(entry.job)) return &entry.job;
        return nullptr;
    }
    std::size_t size() const { return entries_.size(); }

private:
    struct Entry {
        Source source;
        Job job;
    };
    std::uint64_t turn_of(Source source) const {
        const auto found = last_turns_.find(source);
        return found == last_turns_.end() ? 0 : found->second;
    }

    std::size_t capacity_;
    std::list<Entry> entries_;
    std::map<Source, std::uint64_t> last_turns_;
    std::uint64_t turns_ = 0;
};

}  // namespace busbar::northbound
