// Which shapes inside an expression with co_await destroy a temporary twice? Counts constructions and destructions of a
// tracked value for each shape and prints one row; the exit code is the number of shapes that went wrong. Needs only
// the standard library, so it can be given to any compiler:
//
//   tools/evidence/coroutine_shapes.sh        builds and runs it with every compiler found, with and without
//   optimisation
//
// Result of record: docs/decisions/0001-compiler.md.
#include <coroutine>
#include <cstdio>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

int alive =
    0;  // constructions minus destructions of Tracked; 0 after each case, else a temporary was lost or destroyed twice

struct Tracked {
    Tracked() { ++alive; }
    Tracked(const Tracked&) { ++alive; }
    Tracked(Tracked&&) noexcept { ++alive; }
    Tracked& operator=(const Tracked&) = default;
    ~Tracked() { --alive; }
};

// The smallest lazy task: starts when awaited, resumes its awaiter at the end.
struct Task {
    struct promise_type {
        std::coroutine_handle<> awaiter = std::noop_coroutine();
        Task get_return_object() { return Task{std::coroutine_handle<promise_type>::from_promise(*this)}; }
        std::suspend_always initial_suspend() noexcept { return {}; }
        struct Final {
            bool await_ready() noexcept { return false; }
            std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> self) noexcept {
                return self.promise().awaiter;
            }
            void await_resume() noexcept {}
        };
        Final final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };
    explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
    Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    ~Task() {
        if (handle_) handle_.destroy();
    }
    bool await_ready() { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiter) {
        handle_.promise().awaiter = awaiter;
        return handle_;
    }
    void await_resume() {}
    std::coroutine_handle<promise_type> handle_;
};

struct Aggregate {
    Tracked first;
    int second = 0;
};

struct Constructed {
    Constructed(Tracked tracked, int) : first(std::move(tracked)) {}
    Tracked first;
};

Task take(Aggregate) { co_return; }
Task take_constructed(Constructed) { co_return; }
Task take_function(std::function<void()> f) {
    f();
    co_return;
}
template <class F>
Task take_any(F f) {
    f();
    co_return;
}
template <class F>
Task take_forwarded(F&& f) {
    f();
    co_return;
}

Task lambda_by_value() {
    Tracked t;
    co_await take_any([t] {});
}
Task lambda_forwarded() {
    Tracked t;
    co_await take_forwarded([t] {});
}
Task lambda_as_function() {
    Tracked t;
    co_await take_function([t] {});
}
Task lambda_named_first() {
    Tracked t;
    auto call = [t] {};
    co_await take_any(std::move(call));
}
Task lambda_by_reference() {
    Tracked t;
    co_await take_any([&t] { (void)t; });
}
Task aggregate_braced() { co_await take(Aggregate{Tracked{}, 1}); }
Task aggregate_bare_braces() { co_await take({Tracked{}, 1}); }
Task aggregate_designated() { co_await take({.first = Tracked{}, .second = 1}); }
Task aggregate_empty() { co_await take(Aggregate{}); }
Task aggregate_named_first() {
    Aggregate a{Tracked{}, 1};
    co_await take(std::move(a));
}
Task constructor_call() { co_await take_constructed(Constructed(Tracked(), 1)); }

struct Case {
    const char* name;
    Task (*run)();
    bool is_rule;  // tools/tidy rejects this shape
};

const Case cases[] = {
    {"lambda that captures, by value", lambda_by_value, true},
    {"lambda that captures, forwarded", lambda_forwarded, true},
    {"lambda that captures, as std::function", lambda_as_function, true},
    {"aggregate: f(Agg{a, b})", aggregate_braced, true},
    {"aggregate: f({a, b})", aggregate_bare_braces, true},
    {"aggregate: f({.first = a})", aggregate_designated, true},
    {"aggregate: f(Agg{})", aggregate_empty, true},
    {"lambda named first", lambda_named_first, false},
    {"lambda capturing by reference", lambda_by_reference, false},
    {"aggregate named first", aggregate_named_first, false},
    {"type with a constructor", constructor_call, false},
};

}  // namespace

int main() {
    int wrong = 0;
    for (const Case& c : cases) {
        alive = 0;
        {
            Task task = c.run();
            task.handle_.resume();
        }
        const char* verdict = alive == 0 ? "ok" : alive < 0 ? "DESTROYED TWICE" : "never destroyed";
        std::printf("  %-42s %s%s\n", c.name, verdict,
                    alive != 0 && !c.is_rule ? " (tidy does not know this shape)" : "");
        wrong += alive != 0;
    }
    return wrong;
}
