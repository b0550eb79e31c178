// How a master changes its link while requests wait, and how it ends.
#include "base/phrases_running.hpp"
#include "bus/master/modbus_master.hpp"
#include "bus/master/tcp_exchange.hpp"

namespace busbar::bus {
namespace {
constexpr Duration turn_look = std::chrono::milliseconds(5);
}

Task<Status> ModbusMaster::relink(LinkSettings settings) {
    if (Status right = check(settings); !right) co_return because(config_.name, right.error());
    if (!config_.make_link || !config_.settings)
        co_return fail(Errc::unsupported, config_.name + ": the settings of this bus cannot be changed");
    const bool is_serial = std::holds_alternative<SerialSettings>(settings);
    if (is_serial && config_.framing == Framing::tcp)
        co_return fail(Errc::unsupported,
                       config_.name + ": Modbus/TCP is not spoken over a serial line; add a new bus");
    ++callers_;
    while (is_relinking_) co_await loop_.sleep_for(turn_look);
    const bool is_gone = is_closing_;
    if (!is_gone) co_await change_link(std::move(settings));
    --callers_;
    if (is_gone) co_return fail(Errc::unavailable, config_.name + ": " + say<phrases::bus_was_removed>());
    co_return ok();
}

Task<void> ModbusMaster::change_link(LinkSettings settings) {
    new_link_ = config_.make_link(settings);
    new_settings_ = std::move(settings);
    if (!is_busy_) co_return take_new_link();
    is_relinking_ = true;
    co_await relinked_;
    is_relinking_ = false;
}

Task<void> ModbusMaster::close() {
    is_closing_ = true;
    while (Transaction* t = queue_.remove([](const Transaction&) { return true; }))
        refuse(*t, fail(Errc::unavailable, say<phrases::bus_was_removed>()));
    work_.set();
    while (!has_ended_ || is_busy_ || callers_ > 0) co_await loop_.sleep_for(turn_look);
    link_->close();
}

void ModbusMaster::take_new_link() {
    link_->close();
    link_ = std::move(new_link_);
    ++failures_;
    config_.settings = std::move(new_settings_);
    config_.rtu = rtu_timing(*config_.settings);
    make_exchange();
    link_is_fresh_ = link_->is_open();
    link_is_proved_ = false;
    opened_ = loop_.now();
    next_open_ = {};
    open_pause_ = usual_exchange_ = slowest_turnaround_ = Duration{0};
    last_error_.clear();
    for (auto& [address, u] : units_) u.forget_silence();
    work_.set();
}

void ModbusMaster::make_exchange() {
    if (config_.framing == Framing::rtu)
        exchange_ = std::make_unique<RtuExchange>(loop_, *link_, queue_, tap_, config_.rtu);
    else
        exchange_ = std::make_unique<TcpExchange>(loop_, *link_, queue_, tap_);
}

}  // namespace busbar::bus
