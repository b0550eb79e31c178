// Clients by others against the real server: libmodbus in this process, mbpoll and pymodbus as programs of their own.
// They must read what the device holds, write what is granted, and understand our refusals.
#include <doctest/doctest.h>
#include <modbus.h>

#include <cstdio>

#include "sharing/running_server.hpp"

using namespace busbar;
using namespace busbar::northbound;

namespace {

class LibmodbusClient {
public:
    LibmodbusClient(std::uint16_t port, int unit) : context_(modbus_new_tcp("127.0.0.1", port)) {
        modbus_set_slave(context_, unit);
        modbus_set_response_timeout(context_, 30, 0);
        REQUIRE(modbus_connect(context_) == 0);
    }
    ~LibmodbusClient() {
        modbus_close(context_);
        modbus_free(context_);
    }
    // Registers read, or the exception code as a negative number.
    int read(int address, int count, std::uint16_t* words, bool input = false) {
        const int n = input ? modbus_read_input_registers(context_, address, count, words)
                            : modbus_read_registers(context_, address, count, words);
        return n >= 0 ? n : -exception();
    }
    int write(int address, std::uint16_t value) {
        return modbus_write_register(context_, address, value) >= 0 ? 1 : -exception();
    }
    int write(int address, int count, const std::uint16_t* words) {
        return modbus_write_registers(context_, address, count, words) >= 0 ? count : -exception();
    }
    modbus_t* context() { return context_; }

private:
    static int exception() { return errno >= MODBUS_ENOBASE ? errno - MODBUS_ENOBASE : 1000; }
    modbus_t* context_;
};

// What a program prints; empty when it is not installed.
std::string output_of(const std::string& command) {
    FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    if (pipe == nullptr) return {};
    std::string text;
    char part[512];
    while (std::fgets(part, sizeof part, pipe) != nullptr) text += part;
    return ::pclose(pipe) == 127 * 256 ? std::string{} : text;
}

}  // namespace

TEST_CASE("libmodbus reads every width of answer, writes what is granted and understands each refusal") {
    RunningServer running;
    LibmodbusClient roof(running.port, 1), hybrid(running.port, 2);
    std::uint16_t words[125];
    for (int count = 1; count <= 125; count += 31) {
        for (int address = 0; address + count <= 65536; address += 9973) {
            REQUIRE(roof.read(address, count, words) == count);
            for (int i = 0; i < count; ++i) CHECK(words[i] == static_cast<std::uint16_t>(address + i));
        }
    }
    REQUIRE(hybrid.read(40, 3, words, true) == 3);
    CHECK(words[2] == 1042);
    const std::uint16_t two[] = {0xBEEF, 1};
    CHECK(hybrid.write(202, 2, two) == 2);
    REQUIRE(hybrid.read(200, 5, words) == 5);
    CHECK((words[2] == 0xBEEF && words[3] == 1 && words[4] == 204));
    CHECK(hybrid.write(200, 7) == 1);
    CHECK(hybrid.write(199, 7) == -2);
    CHECK(hybrid.write(203, 7) == -3);
    CHECK(hybrid.write(300, 7) == 1);
    running.is_held = true;
    CHECK(hybrid.write(300, 8) == -6);
    CHECK(hybrid.read(500, 1, words) == -2);
    CHECK(hybrid.read(600, 21, words) == -3);
    CHECK(roof.write(200, 7) == -1);
    std::uint8_t bits[8];
    CHECK(modbus_read_bits(roof.context(), 0, 8, bits) < 0);
    CHECK(errno == EMBXILFUN);
    LibmodbusClient nobody(running.port, 9);
    CHECK(nobody.read(0, 1, words) == -10);
    CHECK(running.told.load() >= 3);
}

TEST_CASE("ten libmodbus clients beside each other never see another's registers") {
    ServerLimits limits;
    limits.requests_per_second = limits.burst = 1e6;
    RunningServer running(limits, 32);
    std::atomic<int> wrong{0}, good{0};
    std::vector<std::thread> clients;
    for (int c = 0; c < 10; ++c)
        clients.emplace_back([&, c] {
            LibmodbusClient client(running.port, 1);
            std::uint16_t words[10];
            for (int i = 0; i < 30; ++i) {
                const int address = c * 5000 + i % 3 * 1000;
                const int n = client.read(address, 10, words);
                for (int k = 0; k < n; ++k) wrong += words[k] != address + k;
                good += n == 10;
            }
        });
    for (auto& client : clients) client.join();
    CHECK(wrong == 0);
    CHECK(good == 300);
    CHECK(running.mux->statistics().bus_requests < 300);
}

TEST_CASE("mbpoll reads through the gateway and names our refusals") {
    RunningServer running;
    const std::string mbpoll = "timeout 60 mbpoll -m tcp -p " + std::to_string(running.port) + " -0 -1 -q -o 10 ";
    if (output_of("mbpoll -V").empty()) {
        MESSAGE("mbpoll is not installed");
        return;
    }
    const std::string text = output_of(mbpoll + "-a 2 -t 4 -r 100 -c 30 127.0.0.1");
    CHECK_MESSAGE(text.find("[100]: \t100") != std::string::npos, text);
    CHECK_MESSAGE(text.find("[129]: \t129") != std::string::npos, text);
    CHECK(output_of(mbpoll + "-a 2 -t 4 -r 500 -c 1 127.0.0.1").find("Illegal data address") != std::string::npos);
    const std::string written = output_of(mbpoll + "-a 2 -t 4 -r 205 127.0.0.1 4711");
    CHECK_MESSAGE(written.find("Written 1 reference") != std::string::npos, written);
    RawClient client(running.port);
    CHECK(client.ask(2, Desk::read(205, 1)) == Bytes{3, 2, 0x12, 0x67});
}

TEST_CASE("pymodbus reads through the gateway and gets our exceptions as such") {
    RunningServer running;
    const std::string text =
        output_of("timeout 120 /usr/bin/python3 tests/sharing/pymodbus_client.py " + std::to_string(running.port));
    if (text.find("No module named") != std::string::npos) {
        MESSAGE("pymodbus is not installed");
        return;
    }
    CHECK_MESSAGE(text == "ok\n", text);
}
