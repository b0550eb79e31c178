#pragma once
// A small blocking HTTP and WebSocket client for tests: it can also do what no good client does (raw bytes, no reading,
// half requests). Certificates are not checked; it only ever talks to a server in the same process.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace busbar::test {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

struct Answer {
    int status = 0;                              // 0 = the connection ended without an answer
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;
    bool is_complete = false;
    std::string header(const std::string& name) const;
};

// How long to wait for what must come: only ever used up when it does not.
inline constexpr int patience_ms = 30'000;

struct SocketFrame {
    int opcode = -1;  // -1 = the connection ended or time ran out
    std::string payload;
    int close_code() const;
};

class HttpClient {
public:
    // `source`: a loopback address to come from, "127.0.0.2"; empty = any.
    HttpClient(std::uint16_t port, bool tls, int receive_buffer = 0, const std::string& source = {});
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    bool is_connected() const { return connected_; }
    // TLS only: connects offering nothing above `max_version` (TLS1_2_VERSION ...), for refusal tests.
    static bool can_connect_with(std::uint16_t port, int max_version);
    // The same with nothing but these TLS 1.2 suites (OpenSSL's names).
    static bool can_connect_with(std::uint16_t port, const char* suites);

    Answer request(const std::string& method, const std::string& target, const HeaderList& headers = {},
                   std::optional<std::string> body = std::nullopt);
    bool send_raw(std::string_view bytes);
    Answer read_answer(bool head_only = false);
    bool is_closed_within(int ms);  // the other end closes (reads and drops what comes)

    // WebSocket. open_socket() returns the answer to the upgrade (101 = open).
    Answer open_socket(const std::string& target, const HeaderList& headers = {});
    bool send_text(std::string_view text);
    bool send_frame(std::uint8_t first_byte, std::string_view payload, bool masked = true);
    SocketFrame read_frame(int timeout_ms = patience_ms);

private:
    struct Tls;
    bool fill(int timeout_ms);
    std::optional<std::string> take(std::size_t n, int timeout_ms);

    int fd_ = -1;
    bool connected_ = false;
    std::unique_ptr<Tls> tls_;
    std::string in_;
    bool ended_ = false;
};

}  // namespace busbar::test
