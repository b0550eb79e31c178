#include "client.hpp"

#include <curl/curl.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

#include "answer.hpp"
#include "text.hpp"

namespace busbar::ctl {
namespace json = boost::json;

class Connection {
public:
    Connection() = default;
    ~Connection() { curl_easy_cleanup(handle_); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    CURL* handle() const { return handle_; }

private:
    CURL* handle_ = curl_easy_init();
};

std::shared_ptr<Connection> Session::open_connection() { return std::make_shared<Connection>(); }

namespace {

constexpr std::size_t largest_answer = 64u << 20;  // a point list or 8 curves stay far below

// One request over the session's connection.
struct Curl {
    explicit Curl(const Session& session) : handle(session.connection->handle()) {
        curl_easy_reset(handle);  // options; the connection stays
    }
    ~Curl() { curl_slist_free_all(headers); }
    Curl(const Curl&) = delete;
    Curl& operator=(const Curl&) = delete;

    CURL* handle;
    curl_slist* headers = nullptr;
};

std::size_t keep(char* data, std::size_t, std::size_t n, void* to) {
    auto& body = *static_cast<std::string*>(to);
    if (body.size() + n > largest_answer) return 0;
    body.append(data, n);
    return n;
}

std::size_t print(char* data, std::size_t, std::size_t n, void* at) {
    // An error answer must not end up in the exported file: it is kept and shown instead.
    auto& [curl, error] = *static_cast<std::pair<CURL*, std::string>*>(at);
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 400) {
        if (error.size() < 64 * 1024) error.append(data, n);
        return n;
    }
    return std::fwrite(data, 1, n, stdout);
}

using Digest = std::array<unsigned char, 32>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

// The first certificate of the chain that was met.
Certificate certificate_of(CURL* curl) {
    Certificate none(nullptr, X509_free);
    curl_certinfo* chain = nullptr;
    if (curl_easy_getinfo(curl, CURLINFO_CERTINFO, &chain) != CURLE_OK || !chain || chain->num_of_certs < 1)
        return none;
    for (const curl_slist* line = chain->certinfo[0]; line; line = line->next) {
        const std::string_view text = line->data;
        if (!text.starts_with("Cert:")) continue;
        const std::unique_ptr<BIO, decltype(&BIO_free)> pem(
            BIO_new_mem_buf(text.data() + 5, static_cast<int>(text.size() - 5)), BIO_free);
        return {PEM_read_bio_X509(pem.get(), nullptr, nullptr, nullptr), X509_free};
    }
    return none;
}

// libcurl's pin: "sha256//" + base64(SHA-256(public key, DER)).
std::string pin_of(X509* certificate) {
    unsigned char* der = nullptr;
    const int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    if (length <= 0) return {};
    Digest digest{};
    EVP_Digest(der, static_cast<std::size_t>(length), digest.data(), nullptr, EVP_sha256(), nullptr);
    OPENSSL_free(der);
    std::array<unsigned char, 64> text{};
    const int n = EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(digest.size()));
    return "sha256//" + std::string(reinterpret_cast<char*>(text.data()), static_cast<std::size_t>(n));
}

std::string fingerprint_of(X509* certificate) {
    Digest digest{};
    if (X509_digest(certificate, EVP_sha256(), digest.data(), nullptr) != 1) return {};
    return fmt::format("{:02X}", fmt::join(digest, ":"));
}

// The session token the answer set, if it set one.
std::string token_of(CURL* curl) {
    constexpr std::string_view name = "__Host-busbar=";
    curl_header* found = nullptr;
    if (curl_easy_header(curl, "Set-Cookie", 0, CURLH_HEADER, -1, &found) != CURLHE_OK) return {};
    const std::string_view cookie = found->value;
    return cookie.starts_with(name) ? std::string(cookie.substr(name.size(), cookie.find(';') - name.size()))
                                    : std::string();
}

void prepare(Curl& curl, const Session& session, const std::string& method, const std::string& url,
             const std::string& body) {
    CURL* c = curl.handle;
    curl_easy_setopt(c, CURLOPT_URL, url.c_str());
    curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, method.c_str());
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, 5L);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_CERTINFO, 1L);
    // The pinned key replaces the chain check: a self-made certificate has no chain (see client.hpp).
    curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L);
    if (!session.pinned_key.empty()) curl_easy_setopt(c, CURLOPT_PINNEDPUBLICKEY, session.pinned_key.c_str());
    curl.headers = curl_slist_append(curl.headers, "User-Agent: busbarctl");
    if (!session.token.empty())
        curl.headers = curl_slist_append(curl.headers, ("Authorization: Bearer " + session.token).c_str());
    if (!body.empty()) {
        curl.headers = curl_slist_append(curl.headers, "Content-Type: application/json");
        curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
        curl_easy_setopt(c, CURLOPT_POSTFIELDS, body.c_str());
    }
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, curl.headers);
}

