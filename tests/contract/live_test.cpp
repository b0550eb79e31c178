// The live socket: hello, updates of what changed, merging for slow readers, ends of sessions.
#include <doctest/doctest.h>

#include <boost/json.hpp>
#include <map>
#include <thread>

#include "contract/gateway.hpp"
#include "contract/schema.hpp"

using namespace busbar;
using namespace busbar::test;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {
json::value read_message(HttpClient& client) {
    for (;;) {
        const auto frame = client.read_frame();
        if (frame.opcode == 9) continue;
        REQUIRE(frame.opcode == 1);
        auto value = json::parse(frame.payload);
        static const OpenApi api("src/api/openapi.yaml");
        CHECK(api.check("LiveMessage", value) == "");
        return value;
    }
}
struct Live {
    explicit Live(Gateway& gateway, const std::string& token, int receive_buffer = 0)
        : client(gateway.port(), false, receive_buffer) {
        REQUIRE(client.open_socket("/api/v1/live", {{"Authorization", "Bearer " + token}}).status == 101);
        first = read_message(client);
    }
    HttpClient client;
    json::value first;
};
void publish(Gateway& gateway, int seconds, double power_w) {
    std::this_thread::sleep_for(260ms);  // the hub sends at most every 250 ms
    gateway.on_loop([&] { gateway.live().publish(gateway.site.view(seconds, power_w)); });
}
}  // namespace

TEST_CASE("hello tells everything, updates only what changed") {
    Gateway gateway;
    const auto token = gateway.set_up();
    Live live(gateway, token), second(gateway, token);
    CHECK(live.first.at("type") == "hello");
    CHECK(live.first.at("points").as_array().size() == 5);
    publish(gateway, 1, 4300);
    const auto update = read_message(live.client);
    CHECK(update.at("type") == "update");
    REQUIRE(update.at("points").as_array().size() == 1);
    CHECK(update.at("points").at(0).at(0) == "roof/ac.power");
    CHECK(update.at("points").at(0).at(1) == 4300);
    CHECK(update.at("points").at(0).at(2) == "good");
    CHECK(update.at("overview").at("flow").at("pv_w").at("value") == 4300);
    CHECK(update.at("seq").as_int64() > live.first.at("seq").as_int64());
    CHECK(read_message(second.client) == update);
    publish(gateway, 2, 4300);
    CHECK(read_message(live.client).at("points").as_array().empty());
}

TEST_CASE("decisions, alarms and pings") {
    Gateway gateway;
    const auto token = gateway.set_up();
    Live live(gateway, token);
    gateway.on_loop([&] {
        gateway.live().publish(FakeSite::decision());
        gateway.live().publish(FakeSite::alarm());
    });
    CHECK(read_message(live.client).at("decision").at("value") == 520);
    CHECK(read_message(live.client).at("alarm").at("name") == "meter_silent");
    live.client.send_text(R"({"type":"ping"})");
    CHECK(read_message(live.client).at("type") == "pong");
    // Nonsense is ignored, bad frames close.
    live.client.send_text("nonsense");
    live.client.send_text(R"({"type":"other"})");
    live.client.send_text(R"({"type":"ping"})");
    CHECK(read_message(live.client).at("type") == "pong");
    live.client.send_text(std::string(1025, ' '));
    CHECK(live.client.read_frame().close_code() == 1009);
}

TEST_CASE("a decision and an alarm are told again when their state changes") {
    Gateway gateway;
    const auto token = gateway.set_up();
    Live live(gateway, token);
    auto decision = FakeSite::decision();
    auto alarm = FakeSite::alarm();
    const auto tell = [&] {
        gateway.on_loop([&] {
            gateway.live().publish(decision);
            gateway.live().publish(alarm);
        });
        return std::pair(read_message(live.client).at("decision"), read_message(live.client).at("alarm"));
    };
    decision.state = api::DecisionState::pending;
    decision.read_back.reset();
    const auto [pending, raised] = tell();
    CHECK(pending.at("state") == "pending");
    CHECK(raised.at("cleared").is_null());
    decision.state = api::DecisionState::refused;
    decision.read_back = 300;
    alarm.cleared = alarm.raised + 5s;
    const auto [refused, cleared] = tell();
    CHECK(refused.at("state") == "refused");
    CHECK(refused.at("read_back") == 300);
    CHECK(cleared.at("cleared").as_int64() == cleared.at("raised").as_int64() + 5000);
    for (const char* key : {"at", "device", "role"}) CHECK(refused.at(key) == pending.at(key));
    for (const char* key : {"id", "cause", "raised"}) CHECK(cleared.at(key) == raised.at(key));
}

