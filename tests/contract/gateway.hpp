#pragma once
// The API server with fixed data on its own thread, and a clock that only tests move: accounts see time through it,
// sockets see the real one. A busy machine therefore changes nothing at the boundaries of lock-outs and sessions.
// Settings live in a folder of their own, so that a test can restart the gateway on them.
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "api/server.hpp"
#include "contract/fake_commissioning.hpp"
#include "contract/fake_site.hpp"
#include "contract/http_client.hpp"

namespace busbar::test {

// Stands still at the instant the test program began, plus what the test added. Waiting takes real time.
class ShiftedLoop final : public Loop {
public:
    explicit ShiftedLoop(RealLoop& real) : real_(real) {}
    Instant now() const override { return began() + Duration(shift_.load()); }
    WallTime wall() const override { return real_.wall(); }
    Task<void> sleep_until(Instant deadline) override { return real_.sleep_until(real_.now() + (deadline - now())); }
    Task<bool> wait(Event& event, Instant deadline) override {
        return real_.wait(event, real_.now() + (deadline - now()));
    }
    void spawn(std::string_view name, Task<void> task) override { real_.spawn(name, std::move(task)); }
    void post(std::function<void()> work) override { real_.post(std::move(work)); }
    void advance(Duration by) { shift_ += by.count(); }

private:
    static Instant began() {
        static const Instant at = monotonic_now();
        return at;
    }
    RealLoop& real_;
    std::atomic<Duration::rep> shift_{0};
};

struct GatewayOptions {
    std::string folder;  // with settings.db and TLS files; made when empty, in memory where possible
    bool tls = false;
    std::string boot = "boot-1";
    net::ServerLimits limits;
    std::span<const net::Asset> assets;
    bool cheap_hash = true;  // 64 KiB, 1 pass: the real cost is tested where it matters
    Duration clock{};        // monotonic time ahead of the machine's
    bool can_change = true;  // the part that changes the site is there
};

class Gateway {
public:
    explicit Gateway(GatewayOptions options = {});
    ~Gateway();

    std::uint16_t port() const { return port_; }
    const std::string& folder() const { return options_.folder; }
    std::string setup_code() const { return setup_code_; }
    // Makes the first account "anna" (installer) and returns her token.
    std::string set_up();
    std::string log_in(const std::string& username, const std::string& password);  // "" = refused
    // Adds an account with this role ("viewer", "owner") and password "unrelated-words-9" and returns its token.
    std::string token_for_role(const std::string& role, const std::string& installer_token);
    // `source`: the loopback address it comes from; empty = 127.0.0.1.
    Answer call_from(const std::string& source, const std::string& method, const std::string& target,
                     const std::string& token = "", std::optional<std::string> body = std::nullopt,
                     HeaderList more = {});
    Answer call(const std::string& method, const std::string& target, const std::string& token = "",
                std::optional<std::string> body = std::nullopt, HeaderList more = {});
    void advance(Duration by) { shifted_->advance(by); }
    void on_loop(std::function<void()> work);  // and waits
    void stop();                               // keeps the folder

    FakeSite site;
    FakeHistory history;
    FakeCommissioning commissioning;
    api::LiveHub& live() { return server_->live(); }
    bool keep_folder = false;

private:
    Task<void> end();
    GatewayOptions options_;
    std::unique_ptr<RealLoop> loop_;
    std::unique_ptr<ShiftedLoop> shifted_;
    std::unique_ptr<api::Settings> settings_;
    std::unique_ptr<api::Accounts> accounts_;
    std::unique_ptr<api::Server> server_;
    std::thread thread_;
    std::string setup_code_;
    std::uint16_t port_ = 0;
};

inline const std::string good_password = "unrelated-words-9";
std::string json_login(const std::string& username, const std::string& password);
std::string token_in(const Answer& answer);  // of Set-Cookie

}  // namespace busbar::test
