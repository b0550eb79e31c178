#pragma once
// The part of a search that looks at one bus of the site. A serial bus is looked at with its own settings and, where
// no device of the site answers and nobody else was found, with others (foreign_line.hpp), until one of them does;
// afterwards, and when cancelled, it has its own again.
#include <memory>

#include "discovery/line/foreign_line.hpp"
#include "discovery/line/modbus_scan.hpp"
#include "discovery/part.hpp"

namespace busbar::discovery {

struct BusOrder {
    SearchedBus bus;
    std::vector<std::uint8_t> units;
    Profiles profiles;
    Waiting waiting{};
    std::vector<LineSettings> lines;  // others to try, most likely first
};

class BusSearch final : public Part {
public:
    BusSearch(Loop& loop, BusOrder order);

    Task<void> run() override;
    void cancel() override;
    BusProgress progress() const override;
    std::vector<Found> found() const override;
    std::vector<std::string> messages() const override { return messages_; }

private:
    Task<Status> look(std::optional<LineSettings> line);
    Task<void> try_other_settings();
    void take(ModbusScan& scan, const std::optional<LineSettings>& line);

    Loop& loop_;
    BusOrder order_;
    std::unique_ptr<ForeignLine> foreign_;  // the line at other settings
    std::unique_ptr<ModbusScan> scan_;      // the running one
    std::optional<LineSettings> line_;      // it looks with these, not the bus's own
    std::vector<Found> found_;              // by those before
    std::vector<std::string> messages_;
    std::string problem_;
    Instant started_{};
    unsigned done_ = 0;              // steps of those before
    std::size_t settings_left_ = 0;  // after the running one
    bool is_cancelled_ = false, has_ended_ = false;
};

}  // namespace busbar::discovery
