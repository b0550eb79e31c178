#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

#include "base/result.hpp"

namespace busbar {

void assertion_failed(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "%s:%d: invariant broken: %s\n", file, line, condition);
    std::abort();
}

void throw_exception_from_error(const Error& error, const boost::source_location& at) {
    std::fprintf(stderr, "%s:%u: unchecked error: %s\n", at.file_name(), static_cast<unsigned>(at.line()),
                 error.text.c_str());
    std::abort();
}

}  // namespace busbar
