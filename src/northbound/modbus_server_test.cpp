#include "northbound/modbus_server.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include "sharing/running_server.hpp"

using namespace busbar;
using namespace busbar::northbound;
using namespace std::chrono_literals;

namespace {

const wire::Pdu one_register = Desk::read(50, 1);
const Bytes its_answer = {3, 2, 0, 50};

}  // namespace

TEST_CASE("a request over TCP and its answer, in the order asked, with their numbers and units") {
    RunningServer running;
    RawClient client(running.port);
    CHECK(client.ask(1, one_register) == its_answer);
    Bytes burst;
    for (std::uint16_t i = 0; i < 40; ++i) {
        const auto frame = wire::encode_tcp(static_cast<std::uint16_t>(1000 + i), 2, Desk::read(i, 2).view());
        burst.insert(burst.end(), frame.view().begin(), frame.view().end());
    }
    REQUIRE(client.send(burst));
    for (std::uint16_t i = 0; i < 40; ++i) {
        const Bytes frame = client.receive();
        const std::uint8_t low = static_cast<std::uint8_t>((1000 + i) & 0xFF);
        const std::uint8_t high = static_cast<std::uint8_t>((1000 + i) >> 8);
        const auto word = static_cast<std::uint8_t>(i);
        CHECK(frame == Bytes{high, low, 0, 0, 0, 7, 2, 3, 4, 0, word, 0, static_cast<std::uint8_t>(word + 1)});
    }
}

TEST_CASE("who is not in the list is turned away before a byte is read") {
    RunningServer running({}, 16, "192.0.2.1");
    for (int i = 0; i < 3; ++i) {
        RawClient client(running.port);
        CHECK(client.is_closed_by_server());
    }
    const auto s = running.statistics();
    CHECK(s.turned_away == 3);
    CHECK(s.accepted == 0);
}

TEST_CASE("bytes that are no Modbus close that connection only") {
    RunningServer running;
    RawClient good(running.port);
    CHECK(good.ask(1, one_register) == its_answer);
    const Bytes bad[] = {
        {0, 1, 0, 1, 0, 6, 1, 3, 0, 0, 0, 1},  // protocol 1
        {0, 1, 0, 0, 0, 1, 1, 3},              // no PDU
        {0, 1, 0, 0, 1, 4, 1, 3, 0, 0, 0, 1},  // longer than any
        {0, 1, 0, 0, 0xFF, 0xFF, 1},
        {'G', 'E', 'T', ' ', '/', ' ', 'H', 'T', 'T', 'P'},
    };
    for (const Bytes& bytes : bad) {
        RawClient client(running.port);
        REQUIRE(client.send(bytes));
        CHECK(client.is_closed_by_server());
    }
    // What went before is answered first.
    RawClient both(running.port);
    const auto frame = wire::encode_tcp(1, 1, one_register.view());
    Bytes mixed(frame.view().begin(), frame.view().end());
    mixed.insert(mixed.end(), bad[0].begin(), bad[0].end());
    REQUIRE(both.send(mixed));
    CHECK(both.receive().size() == wire::mbap_size + its_answer.size());
    CHECK(both.is_closed_by_server());
    CHECK(good.ask(1, one_register) == its_answer);
    CHECK(running.comes_true([&] { return running.statistics().malformed == 6; }));
}

