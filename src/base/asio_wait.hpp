#pragma once
// How a task waits for an operation of Asio, for driver files only:
//
//   const auto [error, n] = co_await socket.async_read_some(buffer, as_result);
//
// gives what the operation's handler would be called with, as a tuple. Nothing is thrown or allocated for it; the
// operation keeps its state in the frame of who waits. The task goes on in the handler itself.
//
// The task must run on the loop whose context() the operation belongs to.
#include <boost/asio/async_result.hpp>
#include <optional>
#include <tuple>

#include "base/tasks.hpp"

namespace busbar {

struct AsResult {};
inline constexpr AsResult as_result;

template <class Start, class... Values>
class AsioWait {
public:
    explicit AsioWait(Start start) : start_(std::move(start)) {}

    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> waits) {
        TaskChain& chain = waits.promise().chain();
        chain.park(waits);
        std::move(start_)([this, &chain](Values... values) {
            values_.emplace(std::move(values)...);
            chain.owner().resume(chain);
        });
    }
    std::tuple<Values...> await_resume() { return std::move(*values_); }

private:
    Start start_;
    std::optional<std::tuple<Values...>> values_;
};

}  // namespace busbar

template <class... Values>
struct boost::asio::async_result<busbar::AsResult, void(Values...)> {
    template <class Initiation, class... Arguments>
    static auto initiate(Initiation initiation, busbar::AsResult, Arguments... arguments) {
        auto start = [initiation = std::move(initiation),
                      kept = std::tuple<Arguments...>(std::move(arguments)...)](auto handler) mutable {
            const auto call = [&](Arguments&... each) {
                std::move(initiation)(std::move(handler), std::move(each)...);
            };
            std::apply(call, kept);
        };
        return busbar::AsioWait<decltype(start), Values...>(std::move(start));
    }
};
