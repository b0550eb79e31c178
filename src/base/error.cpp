#include "base/error.hpp"

#include <ostream>

namespace busbar {

std::string_view to_string(Errc kind) {
    switch (kind) {
        case Errc::timeout: return "timeout";
        case Errc::refused: return "refused";
        case Errc::malformed: return "malformed";
        case Errc::out_of_range: return "out of range";
        case Errc::unsupported: return "unsupported";
        case Errc::unavailable: return "unavailable";
        case Errc::denied: return "denied";
        case Errc::corrupt: return "corrupt";
        case Errc::internal: return "internal";
    }
    return "unknown";
}

Error because(std::string_view where, Error inner) {
    inner.text.insert(0, ": ");
    inner.text.insert(0, where);
    return inner;
}

std::ostream& operator<<(std::ostream& out, const Error& error) {
    return out << to_string(error.kind) << ": " << error.text;
}

}  // namespace busbar
