#pragma once
// The part of a search that looks at one bus of the site, at its own settings or, where no configured device answers,
// at others too.
#include <memory>

#include "discovery/modbus_scan.hpp"
#include "discovery/part.hpp"

namespace busbar::discovery {

class BusSearch final : public Part {
public:
    BusSearch(Loop& loop, SearchedBus bus, std::vector<std::uint8_t> units, Profiles profiles, Waiting waiting);

    Task<void> run() override;
    void cancel() override;
    BusProgress progress() const override { return progress_now(); }
    std::vector<Found> found() const override;
    std::vector<std::string> messages() const override { return {}; }

private:
    BusProgress progress_now() const;

    SearchedBus bus_;
    ModbusScan scan_;
    std::string problem_;
    bool has_ended_ = false;
};

}  // namespace busbar::discovery
