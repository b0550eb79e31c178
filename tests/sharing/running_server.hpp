#pragma once
// The real server on real loops and a loopback socket, with a fake bus behind it; and a client that can misbehave. Only
// tests use it. Units and registers as in desk.hpp; 127.0.0.1 may write as client 1 there.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <thread>

#include "northbound/modbus_server.hpp"
#include "sharing/desk.hpp"
#include "wire/modbus_tcp.hpp"

namespace busbar::northbound {

class RunningServer {
public:
    explicit RunningServer(ServerLimits limits = {}, std::size_t max_clients = 16, const char* clients = "127.0.0.1",
                           Duration answer_time = std::chrono::milliseconds(1))
        : bus(std::make_shared<device::FakeBus>(field)) {
        for (std::uint32_t a = 0; a < 65536; ++a) {
            const auto address = static_cast<std::uint16_t>(a);
            bus->units[11].holding[address] = bus->units[12].holding[address] = address;
            bus->units[12].input[address] = static_cast<std::uint16_t>(a + 1000);
        }
        bus->answer_time = answer_time;
        config::ModbusServerConfig config = two_clients();
        config.max_clients = max_clients;
        config.clients[1].from = range(clients);
        mux =
            std::make_shared<Multiplexer>(field, config, Identity{.version = "1.2.3"},
                                          Multiplexer::Hooks{[this](const model::DeviceId&) { return is_held.load(); },
                                                             [this](const WriteReport&) { ++told; }});
        mux->attach("roof", bus, 11, {});
        mux->attach("hybrid", bus, 12, Desk::rules());
        auto started = ModbusServer::start(service, field, mux, {config, 0, limits});
        REQUIRE(started.has_value());
        server = std::move(*started);
        port = server->port();
        threads[0] = std::thread([this] { field.run(); });
        threads[1] = std::thread([this] { service.run(); });
        on_field([] {});  // a loop that does not run yet would not hear that it is to stop
        (void)statistics();
    }
    ~RunningServer() {
        std::promise<void> done;
        service.post([&] {
            auto stopping = [](RunningServer& s, std::promise<void>& finished) -> Task<void> {
                co_await s.server->stop();
                finished.set_value();
            };
            service.spawn("stop", stopping(*this, done));
        });
        done.get_future().wait();
        field.stop();
        service.stop();
        for (auto& thread : threads) thread.join();
    }
    ServerStatistics statistics() {
        std::promise<ServerStatistics> now;
        service.post([&] { now.set_value(server->statistics()); });
        return now.get_future().get();
    }
    void on_field(std::function<void()> work) {
        std::promise<void> done;
        field.post([&] {
            work();
            done.set_value();
        });
        done.get_future().wait();
    }
    // Until it holds, or the test has waited in vain for a long time.
    template <class Condition>
    bool comes_true(Condition condition) {
        for (int i = 0; i < 6000; ++i) {
            if (condition()) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        return false;
    }

    RealLoop field, service;
    std::shared_ptr<device::FakeBus> bus;
    std::atomic<bool> is_held{false};
    std::atomic<int> told{0};
    std::shared_ptr<Multiplexer> mux;
    std::unique_ptr<ModbusServer> server;
    std::uint16_t port = 0;
    std::thread threads[2];
};

// Bytes to and from the server. Waits half a minute at most for what must come.
class RawClient {
public:
    explicit RawClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        const timeval patience{30, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    }
    ~RawClient() { close(); }
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    void close() {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
    }
    bool send(ByteView bytes) { return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == std::ssize(bytes); }
    bool send(std::uint16_t transaction, std::uint8_t unit, const wire::Pdu& pdu) {
        return send(wire::encode_tcp(transaction, unit, pdu.view()).view());
    }
    // The next frame; empty when the server closed, or nothing came.
    Bytes receive() {
        Bytes frame(wire::mbap_size);
        if (!fill(frame, 0)) return {};
        const std::size_t rest = static_cast<std::size_t>(frame[4] << 8 | frame[5]) - 1;
        frame.resize(wire::mbap_size + rest);
        return fill(frame, wire::mbap_size) ? frame : Bytes{};
    }
    // The PDU of the answer.
    Bytes ask(std::uint8_t unit, const wire::Pdu& pdu, std::uint16_t transaction = 1) {
        if (!send(transaction, unit, pdu)) return {};
        const Bytes frame = receive();
        return frame.size() > wire::mbap_size ? Bytes(frame.begin() + wire::mbap_size, frame.end()) : Bytes{};
    }
    // The server ends the connection: nothing more comes.
    bool is_closed_by_server() {
        char byte = 0;
        const auto n = ::recv(fd_, &byte, 1, 0);
        return n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
    }
    int fd() const { return fd_; }

private:
    bool fill(Bytes& frame, std::size_t from) {
        while (from < frame.size()) {
            const auto n = ::recv(fd_, frame.data() + from, frame.size() - from, 0);
            if (n <= 0) return false;
            from += static_cast<std::size_t>(n);
        }
        return true;
    }
    int fd_;
};

}  // namespace busbar::northbound
