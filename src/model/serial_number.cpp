#include "model/serial_number.hpp"

#include <algorithm>

namespace busbar::model {

bool names_one_device(std::string_view serial) {
    const auto is_next = [](char a, char b) { return a >= '0' && a <= '9' && b == (a == '9' ? '0' : a + 1); };
    const auto all = [&](auto follows) {
        return std::adjacent_find(serial.begin(), serial.end(), [&](char a, char b) { return !follows(a, b); }) ==
               serial.end();
    };
    return !all([](char a, char b) { return a == b; }) && !all(is_next);
}

}  // namespace busbar::model