Error transport_error(CURLcode code, const Session& session) {
    switch (code) {
        case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
            return fail(Errc::denied,
                        session.url +
                            " shows another certificate than at login; nothing was sent. If the gateway was reset "
                            "or replaced, run 'busbarctl login' again; otherwise somebody is in between.");
        case CURLE_COULDNT_CONNECT:
        case CURLE_OPERATION_TIMEDOUT:
        case CURLE_COULDNT_RESOLVE_HOST:
            return fail(
                Errc::unavailable,
                fmt::format("{}: {}; is the gateway running there ('systemctl status busbar-gateway' on the box) and "
                            "the address right?",
                            session.url, code == CURLE_COULDNT_RESOLVE_HOST ? "no such host name" : "nobody answers"));
        case CURLE_SSL_CONNECT_ERROR:
            return fail(Errc::unavailable,
                        session.url + ": what answers there speaks no TLS; is it the gateway's port?");
        case CURLE_PARTIAL_FILE:
        case CURLE_RECV_ERROR:
        case CURLE_GOT_NOTHING:
            return fail(
                Errc::unavailable,
                session.url + ": the answer broke off, what was received is incomplete; the gateway's log says why");
        case CURLE_WRITE_ERROR:
            return fail(Errc::unavailable, "the answer cannot be written; is the disk full?");
        default:
            return fail(Errc::unavailable, fmt::format("{}: {}", session.url, curl_easy_strerror(code)));
    }
}

Error session_error(const Session& session) {
    return fail(Errc::denied, fmt::format("the session has ended; run: busbarctl login {}{}", session.url,
                                          session.user.empty() ? "" : " --user " + session.user));
}

Result<json::value> parsed(const Session& session, const Result<Response>& answer) {
    if (!answer) return answer.error();
    if (answer->status == 401) return session_error(session);
    if (answer->status >= 400) return answer_error(answer->status, answer->body);
    if (answer->body.empty()) return json::value();
    boost::system::error_code bad;
    json::value value = json::parse(answer->body, bad);
    if (bad) return fail(Errc::malformed, "the answer is no JSON: is this a Busbar gateway?");
    return value;
}

}  // namespace

Error answer_error(int status, const std::string& body) {
    boost::system::error_code bad;
    const json::value answer = json::parse(body, bad);
    const auto* error = bad ? nullptr : field(answer, "error");
    std::string text = fmt::format("the gateway answered {}", status);
    if (error) {
        text = text_of(*error, "text", text);
        if (const std::string remedy = text_of(*error, "remedy", ""); !remedy.empty()) text += "; " + remedy;
        if (const auto wait_s = number_of(*error, "retry_after_s"))
            text += fmt::format(" (again in {})", age(static_cast<std::int64_t>(*wait_s * 1000)));
    }
    return fail(status == 401 || status == 403 || status == 429 ? Errc::denied : Errc::refused, text);
}

std::string session_path() {
    if (const char* path = std::getenv("BUSBAR_SESSION")) return path;
    const char* home = std::getenv("HOME");
    return std::string(home ? home : ".") + "/.config/busbar/session.json";
}

