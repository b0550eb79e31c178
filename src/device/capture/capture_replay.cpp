#include "device/capture/capture_replay.hpp"

#include <algorithm>

#include "wire/modbus_rtu.hpp"
#include "wire/modbus_tcp.hpp"

namespace busbar::device {
namespace {

// A slave on a serial line or a connection: cuts requests out of the bytes and hands them to the replay.
class Slave {
public:
    Slave(Loop& loop, std::unique_ptr<bus::Link> link, std::shared_ptr<CaptureReplay> replay, Duration character)
        : loop_(loop), link_(std::move(link)), replay_(std::move(replay)), character_(character) {}

    static Task<void> serve_rtu(std::shared_ptr<Slave> self) {
        Bytes frame;
        std::array<std::uint8_t, wire::max_rtu_frame_size> bytes{};
        for (;;) {
            // A request ends with the silence behind it, whatever its function.
            const Duration silence = self->character_ * 3;
            const Instant deadline = frame.empty() ? Instant::max() : self->loop_.now() + silence;
            const auto n = co_await self->link_->read_some(bytes, deadline);
            if (n) {
                frame.insert(frame.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(*n));
                continue;
            }
            if (n.error().kind != Errc::timeout) co_return;
            const auto content = wire::decode_rtu(frame);
            if (content) co_await self->answer(*content);
            frame.clear();
        }
    }

    static Task<void> serve_tcp(std::shared_ptr<Slave> self) {
        wire::TcpStream stream;
        for (;;) {
            const auto n = co_await self->link_->read_some(stream.space(), Instant::max());
            if (!n) co_return;
            stream.arrived(*n);
            while (stream.next() == wire::TcpStream::State::message) {
                const wire::TcpMessage m = stream.message();
                const auto answer = self->replay_->answer(m.unit, m.pdu);
                if (!answer) continue;
                const wire::TcpFrame out = wire::encode_tcp(m.transaction, m.unit, answer->pdu);
                co_await self->loop_.sleep_for(answer->took.value_or(Duration{0}));
                (void)co_await self->link_->write(out.view(), Instant::max());
            }
        }
    }

private:
    Task<void> answer(const wire::RtuContent& request) {
        const auto answer = replay_->answer(request.unit, request.pdu);
        if (!answer) co_return;
        const wire::RtuFrame out = wire::encode_rtu(request.unit, answer->pdu);
        co_await loop_.sleep_for(answer->took.value_or(Duration{0}) - character_ * (out.size + 3));
        (void)co_await link_->write(out.view(), Instant::max());
    }

    Loop& loop_;
    std::unique_ptr<bus::Link> link_;
    std::shared_ptr<CaptureReplay> replay_;
    Duration character_;
};

}  // namespace

CaptureReplay::CaptureReplay(const Capture& capture) {
    for (const CapturedExchange& e : capture.exchanges) remember(e);
}

void CaptureReplay::remember(const CapturedExchange& e) {
    Recorded& recorded = recorded_[{e.unit, e.request}];
    if (e.answer.empty()) {
        recorded.answers.push_back(std::nullopt);
        return;
    }
    is_there_[e.unit] = true;
    Answer answer{e.answer, std::nullopt};
    if (e.asked && e.answered) answer.took = std::max(Duration{0}, *e.answered - *e.asked);
    recorded.answers.push_back(std::move(answer));
    const auto request = wire::decode_request(e.request);
    const bool is_words = request && (request->function == wire::Function::read_holding ||
                                      request->function == wire::Function::read_input);
    if (!is_words || wire::check_answer(e.answer, *request).kind != wire::AnswerCheck::Kind::good) return;
    std::array<std::uint16_t, wire::max_read_registers> words{};
    wire::copy_registers(e.answer, words);
    for (std::size_t i = 0; i < request->count; ++i)
        registers_[{e.unit, e.request[0], static_cast<std::uint16_t>(request->address + i)}] = words[i];
}

std::optional<CaptureReplay::Answer> CaptureReplay::answer(std::uint8_t unit, ByteView pdu) {
    const auto found = recorded_.find({unit, Bytes(pdu.begin(), pdu.end())});
    if (found == recorded_.end()) return from_registers(unit, pdu);
    Recorded& r = found->second;
    const std::size_t at = r.next;
    r.next = std::min(r.next + 1, r.answers.size() - 1);
    return r.answers[at];
}

std::optional<CaptureReplay::Answer> CaptureReplay::from_registers(std::uint8_t unit, ByteView pdu) const {
    if (!is_there_[unit] || pdu.empty()) return std::nullopt;
    const auto refuse = [&](wire::ExceptionCode code) {
        const wire::Pdu no = wire::encode_exception(pdu[0], code);
        return Answer{Bytes(no.view().begin(), no.view().end()), std::nullopt};
    };
    const auto request = wire::decode_request(pdu);
    const bool is_words = request && (request->function == wire::Function::read_holding ||
                                      request->function == wire::Function::read_input);
    if (!is_words) return refuse(wire::ExceptionCode::illegal_function);
    std::array<std::uint16_t, wire::max_read_registers> words{};
    for (std::size_t i = 0; i < request->count; ++i) {
        const auto word = registers_.find({unit, pdu[0], static_cast<std::uint16_t>(request->address + i)});
        if (word == registers_.end()) return refuse(wire::ExceptionCode::illegal_data_address);
        words[i] = word->second;
    }
    const wire::Pdu out = wire::encode_registers_answer(request->function, std::span(words).first(request->count));
    return Answer{Bytes(out.view().begin(), out.view().end()), std::nullopt};
}

void CaptureReplay::serve(Loop& loop, std::unique_ptr<bus::Link> link, std::shared_ptr<CaptureReplay> replay,
                          CaptureFraming framing, Duration character) {
    auto slave = std::make_shared<Slave>(loop, std::move(link), std::move(replay), character);
    loop.spawn("replay", framing == CaptureFraming::tcp ? Slave::serve_tcp(slave) : Slave::serve_rtu(slave));
}

}  // namespace busbar::device
