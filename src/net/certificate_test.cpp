#include "net/certificate.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/rigs/temporary_folder.hpp"

using namespace busbar;
using namespace busbar::net;

namespace {
std::string text_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}
const WallTime now{std::chrono::milliseconds(1'800'000'000'000)};
}  // namespace

TEST_CASE("the gateway makes its certificate once and keeps it") {
    const TemporaryFolder folder;
    const CertificateRequest request{folder.path, {"box.local", "192.168.8.10", "::1"}, now};
    const auto first = ensure_certificate(request);
    REQUIRE(first.has_value());
    CHECK(first->is_new);
    CHECK(first->fingerprint.size() == 95);
    CHECK(TlsContext::load(first->files).has_value());
    struct stat key {};
    REQUIRE(::stat(first->files.key.c_str(), &key) == 0);
    CHECK((key.st_mode & 0777) == 0600);
    const auto again = ensure_certificate(request);
    REQUIRE(again.has_value());
    CHECK_FALSE(again->is_new);
    CHECK(again->fingerprint == first->fingerprint);
}

TEST_CASE("a certificate that is over, damaged or for other names is replaced") {
    const TemporaryFolder folder;
    CertificateRequest request{folder.path, {"box.local", "192.168.8.10"}, now};
    const auto first = ensure_certificate(request);
    REQUIRE(first.has_value());
    const std::string key = text_of(first->files.key);
    bool keeps_key = true;
    SUBCASE("nearly over") { request.now = now + std::chrono::hours(24 * 800); }
    SUBCASE("new address") { request.names.push_back("10.0.0.7"); }
    SUBCASE("new name") { request.names.push_back("other.local"); }
    SUBCASE("damaged") {
        std::ofstream(first->files.certificate) << "nonsense";
        keeps_key = false;
    }
    SUBCASE("foreign key") {
        keeps_key = false;
        const TemporaryFolder other;
        const auto theirs = ensure_certificate({other.path, {"x"}, now});
        std::filesystem::copy_file(theirs->files.key, first->files.key,
                                   std::filesystem::copy_options::overwrite_existing);
    }
    const auto again = ensure_certificate(request);
    REQUIRE(again.has_value());
    CHECK(again->is_new);
    CHECK(again->fingerprint != first->fingerprint);
    CHECK((text_of(again->files.key) == key) == keeps_key);
    CHECK(TlsContext::load(again->files).has_value());
}

TEST_CASE("a missing folder and a broken file are named") {
    const auto none = ensure_certificate({"/nonexistent/folder", {"x"}, now});
    REQUIRE_FALSE(none.has_value());
    CHECK(none.error().text.find("/nonexistent/folder") != std::string::npos);
    const auto context = TlsContext::load({"/dev/null", "/dev/null"});
    REQUIRE_FALSE(context.has_value());
    CHECK(context.error().text.find("/dev/null") != std::string::npos);
}
