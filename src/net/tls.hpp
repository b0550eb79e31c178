#pragma once
// The server's side of TLS: certificate and rules in one shared object, used by every connection of a listener.
// TLS 1.3, and 1.2 with ECDHE and AEAD suites only; no compression, renegotiation, tickets or session cache.
#include <memory>
#include <string>

#include "base/result.hpp"

struct ssl_ctx_st;

namespace busbar::net {

struct TlsFiles {
    std::string certificate;  // PEM, the chain, own certificate first
    std::string key;          // PEM, not encrypted
};

class TlsContext {
public:
    // Errors: unavailable (cannot read), corrupt (not PEM, key does not belong to the certificate); the file is named.
    static Result<std::shared_ptr<TlsContext>> load(const TlsFiles& files);
    ~TlsContext();
    TlsContext(const TlsContext&) = delete;
    TlsContext& operator=(const TlsContext&) = delete;

    ssl_ctx_st* native() const { return context_; }

private:
    explicit TlsContext(ssl_ctx_st* context) : context_(context) {}
    ssl_ctx_st* context_;
};

// What OpenSSL's error queue says last; clears the queue.
std::string openssl_reason();

}  // namespace busbar::net
