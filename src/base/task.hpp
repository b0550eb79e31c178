#pragma once
// Task<T>: the coroutine type of everything that waits. Only driver files (real_loop, links, net/) include more of Asio.
//
// Two shapes are forbidden and checked by tools/tidy, because g++ 12 destroys their temporaries twice: a lambda with
// captures, or a braced aggregate, inside a full expression that contains co_await. Name it first, then await.
#include <boost/asio/awaitable.hpp>

namespace busbar {

template <class T = void>
using Task = boost::asio::awaitable<T>;

}  // namespace busbar