Result<Session> load_session(const std::string& path) {
    std::ifstream file(path);
    if (!file) return fail(Errc::unavailable, "not signed in; run: busbarctl login ADDRESS --user NAME");
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    boost::system::error_code bad;
    const json::value value = json::parse(text, bad);
    Session session;
    const auto part = [&](const char* key, std::string& into) {
        const auto* v = value.is_object() ? value.as_object().if_contains(key) : nullptr;
        if (v && v->is_string()) into = std::string(v->as_string());
        return v && v->is_string();
    };
    if (bad || !part("url", session.url) || !part("token", session.token) || !part("pinned_key", session.pinned_key))
        return fail(Errc::corrupt, path + " is damaged; run: busbarctl login ADDRESS --user NAME");
    part("user", session.user);
    return session;
}

Status save_session(const std::string& path, const Session& session) {
    std::error_code ignored;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
    const std::string text = json::serialize(json::value{
        {"url", session.url}, {"user", session.user}, {"token", session.token}, {"pinned_key", session.pinned_key}});
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) return fail(Errc::unavailable, path + ": cannot be written");
    ::fchmod(file, 0600);
    const bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    ::close(file);
    if (!written) return fail(Errc::unavailable, path + ": cannot be written (disk full?)");
    return ok();
}

Result<Response> request(const Session& session, const std::string& method, const std::string& path,
                         const std::string& body) {
    Curl curl(session);
    const std::string url = session.url + path;
    prepare(curl, session, method, url, body);
    Response answer;
    curl_easy_setopt(curl.handle, CURLOPT_TIMEOUT, 60L);
    curl_easy_setopt(curl.handle, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(curl.handle, CURLOPT_WRITEDATA, &answer.body);
    if (const CURLcode code = curl_easy_perform(curl.handle); code != CURLE_OK) return transport_error(code, session);
    long status = 0;
    curl_easy_getinfo(curl.handle, CURLINFO_RESPONSE_CODE, &status);
    answer.status = static_cast<int>(status);
    if (const Certificate met = certificate_of(curl.handle)) {
        answer.server_key = pin_of(met.get());
        answer.fingerprint = fingerprint_of(met.get());
    }
    answer.token = token_of(curl.handle);
    return answer;
}

Result<json::value> get_json(const Session& session, const std::string& path) {
    return parsed(session, request(session, "GET", path));
}

Result<json::value> send_json(const Session& session, const std::string& method, const std::string& path,
                              const json::value& body) {
    return parsed(session, request(session, method, path, json::serialize(body)));
}

Result<json::value> delete_json(const Session& session, const std::string& path) {
    return parsed(session, request(session, "DELETE", path));
}

Result<std::string> get_text(const Session& session, const std::string& path) {
    BUSBAR_TRY(Response answer, request(session, "GET", path));
    if (answer.status == 401) return session_error(session);
    if (answer.status >= 400) return answer_error(answer.status, answer.body);
    return std::move(answer.body);
}

Status stream_to_stdout(const Session& session, const std::string& path) {
    Curl curl(session);
    const std::string url = session.url + path;
    prepare(curl, session, "GET", url, {});
    std::pair<CURL*, std::string> state{curl.handle, {}};
    curl_easy_setopt(curl.handle, CURLOPT_WRITEFUNCTION, print);
    curl_easy_setopt(curl.handle, CURLOPT_WRITEDATA, &state);
    const CURLcode code = curl_easy_perform(curl.handle);
    std::fflush(stdout);
    long status = 0;
    curl_easy_getinfo(curl.handle, CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK) return transport_error(code, session);
    if (status == 401) return session_error(session);
    if (status >= 400) return answer_error(static_cast<int>(status), state.second);
    return ok();
}

std::string url_escape(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                           c == '_' || c == '.' || c == '~';
        if (plain)
            out += c;
        else
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

}  // namespace busbar::ctl
