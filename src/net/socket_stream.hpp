#pragma once
// Driver side of stream.hpp: makes a Stream of an accepted socket. Included by listener.cpp and the stream sources
// only.
#include <boost/asio/ip/tcp.hpp>
#include <memory>

#include "net/stream.hpp"

namespace busbar::net {
std::unique_ptr<Stream> plain_stream(boost::asio::ip::tcp::socket socket);
std::unique_ptr<Stream> tls_stream(boost::asio::ip::tcp::socket socket, std::shared_ptr<TlsContext> tls);
}  // namespace busbar::net
