#include "site/upgrade_records.hpp"

#include <doctest/doctest.h>

using namespace busbar;
using namespace busbar::gateway;
using device::UpgradePhase;

namespace {

const std::string digest(64, 'a');

UpgradeRecords some() {
    UpgradeRecord record;
    record.state = {UpgradePhase::transferring, "Upgradable", "1.0", "2.0", 0xDEADBEEF, 40, 120, "40 of 120 records"};
    record.image = digest;
    record.size = 24'000;
    record.username = "anna";
    record.address = "10.0.0.9";
    record.is_under_way = true;
    return {{"store", record}, {"roof", record}};
}

}  // namespace

TEST_CASE("what a restart must know of upgrades is read as it was written") {
    const UpgradeRecords before = some();
    const UpgradeRecords after = parse_upgrade_records(to_text(before));
    REQUIRE(after.size() == 2);
    CHECK(to_text(after) == to_text(before));
    const UpgradeRecord& store = after.at("store");
    CHECK(store.is_under_way);
    CHECK(store.state.phase == UpgradePhase::transferring);
    CHECK(store.state.image_check == 0xDEADBEEF);
    CHECK(store.state.percent() == 33);
    CHECK(store.username == "anna");
}

TEST_CASE("a damaged file of upgrades loses what is damaged, and nothing it says is believed unchecked") {
    const std::string whole = to_text(some());
    for (std::size_t cut = 0; cut < whole.size(); ++cut) CHECK(parse_upgrade_records(whole.substr(0, cut)).size() <= 2);
    CHECK(parse_upgrade_records(whole.substr(0, whole.size() - 3)).size() == 1);
    CHECK(parse_upgrade_records("device ../../etc\nphase done\nimage " + digest + "\n").empty());
    CHECK(parse_upgrade_records("device store\nphase flying\nimage " + digest + "\n").empty());
    CHECK(parse_upgrade_records("device store\nphase done\nimage ../secret\n").empty());
    CHECK(parse_upgrade_records("device store\nphase done\nimage " + digest + "\nsent -1\n").empty());
    CHECK(parse_upgrade_records("phase done\nimage " + digest + "\n").empty());
    CHECK(parse_upgrade_records(std::string(100'000, '\xff')).empty());
}

TEST_CASE("a text with line ends stays one line") {
    UpgradeRecords records = some();
    records["store"].state.text = "one\ndevice evil\nphase done";
    CHECK(parse_upgrade_records(to_text(records)).size() == 2);
}

TEST_CASE("what was under way and is not any more shows as interrupted") {
    UpgradeRecord record = some()["store"];
    CHECK(view_of(record).state == api::UpgradeState::transferring);
    record.is_under_way = false;
    CHECK(view_of(record).state == api::UpgradeState::interrupted);
    CHECK(view_of(record).image == digest);
    CHECK(view_of({}).state == api::UpgradeState::idle);
}
