#include "bus/serial_link.hpp"

#include <fmt/format.h>

#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include "bus/stream_io.hpp"

namespace busbar::bus {
namespace asio = boost::asio;
using Descriptor = asio::posix::basic_stream_descriptor<asio::io_context::executor_type>;

template <>
ssize_t StreamIo<Descriptor>::send_now(std::span<const std::uint8_t> bytes) {
    return ::write(stream.native_handle(), bytes.data(), bytes.size());
}

struct SerialLink::Impl {
    Impl(asio::io_context& io, const std::string& path) : stream(io, path) {}
    StreamIo<Descriptor> stream;
};

SerialLink::SerialLink(RealLoop& loop, SerialSettings settings)
    : settings_(std::move(settings)),
      name_(fmt::format("{} {} 8{}{}", settings_.path, settings_.baud, settings_.parity, settings_.stop_bits)),
      impl_(std::make_unique<Impl>(loop.context(), settings_.path)) {}
SerialLink::~SerialLink() = default;

Task<Status> SerialLink::open(Instant) {
    close();
    Result<int> fd = open_serial_port(settings_);
    if (!fd) co_return std::move(fd).error();
    boost::system::error_code problem;
    impl_->stream.stream.assign(*fd, problem);
    if (problem) {
        ::close(*fd);
        co_return fail(Errc::unavailable, settings_.path + ": " + problem.message());
    }
    co_return ok();
}

void SerialLink::close() { impl_->stream.close(); }
bool SerialLink::is_open() const { return impl_->stream.stream.is_open(); }
Task<Status> SerialLink::write(std::span<const std::uint8_t> bytes, Instant deadline) {
    return impl_->stream.write(bytes, deadline);
}
Task<Result<std::size_t>> SerialLink::read_some(std::span<std::uint8_t> buffer, Instant deadline) {
    return impl_->stream.read_some(buffer, deadline);
}
std::size_t SerialLink::discard_input() { return impl_->stream.discard(); }

}  // namespace busbar::bus
