#pragma once
// Task<T>: the coroutine type of everything that waits. Written, called and awaited as any other coroutine:
//
//   Task<Status> open(Loop& loop) {
//       co_await loop.sleep_for(1s);
//       co_return ok();
//   }
//
// A task starts when it is awaited, or spawned on a Loop; who awaits it gets its value, or the exception it let out.
// Only the driver files (links, net/) need more than this: base/asio_wait.hpp.
//
// Two shapes are forbidden and checked by tools/tidy, because g++ 12 destroys their temporaries twice: a lambda with
// captures, or a braced aggregate, inside a full expression that contains co_await. Name it first, then await.
#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace busbar {

class Tasks;

// A spawned task and those it waits for, each for the next one: one of them is running, or waits for the outside. They
// hand over to each other here instead of calling each other, so a long loop of short tasks needs no deep stack.
class TaskChain {
public:
    explicit TaskChain(Tasks& owner) : owner_(&owner) {}
    TaskChain(const TaskChain&) = delete;
    TaskChain& operator=(const TaskChain&) = delete;

    Tasks& owner() const { return *owner_; }
    // Who is parked goes on when the turn of this chain comes.
    void make_ready();
    // What runs next: a task that is awaited, or the one that awaited it; null at the end of the first of all.
    void hand_over(std::coroutine_handle<> to) { here_ = to; }
    // Whoever runs waits here for the outside.
    void park(std::coroutine_handle<> at) {
        here_ = at;
        is_parked_ = true;
    }

private:
    friend class Tasks;
    // Until it waits for the outside, or has ended: false.
    bool go_on() {
        is_parked_ = false;
        while (here_ && !is_parked_) here_.resume();
        return is_parked_;
    }
    Tasks* owner_;
    TaskChain* next_ready_ = nullptr;
    std::coroutine_handle<> here_;
    bool is_parked_ = false;
};

// What Task<T> and Task<void> have in common.
class TaskPromiseBase {
public:
    struct End {
        bool await_ready() const noexcept { return false; }
        template <class Promise>
        void await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
            ended.promise().chain_->hand_over(ended.promise().caller_);
        }
        void await_resume() const noexcept {}
    };
    static void* operator new(std::size_t size);
    static void operator delete(void* frame, std::size_t size) noexcept;

    std::suspend_always initial_suspend() const noexcept { return {}; }
    End final_suspend() const noexcept { return {}; }
    void unhandled_exception() noexcept { problem_ = std::current_exception(); }

    TaskChain& chain() const { return *chain_; }
    void begin(TaskChain& chain, std::coroutine_handle<> self, std::coroutine_handle<> caller) {
        chain_ = &chain;
        caller_ = caller;
        chain.hand_over(self);
    }
    void rethrow() {
        if (problem_) std::rethrow_exception(std::exchange(problem_, nullptr));
    }

private:
    TaskChain* chain_ = nullptr;
    std::coroutine_handle<> caller_;
    std::exception_ptr problem_;
};

template <class T>
class TaskPromise : public TaskPromiseBase {
public:
    template <class U>
    void return_value(U&& value) {
        value_.emplace(std::forward<U>(value));
    }
    T take() {
        rethrow();
        return std::move(*value_);
    }

private:
    std::optional<T> value_;
};

template <>
class TaskPromise<void> : public TaskPromiseBase {
public:
    void return_void() const noexcept {}
    void take() { rethrow(); }
};

template <class T = void>
class [[nodiscard]] Task {
public:
    struct promise_type : TaskPromise<T> {
        Task get_return_object() { return Task(Frame::from_promise(*this)); }
    };

    Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
    Task& operator=(Task&& other) noexcept {
        std::swap(frame_, other.frame_);
        return *this;
    }
    ~Task() {
        if (frame_) frame_.destroy();
    }

    struct Awaiter;
    Awaiter operator co_await() && noexcept { return {frame_}; }

private:
    friend class Tasks;
    using Frame = std::coroutine_handle<promise_type>;
    explicit Task(Frame frame) : frame_(frame) {}
    Frame frame_;
};

template <class T>
struct Task<T>::Awaiter {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> caller) const noexcept {
        callee.promise().begin(caller.promise().chain(), callee, caller);
    }
    T await_resume() const { return callee.promise().take(); }

    Frame callee;
};

// What a task awaits to wait for the outside: `arrange(chain)` makes sure that the chain's owner is told to let it go
// on, later. `arrange` lives in the frame of who awaits. For loops and drivers.
template <class Arrange>
struct Outside {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> waits) const {
        TaskChain& chain = waits.promise().chain();
        chain.park(waits);
        arrange(chain);
    }
    void await_resume() const noexcept {}

    Arrange& arrange;
};
template <class Arrange>
Outside(Arrange&) -> Outside<Arrange>;

}  // namespace busbar
