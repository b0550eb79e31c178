#include "model/limit.hpp"

#include "model/setpoint.hpp"

namespace busbar::model {

std::string_view to_string(Rank rank) {
    switch (rank) {
        case Rank::nameplate:
            return "nameplate";
        case Rank::bms:
            return "bms";
        case Rank::grid_operator:
            return "grid_operator";
        case Rank::fuse:
            return "fuse";
        case Rank::peak:
            return "peak";
        case Rank::user:
            return "user";
        case Rank::strategy:
            return "strategy";
    }
    return "strategy";
}

std::string_view to_string(Step::Kind kind) {
    switch (kind) {
        case Step::Kind::request:
            return "request";
        case Step::Kind::limit:
            return "limit";
        case Step::Kind::result:
            return "result";
    }
    return "result";
}

}  // namespace busbar::model
