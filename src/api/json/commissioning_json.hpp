#pragma once
// Views of Commissioning into JSON, one function per schema of openapi.yaml; the contract tests hold both equal.
#include <string>
#include <string_view>

#include "api/commissioning.hpp"
#include "api/json/frame_text.hpp"
#include "api/json/json_writer.hpp"

namespace busbar::api {

std::string_view to_string(ScanState state);
std::string_view to_string(UpgradeState state);

void write(JsonWriter& json, const BudgetView& budget);
void write(JsonWriter& json, const PortView& port);
void write(JsonWriter& json, const ProfileView& profile);
void write(JsonWriter& json, const SharingView& sharing);
void write(JsonWriter& json, const SiteDifference& difference);
void write(JsonWriter& json, const ScanView& scan);
void write(JsonWriter& json, const SettingView& setting);
void write(JsonWriter& json, const FramesView& frames, Framing framing);
void write(JsonWriter& json, const UpgradeView& upgrade);

// What a device answered to a request by hand: its bytes, and what they mean as far as Modbus itself says.
std::string raw_answer_json(const RawRequest& request, const RawAnswer& answer);

std::string hex_of(const std::vector<std::uint8_t>& bytes);

}  // namespace busbar::api