TEST_CASE("a client that lags behind gets the last state of a decision, once") {
    Gateway gateway;
    const auto token = gateway.set_up();
    Live live(gateway, token);
    auto decision = FakeSite::decision();
    gateway.on_loop([&] {  // the writer gets no turn meanwhile: what is over its bound has to wait
        for (int i = 0; i < 40; ++i) {
            decision.at += 1ms;
            decision.state = api::DecisionState::pending;
            gateway.live().publish(decision);
        }
        decision.state = api::DecisionState::unreachable;
        for (int i = 0; i < 40; ++i) {
            gateway.live().publish(decision);
            decision.at -= 1ms;
        }
    });
    std::map<std::int64_t, int> pending, unreachable;
    for (int round = 0; unreachable.size() < 40 && round < 100; ++round) {
        publish(gateway, round, 4300 + round);  // what waits goes out with the next view
        for (auto frame = live.client.read_frame(200); frame.opcode == 1; frame = live.client.read_frame(200)) {
            const auto message = json::parse(frame.payload);
            if (message.at("type") != "decision") continue;
            const auto& d = message.at("decision");
            ++(d.at("state") == "pending" ? pending : unreachable)[d.at("at").as_int64()];
        }
    }
    CHECK(unreachable.size() == 40);
    for (const auto& [at, count] : unreachable) CHECK(count == 1);
    CHECK(pending.size() <= api::LiveHub::most_queued);  // what had left before the queue was full
}

TEST_CASE("the ages of unchanged points are told every tenth time") {
    Gateway gateway;
    const auto token = gateway.set_up();
    Live live(gateway, token);
    std::size_t most = 0;
    for (int i = 1; i <= 10; ++i) {
        publish(gateway, i, 4210);
        most = std::max(most, read_message(live.client).at("points").as_array().size());
    }
    CHECK(most == 4);  // all but the one that was never read
}

TEST_CASE("the socket ends with its session") {
    Gateway gateway;
    const auto anna = gateway.set_up();
    const auto second = gateway.log_in("anna", good_password);
    Live live(gateway, second), other(gateway, anna);
    CHECK(gateway.call("DELETE", "/api/v1/session", second).status == 204);
    publish(gateway, 1, 1);
    CHECK(live.client.read_frame().close_code() == 1008);
    CHECK(read_message(other.client).at("type") == "update");
    gateway.advance(31min);
    publish(gateway, 2, 2);
    CHECK(other.client.read_frame().close_code() == 1008);
}

TEST_CASE("a ping counts as use of the session, an open socket alone does not") {
    Gateway gateway;
    const auto token = gateway.set_up();
    Live live(gateway, token);
    gateway.advance(20min);
    live.client.send_text(R"({"type":"ping"})");
    CHECK(read_message(live.client).at("type") == "pong");
    gateway.advance(20min);
    publish(gateway, 1, 1);
    CHECK(read_message(live.client).at("type") == "update");
    gateway.advance(11min);
    publish(gateway, 2, 2);
    CHECK(live.client.read_frame().close_code() == 1008);
}

TEST_CASE("a slow reader gets merged updates, a deaf one is closed with 1013, others notice nothing") {
    GatewayOptions options;
    options.limits.unread = 600ms;
    options.limits.closing = 60s;  // a busy machine may come late to reading
    Gateway gateway(options);
    const auto token = gateway.set_up();
    Live deaf(gateway, token, 2048), good(gateway, token);
    auto decision = FakeSite::decision();  // a long one, to fill the kernel's buffers soon
    decision.chain[0].text.assign(6000, 'x');
    std::size_t queued_decisions = 0;
    for (int round = 0; round < 5; ++round) {
        gateway.on_loop([&] {
            for (int i = 0; i < 300; ++i) gateway.live().publish(decision);
            queued_decisions += 300;
        });
        publish(gateway, round, 1000 + round);
        while (read_message(good.client).at("type") != "update") {
        }
    }
    int messages = 0;
    SocketFrame frame;
    for (frame = deaf.client.read_frame(); frame.opcode == 1; frame = deaf.client.read_frame()) ++messages;
    CHECK(frame.close_code() == 1013);
    CHECK(messages < static_cast<int>(queued_decisions));
    gateway.on_loop([&] { CHECK(gateway.live().clients() <= 2); });
}
