#include "contract/gateway.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>

#include "net/certificate.hpp"

namespace busbar::test {
namespace {
template <class T>
T must(Result<T> result) {
    if (result) return std::move(*result);
    std::fprintf(stderr, "gateway for tests: %s\n", result.error().text.c_str());
    std::abort();
}
}  // namespace

std::string json_login(const std::string& username, const std::string& password) {
    return R"({"username":")" + username + R"(","password":")" + password + R"("})";
}

std::string token_in(const Answer& answer) {
    const auto cookie = answer.header("set-cookie");
    const std::string name = "__Host-busbar=";
    return cookie.starts_with(name) ? cookie.substr(name.size(), cookie.find(';') - name.size()) : "";
}

Gateway::Gateway(GatewayOptions options) : options_(std::move(options)) {
    if (options_.folder.empty()) {
        std::string name =
            std::filesystem::exists("/dev/shm") ? "/dev/shm/busbar_gateway_XXXXXX" : "/tmp/busbar_gateway_XXXXXX";
        options_.folder = ::mkdtemp(name.data());
    }
    loop_ = std::make_unique<RealLoop>();
    shifted_ = std::make_unique<ShiftedLoop>(*loop_);
    shifted_->advance(options_.clock);
    settings_ = std::make_unique<api::Settings>(
        *shifted_, must(api::SettingsStore::open(options_.folder + "/settings.db", loop_->wall())));
    api::AccountsOptions account_options;
    account_options.boot = options_.boot;
    account_options.slows_down = false;
    if (options_.cheap_hash) account_options.cost = {64, 1};
    accounts_ = must(api::Accounts::open(*shifted_, *settings_, account_options));
    setup_code_ = accounts_->setup_code();
    api::ServerConfig config;
    config.address = "127.0.0.1";
    config.port = 0;
    config.limits = options_.limits;
    config.assets = options_.assets;
    config.host_names = {"box.example"};
    if (options_.tls) config.tls = must(net::ensure_certificate({options_.folder, {"localhost"}, loop_->wall()})).files;
    config.images = options_.folder + "/upgrade";
    server_ = must(api::Server::start(*loop_, config, site, history, *accounts_, *settings_,
                                      options_.can_change ? &commissioning : nullptr));
    port_ = server_->port();
    thread_ = std::thread([this] { loop_->run(); });
}

Task<void> Gateway::end() {
    co_await server_->stop();
    loop_->stop();
}

void Gateway::stop() {
    if (!thread_.joinable()) return;
    loop_->post([this] { loop_->spawn("stop", end()); });
    thread_.join();
    server_.reset();
    accounts_.reset();
    settings_.reset();
}

Gateway::~Gateway() {
    stop();
    if (!keep_folder) std::filesystem::remove_all(options_.folder);
}

void Gateway::on_loop(std::function<void()> work) {
    std::promise<void> done;
    loop_->post([&] {
        work();
        done.set_value();
    });
    done.get_future().get();
}

Answer Gateway::call(const std::string& method, const std::string& target, const std::string& token,
                     std::optional<std::string> body, HeaderList more) {
    return call_from("", method, target, token, std::move(body), std::move(more));
}

Answer Gateway::call_from(const std::string& source, const std::string& method, const std::string& target,
                          const std::string& token, std::optional<std::string> body, HeaderList more) {
    HttpClient client(port_, options_.tls, 0, source);
    if (!token.empty()) more.emplace_back("Authorization", "Bearer " + token);
    if (body) more.emplace_back("Content-Type", "application/json");
    return client.request(method, target, more, std::move(body));
}

std::string Gateway::set_up() {
    return token_in(call("POST", "/api/v1/setup", "",
                         R"({"code":")" + setup_code_ + R"(","username":"Anna","password":")" + good_password +
                             R"(","language":"de"})"));
}

std::string Gateway::log_in(const std::string& username, const std::string& password) {
    return token_in(call("POST", "/api/v1/session", "", json_login(username, password)));
}

std::string Gateway::token_for_role(const std::string& role, const std::string& installer_token) {
    call("POST", "/api/v1/accounts", installer_token,
         R"({"username":"the-)" + role + R"(","password":")" + good_password + R"(","role":")" + role + R"("})");
    return log_in("the-" + role, good_password);
}

}  // namespace busbar::test
