#pragma once
// The certificate the gateway makes for itself at first start: ECDSA P-256, self-signed, 820 days (browsers refuse
// longer ones), for the names and addresses of this box. Called by the app before it listens; not on a loop (key
// generation and disk). A certificate of the owner's own PKI is given as files instead and never touched.
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/tls.hpp"

namespace busbar::net {

struct CertificateRequest {
    std::string folder;              // must exist; gets tls-certificate.pem (0644) and tls-key.pem (0600)
    std::vector<std::string> names;  // DNS names and IP addresses, at least one
    WallTime now{};
};

struct OwnCertificate {
    TlsFiles files;
    std::string fingerprint;  // SHA-256, "AB:CD:...", to compare with what the browser shows
    bool is_new = false;
};

// Uses what is in the folder if it is whole, valid for 30 more days and covers all names; else makes a new one, with the
// key that is there where key and certificate belong together. Each file appears whole or not at all. Errors: unavailable (folder), internal (OpenSSL).
Result<OwnCertificate> ensure_certificate(const CertificateRequest& request);

// Names and addresses of this machine, for the request: host name, <host name>.local, localhost, every IPv4 address.
// IPv6 addresses are left out: they change daily, and each change would mean a new certificate and a new browser
// warning.
std::vector<std::string> own_names();

}  // namespace busbar::net
