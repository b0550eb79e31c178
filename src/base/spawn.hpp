#pragma once
// Starts a task on an io_context; shared by the two loops.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <string_view>

namespace busbar {
void spawn_on(boost::asio::io_context& io, std::string_view name, boost::asio::awaitable<void> task);
}
