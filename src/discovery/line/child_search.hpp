#pragma once
// Looks for the devices behind a logger or energy manager, on the units its profile says. Where the logger lists its
// devices, and the list holds what it promises, only those are asked; where it tells of each unit, only those it knows;
// else the units are asked one by one. Only the families the profile names are thought of. Made and run by ModbusScan
// once it knows the logger.
#include <memory>

#include "discovery/line/modbus_scan.hpp"
#include "wire/device_list.hpp"

namespace busbar::discovery {

struct Parent {
    std::uint8_t unit = 0;
    std::shared_ptr<const profile::Profile> profile;  // with children
    std::size_t known_children = 0;                   // of its families, at the units that were looked at already
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
    const std::vector<std::string>& messages() const { return messages_; }
    std::string current() const { return scan_ ? scan_->current() : current_; }

private:
    struct Told {  // by the logger, of one unit
        std::string name, model, firmware, serial;
        bool is_offline = false;
    };
    Task<void> read_list();
    Task<Result<bus::RawAnswer>> ask_list(const wire::Pdu& request);
    void believe(const wire::DeviceList& list);
    void doubt(std::string_view why);
    Task<void> ask_logger();
    Task<std::optional<std::size_t>> count_children();
    device::ModbusUnit unit_at(std::uint8_t unit) const;
    Task<std::string> text_at(std::uint8_t unit, const std::optional<profile::ChildText>& text);
    const profile::Children& children() const { return *parent_.profile->children; }

    Loop& loop_;
    ScanBus& bus_;
    Parent parent_;
    Profiles families_;
    std::vector<std::uint8_t> units_;
    std::map<std::uint8_t, Told> told_;
    std::optional<std::size_t> listed_;  // so many devices, all of them; none: the logger does not say
    std::vector<std::string> messages_;
    std::unique_ptr<ModbusScan> scan_;
    std::string current_;
    unsigned done_ = 0, total_ = 0;
};

}  // namespace busbar::discovery
