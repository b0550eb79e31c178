#pragma once
// What an installer does to a site through the API: lines and devices added, found, changed, replaced and removed;
// their own settings and firmware; raw requests and the bus monitor; device packs. The app implements it over its
// modules, tests over fixed data. Readings and control are elsewhere (SiteSource).
//
// Called on the service loop. What returns a Task may wait for the disk and for devices; everything else returns at
// once from snapshots. A change is durable and written to the audit log (with `By`) before its Task returns, and acts
// on the running gateway without disturbing other devices. Errors have the place ("unit 11 on bus 'rs485-1' is held by
// device 'grid'") and the remedy in their text; kinds: out_of_range (a value), conflict-like ones are `denied`,
// unsupported (no such id, profile, key), timeout and refused (the device), unavailable (file not writable, busy).
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/views.hpp"
#include "base/result.hpp"
#include "base/task.hpp"

namespace busbar::api {

// Who asks; for the audit log.
struct By {
    std::string username, address;
    bool is_installer = false;  // else an owner
};

struct DeviceChange {
    std::string id;  // empty when adding: made from the name or model
    std::string name, profile, bus;
    int unit = 1;
    config::Use use = config::Use::sub_meter;
    std::optional<double> rated_power_w;
    std::string serial;  // expected there; empty: not checked
    std::string via;     // chargers: "lan", "router", or empty
};

// Must match what was added, so that nobody deletes another device by a slip.
struct DeviceMatch {
    std::string bus, profile;
    int unit = 1;
};

struct Replacement {
    std::string serial;                       // of the new device; empty: whatever answers there
    std::optional<std::string> bus, profile;  // nullopt: as before
    std::optional<int> unit;
};

struct BusChange {
    config::BusConfig bus;
    // Else it is tried first: when none of the devices that answered before does so with the new settings, it is
    // refused.
    bool is_set_anyway = false;
};

struct PortView {            // a serial port of this machine
    std::string path, text;  // "/dev/serial/by-id/...", what the kernel says about it
    std::string bus;         // that uses it; empty: free
};

struct ProfileView {
    std::string name;                   // "huawei/sun2000-luna2000"
    std::vector<std::string> products;  // "Huawei SUN2000-(3-10)KTL"
    config::Use use = config::Use::sub_meter;
    Verified verified = Verified::documented;
    int unit = 1, baud = 9600;        // as delivered
    bool is_identifying = false;      // tells its model; else it has to be added by hand
    bool is_pack = false;             // added to this gateway, not shipped
    bool is_over_shipped = false;     // a pack in the place of a shipped one of the same name
    std::vector<config::Use> uses{};  // all its devices can be used as; `use` is the likely one
    std::string problem;              // why it cannot be used; empty: well
};

struct NewProfile {
    std::string name;              // "acme/meter"
    std::string text;              // the profile file, at most 64 KiB
    bool is_over_shipped = false;  // may take the place of a shipped one of this name
};

struct ScanOrder {
    struct Line {
        std::string bus;
        int first = 1, last = 32;
    };
    std::vector<Line> lines;
    std::vector<int> bauds;             // other than the line's own; only for lines where nobody answers
    std::vector<std::string> networks;  // "192.168.8.0/24"
    bool own_networks = false;          // those this machine is in
};

enum class ScanState : std::uint8_t { idle, running, cancelled, done };

struct FoundView {
    std::string place;  // bus id, or "192.168.8.20:502"
    std::string bus;    // empty: an endpoint that is no bus of the site yet
    std::string host;   // of such an endpoint
    int port = 0, unit = 1, baud = 0;
    std::string maker, model, serial, firmware;  // said by the device
    std::string profile;                         // empty: not identified
    std::vector<std::string> candidates;         // profiles it could be
    config::Use use = config::Use::sub_meter;
    std::string device;              // id, when it is a device of the site
    std::vector<std::string> notes;  // doubts, and what to do
    bool is_double = false;          // its number is that of a device of the site, or of another find
    std::string reason;              // why it is taken for this, or for nobody known
};

struct ScanView {
    ScanState state = ScanState::idle;
    int asked = 0, total = 0;
    std::string now;  // "rs485-1: unit 17 of 247"
    std::optional<int> remaining_s;
    std::vector<std::string> messages;  // lines that could not be searched, and why
    std::vector<FoundView> found;
};

struct SettingView {
    std::string key, text, unit;  // text for people, in English
    std::optional<double> value;  // nullopt: not read
    double min = 0, max = 0, step = 1;
    std::vector<std::pair<std::int64_t, std::string>> choices;  // empty: a number
    bool is_owners = false;                                     // owners may change it; else installers only
    bool is_writable = true;                                    // else it is only shown
    std::string warning;                                        // what to know before changing it; empty: nothing
    std::string problem;                                        // why it could not be read
};
struct SettingWritten {
    std::optional<double> before;
    double value = 0;  // as read back
};

struct RawRequest {
    int unit = 1;
    std::vector<std::uint8_t> pdu;  // function code first, 1..253 bytes
};
struct RawAnswer {
    std::vector<std::uint8_t> pdu;
    double took_ms = 0;
};

struct FrameView {
    std::uint64_t number = 0;  // ascending, gaps where some were dropped
    WallTime at{};
    bool is_request = false;  // else heard
    std::vector<std::uint8_t> bytes;
    std::string note;  // "ok", "bad checksum", "late", ...
};
struct FramesView {
    std::vector<FrameView> frames;
    std::uint64_t next = 0;     // ask from here
    std::uint64_t dropped = 0;  // between `from` and the first of these
};

struct BudgetView {
    double utilisation = 0;  // 0..1, planned
    std::string verdict;     // "fits", "replanned", "too_much"
    std::string text;        // for people: what breaks it, what helps
    struct Refresh {
        std::string device;
        double guaranteed_ms = 0;           // of its control-critical points
        std::optional<double> measured_ms;  // worst lately
        // As guaranteed, while a device of the line gets new firmware; none: no device there takes any.
        std::optional<double> upgrading_ms{};
    };
    std::vector<Refresh> refresh;
    bool is_estimated = false;  // some device was not measured yet
    // Whose telemetry is asked less often than wanted, because the line is full.
    struct Spread {
        std::string device;
        double every_s = 0, wanted_s = 0;
    };
    std::vector<Spread> spread{};
};

// Who else reads the site's devices through this gateway.
struct SharingClientView {
    std::string address;
    std::uint64_t requests = 0, from_cache = 0, refused = 0, writes = 0;
    WallTime last_seen{};
    double age_ms = 0, age_max_ms = 0;  // of what it was last given, and the oldest ever given
};
struct SharingView {
    config::ModbusServerConfig settings;  // is_enabled: whether it is wanted
    bool is_listening = false;
    std::string problem;          // why it does not listen although it should; empty: none
    std::size_t connections = 0;  // now
    std::uint64_t turned_away = 0, requests = 0, from_cache = 0, refused = 0, writes = 0;
    std::vector<SharingClientView> seen;  // at most 64
};

// How the site file differs from what the gateway runs on.
struct SiteDifference {
    std::string part, id;  // "bus", "device", "modbus_server", "site"; the last two have no id
    std::string change;    // "added", "removed", "changed"
    std::string text;      // "unit: 11 -> 12, name: Roof -> South roof"
    bool needs_restart = false;
};

// interrupted: the device or the gateway was away for too long; started again with the same image it goes on there.
enum class UpgradeState : std::uint8_t {
    idle,
    transferring,
    verifying,
    installing,
    done,
    failed,
    cancelled,
    interrupted
};
struct UpgradeView {
    UpgradeState state = UpgradeState::idle;
    int percent = 0;
    std::string text;  // what it does now, or why it failed and what to do
    std::string from, to;
    std::string image{};                  // its SHA-256
    std::optional<double> bytes_per_s{};  // of the last minute
    std::optional<int> remaining_s{};     // of the transfer, at that speed
};
struct UpgradeOrder {
    std::string image;                  // SHA-256 of one that was uploaded
    bool is_unsupported_taken = false;  // also a version that is known to fail
};

class Commissioning {
public:
    virtual ~Commissioning() = default;

