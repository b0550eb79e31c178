#pragma once
// What people do by hand to one device or bus while the field runs: settings, raw requests, the monitor. Here it is
// decided, on the field loop and right before the bus is asked, whether control or a firmware upgrade is in the way.
//
// Called by the commissioner, on the field loop. Who may do what, and the audit log, are its matter.
#include "api/commissioning.hpp"
#include "device/capture/capture.hpp"
#include "field/field.hpp"

namespace busbar::gateway {

// Errors: unsupported (no such device or bus), unavailable (out of service), what the device says.
Task<Result<std::vector<api::SettingView>>> read_settings(Field& field, std::string id);
// Also: denied (this person may not, at any time), unavailable (the device gets new firmware).
Task<Result<api::SettingWritten>> write_setting(Field& field, std::string id, std::string key, double value,
                                                bool is_installer);
// Errors as ModbusBus::raw(); denied, and nothing was sent: a device that the request can reach gets new firmware, or
// is held by control and the request writes what control writes, or may. Behind one TCP endpoint a unit that nobody
// configured may be any of its devices: many do not look at the unit.
Task<Result<api::RawAnswer>> ask_raw(Field& field, std::string bus, api::RawRequest request);

Task<Result<api::FramesView>> read_frames(Field& field, const Loop& loop, std::string bus, std::uint64_t from,
                                          std::size_t limit);
// A copy of the frames the monitor holds, at most some hundred kilobytes; the text is made elsewhere
// (device::write_capture): it takes too long for this loop.
struct Recording {
    std::vector<bus::TappedFrame> frames;
    device::RecordingNotes notes;
};
Task<Result<Recording>> copy_recording(Field& field, const Loop& loop, std::string bus);

Error no_device(const std::string& id);

}  // namespace busbar::gateway
