// What clients may send to the gateway's own Modbus server, through MBAP and the whole multiplexer on virtual time with
// a device behind it: every request is answered once, with an answer to it or an exception; no forbidden register is
// read, none is written that is not granted, none of control's while control holds the device.
#include <cstdint>
#include <cstdlib>

#include "base/virtual_loop.hpp"
#include "device/rigs/fake_bus.hpp"
#include "northbound/multiplexer.hpp"
#include "wire/modbus_tcp.hpp"

using namespace busbar;
using namespace busbar::northbound;

namespace {

constexpr Span forbidden{bus::Table::holding, 30, 39}, granted{bus::Table::holding, 50, 69};
constexpr Span controlled{bus::Table::holding, 60, 61};

void demand(bool condition) {
    if (!condition) std::abort();
}

config::ModbusServerConfig one_client() {
    config::ModbusServerConfig config;
    config.devices = {{"device", 1}};
    config.clients.push_back({*config::AddressRange::parse("::/0"), {"device"}, {{"device", {{50, 69}}}}});
    return config;
}

void check(const wire::Request* request, ByteView asked, const wire::Pdu& answer) {
    demand(answer.size >= 2);
    if (answer.bytes[0] == (asked[0] | wire::exception_bit)) return demand(answer.size == 2 && answer.bytes[1] != 0);
    if (request == nullptr) return demand(asked[0] == 43);  // the gateway says who it is
    demand(wire::check_answer(answer.view(), *request).kind == wire::AnswerCheck::Kind::good);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1 || size > 4096) return 0;
    VirtualLoop loop;
    auto bus = std::make_shared<device::FakeBus>(loop);
    for (std::uint16_t a = 0; a < 300; ++a) bus->units[7].holding[a] = bus->units[7].input[a] = a;
    const bool is_held = (data[0] & 1) != 0;
    DeviceRules rules;
    rules.max_registers = 20;
    rules.align = (data[0] & 2) != 0 ? 2 : 1;
    rules.forbidden = {forbidden};
    rules.controlled = {controlled};
    rules.values = {{bus::Table::holding, 10, 11}, {bus::Table::holding, 52, 53}};
    Multiplexer::Hooks hooks{[&](const model::DeviceId&) { return is_held; }, {}};
    const auto mux = std::make_shared<Multiplexer>(loop, one_client(), Identity{}, std::move(hooks));

    mux->attach("device", bus, 7, rules);

    wire::TcpStream stream;
    std::size_t at = 1, asked = 0, answered = 0;
    bool is_open = true;
    while (is_open && at < size) {
        const auto space = stream.space();
        const std::size_t n = std::min(space.size(), size - at);
        std::copy_n(data + at, n, space.begin());
        stream.arrived(n);
        at += n;
        for (;;) {
            const auto state = stream.next();
            is_open = state != wire::TcpStream::State::broken;
            if (state != wire::TcpStream::State::message) break;
            const Bytes pdu(stream.message().pdu.begin(), stream.message().pdu.end());
            const Caller caller{1, 1, 0, ""};
            ++asked;
            mux->ask(caller, stream.message().unit, pdu, [&answered, pdu](const wire::Pdu& answer) {
                ++answered;
                const auto request = wire::decode_request(pdu);
                check(request ? &*request : nullptr, pdu, answer);
            });
        }
    }
    loop.run_for(std::chrono::minutes(10));
    demand(asked == answered);
    for (const auto& read : bus->asked) demand(!touches({forbidden}, span_of(read.block)) && read.block.count <= 20);
    for (const auto& write : bus->written) {
        const bus::RegisterBlock block{bus::Table::holding, write.address,
                                       static_cast<std::uint16_t>(write.words.size())};
        const Span span = span_of(block);
        demand(span.first >= granted.first && span.last <= granted.last);
        demand(!is_held || !touches({controlled}, span));
        demand(!cuts_value(rules, span));
    }
    return 0;
}
