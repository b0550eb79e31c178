#include "northbound/modbus_session.hpp"

#include <algorithm>

namespace busbar::northbound {
namespace {

using namespace std::chrono_literals;
using State = wire::TcpStream::State;

wire::Pdu copy_of(ByteView bytes) {
    wire::Pdu pdu;
    std::copy(bytes.begin(), bytes.end(), pdu.bytes.begin());
    pdu.size = static_cast<std::uint16_t>(bytes.size());
    return pdu;
}

}  // namespace

ModbusSession::ModbusSession(std::shared_ptr<SessionHost> host, net::Accepted accepted, Caller caller)
    : host_(std::move(host)),
      stream_(std::move(accepted.stream)),
      source_(std::move(accepted.source)),
      caller_(std::move(caller)),
      idle_since_(host_->service.now()) {
    host_->open.insert(this);
    ++host_->sources[source_].connections;
    ++host_->statistics.accepted;
    host_->changed.set();
}

ModbusSession::~ModbusSession() {
    host_->open.erase(this);
    --host_->sources[source_].connections;
    // Sessions that are left when the loop goes may end after whoever waits for this.
    if (!host_->is_stopping) host_->changed.set();
}

void ModbusSession::start() {
    host_->service.spawn("modbus client", read(shared_from_this()));
    host_->service.spawn("modbus client", serve(shared_from_this()));
}

void ModbusSession::abort() {
    stream_->abort();
    leave();
}

void ModbusSession::check(Instant now) {
    if (now < deadline_) return;
    deadline_ = Instant::max();
    ++host_->statistics.dropped;
    abort();
}

// Nothing more comes from this client: what it waits for is not asked any more.
void ModbusSession::leave() {
    if (is_gone_) return;
    is_gone_ = true;
    arrived_.set();
    answered_.set();
    room_.set();
    host_->field.post(
        [multiplexer = host_->multiplexer, connection = caller_.connection] { multiplexer->forget(connection); });
}

Task<void> ModbusSession::read(std::shared_ptr<ModbusSession> self) {
    while (!self->is_gone_) {
        const std::span<std::uint8_t> space = self->in_.space();
        if (space.empty()) {  // it sends faster than it is served
            co_await self->host_->service.wait(self->room_, Instant::max());
            continue;
        }
        const std::span<char> bytes(reinterpret_cast<char*>(space.data()), space.size());
        const Result<std::size_t> n = co_await self->stream_->read_some(bytes);
        if (!n || *n == 0) break;
        self->in_.arrived(*n);
        self->arrived_.set();
    }
    self->leave();
}

Task<void> ModbusSession::serve(std::shared_ptr<ModbusSession> self) {
    while (!self->is_gone_ && !self->host_->is_stopping && co_await self->serve_one()) {
    }
    self->abort();
}

// False when the connection is to end.
Task<bool> ModbusSession::serve_one() {
    const auto& limits = host_->options.limits;
    idle_since_ = host_->service.now();
    deadline_ = idle_since_ + limits.idle;
    for (State state = in_.next(); state != State::message; state = in_.next()) {
        if (state == State::broken) {
            ++host_->statistics.malformed;
            co_return false;
        }
        if (is_gone_) co_return false;
        if (in_.left() > 0) deadline_ = std::min(deadline_, host_->service.now() + limits.partial);
        co_await host_->service.wait(arrived_, Instant::max());
    }
    const std::uint16_t transaction = in_.message().transaction;
    const std::uint8_t unit = in_.message().unit;
    const wire::Pdu request = copy_of(in_.message().pdu);
    idle_since_ = deadline_ = Instant::max();
    room_.set();
    co_await wait_for_turn();
    if (is_gone_) co_return false;
    const wire::Pdu answer = co_await ask(unit, request);
    if (is_gone_) co_return false;
    deadline_ = host_->service.now() + limits.write;
    const wire::TcpFrame frame = wire::encode_tcp(transaction, unit, answer.view());
    const Status written = co_await stream_->write(frame.view());
    co_return written.has_value();
}

Task<void> ModbusSession::wait_for_turn() {
    const auto& limits = host_->options.limits;
    while (!is_gone_) {
        Source& source = host_->sources[source_];
        const Instant now = host_->service.now();
        const double gained = to_seconds(now - source.refilled) * limits.requests_per_second;
        source.tokens = std::min(limits.burst, source.tokens + gained);
        source.refilled = now;
        if (source.tokens >= 1) {
            source.tokens -= 1;
            co_return;
        }
        co_await host_->service.sleep_for(10ms);
    }
}

Task<wire::Pdu> ModbusSession::ask(std::uint8_t unit, wire::Pdu request) {
    const std::uint64_t question = ++question_;
    answer_.reset();
    answered_.consume();
    auto reply = [service = &host_->service, asker = weak_from_this(), question](const wire::Pdu& answer) {
        service->post([asker, question, answer] {
            if (const auto session = asker.lock()) session->take(question, answer);
        });
    };
    host_->field.post([multiplexer = host_->multiplexer, caller = caller_, unit, request, reply = std::move(reply)] {
        multiplexer->ask(caller, unit, request.view(), reply);
    });
    co_await host_->service.wait(answered_, host_->service.now() + host_->options.limits.answer);
    if (answer_) co_return *answer_;
    ++question_;
    co_return wire::encode_exception(request.bytes[0], wire::ExceptionCode::gateway_target_failed);
}

void ModbusSession::take(std::uint64_t question, const wire::Pdu& answer) {
    if (question != question_) return;
    answer_ = answer;
    answered_.set();
}

}  // namespace busbar::northbound
