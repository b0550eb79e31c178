#!/usr/bin/env python3
"""A serial line under a running gateway: set to another speed, parity and stop bits; its adapter pulled out and put back; its
device restarted. Each time everything comes back by itself, and the devices of other lines never notice."""
import json

from kit import PASSWORD, Api, check, holds, run, wait_for

SCENARIO = """
site line lan tcp | line rs485 serial 19200
site load 600W
site grid meter=chint/dtsu666 on=rs485 unit=11 id=grid
"""
OTHER = """
site line lan tcp
site pv 8kW rated=8kW inverter=sunspec/inverter on=lan unit=126 id=roof
at 0s pv 5kW
"""


def devices_of(api):
    return {d["id"]: d for d in api.get("/api/v1/devices")["devices"]}


def state_is(api, device, *states):
    wait_for(f"{device} {' or '.join(states)}", lambda: devices_of(api)[device]["state"] in states)


def line_of(api):
    return next(b for b in api.get("/api/v1/buses")["buses"] if b["id"] == "rs485")


def set_line(api, path, baud, parity="none", stop_bits=1, anyway=False):
    settings = {"kind": "serial", "port": str(path), "baud": baud, "parity": parity, "stop_bits": stop_bits}
    status, answer = api.call("PUT", "/api/v1/buses/rs485", {"settings": settings, **({"set_anyway": True} if anyway else {})})
    return status, answer if isinstance(answer, dict) else {}


def start(house, name, scenario):
    """A plant in a folder of its own; the serial line's path, or its TCP port, in site.yaml."""
    folder = house.folder / name
    folder.mkdir(exist_ok=True)
    (folder / "house.plant").write_text(scenario)
    site = folder / "site.yaml"
    site.unlink(missing_ok=True)
    plant = house.start(name, [house.plant_program, "--scenario", folder / "house.plant", "--dir", folder, "--profiles",
                               house.root / "profiles"])
    wait_for(f"site.yaml of {name}", lambda: site.exists() or check(plant.handle.poll() is None, plant.text()))
    return plant, site


def test(house):
    meter, site = start(house, "meter", SCENARIO)
    _, other = start(house, "roof", OTHER)
    own = house.folder / "own.yaml"
    roof_bus = next(line for line in other.read_text().splitlines() if "id: lan" in line).replace("id: lan", "id: roofs")
    text = site.read_text().replace("buses:\n", f"buses:\n{roof_bus}\n")
    own.write_text(text.replace("devices:\n", "devices:\n  - {id: roof, profile: sunspec/inverter, bus: roofs, unit: 126, use: pv}\n"))
    port = house.folder / "meter" / "rs485"
    check(f"{port}" in text, f"the line's path in {text}")
    gateway = house.start_gateway(site=own)
    api = Api(gateway.line("listening on "))
    status, _ = api.call("POST", "/api/v1/setup", {"code": gateway.line("setup code "), "username": "anna", "password": PASSWORD})
    check(status == 201, "setup")
    state_is(api, "grid", "online")
    state_is(api, "roof", "online")

    # A slip in the speed is tried, told, and not kept.
    settings, written = line_of(api)["settings"], own.read_text()
    status, refused = set_line(api, port, 9600)
    check(status == 409, f"{status} {refused}")
    holds(json.dumps(refused), "bus_unanswered", "'grid' answered before", "set_anyway")
    check(line_of(api)["settings"] == settings and own.read_text() == written, "the line as it was")
    state_is(api, "grid", "online")
    # Who means it: noise to its device, told as silence; the right one again, with all that can be said about a line.
    for baud in (9600, 115200):
        status, answer = set_line(api, port, baud, anyway=True)
        check(status == 204, f"{baud}: {status} {answer}")
        state_is(api, "grid", "offline")
        holds(own.read_text(), f"baud: {baud}")
    status, answer = set_line(api, port, 19200, "even", 2)
    check(status == 204, f"{status} {answer}")
    state_is(api, "grid", "online")
    holds(own.read_text(), "baud: 19200", "parity: even", "stop_bits: 2")
    check(line_of(api)["settings"] == {"kind": "serial", "port": str(port), "baud": 19200, "parity": "even", "stop_bits": 2},
          f"{line_of(api)}")

    # The adapter pulled out: its port is named; put back: used again.
    meter.stop()
    state_is(api, "grid", "offline")
    wait_for("the port that is gone", lambda: not line_of(api)["connected"] and str(port) in (line_of(api)["problem"] or ""))
    meter, _ = start(house, "meter", SCENARIO)
    state_is(api, "grid", "online")
    wait_for("the line again", lambda: line_of(api)["connected"] and not line_of(api)["problem"])
    wait_for("values again", lambda: any(p["role"] == "meter.power" and p["quality"] == "good"
                                         for p in api.get("/api/v1/points?device=grid")["points"]))

    check(gateway.handle.poll() is None and gateway.text().count("listening on ") == 1, "one gateway all along")
    check(gateway.text().count("device roof: online") == 1 and devices_of(api)["roof"]["statistics"]["timeouts"] == 0,
          f"the other line noticed: {devices_of(api)['roof']}")
    print("ok: another speed, parity and adapter, without a restart")


run(test)
