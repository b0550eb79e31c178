#include "net/certificate.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/whole_file.hpp"

namespace busbar::net {
namespace {
constexpr long day_s = 24 * 60 * 60;
constexpr long valid_days = 820, renew_days = 30;
// A box whose clock starts in 1970 still makes a certificate that is valid once the time is known.
constexpr std::int64_t earliest_s = 1'767'225'600;  // 2026-01-01

template <class T, void (*release)(T*)>
struct Freed {
    void operator()(T* p) const { release(p); }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509, X509_free>>;
struct BioFreed {
    void operator()(BIO* p) const { BIO_free(p); }
};
using Bio = std::unique_ptr<BIO, BioFreed>;

bool is_address(const std::string& name) {
    std::array<unsigned char, 16> bytes{};
    return inet_pton(AF_INET, name.c_str(), bytes.data()) == 1 || inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1;
}

bool is_dns_name(const std::string& name) {
    return !name.empty() && name.size() <= 253 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    });
}

bool add_extension(X509* certificate, int id, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
    if (!extension) return false;
    const bool added = X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

std::string alternative_names(const std::vector<std::string>& names) {
    std::string out;
    for (const auto& name : names) {
        if (is_address(name))
            out += (out.empty() ? "IP:" : ",IP:") + name;
        else if (is_dns_name(name))
            out += (out.empty() ? "DNS:" : ",DNS:") + name;
    }
    return out;
}

bool set_serial(X509* certificate) {
    std::array<unsigned char, 16> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return false;
    bytes[0] &= 0x7f;
    BIGNUM* number = BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr);
    const bool set = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
    BN_free(number);
    return set;
}

Certificate make_certificate(EVP_PKEY* key, const CertificateRequest& request) {
    Certificate made(X509_new());
    if (!made) return nullptr;
    X509* c = made.get();
    const auto now_s = std::max<std::int64_t>(to_ms(request.now) / 1000 - day_s, earliest_s);
    X509_NAME* subject = X509_get_subject_name(c);
    const auto common_name = "Busbar " + request.names.front().substr(0, 50);
    const bool done =
        X509_set_version(c, 2) == 1 && set_serial(c) && ASN1_TIME_set(X509_getm_notBefore(c), now_s) &&
        ASN1_TIME_set(X509_getm_notAfter(c), now_s + valid_days * day_s) && X509_set_pubkey(c, key) == 1 &&
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                   reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0) == 1 &&
        X509_set_issuer_name(c, subject) == 1 && add_extension(c, NID_basic_constraints, "critical,CA:FALSE") &&
        add_extension(c, NID_key_usage, "critical,digitalSignature") &&
        add_extension(c, NID_ext_key_usage, "serverAuth") &&
        add_extension(c, NID_subject_alt_name, alternative_names(request.names)) && X509_sign(c, key, EVP_sha256()) > 0;
    return done ? std::move(made) : nullptr;
}

std::string fingerprint_of(X509* certificate) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) return {};
    std::string out;
    for (unsigned i = 0; i < size; ++i) {
        constexpr char digits[] = "0123456789ABCDEF";
        if (i > 0) out += ':';
        out += digits[digest[i] >> 4];
        out += digits[digest[i] & 15];
    }
    return out;
}

template <class Write>
std::string pem_of(Write write) {
    Bio bio(BIO_new(BIO_s_mem()));
    if (!bio || write(bio.get()) != 1) return {};
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

Status store(const TlsFiles& files, EVP_PKEY* key, X509* certificate) {
    auto key_pem =
        pem_of([&](BIO* b) { return PEM_write_bio_PrivateKey(b, key, nullptr, nullptr, 0, nullptr, nullptr); });
    const auto certificate_pem = pem_of([&](BIO* b) { return PEM_write_bio_X509(b, certificate); });
    if (key_pem.empty() || certificate_pem.empty()) return fail(Errc::internal, "certificate: " + openssl_reason());
    auto stored = write_whole_file(files.key, key_pem, 0600);
    OPENSSL_cleanse(key_pem.data(), key_pem.size());
    if (!stored) return stored;
    return write_whole_file(files.certificate, certificate_pem, 0644);
}

bool covers(X509* certificate, const std::vector<std::string>& names) {
    return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
        if (is_address(name)) return X509_check_ip_asc(certificate, name.c_str(), 0) == 1;
        return !is_dns_name(name) ||
               X509_check_host(certificate, name.c_str(), 0, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, nullptr) == 1;
    });
}

struct Found {
    Certificate certificate;
    Key key;
};

// What the files hold, as far as it belongs together.
Found read_files(const TlsFiles& files) {
    Found found;
    Bio certificate_file(BIO_new_file(files.certificate.c_str(), "r"));
    Bio key_file(BIO_new_file(files.key.c_str(), "r"));
    if (!certificate_file || !key_file) return found;
    found.certificate.reset(PEM_read_bio_X509(certificate_file.get(), nullptr, nullptr, nullptr));
    found.key.reset(PEM_read_bio_PrivateKey(key_file.get(), nullptr, nullptr, nullptr));
    const bool fits =
        found.certificate && found.key && X509_check_private_key(found.certificate.get(), found.key.get()) == 1;
    return fits ? std::move(found) : Found{};
}

// The certificate, if it can go on being used.
Certificate usable(Certificate certificate, const CertificateRequest& request) {
    if (!certificate) return nullptr;
    time_t last = std::max<time_t>(to_ms(request.now) / 1000, earliest_s) + renew_days * day_s;
    if (X509_cmp_time(X509_get0_notAfter(certificate.get()), &last) < 0) return nullptr;
    return covers(certificate.get(), request.names) ? std::move(certificate) : nullptr;
}
}  // namespace

Result<OwnCertificate> ensure_certificate(const CertificateRequest& request) {
    if (request.names.empty()) return fail(Errc::internal, "certificate: no names given");
    OwnCertificate own;
    own.files = {request.folder + "/tls-certificate.pem", request.folder + "/tls-key.pem"};
    Found found = read_files(own.files);
    Certificate certificate = usable(std::move(found.certificate), request);
    if (!certificate) {
        // With the same key, programs that hold on to it see the same gateway after its address has changed.
        const Key key(found.key ? found.key.release() : EVP_EC_gen("P-256"));
        certificate = key ? make_certificate(key.get(), request) : nullptr;
        if (!certificate) return fail(Errc::internal, "certificate: " + openssl_reason());
        if (auto stored = store(own.files, key.get(), certificate.get()); !stored) return std::move(stored).error();
        own.is_new = true;
    }
    openssl_reason();  // a first start leaves "no such file" in the queue
    own.fingerprint = fingerprint_of(certificate.get());
    return own;
}

std::vector<std::string> own_names() {
    std::vector<std::string> names;
    std::array<char, 256> host{};
    if (::gethostname(host.data(), host.size() - 1) == 0 && is_dns_name(host.data())) {
        names.emplace_back(host.data());
        if (names.front().find('.') == std::string::npos) names.push_back(names.front() + ".local");
    }
    names.emplace_back("localhost");
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) return names;
    for (const ifaddrs* at = list; at; at = at->ifa_next) {
        if (!at->ifa_addr || at->ifa_addr->sa_family != AF_INET) continue;
        std::array<char, INET_ADDRSTRLEN> text{};
        const auto& bytes = reinterpret_cast<const sockaddr_in*>(at->ifa_addr)->sin_addr;
        if (inet_ntop(AF_INET, &bytes, text.data(), text.size())) names.emplace_back(text.data());
    }
    ::freeifaddrs(list);
    std::sort(names.begin() + 1, names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

}  // namespace busbar::net
