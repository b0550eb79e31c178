// busbarctl's verbs that change a site, run as a program against the API with fixed data behind it: what reaches the
// site, what a person reads, and what each slip is told. Those that show a site are in tests/process/ctl_test.py.
#include <doctest/doctest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "contract/gateway.hpp"

using namespace busbar;
using namespace busbar::test;

namespace {
std::string text_of_file(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
}

struct Done {
    int status = -1;
    std::string out, error;
};
struct Ctl {
    explicit Ctl(Gateway& g) : gateway(g), folder(g.folder()) {
        const auto token = gateway.set_up();
        REQUIRE(token.size() == 43);
        std::ofstream(folder + "/password") << good_password << "\n";
        const Done signed_in = run("login localhost:" + std::to_string(gateway.port()) +
                                   " --user anna --password-stdin < " + folder + "/password");
        CAPTURE(signed_in.error);
        REQUIRE(signed_in.status == 0);
    }
    Done run(const std::string& words) const {
        const std::string command = "BUSBAR_SESSION=" + folder + "/session.json " BUSBARCTL " " + words + " > " +
                                    folder + "/out 2> " + folder + "/error" +
                                    (words.find('<') == std::string::npos ? " < /dev/null" : "");
        const int status = std::system(command.c_str());
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text_of_file(folder + "/out"),
                text_of_file(folder + "/error")};
    }
    // It worked, and this is what it printed.
    std::string good(const std::string& words) const {
        const Done done = run(words);
        CAPTURE(words);
        CAPTURE(done.error);
        CHECK(done.status == 0);
        return done.out;
    }
    // It ended with this status, wrote nothing but an error, and the site was not touched.
    std::string bad(int status, const std::string& words) const {
        const int before = gateway.commissioning.changes();
        const Done done = run(words);
        CAPTURE(words);
        CAPTURE(done.error);
        CHECK(done.status == status);
        CHECK(done.out == "");
        CHECK(done.error.starts_with("busbarctl: "));
        CHECK(gateway.commissioning.changes() == before);
        return done.error;
    }
    Gateway& gateway;
    std::string folder;
};
bool holds(const std::string& text, std::string_view part) {
    if (text.find(part) != std::string::npos) return true;
    MESSAGE(text);
    return false;
}
const std::string by_anna = " by anna from 127.0.0.1";
}  // namespace

TEST_CASE("busbarctl devices: added, changed, replaced, and removed only by who says which") {
    Gateway gateway({.tls = true});
    const Ctl ctl(gateway);
    const auto last = [&] { return gateway.commissioning.last(); };
    CHECK(holds(ctl.good("devices add sunspec/inverter rs485-1 3 --name 'South roof' --serial AB12 --rated-power 8000"),
                "made-up added"));
    CHECK(last() == "add_device made-up 'South roof' sunspec/inverter rs485-1 unit 3 pv 8000 AB12 " + by_anna);
    CHECK(holds(ctl.bad(1, "devices add sunspec/inverter rs485-1 11"), "held by device 'meter'"));
    CHECK(holds(ctl.bad(2, "devices add sunspec/invertr rs485-1 3"), "did you mean sunspec/inverter?"));
    CHECK(holds(ctl.bad(2, "devices add sunspec/inverter rs485-2 3"), "did you mean rs485-1?"));
    CHECK(holds(ctl.bad(2, "devices add sunspec/inverter rs485-1 many"), "UNIT many: expected a number"));
    CHECK(holds(ctl.bad(2, "devices add sunspec/inverter rs485-1"), "busbarctl devices add PROFILE BUS UNIT"));
    CHECK(holds(ctl.bad(2, "devices ad x"), "did you mean devices add?"));

    // A change keeps what it does not name: the serial number stays.
    ctl.good("devices rename roof 'North roof'");
    CHECK(last() == "change_device roof 'North roof' pv AB12345678" + by_anna);
    ctl.good("devices change roof --use hybrid --serial CD1");
    CHECK(holds(last(), "hybrid CD1"));
    CHECK(holds(ctl.bad(2, "devices change roof"), "what changes? Add --name"));
    CHECK(holds(ctl.bad(2, "devices rename rof x"), "did you mean roof?"));
    CHECK(holds(ctl.good("devices replace roof --serial XY9"), "name and history stay"));
    CHECK(last() == "replace_device roof XY9" + by_anna);

    CHECK(
        holds(ctl.bad(2, "devices remove roof"), "devices remove roof --bus lan --unit 1 --profile sunspec/inverter"));
    CHECK(holds(ctl.bad(1, "devices remove roof --bus lan --unit 2 --profile sunspec/inverter"), "at unit 1 of bus"));
    CHECK(holds(ctl.good("devices remove roof --bus lan --unit 1 --profile sunspec/inverter"), "history stays"));
    CHECK(last() == "remove_device roof" + by_anna);
    CHECK(holds(ctl.good("devices"), "known to work with 1.0.8"));
}

