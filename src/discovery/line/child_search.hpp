#pragma once
// Looks for the devices behind a logger or energy manager: on the units its profile says, told of by the logger where
// it can, else asked one by one; only the families the profile names are thought of. Made and run by ModbusScan once it
// knows the logger.
#include <memory>

#include "discovery/line/modbus_scan.hpp"

namespace busbar::discovery {

struct Parent {
    std::uint8_t unit = 0;
    std::shared_ptr<const profile::Profile> profile;  // with children
};

class ChildSearch {
public:
    // `skipped`: units that were looked at already. `all`: the profiles to choose the families from.
    ChildSearch(Loop& loop, ScanBus& bus, Parent parent, const std::vector<std::uint8_t>& skipped, const Profiles& all);

    Task<void> run();
    void cancel();
    // Each with `behind`; where the logger tells of a device that cannot say who it is, with what the logger says.
    std::vector<Found> found() const;
    unsigned done() const { return done_ + (scan_ ? scan_->done() : 0); }
    unsigned total() const { return total_ + (scan_ ? scan_->total() : 0); }
    std::string current() const { return scan_ ? scan_->current() : current_; }

private:
    struct Told {  // by the logger, of one unit
        std::string name, serial;
        bool is_offline = false;
    };
    Task<void> ask_logger();
    Task<std::size_t> count_children();
    Task<std::string> text_at(std::uint8_t unit, const std::optional<profile::ChildText>& text);
    const profile::Children& children() const { return *parent_.profile->children; }

    Loop& loop_;
    ScanBus& bus_;
    Parent parent_;
    Profiles families_;
    std::vector<std::uint8_t> units_;
    std::map<std::uint8_t, Told> told_;
    std::unique_ptr<ModbusScan> scan_;
    std::string current_;
    unsigned done_ = 0, total_ = 0;
};

}  // namespace busbar::discovery