    virtual Task<Result<std::string>> add_device(DeviceChange device, By by) = 0;  // returns its id
    virtual Task<Status> change_device(std::string id, DeviceChange device,
                                       By by) = 0;  // name, use, rated power, serial
    virtual Task<Status> remove_device(std::string id, DeviceMatch match, By by) = 0;
    virtual Task<Status> replace_device(std::string id, Replacement with, By by) = 0;

    virtual Task<Status> add_bus(config::BusConfig bus, By by) = 0;
    virtual Task<Status> change_bus(BusChange change, By by) = 0;
    virtual Task<Status> remove_bus(std::string id, By by) = 0;
    virtual std::optional<BudgetView> budget(const std::string& bus) const = 0;  // nullopt: not known yet
    virtual std::vector<PortView> ports() const = 0;

    virtual Task<SharingView> sharing() = 0;
    // From then on; connections end and may come again.
    virtual Task<Status> change_sharing(config::ModbusServerConfig settings, By by) = 0;
    // Reads the site file again: what is different, and with `apply` the gateway runs on it from then on. A file with
    // mistakes changes nothing; the error has them all with their lines.
    virtual Task<Result<std::vector<SiteDifference>>> reload_site(bool apply, By by) = 0;

    virtual std::vector<ProfileView> profiles() const = 0;
    // A device that waits for it is tried at once, and devices that run with what it replaces begin anew with it; an
    // error where one of them could not: it is used as something else, its line has no room.
    virtual Task<Status> add_profile(NewProfile profile, By by) = 0;
    // Of a pack. Its devices go on with the shipped profile of that name; where there is none, an error while there are
    // such devices.
    virtual Task<Status> remove_profile(std::string name, By by) = 0;

    virtual Task<Status> start_scan(ScanOrder order, By by) = 0;
    virtual void cancel_scan() = 0;
    virtual ScanView scan() const = 0;

    virtual Task<Result<std::vector<SettingView>>> device_settings(std::string id) = 0;
    virtual Task<Result<SettingWritten>> write_setting(std::string id, std::string key, double value, By by) = 0;

    virtual Task<Result<RawAnswer>> ask(std::string bus, RawRequest request, By by) = 0;
    // Frames of a bus from `from` on; asking switches the monitor on for a minute.
    virtual Task<Result<FramesView>> frames(std::string bus, std::uint64_t from, std::size_t limit) = 0;
    virtual Task<Result<std::string>> capture(std::string bus) = 0;  // what the monitor holds, as a capture file

    // The image is read from the upgrade area of the data folder, where the upload was stored. Returns when it was
    // looked at: empty, it is on its way; else what is known against its version, and it goes only when that is taken.
    // Errors: malformed says what is wrong with the image, denied what stands against an upgrade now.
    virtual Task<Result<std::string>> start_upgrade(std::string id, UpgradeOrder order, By by) = 0;
    virtual Task<Status> cancel_upgrade(std::string id, By by) = 0;
    virtual UpgradeView upgrade(const std::string& id) const = 0;
};

}  // namespace busbar::api