TEST_CASE("busbarctl buses, ports: lines and endpoints as people write them") {
    Gateway gateway({.tls = true});
    const Ctl ctl(gateway);
    const auto last = [&] { return gateway.commissioning.last(); };
    const auto buses = ctl.good("buses");
    for (const char* part : {"rs485-1", "42 %", "1.0 s", "fits", "no such port"}) CHECK(holds(buses, part));
    CHECK(holds(ctl.good("buses rs485-1"), "never answered"));
    ctl.good("buses add rs485-2 /dev/ttyUSB1 --baud 19200 --parity even");
    CHECK(last() == "add_bus rs485-2 /dev/ttyUSB1 19200 E1" + by_anna);
    ctl.good("buses add store 192.168.8.30");
    CHECK(last() == "add_bus store 192.168.8.30:502" + by_anna);
    ctl.good("buses add store-2 192.168.8.30:1502 --framing rtu");
    CHECK(last() == "add_bus store-2 192.168.8.30:1502 rtu" + by_anna);
    ctl.good("buses change rs485-1 --baud 38400");
    CHECK(last() == "change_bus rs485-1" + by_anna);
    ctl.good("buses change rs485-1 --baud 38400 --anyway");
    CHECK(last() == "change_bus rs485-1 anyway" + by_anna);
    ctl.good("buses remove lan");
    CHECK(holds(ctl.bad(2, "buses add store 192.168.8.30 --baud 9600"), "--baud is for serial lines"));
    CHECK(holds(ctl.bad(2, "buses add l2 /dev/ttyUSB1 --framing rtu"), "--framing is for endpoints"));
    CHECK(holds(ctl.bad(1, "buses add l2 /dev/ttyUSB1 --parity mark"), "choose one of none, even, odd"));
    CHECK(holds(ctl.bad(2, "buses change rs485-1"), "what changes?"));
    CHECK(holds(ctl.bad(1, "buses add lan h"), "exists already"));
    const auto ports = ctl.good("ports");
    CHECK(holds(ports, "/dev/ttyUSB1  free"));
    CHECK(ports.find('\x1b') == std::string::npos);
}

TEST_CASE("busbarctl ask, monitor: one request, and every frame") {
    Gateway gateway({.tls = true});
    const Ctl ctl(gateway);
    const auto registers = ctl.good("ask rs485-1 11 3 100 2");
    for (const char* part : {"03 04 08 fc ff ff  (12.3 ms)", "100   2300", "101  65535  -1      ffff"})
        CHECK(holds(registers, part));
    CHECK(holds(ctl.good("ask rs485-1 11 --pdu '2b 0e 01 00'"), "refused, code 2: illegal data address: not all"));
    ctl.good("ask rs485-1 11 16 0 --values 1,65535");
    CHECK(gateway.commissioning.last() ==
          "ask rs485-1 unit 11 10000000020400"
          "01ffff" +
              by_anna);
    CHECK(holds(ctl.bad(1, "ask rs485-1 99 3 0 1"), "unit 99 does not answer"));
    CHECK(holds(ctl.bad(2, "ask rs485-1 11"), "ask rs485-1 11 3 0 2"));
    CHECK(holds(ctl.bad(2, "ask rs485-1 11 16 0 --values 1,,2"), "--values"));
    CHECK(holds(ctl.bad(1, "ask rs485-1 11 3 0 126"), "126 is above 125"));
    const auto frames = ctl.good("monitor rs485-1 --count 3 --capture " + ctl.folder + "/capture");
    CHECK(holds(frames, " > unit 11: read 2 holding registers from 0      0b 03 00 00 00 02 c4 0b\n"));
    CHECK(holds(frames, " < bad checksum; unit 11: function 3             0b 03 00 01 00 02 c4 0b\n"));
    CHECK(std::count(frames.begin(), frames.end(), '\n') == 3);
    CHECK(text_of_file(ctl.folder + "/capture").starts_with("# capture of rs485-1"));
}

