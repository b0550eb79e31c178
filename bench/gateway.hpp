#pragma once
// The real gateway as a bench program starts it, and a logged-in connection to its API.
#include <memory>
#include <string>
#include <vector>

#include "contract/http_client.hpp"
#include "process.hpp"

namespace busbar::bench {

class Gateway {
public:
    // Returns when it listens. `folder` holds site.yaml, and data/ appears in it.
    explicit Gateway(const std::string& folder, const std::vector<std::string>& options = {});

    Process& process() { return *process_; }
    std::uint16_t port() const { return port_; }
    // A new connection; the first one makes the account.
    std::unique_ptr<test::HttpClient> connect();
    // Of the session, once connect() was called.
    const std::string& cookie() const { return cookie_; }
    // GET with the session; ends this program when the answer is not 200.
    std::string get(test::HttpClient& client, const std::string& target);

private:
    std::unique_ptr<Process> process_;
    std::uint16_t port_ = 0;
    std::string cookie_;
};

}  // namespace busbar::bench
