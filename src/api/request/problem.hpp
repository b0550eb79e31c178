#pragma once
// What the API answers when it cannot do what was asked: the error of a route, with everything the client shows beside
// its cause. One shape for all (`Problem` in openapi.yaml).
#include <optional>
#include <string>

#include "base/result.hpp"
#include "net/http.hpp"

namespace busbar::api {

struct Problem {
    int status = 500;
    Errc kind = Errc::internal;
    std::string text;    // names the place: "feed_in_limit.value: 160 is above 100 %"
    std::string remedy;  // what to do; may be empty
    std::string field;   // dotted; may be empty
    std::optional<int> retry_after_s;
    std::string said{};  // the whole sentence, where `text` is only its first half; recognised when it is written
};
[[noreturn]] void throw_exception_from_error(const Problem& problem, const boost::source_location& at);

// What a route or a check behind it returns.
template <class T>
using Outcome = boost::system::result<T, Problem>;

Problem bad_field(std::string field, std::string what, std::string remedy);  // 400 out_of_range
Problem malformed(std::string text, std::string remedy);                     // 400
Problem not_found(std::string text, std::string remedy);                     // 404
Problem denied(int status, std::string text, std::string remedy);            // 401 or 403
Problem busy(std::string text, int retry_after_s);                           // 503
// An error of the layers below, with the status its kind deserves.
Problem problem_of(Error error);

net::Response response_of(const Problem& problem);
net::Response no_content();  // 204
net::Response json_response(std::string body, int status = 200);

}  // namespace busbar::api