TEST_CASE("half a request, silence, and answers nobody takes: the connection goes, the others stay") {
    ServerLimits limits;
    limits.idle = 1500ms;
    limits.partial = 300ms;
    limits.write = 500ms;
    limits.requests_per_second = limits.burst = 1e6;
    RunningServer running(limits);
    RawClient silent(running.port), slow(running.port);
    REQUIRE(slow.send(Bytes{0, 1, 0, 0, 0, 6, 1, 3}));
    CHECK(slow.is_closed_by_server());
    CHECK(silent.is_closed_by_server());
    // Asks without reading until nothing moves any more.
    RawClient deaf(running.port);
    const int small = 4096;
    ::setsockopt(deaf.fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    const timeval short_patience{0, 200'000};
    ::setsockopt(deaf.fd(), SOL_SOCKET, SO_SNDTIMEO, &short_patience, sizeof short_patience);
    const auto big = wire::encode_tcp(1, 1, Desk::read(0, 125).view());
    Bytes many;
    for (int i = 0; i < 1000; ++i) many.insert(many.end(), big.view().begin(), big.view().end());
    CHECK(running.comes_true([&] {
        (void)deaf.send(many);
        return running.statistics().dropped == 3;  // not "no clients": this one may not be counted yet
    }));
    CHECK(running.comes_true([&] { return running.statistics().clients == 0; }));
    CHECK(running.comes_true([&] {
        RawClient good(running.port);
        return good.ask(1, one_register) == its_answer;
    }));
}

TEST_CASE("one address asks no faster than it may, and connecting anew brings nothing") {
    ServerLimits limits;
    limits.requests_per_second = 20;
    limits.burst = 5;
    RunningServer running(limits);
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 5; ++i) {
        RawClient client(running.port);
        for (int k = 0; k < 5; ++k) CHECK(client.ask(1, one_register) == its_answer);
    }
    // 25 requests, of which 5 at once.
    CHECK(std::chrono::steady_clock::now() - begin >= 900ms);
}

TEST_CASE("one address has half of the places; when they are taken the longest idle makes room") {
    ServerLimits limits;
    limits.makes_room = 1h;
    RunningServer patient(limits, 4);
    RawClient a(patient.port), b(patient.port);
    CHECK(a.ask(1, one_register) == its_answer);
    CHECK(b.ask(1, one_register) == its_answer);
    RawClient c(patient.port);
    CHECK(c.is_closed_by_server());
    CHECK(patient.statistics().turned_away == 1);
    CHECK(b.ask(1, one_register) == its_answer);

    limits.makes_room = 0ms;
    RunningServer running(limits, 4);
    RawClient first(running.port);
    CHECK(first.ask(1, one_register) == its_answer);
    RawClient second(running.port);
    CHECK(second.ask(1, one_register) == its_answer);
    RawClient third(running.port);
    CHECK(third.ask(1, one_register) == its_answer);
    CHECK(first.is_closed_by_server());
    CHECK(second.ask(1, one_register) == its_answer);
    CHECK(running.statistics().dropped == 1);
}

TEST_CASE("a client that leaves takes back what waits for its turn") {
    RunningServer running({}, 16, "127.0.0.1", 1h);
    RawClient reads(running.port);
    REQUIRE(reads.send(1, 1, Desk::read(0, 1)));
    const auto waiting = [&](std::uint64_t requests, std::uint64_t jobs) {
        const auto s = running.mux->statistics();
        return s.requests == requests && s.waiting == jobs;
    };
    CHECK(running.comes_true([&] { return waiting(1, 0); }));
    RawClient writes(running.port);
    REQUIRE(writes.send(1, 2, wire::encode_write_register(200, 1)));
    CHECK(running.comes_true([&] { return waiting(2, 1); }));
    writes.close();
    CHECK(running.comes_true([&] { return waiting(2, 0); }));
}

TEST_CASE("an answer that comes after the server gave up is nobody's") {
    ServerLimits limits;
    limits.answer = 100ms;
    RunningServer running(limits, 16, "127.0.0.1", 600ms);
    RawClient client(running.port);
    CHECK(client.ask(1, Desk::read(10, 1), 1) == Bytes{0x83, 11});
    for (int i = 0; i < 12; ++i) {
        const auto address = static_cast<std::uint8_t>(100 + i);
        const Bytes got = client.ask(1, Desk::read(address, 1), static_cast<std::uint16_t>(2 + i));
        CHECK((got == Bytes{0x83, 11} || got == Bytes{3, 2, 0, address} || got == Bytes{0x83, 6}));
    }
}

TEST_CASE("more than 1024 descriptors are no matter") {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    const rlimit wanted{std::max<rlim_t>(limit.rlim_cur, 1400), limit.rlim_max};
    if (::setrlimit(RLIMIT_NOFILE, &wanted) != 0) return;
    RunningServer running;
    std::vector<int> taken;
    for (int i = 0; i < 1200; ++i) taken.push_back(::dup(0));
    {
        RawClient client(running.port);
        CHECK(client.fd() > 1024);
        CHECK(client.ask(1, one_register) == its_answer);
    }
    for (const int fd : taken) ::close(fd);
}

TEST_CASE("a port that is taken is said with the remedy") {
    RunningServer running;
    RealLoop service;
    config::ModbusServerConfig config = two_clients();
    const auto second = ModbusServer::start(service, running.field, running.mux, {config, running.port, {}});
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().text.find("in use by another program") != std::string::npos);
}
