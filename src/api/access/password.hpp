#pragma once
// Passwords: hashing with Argon2id, checking, and the rules for new ones. Hashing takes tens of milliseconds and 12 MiB
// on purpose: never on a loop, one at a time (worker.hpp).
//
// Cost: 12 MiB, 3 passes, 1 lane, one of the equally strong settings of OWASP's password storage sheet; chosen over
// 19 MiB and 2 passes so that a login keeps the gateway under 32 MiB. Working memory is mapped and unmapped per call.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace busbar::api {

struct HashCost {
    std::uint32_t memory_kib = 12 * 1024;
    std::uint32_t passes = 3;
};

// "argon2id$<KiB>$<passes>$<salt>$<digest>". Errors: unavailable (no memory, no randomness).
Result<std::string> hash_password(std::string_view password, HashCost cost = {});
// Constant time in the password; false also for a damaged hash.
bool verify_password(std::string_view password, const std::string& hash);
// A hash no password fits, of the given cost: verified for unknown users so that the answer takes as long.
std::string unmatchable_hash(HashCost cost = {});

// Empty when the password may be used, else what is wrong with it. 10..256 characters; common words, sequences,
// repetitions and the user's own name are refused, even with digits around them; nothing else is demanded (no
// composition rules: they make passwords worse).
std::string password_flaw(std::string_view password, std::string_view username);

}  // namespace busbar::api
