#include "discovery/line/bus_search.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/phrases.hpp"

namespace busbar::discovery {
namespace {

bus::LinkSettings with(bus::SerialSettings serial, const LineSettings& line) {
    serial.baud = line.baud;
    serial.parity = line.parity;
    serial.stop_bits = line.stop_bits;
    return serial;
}

}  // namespace

BusSearch::BusSearch(Loop& loop, BusOrder order) : loop_(loop), order_(std::move(order)) {
    std::erase(order_.lines, order_.bus.line.value_or(LineSettings{.baud = 0}));
    settings_left_ = order_.lines.size();
}

Task<void> BusSearch::run() {
    started_ = loop_.now();
    const Status looked = co_await look(std::nullopt);
    if (!looked) problem_ = looked.error().text;
    if (looked && !order_.lines.empty()) co_await try_other_settings();
    settings_left_ = 0;
    has_ended_ = true;
}

Task<void> BusSearch::try_other_settings() {
    const auto skip = [&](bool has_begun, const std::string& why) {
        const std::string what = has_begun ? say<phrases::search_bauds_end>(why) : say<phrases::search_bauds>(why);
        messages_.push_back(fmt::format("{}: {}", order_.bus.id, what));
    };
    const bool has_found = std::ranges::any_of(found_, [](const Found& f) { return f.certainty != Certainty::known; });
    if (has_found) co_return skip(false, say<phrases::search_own_answers>());
    foreign_ = std::make_unique<ForeignLine>(loop_, order_.bus, order_.profiles, [this] {
        if (scan_) scan_->cancel();
    });
    const auto* own = std::get_if<bus::SerialSettings>(&foreign_->own());
    if (own == nullptr || own->path.empty()) co_return skip(false, say<phrases::search_no_serial>());
    if (co_await foreign_->asks_home()) co_return skip(false, say<phrases::search_cut_off>(foreign_->returned()));
    for (const LineSettings& line : order_.lines) {
        if (is_cancelled_ || !foreign_->returned().empty()) break;
        --settings_left_;
        const Status changed = co_await foreign_->leave(with(*own, line));
        const Status looked = changed ? co_await look(line) : changed;
        if (!looked && foreign_->returned().empty())
            messages_.push_back(fmt::format("{} at {}: {}", order_.bus.id, to_string(line), looked.error().text));
    }
    const Status restored = co_await foreign_->come_home();
    if (!restored) problem_ = "its settings could not be restored: " + restored.error().text;
    if (!foreign_->returned().empty()) skip(true, say<phrases::search_back>(foreign_->returned()));
}

Task<Status> BusSearch::look(std::optional<LineSettings> line) {
    const bool is_own = !line.has_value();
    ModbusScanOrder order{order_.units, is_own ? order_.bus.known : std::vector<KnownUnit>{}, order_.profiles,
                          order_.waiting, is_own};
    // At foreign settings no unit is known: whoever answers is somebody else, or a device of the site that was changed.
    bus::ModbusBus& bus = is_own ? *order_.bus.bus : *foreign_;
    scan_ = std::make_unique<ModbusScan>(loop_, bus, std::move(order));
    line_ = line;
    if (is_cancelled_) scan_->cancel();
    const Status ended = co_await scan_->run();
    take(*scan_, line);
    done_ += scan_->done();
    scan_.reset();
    co_return ended;
}

void BusSearch::take(ModbusScan& scan, const std::optional<LineSettings>& line) {
    for (Found f : scan.found()) {
        f.line = line;
        if (line) f.notes.push_back(say<phrases::found_at_baud>(to_string(*line)));
        found_.push_back(std::move(f));
    }
    for (const std::string& m : scan.messages())
        messages_.push_back(fmt::format("{}{}: {}", order_.bus.id, line ? " at " + to_string(*line) : "", m));
}

void BusSearch::cancel() {
    is_cancelled_ = true;
    if (scan_) scan_->cancel();
}

BusProgress BusSearch::progress() const {
    BusProgress progress;
    progress.bus = order_.bus.id;
    progress.problem = problem_;
    progress.has_ended = has_ended_;
    const auto per_setting = static_cast<unsigned>(order_.units.size());
    progress.done = done_ + (scan_ ? scan_->done() : 0);
    progress.total = done_ + (scan_ ? scan_->total() : 0) + static_cast<unsigned>(settings_left_) * per_setting;
    if (!scan_) return progress;
    progress.current = scan_->current();
    if (line_ && !progress.current.empty()) progress.current += " at " + to_string(*line_);
    constexpr unsigned enough = 3;
    if (progress.done >= enough && progress.total > progress.done)
        progress.left = (loop_.now() - started_) / progress.done * (progress.total - progress.done);
    return progress;
}

std::vector<Found> BusSearch::found() const {
    std::vector<Found> found = found_;
    if (scan_) {
        const std::vector<Found> running = scan_->found();
        found.insert(found.end(), running.begin(), running.end());
    }
    for (Found& f : found) f.bus = order_.bus.id;
    return found;
}

}  // namespace busbar::discovery
