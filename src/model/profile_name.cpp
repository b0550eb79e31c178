#include "model/profile_name.hpp"

namespace busbar::model {
namespace {

bool is_part(std::string_view part) {
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789-";
    return !part.empty() && part.front() != '-' && part.find_first_not_of(allowed) == std::string_view::npos;
}

}  // namespace

bool is_profile_name(std::string_view name) {
    constexpr std::size_t longest = 64;
    const std::size_t slash = name.find('/');
    return name.size() <= longest && slash != std::string_view::npos && is_part(name.substr(0, slash)) &&
           is_part(name.substr(slash + 1));
}

}  // namespace busbar::model
