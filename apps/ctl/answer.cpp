#include "answer.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "text.hpp"

namespace busbar::ctl {
namespace json = boost::json;

const json::value* field(const json::value& in, const char* name) {
    const auto* object = in.if_object();
    const auto* found = object ? object->if_contains(name) : nullptr;
    return found && !found->is_null() ? found : nullptr;
}

std::string text_of(const json::value& in, const char* name, const std::string& otherwise) {
    const auto* v = field(in, name);
    return v && v->is_string() && !v->as_string().empty() ? printable(v->as_string()) : otherwise;
}

std::string words_of(const json::value& in, const char* name) {
    std::string text = text_of(in, name);
    std::replace(text.begin(), text.end(), '_', ' ');
    return text;
}

std::optional<double> number_of(const json::value& in, const char* name) {
    const auto* v = field(in, name);
    if (!v || !v->is_number()) return std::nullopt;
    return v->to_number<double>();
}

std::string count_of(const json::value& in, const char* name) {
    const auto n = number_of(in, name);
    return n ? grouped(static_cast<std::int64_t>(*n)) : "-";
}

std::string age_of(const json::value& in, const char* name) {
    const auto ms = number_of(in, name);
    return ms ? age(static_cast<std::int64_t>(*ms)) : "-";
}

std::string time_of(const json::value& in, const char* name) {
    const auto ms = number_of(in, name);
    return ms ? local_time(static_cast<std::int64_t>(*ms)) : "-";
}

const json::array& list_of(const json::value& in, const char* name) {
    static const json::array nothing;
    const auto* v = field(in, name);
    return v && v->is_array() ? v->as_array() : nothing;
}

}  // namespace busbar::ctl