TEST_CASE("busbarctl settings, profiles: by name, with what may be") {
    Gateway gateway({.tls = true});
    const Ctl ctl(gateway);
    const auto settings = ctl.good("settings roof");
    for (const char* part : {"grid_code", "VDE-AR-N 4105, EN 50549", "0 to 100", "owner", "installer",
                             "grid_code: the inverter restarts", "not read: illegal data address"})
        CHECK(holds(settings, part));
    CHECK(holds(ctl.good("settings roof grid_code 'EN 50549'"), "now 5 (read back)"));
    CHECK(gateway.commissioning.last() == "write_setting roof grid_code 5" + by_anna);
    ctl.good("settings roof backup_reserve 20");
    CHECK(gateway.commissioning.last() == "write_setting roof backup_reserve 20" + by_anna);
    CHECK(holds(ctl.bad(2, "settings roof grid_cod 5"), "did you mean grid_code?"));
    CHECK(holds(ctl.bad(2, "settings roof grid_code 'EN 5054'"), "did you mean EN 50549?"));
    CHECK(holds(ctl.bad(2, "settings roof backup_reserve much"), "may be 0 to 100"));
    CHECK(holds(ctl.bad(1, "settings meter"), "no answer for 12 s"));

    CHECK(holds(ctl.good("profiles"), "acme/broken: line 3: unknown role"));
    std::ofstream(ctl.folder + "/pack.yaml") << "# a meter\nprofile: \"acme/meter\"\n";
    CHECK(holds(ctl.good("profiles add " + ctl.folder + "/pack.yaml"), "acme/meter added"));
    std::ofstream(ctl.folder + "/nameless.yaml") << "points: {}\n";
    CHECK(holds(ctl.bad(2, "profiles add " + ctl.folder + "/nameless.yaml"), "--name MAKER/FAMILY"));
    CHECK(holds(ctl.bad(2, "profiles add /no/such/file"), "cannot be read"));
    std::ofstream(ctl.folder + "/own.yaml") << "profile: sunspec/inverter\n";
    CHECK(holds(ctl.bad(1, "profiles add " + ctl.folder + "/own.yaml"), "--over-shipped"));
    CHECK(holds(ctl.good("profiles add " + ctl.folder + "/own.yaml --over-shipped"), "over the shipped one"));
    CHECK(holds(ctl.good("profiles"), "pack over the shipped one"));
    CHECK(holds(ctl.good("profiles remove acme/meter"), "acme/meter removed"));
    CHECK(gateway.commissioning.last() == "remove_profile acme/meter" + by_anna);
    CHECK(holds(ctl.bad(1, "profiles remove acme/mete"), "there is no device pack 'acme/mete'"));
}

TEST_CASE("busbarctl scan: what is searched, what was found, and what is added") {
    Gateway gateway({.tls = true});
    const Ctl ctl(gateway);
    // The fake's search is over at the third look.
    const auto found = ctl.good("scan --bus rs485-1 --last 247 --baud 19200,38400");
    for (const char* part : {"rs485-1 unit 11", "is meter", "192.168.8.20:502 unit 1", "unknown",
                             "it could be chint/dtsu666, janitza/umg", "line rs485-2: its port is gone"})
        CHECK(holds(found, part));
    CHECK(found.find('\x1b') == std::string::npos);
    CHECK(gateway.commissioning.last() == "start_scan 1 lines 0 networks by anna");
    ctl.good("scan --lan --network 192.168.8.0/24,10.0.0.0/24");
    CHECK(gateway.commissioning.last() == "start_scan 0 lines 2 networks by anna");
    gateway.commissioning.show_new_device();
    CHECK(holds(ctl.good("scan --add"), "192.168.8.21:502 unit 7 added as made-up"));
    CHECK(gateway.commissioning.last() ==
          "add_device made-up 'SDM630' eastron/sdm630 lan-192-168-8-21 unit 7 sub_meter 0 77 " + by_anna);
    CHECK(holds(ctl.bad(2, "scan --first x"), "--first x: expected a number from 1 to 247"));
    CHECK(holds(ctl.bad(2, "scan --bus rs485"), "did you mean rs485-1?"));
    CHECK(holds(ctl.bad(1, "scan --network 8.8.8.0/24"), "not a private network"));
}

TEST_CASE("busbarctl upgrade: the image goes to the gateway in pieces, then to the device") {
    Gateway gateway({.tls = true});
    const Ctl ctl(gateway);
    CHECK(holds(ctl.good("upgrade roof"), "transferring, 37 %, from V100R001C00SPC117"));
    gateway.commissioning.end_upgrade(api::UpgradeState::done);
    std::ofstream(ctl.folder + "/image", std::ios::binary) << std::string(100'000, '\7');
    CHECK(holds(ctl.good("upgrade roof " + ctl.folder + "/image"), "done"));
    CHECK(holds(gateway.commissioning.last(), "start_upgrade roof "));
    CHECK(holds(ctl.bad(1, "upgrade meter " + ctl.folder + "/image"), "loses its counters"));
    ctl.good("upgrade meter " + ctl.folder + "/image --take-unsupported");
    CHECK(holds(gateway.commissioning.last(), "start_upgrade meter "));
    gateway.commissioning.end_upgrade(api::UpgradeState::failed);
    const Done failed = ctl.run("upgrade roof " + ctl.folder + "/image");
    CHECK(failed.status == 1);
    CHECK(holds(failed.error, "block 370 of 1000"));
    ctl.good("upgrade roof --cancel");
    CHECK(gateway.commissioning.last() == "cancel_upgrade roof" + by_anna);
    CHECK(holds(ctl.bad(2, "upgrade roof /no/such"), "cannot be read"));
    std::ofstream(ctl.folder + "/empty") << "";
    CHECK(holds(ctl.bad(2, "upgrade roof " + ctl.folder + "/empty"), "1 to 16 MiB"));
}
