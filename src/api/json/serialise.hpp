#pragma once
// Views into JSON, one function per schema of openapi.yaml; the contract tests hold both equal.
#include <span>
#include <string>

#include "api/commissioning.hpp"
#include "api/json/json_writer.hpp"
#include "api/site_source.hpp"
#include "api/views.hpp"

namespace busbar::api {

void write(JsonWriter& json, const Overview& overview);
void write(JsonWriter& json, const DeviceView& device);
void write(JsonWriter& json, const BusView& bus, const std::optional<BudgetView>& budget);
void write(JsonWriter& json, const DecisionView& decision);
void write(JsonWriter& json, const AlarmView& alarm);
void write(JsonWriter& json, const BucketSeries& series);
void write_control(JsonWriter& json, const ControlSettings& settings);  // the two members, without braces

std::string status_json(const SiteSource& site);
std::string energy_json(const EnergyView& energy, EnergyStep step);
std::string series_json(std::span<const SeriesView> series);

}  // namespace busbar::api
