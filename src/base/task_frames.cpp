// Where the frames of tasks live. They come and go by the ten thousand a second, in a handful of sizes, some of them
// larger than malloc keeps at hand: each thread keeps what was given back for the next of the same size. A thread that
// ends leaves what it kept; loops live as long as the program.
#include <array>
#include <new>

#include "base/task.hpp"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BUSBAR_ADDRESS_SANITIZER 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define BUSBAR_ADDRESS_SANITIZER 1
#endif

namespace busbar {

#ifdef BUSBAR_ADDRESS_SANITIZER  // it is to see who uses a frame that is gone

void* TaskPromiseBase::operator new(std::size_t size) { return ::operator new(size); }
void TaskPromiseBase::operator delete(void* frame, std::size_t) noexcept { ::operator delete(frame); }

#else

namespace {

constexpr std::size_t step = 64, largest = 2048, most_of_one_size = 64;

struct Kept {
    Kept* next;
};
struct Store {
    Kept* first = nullptr;
    std::size_t count = 0;
};
constinit thread_local std::array<Store, largest / step> stores{};

Store& store_of(std::size_t size) { return stores[(size - 1) / step]; }
std::size_t rounded(std::size_t size) { return (size + step - 1) / step * step; }

}  // namespace

void* TaskPromiseBase::operator new(std::size_t size) {
    if (size > largest) return ::operator new(size);
    Store& store = store_of(size);
    if (store.first == nullptr) return ::operator new(rounded(size));
    --store.count;
    return std::exchange(store.first, store.first->next);
}

void TaskPromiseBase::operator delete(void* frame, std::size_t size) noexcept {
    if (size > largest) return ::operator delete(frame);
    Store& store = store_of(size);
    if (store.count == most_of_one_size) return ::operator delete(frame);
    ++store.count;
    store.first = new (frame) Kept{store.first};
}

#endif

}  // namespace busbar
