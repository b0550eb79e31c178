#include "api/access/password.hpp"

#include <argon2.h>
#include <sys/mman.h>

#include <array>
#include <cstdio>
#include <span>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "net/crypto.hpp"

namespace busbar::api {
namespace {
constexpr std::size_t salt_bytes = 16, hash_bytes = 32;

// malloc would keep the block in its arenas afterwards and the process would look 12 MiB larger for ever.
int map_memory(std::uint8_t** memory, std::size_t size) {
    void* mapped = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *memory = mapped == MAP_FAILED ? nullptr : static_cast<std::uint8_t*>(mapped);
    return *memory ? ARGON2_OK : ARGON2_MEMORY_ALLOCATION_ERROR;
}
void unmap_memory(std::uint8_t* memory, std::size_t size) { ::munmap(memory, size); }

using Digest = std::array<std::uint8_t, hash_bytes>;

bool derive(std::string_view password, std::string_view salt, HashCost cost, Digest& out) {
    argon2_context context{};
    context.out = out.data();
    context.outlen = static_cast<std::uint32_t>(out.size());
    context.pwd =
        reinterpret_cast<std::uint8_t*>(const_cast<char*>(password.data()));  // only read: no wipe flag is set
    context.pwdlen = static_cast<std::uint32_t>(password.size());
    context.salt = reinterpret_cast<std::uint8_t*>(const_cast<char*>(salt.data()));
    context.saltlen = static_cast<std::uint32_t>(salt.size());
    context.t_cost = cost.passes;
    context.m_cost = cost.memory_kib;
    context.lanes = context.threads = 1;
    context.version = ARGON2_VERSION_13;
    context.allocate_cbk = map_memory;
    context.free_cbk = unmap_memory;
    return argon2id_ctx(&context) == ARGON2_OK;
}

std::span<std::uint8_t> writable(std::string& text) {
    return {reinterpret_cast<std::uint8_t*>(text.data()), text.size()};
}

std::string to_hex(const std::uint8_t* bytes, std::size_t size) {
    constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (std::size_t i = 0; i < size; ++i) {
        out += digits[bytes[i] >> 4];
        out += digits[bytes[i] & 15];
    }
    return out;
}

bool from_hex(std::string_view text, std::string& out) {
    const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; };
    out.clear();
    if (text.size() % 2 != 0) return false;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        if (digit(text[i]) < 0 || digit(text[i + 1]) < 0) return false;
        out += static_cast<char>(digit(text[i]) << 4 | digit(text[i + 1]));
    }
    return true;
}

struct Stored {
    HashCost cost;
    std::string salt, digest;
};

// argon2id$<memory KiB>$<passes>$<salt hex>$<digest hex>
bool parse(const std::string& text, Stored& out) {
    char salt[2 * salt_bytes + 1], digest[2 * hash_bytes + 1];
    int used = 0;
    if (std::sscanf(text.c_str(), "argon2id$%8u$%4u$%32[0-9a-f]$%64[0-9a-f]%n", &out.cost.memory_kib, &out.cost.passes,
                    salt, digest, &used) != 4 ||
        static_cast<std::size_t>(used) != text.size())
        return false;
    const bool is_sane =
        out.cost.memory_kib >= 8 && out.cost.memory_kib <= 256 * 1024 && out.cost.passes >= 1 && out.cost.passes <= 20;
    return is_sane && from_hex(salt, out.salt) && from_hex(digest, out.digest) && out.salt.size() == salt_bytes &&
           out.digest.size() == hash_bytes;
}

std::string format(HashCost cost, std::string_view salt, const Digest& digest) {
    return "argon2id$" + std::to_string(cost.memory_kib) + "$" + std::to_string(cost.passes) + "$" +
           to_hex(reinterpret_cast<const std::uint8_t*>(salt.data()), salt.size()) + "$" +
           to_hex(digest.data(), digest.size());
}
}  // namespace

Result<std::string> hash_password(std::string_view password, HashCost cost) {
    std::string salt(salt_bytes, '\0');
    if (!net::random_bytes(writable(salt))) return fail(Errc::unavailable, "password: no random numbers");
    Digest digest{};
    if (!derive(password, salt, cost, digest)) return fail(Errc::unavailable, "password: not enough memory to hash it");
    return format(cost, salt, digest);
}

bool verify_password(std::string_view password, const std::string& hash) {
    Stored stored;
    Digest digest{};
    if (!parse(hash, stored) || !derive(password, stored.salt, stored.cost, digest)) return false;
    return net::equal_in_constant_time(as_text(digest), stored.digest);
}

std::string unmatchable_hash(HashCost cost) {
    std::string salt(salt_bytes, '\0');
    Digest digest{};  // random, so that finding its password is finding a preimage
    BUSBAR_ASSERT(net::random_bytes(writable(salt)) && net::random_bytes(digest));
    return format(cost, salt, digest);
}

}  // namespace busbar::api
