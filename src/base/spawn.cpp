#include "base/spawn.hpp"

#include <boost/asio/co_spawn.hpp>
#include <cstdio>
#include <exception>
#include <string>

namespace busbar {

void spawn_on(boost::asio::io_context& io, std::string_view name, boost::asio::awaitable<void> task) {
    auto ended = [name = std::string(name)](std::exception_ptr problem) {
        if (!problem) return;
        try {
            std::rethrow_exception(problem);
        } catch (const std::exception& e) {
            std::fprintf(stderr, "task %s ended by an exception: %s\n", name.c_str(), e.what());
        }
        std::terminate();
    };
    boost::asio::co_spawn(io, std::move(task), std::move(ended));
}

}  // namespace busbar
