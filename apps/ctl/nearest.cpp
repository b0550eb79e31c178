#include "nearest.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <utility>

#include "base/log.hpp"

namespace busbar::ctl {
namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

// Letters to insert, remove, replace, or swap with their neighbour, to get from one to the other.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
    std::iota(above.begin(), above.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            row[j + 1] = std::min({above[j] + (a[i] == b[j] ? 0 : 1), above[j + 1] + 1, row[j] + 1});
            if (i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j])
                row[j + 1] = std::min(row[j + 1], before[j - 1] + 1);
        }
        before = std::exchange(above, row);
    }
    return above.back();
}

}  // namespace

std::vector<std::string> nearest(std::string_view typed, const std::vector<std::string>& known) {
    const std::string wanted = lower(typed.substr(0, 100));
    std::vector<std::pair<std::size_t, std::string>> found;
    for (const auto& name : known) {
        const std::string candidate = lower(name);
        const bool is_part = wanted.size() >= 3 && candidate.find(wanted) != std::string::npos;
        const std::size_t far = is_part ? 0 : distance(wanted, candidate);
        if (far <= std::max<std::size_t>(2, wanted.size() / 3)) found.emplace_back(far, name);
    }
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<std::string> names;
    for (const auto& [far, name] : found)
        if (names.size() < 3) names.push_back(name);
    return names;
}

std::string did_you_mean(std::string_view typed, const std::vector<std::string>& known) {
    const auto names = nearest(typed, known);
    if (names.empty()) return {};
    std::string text = "; did you mean ";
    for (std::size_t i = 0; i < names.size(); ++i)
        text += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + printable(names[i]);
    return text + "?";
}

}  // namespace busbar::ctl
