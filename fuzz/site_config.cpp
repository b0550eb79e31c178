// Any text as a site.yaml. What is taken must keep the promises that the gateway builds on.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string_view>

#include "config/load.hpp"

using namespace busbar;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

void check(const config::SiteConfig& site) {
    require(site.devices.size() <= 250 && site.buses.size() <= 64);
    std::set<std::string_view> ids;
    for (const config::DeviceConfig& device : site.devices) {
        require(!device.id.empty() && device.id.size() <= 32);
        require(ids.insert(device.id).second);
        require(!device.rated_power_w || std::isfinite(*device.rated_power_w));
    }
    require(std::isfinite(site.pv_peak_w) && site.pv_peak_w >= 0);
    require(site.control.cycle >= std::chrono::milliseconds(250) && site.control.cycle <= std::chrono::seconds(5));
    require(std::isfinite(site.control.guaranteed_load_w) &&
            std::isfinite(site.control.self_consumption.import_target_w));
    require(std::isfinite(site.control.feed_in_limit.value) && site.control.feed_in_limit.value >= 0);
    require(!site.control.grid_max_w || *site.control.grid_max_w > 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto loaded = config::load(text, "fuzz.yaml");
    if (!loaded) {
        require(loaded.error().text.starts_with("fuzz.yaml"));
        return 0;
    }
    check(loaded->config);
    return 0;
}
