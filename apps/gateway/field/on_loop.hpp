#pragma once
// Runs a task on another loop and resumes here with what it returned: how the service loop has something done on the
// field loop without either waiting for the other. Both loops outlive the gateway's parts; when one has stopped the
// answer never comes, and the waiting task ends with its loop.
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "base/loop.hpp"

namespace busbar::gateway {

template <class T>
struct Awaited {
    Event done;
    std::optional<T> value;
};

// `work` is a closure without references to the caller's frame; it is called there and returns Task<T>. Name it first
// (task.hpp).
template <class T>
Task<T> on_loop(Loop& here, Loop& there, std::string_view name, std::function<Task<T>()> work) {
    const auto shared = std::make_shared<Awaited<T>>();
    auto run = [](Loop* home, std::shared_ptr<Awaited<T>> result, std::function<Task<T>()> todo) -> Task<void> {
        auto value = std::make_shared<T>(co_await todo());
        home->post([result, value] {
            result->value.emplace(std::move(*value));
            result->done.set();
        });
    };
    there.post([run, shared, &here, &there, work = std::move(work), name = std::string(name)] {
        there.spawn(name, run(&here, shared, work));
    });
    while (!shared->value) co_await here.wait(shared->done, here.now() + std::chrono::hours(1));
    co_return std::move(*shared->value);
}

}  // namespace busbar::gateway
