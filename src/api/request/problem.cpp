#include "api/request/problem.hpp"

#include <algorithm>
#include <cstdlib>

#include "api/json/json_writer.hpp"
#include "base/log.hpp"

namespace busbar::api {

void throw_exception_from_error(const Problem& problem, const boost::source_location&) {
    log(Level::error, "api", "unchecked problem: " + problem.text);
    std::abort();
}

Problem bad_field(std::string field, std::string what, std::string remedy) {
    std::string text = field + ": " + what;
    return {400, Errc::out_of_range, std::move(text), std::move(remedy), std::move(field), {}};
}
Problem malformed(std::string text, std::string remedy) {
    return {400, Errc::malformed, std::move(text), std::move(remedy), {}, {}};
}
Problem not_found(std::string text, std::string remedy) {
    return {404, Errc::out_of_range, std::move(text), std::move(remedy), {}, {}};
}
Problem denied(int status, std::string text, std::string remedy) {
    return {status, Errc::denied, std::move(text), std::move(remedy), {}, {}};
}
Problem busy(std::string text, int retry_after_s) {
    return {503, Errc::unavailable, std::move(text), "try again in a moment", {}, retry_after_s};
}

Problem problem_of(Error error) {
    int status = 500;
    switch (error.kind) {
        case Errc::malformed:
        case Errc::out_of_range:
        case Errc::refused:
            status = 400;
            break;
        case Errc::denied:
            status = 403;
            break;
        case Errc::unsupported:
            status = 404;
            break;
        case Errc::timeout:
        case Errc::unavailable:
            status = 503;
            break;
        case Errc::corrupt:
        case Errc::internal:
            break;
    }
    return {status, error.kind, std::move(error.text), {}, {}, {}};
}

net::Response no_content() {
    net::Response response;
    response.status = 204;
    response.headers = {{"Cache-Control", "no-store"}};
    return response;
}

net::Response json_response(std::string body, int status) {
    net::Response response;
    response.status = status;
    response.headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}};
    response.body = std::move(body);
    return response;
}

net::Response response_of(const Problem& problem) {
    JsonWriter json;
    json.begin_object().key("error").begin_object();
    std::string kind(to_string(problem.kind));
    std::replace(kind.begin(), kind.end(), ' ', '_');
    json.key("kind").text(kind).key("text").text(problem.text);
    json.code_of(problem.said.empty() ? problem.text : problem.said);
    if (!problem.remedy.empty()) json.key("remedy").text(problem.remedy);
    if (!problem.field.empty()) json.key("field").text(problem.field);
    if (problem.retry_after_s) json.key("retry_after_s").integer(*problem.retry_after_s);
    json.end_object().end_object();
    auto response = json_response(json.done(), problem.status);
    if (problem.retry_after_s) response.headers.emplace_back("Retry-After", std::to_string(*problem.retry_after_s));
    return response;
}

}  // namespace busbar::api
