#pragma once
// One device played from its profile: its registers show what its place in the site measures, and what is written to
// its control registers reaches the physics. Request in, answer out; no bytes on a wire, no time of its own.
//
// It obeys by its registers alone, as the real one does: a setpoint is in force when all constants of the profile's
// `before` and `write` programs stand in the registers, and is gone when those of `release` do. It answers exception 1
// to functions other than 3, 4, 6, 16, and those that its profile says it has (file records, device identification); 2
// to addresses it does not have; 3 to setpoints and settings outside the profile's range; and as its quirks
// (profile/quirks.hpp) say. Those that need time, chance or a connection are Line's. Settings are kept over a restart.
#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "plant/devices/device_view.hpp"
#include "plant/devices/register_file.hpp"
#include "plant/devices/upgrade_receiver.hpp"
#include "plant/scenario/scenario.hpp"
#include "profile/profile.hpp"
#include "profile/sunspec/sunspec.hpp"
#include "wire/device_list.hpp"
#include "wire/modbus_pdu.hpp"

namespace busbar::plant {

class SimulatedDevice {
public:
    // `plug` says id and unit. Errors: unsupported, when the profile's own registers cannot hold what it promises.
    static Result<SimulatedDevice> create(const profile::Profile& profile, const Plug& plug, DeviceView view);

    // The answer to one request PDU. Never empty.
    wire::Pdu answer(ByteView request_pdu);

    // Faults that live inside the device (frozen, busy, disobeying, restarting); Line adds those of the wire.
    void set_fault(FaultKind kind);
    FaultKind fault() const { return fault_; }
    // How it misbehaves; as the profile says until somebody knows better.
    const profile::Quirks& quirks() const { return profile_.quirks; }
    void set_quirks(const profile::Quirks& quirks) { profile_.quirks = quirks; }
    // Stands behind a logger that answers for its address: online, serial number and name.
    void stand_behind(const profile::Children& parent);
    // Is such a logger itself, and tells of these as its profile says: their number, of chargers in the last of several
    // counts, and a list of them.
    struct Child {
        wire::ListedDevice words;
        bool is_charger = false;
    };
    void stand_before(std::span<const Child> children);
    bool says(IdentityText which) const { return place_of(which).has_value(); }
    // What it says it is, as its profile reads it; empty where it says nothing.
    std::string told(IdentityText which) const;
    // What it measures at this moment, before its registers round it; nullopt: nothing.
    std::optional<double> measures(const profile::Point& point) { return value(point); }
    // How far apart two values are that its registers can show now, in the unit of the role.
    double resolution(const profile::Point& point) const;
    // From now on it says it is somebody else.
    void claim(IdentityText which, std::string_view text);
    // Powered off and on: setpoints and what was written are forgotten.
    void restart();
    // How far its own clock is ahead of the site's UTC; kept in step, or not, by whoever writes its clock.
    void set_clock_ahead(std::chrono::seconds ahead) { clock_ahead_ = ahead; }
    // Reflects the end of leases in the registers; called by World after each step.
    void tick();

    // What it does with new firmware; nullptr when its profile knows nothing about that.
    UpgradeReceiver* upgrade() { return upgrade_ ? &*upgrade_ : nullptr; }

    const std::string& id() const { return id_; }
    std::uint8_t unit() const { return unit_; }
    const profile::Profile& profile() const { return profile_; }  // absolute addresses
    std::span<const profile::ModelBlock> models() const { return models_; }
    struct Counts {
        std::uint64_t reads = 0, writes = 0, exceptions = 0;
    };
    const Counts& counts() const { return counts_; }

private:
    SimulatedDevice(profile::Profile profile, std::vector<profile::ModelBlock> models, const Plug& plug,
                    DeviceView view);
    Status lay_out(std::uint16_t sunspec_base);
    void show_identity();
    std::string own_serial(const profile::TextRead& text) const;
    void show_text(const std::optional<profile::TextRead>& text, std::string_view fallback);
    void write_text(const profile::TextRead& text, std::string_view shown);
    void write_number(const profile::TextRead& text, std::string_view shown);
    void reset_controls();
    void lay_out_settings();
    void lay_out_upgrade();
    void show_upgrade();
    std::optional<wire::Pdu> answer_upgrade(ByteView request_pdu);
    std::optional<wire::Pdu> answer_identity(ByteView request_pdu);
    bool takes_command(std::uint16_t address, std::uint16_t count);
    void show_clock();
    bool takes_clock(const RegisterFile& after, std::uint16_t address, std::uint16_t count);
    bool takes_settings(const RegisterFile& after, std::uint16_t address, std::uint16_t count) const;
    void run_constants(const std::vector<profile::WriteStep>& program);
    void refresh();
    void show(const profile::Point& point);
    int coarser_for(const profile::Point& point, std::optional<double> value);
    std::optional<double> seen(model::RoleKey key) const;
    std::optional<double> value(const profile::Point& point);

    wire::Pdu read(const wire::Request& request);
    const std::optional<profile::TextRead>& place_of(IdentityText which) const;
    std::optional<wire::ExceptionCode> refusal(const wire::Request& request) const;
    wire::Pdu write(const wire::Request& request);
    bool is_writable(std::uint16_t address) const;
    bool is_acceptable(const RegisterFile& after, std::uint16_t address, std::uint16_t count) const;
    void obey(std::size_t control, std::uint16_t address, std::uint16_t count);
    std::optional<double> step_value(const RegisterFile& file, const profile::WriteStep& step) const;
    std::optional<double> wanted(const RegisterFile& file, const profile::Control& control) const;
    double lease_s(const profile::Control& control) const;
    bool constants_stand(const std::vector<profile::WriteStep>& program) const;

    std::string id_;
    std::uint8_t unit_;
    profile::Profile profile_;
    std::vector<profile::ModelBlock> models_;
    DeviceView view_;
    RegisterFile registers_;
    std::vector<bool> writable_;  // holding addresses
    std::vector<bool> engaged_;   // per control
    FaultKind fault_ = FaultKind::none;
    struct Day {
        std::int64_t number = -1;
        double ac_wh = 0, pv_wh = 0;  // counters at its beginning
    } day_;
    std::map<std::uint16_t, int> coarser_;  // by exponent register: powers of ten above the typical scale factor
    std::chrono::seconds clock_ahead_{0};
    std::optional<UpgradeReceiver> upgrade_;
    std::vector<std::string> listed_;  // of a logger: its children, each as it tells of it
    Counts counts_;
};

}  // namespace busbar::plant
