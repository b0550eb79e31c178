#include "gateway.hpp"

#include <fmt/format.h>

#include <cstdlib>

namespace busbar::bench {

Gateway::Gateway(const std::string& folder, const std::vector<std::string>& options) {
    std::vector<std::string> command{BUSBAR_GATEWAY,  "--site",         folder + "/site.yaml",
                                     "--data",        folder + "/data", "--profiles",
                                     BUSBAR_PROFILES, "--listen",       "127.0.0.1:0"};
    command.insert(command.end(), options.begin(), options.end());
    process_ = std::make_unique<Process>(command);
    const std::string url = process_->wait_for("listening on https://");
    port_ = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
}

std::unique_ptr<test::HttpClient> Gateway::connect() {
    auto client = std::make_unique<test::HttpClient>(port_, true);
    if (!cookie_.empty()) return client;
    const std::string code = process_->wait_for("setup code ");
    const std::string body = fmt::format(
        R"({{"code": "{}", "username": "bench", "password": "a bench of four words", "language": "en"}})", code);
    const auto answer = client->request("POST", "/api/v1/setup", {{"Content-Type", "application/json"}}, body);
    const std::string cookie = answer.header("set-cookie");
    cookie_ = cookie.substr(0, cookie.find(';'));
    if (answer.status != 201 || cookie_.empty()) {
        fmt::print(stderr, "bench: no account: {} {}\n", answer.status, answer.body);
        std::exit(1);
    }
    return client;
}

std::string Gateway::get(test::HttpClient& client, const std::string& target) {
    auto answer = client.request("GET", target, {{"Cookie", cookie_}});
    if (answer.status == 200) return std::move(answer.body);
    fmt::print(stderr, "bench: GET {}: {} {}\n", target, answer.status, answer.body);
    std::exit(1);
}

}  // namespace busbar::bench
