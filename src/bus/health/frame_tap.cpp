#include "bus/health/frame_tap.hpp"

namespace busbar::bus {

void FrameTap::watch(Instant until) {
    until_ = std::max(until_, until);
    is_watching_ = true;
    ring_.resize(capacity_);
}

void FrameTap::add(FrameDirection direction, FrameVerdict verdict, Instant at, ByteView bytes, std::size_t size) {
    if (!is_watching_) return;
    if (at > until_) {
        is_watching_ = false;
        return;
    }
    if (last_ >= capacity_) ++overwritten_;
    ++last_;
    TappedFrame& frame = ring_[last_ % capacity_];
    frame.sequence = last_;
    frame.at = at;
    frame.direction = direction;
    frame.verdict = verdict;
    frame.size = static_cast<std::uint32_t>(std::max(size, bytes.size()));
    std::copy_n(bytes.begin(), std::min(bytes.size(), TappedFrame::most_kept), frame.bytes.begin());
}

FrameTap::Window FrameTap::frames_since(std::uint64_t sequence, std::size_t limit) const {
    Window window;
    const std::uint64_t oldest = last_ > capacity_ ? last_ - capacity_ + 1 : 1;
    sequence = std::max<std::uint64_t>(sequence, 1);
    window.lost = sequence < oldest ? oldest - sequence : 0;
    window.next = std::min(std::max(sequence, oldest), last_ + 1);
    window.frames.reserve(std::min<std::uint64_t>(limit, last_ + 1 - window.next));
    for (; window.next <= last_ && window.frames.size() < limit; ++window.next)
        window.frames.push_back(ring_[window.next % capacity_]);
    return window;
}

}  // namespace busbar::bus
