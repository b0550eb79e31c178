#pragma once
// Result<T>: a value or an Error. `Status` is a Result without a value.
//
//   Result<int> parse(std::string_view);
//   auto r = parse(text);
//   if (!r) return because("port", r.error());
//   use(*r);
//
// Never call value() on an unchecked Result: it ends the process (see assert.hpp for why that is right).
#include <boost/system/result.hpp>

#include "base/error.hpp"

namespace busbar {

// Needed by boost::system::result for value() on an error; ends the process.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& at);

template <class T>
using Result = boost::system::result<T, Error>;
using Status = Result<void>;

inline Status ok() { return {}; }
inline Error fail(Errc kind, std::string text) { return Error{kind, std::move(text)}; }

}  // namespace busbar

// BUSBAR_TRY(auto frame, decode(bytes)); declares `frame` or returns the error. Not for coroutines: see BUSBAR_CO_TRY.
#define BUSBAR_CONCAT_(a, b) a##b
#define BUSBAR_CONCAT(a, b) BUSBAR_CONCAT_(a, b)
#define BUSBAR_TRY_(tmp, decl, expr)          \
    auto tmp = (expr);                        \
    if (!tmp) return std::move(tmp).error();  \
    decl = std::move(*tmp)
#define BUSBAR_TRY(decl, expr) BUSBAR_TRY_(BUSBAR_CONCAT(busbar_try_, __LINE__), decl, expr)
#define BUSBAR_CO_TRY_(tmp, decl, expr)          \
    auto tmp = (expr);                           \
    if (!tmp) co_return std::move(tmp).error();  \
    decl = std::move(*tmp)
#define BUSBAR_CO_TRY(decl, expr) BUSBAR_CO_TRY_(BUSBAR_CONCAT(busbar_try_, __LINE__), decl, expr)
