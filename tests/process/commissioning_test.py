#!/usr/bin/env python3
"""An installer at work on a running house, over busbarctl: looks at lines and frames, asks by hand, renames, removes, finds
again and adds devices, while the others go on being polled; and every slip is told without harm."""
import json
import re

from kit import PASSWORD, check, holds, run, wait_for


def good(house, *words):
    status, out, error = house.ctl(*words)
    check(status == 0, f"busbarctl {' '.join(words)}: {status}\n{out}{error}")
    return out


def bad(house, exit_status, *words):
    status, out, error = house.ctl(*words)
    check(status == exit_status, f"busbarctl {' '.join(words)}: {status}, not {exit_status}\n{out}{error}")
    check(out == "", f"an error writes nothing to standard output, but here: {out}")
    holds(error, "busbarctl: ")
    return error


def sign_in(house, gateway):
    script = ["--user", "anna", "--password-stdin", "--fingerprint", gateway.line("certificate ")]
    status, out, error = house.ctl("setup", gateway.line("listening on "), "--code", gateway.line("setup code "), *script, typed=PASSWORD)
    check(status == 0, out + error)


def state_of(house, device):
    found = re.search(rf"^{device} +(\S+)", good(house, "devices"), re.M)
    return found and found.group(1)


def requests_of(house, device):
    for d in json.loads(good(house, "devices", "--json"))["devices"]:
        if d["id"] == device:
            return d["statistics"]["requests"]
    return None


def lines_and_frames(house):
    buses = good(house, "buses")
    for bus in ("lan", "rs485-1", "rs485-2"):
        check(re.search(rf"^{bus} +connected", buses, re.M), buses)
    holds(good(house, "profiles"), "chint/dtsu666", "huawei/sun2000-luna2000", "by hand", "by the scan")
    # The grid meter's frequency, as 32 bit float in hundredths of a hertz.
    answer = good(house, "ask", "rs485-1", "11", "3", str(0x2044), "2")
    check(re.search(r"^03 04 45 9[0-9a-f] ", answer, re.M), f"about 5000 (50 Hz) as a float: {answer}")
    holds(good(house, "ask", "rs485-1", "11", "3", "1", "2"), "refused, code 2: illegal data address")
    holds(bad(house, 1, "ask", "rs485-1", "99", "3", "0", "1"), "99")
    capture = house.folder / "line.capture"
    frames = good(house, "monitor", "rs485-1", "--count", "40", "--capture", str(capture))
    check(re.search(r" > unit 11: read \d+ holding registers from \d+ +0b 03 ", frames), frames)
    check(re.search(r" < unit 11: \d+", frames), frames)
    check(capture.stat().st_size > 100, "the capture holds something")


def impossible(house):
    """Packs that claim what cannot be: refused with file, line and remedy."""
    sound = (house.root / "profiles/eastron/sdm630.yaml").read_text().replace("profile: eastron/sdm630", "profile: acme/odd")
    for change, said in ((("read: input 52,", "read: input 70000,"), "70000"), (("max_registers: 60", "max_registers: 600"), "125"),
                         (("meter.frequency:", "meter.power:"), "meter.power"), (("type: f32, unit: Hz}", "type: f32, unit: kWh}"), "use Hz")):
        check(change[0] in sound, f"the profile this test changes has no '{change[0]}' any more")
        pack = house.folder / "odd.yaml"
        pack.write_text(sound.replace(*change))
        holds(bad(house, 1, "profiles", "add", str(pack)), "acme/odd.yaml:", said)
    pack.write_text(sound[:len(sound) // 2].rsplit(",", 1)[0])
    holds(bad(house, 1, "profiles", "add", str(pack)), "acme/odd.yaml")
    check("acme/odd" not in good(house, "profiles"), "none of them is there")


def changes(house):
    before = requests_of(house, "grid")
    good(house, "devices", "rename", "grid", "Main meter")
    wait_for("the new name", lambda: '"Main meter"' in good(house, "devices", "--json"))
    holds((house.folder / "site.yaml").read_text(), "Main meter")
    check(state_of(house, "grid") == "online", "a new name interrupts nothing")
    holds(bad(house, 1, "devices", "add", "eastron/sdm630", "rs485-1", "11"), "11", "grid")
    holds(bad(house, 1, "devices", "add", "eastron/sdm630", "rs485-1", "12", "--use", "battery"), "'battery' needs battery.power", "choose 'grid_meter' or 'sub_meter'")
    holds(bad(house, 1, "devices", "add", "eastron/sdm630", "rs485-1", "248"), "unit", "247")
    holds(bad(house, 1, "devices", "rename", "grid", "x" * 10_000), "name", "64")
    impossible(house)
    holds(bad(house, 1, "devices", "remove", "heat_pump", "--bus", "rs485-2", "--unit", "2", "--profile", "eastron/sdm630"), "unit 1")
    check(state_of(house, "heat_pump") == "online", "a slip removes nothing")
    good(house, "devices", "remove", "heat_pump", "--bus", "rs485-2", "--unit", "1", "--profile", "eastron/sdm630")
    wait_for("the heat pump gone", lambda: state_of(house, "heat_pump") is None)
    found = good(house, "scan", "--bus", "rs485-2", "--last", "3")
    check(re.search(r"^rs485-2 unit 1 +new +Eastron +SDM630-Modbus +\d+ .* eastron/sdm630$", found, re.M), found)
    good(house, "devices", "add", "eastron/sdm630", "rs485-2", "1", "--id", "heat_pump", "--name", "Heat pump", "--use", "sub_meter")
    wait_for("the heat pump online again", lambda: state_of(house, "heat_pump") == "online")
    holds(good(house, "history"), "heat_pump/meter.power")
    check(requests_of(house, "grid") > before, "polling of the others went on")


def test(house):
    house.start_plant(house.root / "tests/plant/demo_house.plant")
    gateway = house.start_gateway()
    sign_in(house, gateway)
    wait_for("all devices online", lambda: good(house, "devices").count(" online ") == 4)
    lines_and_frames(house)
    changes(house)
    # What was changed is there after a restart.
    check(gateway.stop() == 0, gateway.text())
    again = house.start_gateway("gateway-again", listen=gateway.line("listening on ").removeprefix("https://"))
    again.line("listening on ")
    wait_for("all devices online after a restart", lambda: good(house, "devices").count(" online ") == 4)
    holds(good(house, "devices", "--json"), '"Main meter"')
    print("ok: looked at, asked, renamed, removed, found and added")


run(test)
