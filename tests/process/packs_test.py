#!/usr/bin/env python3
"""Device packs on a running gateway: added, replaced, put over a shipped profile and removed. None may leave a device without its
profile, make something else of it, or fill its line."""
import re

from kit import PASSWORD, Api, check, holds, run, wait_for

SCENARIO = """
site line lan tcp | line rs485 serial 2400
site load 600W
site grid meter=chint/dtsu666 on=rs485 unit=11 id=grid
site load 300W id=pump meter=eastron/sdm630 on=rs485 unit=2
site pv 8kW rated=8kW inverter=sunspec/inverter on=lan unit=126 id=roof
at 0s pv 5kW
"""


def devices_of(api):
    return {d["id"]: d for d in api.get("/api/v1/devices")["devices"]}


def profiles_of(api):
    return {p["name"]: p for p in api.get("/api/v1/profiles")["profiles"]}


def change(api, method, path, body=None, expect=(200, 201, 204)):
    status, answer = api.call(method, path, body)
    check(status in expect, f"{method} {path}: {status} {answer}")
    return answer


def refused(api, method, path, body, status, *parts):
    answer = change(api, method, path, body, (status,))
    holds(answer["error"]["text"] + "; " + answer["error"].get("remedy", ""), *parts)
    print("ok: refused:", answer["error"]["text"])


def online(api, device):
    wait_for(f"{device} online", lambda: devices_of(api).get(device, {}).get("state") == "online")


def opened(gateway, device):
    return gateway.text().count(f"device {device}: online")


def test(house):
    scenario = house.folder / "house.plant"
    scenario.write_text(SCENARIO)
    house.start_plant(scenario)
    gateway = house.start_gateway()
    api = Api(gateway.line("listening on "))
    change(api, "POST", "/api/v1/setup", {"code": gateway.line("setup code "), "username": "anna", "password": PASSWORD})
    for device in ("grid", "pump", "roof"):
        online(api, device)
    pump = devices_of(api)["pump"]
    shipped = (house.root / "profiles/eastron/sdm630.yaml").read_text()
    packs = house.folder / "data/profiles"

    def pack(text, name="acme/meter", **more):
        return {"name": name, "text": text.replace("eastron/sdm630", name), **more}

    # Added, used by a device that begins with it at once, and not to be taken from under it.
    refused(api, "POST", "/api/v1/devices/pump/replacement", {"profile": "acme/meter"}, 404, "acme/meter", "add its pack first")
    refused(api, "POST", "/api/v1/profiles", pack(shipped.replace("unit: W", "unit: kWh", 1)), 400, "acme/meter.yaml:", "kWh")
    check("acme/meter" not in profiles_of(api) and not (packs / "acme").exists(), "what is refused is not there")
    change(api, "POST", "/api/v1/profiles", pack(shipped))
    listed = profiles_of(api)["acme/meter"]
    check(listed["pack"] and not listed["over_shipped"] and listed["uses"] == ["grid_meter", "sub_meter"], f"{listed}")
    change(api, "POST", "/api/v1/devices/pump/replacement", {"profile": "acme/meter"})
    online(api, "pump")
    refused(api, "DELETE", "/api/v1/profiles?name=acme/meter", None, 409, "'acme/meter' is used by device 'pump'", "delete that device")
    check((packs / "acme/meter.yaml").exists(), "it stays")

    # Another one in its place must do for the device, and for its line.
    change(api, "PUT", "/api/v1/devices/pump", {"name": "Pump", "use": "sub_meter", "serial": pump["serial"]})
    online(api, "pump")
    mute = shipped[:shipped.index("  serial:")] + shipped[shipped.index("\n", shipped.index("  serial:")) + 1:]
    refused(api, "POST", "/api/v1/profiles", pack(mute), 409, "profile of device 'pump'", "tells no serial number")
    greedy = re.sub(r"(type: f32[^}]*)}(?=\n  meter|\nsettings)", r"\1, every: critical}", shipped)
    greedy = greedy.replace("max_registers: 60, max_gap: 20", "max_registers: 2, max_gap: 0")
    check(greedy.count("every: critical") > 10 and "max_gap: 0" in greedy, f"the profile this test changes looks otherwise: {greedy}")
    before = opened(gateway, "pump")
    refused(api, "POST", "/api/v1/profiles", pack(greedy), 409, "no room for devices of acme/meter")
    check(opened(gateway, "pump") == before, "what is refused disturbs nobody")
    change(api, "POST", "/api/v1/profiles", pack(shipped + "\n# better\n"))
    wait_for("the pump with the new pack", lambda: opened(gateway, "pump") > before)

    # Over a shipped one only when it is said, and seen; without it the shipped one is back.
    other = (house.root / "profiles/chint/dtsu666.yaml").read_text()
    own = {"name": "chint/dtsu666", "text": other}
    refused(api, "POST", "/api/v1/profiles", own, 409, "'chint/dtsu666' is shipped with the gateway", "over_shipped")
    refused(api, "DELETE", "/api/v1/profiles?name=chint/dtsu666", None, 409, "is shipped with the gateway")
    before = opened(gateway, "grid")
    inverter = (house.root / "profiles/sunspec/inverter.yaml").read_text().replace("profile: sunspec/inverter", "profile: chint/dtsu666")
    refused(api, "POST", "/api/v1/profiles", {"name": "chint/dtsu666", "text": inverter, "over_shipped": True}, 409,
            "profile of device 'grid'", "'grid_meter' needs meter.power")
    change(api, "POST", "/api/v1/profiles", own | {"over_shipped": True})
    check(profiles_of(api)["chint/dtsu666"]["over_shipped"], "the list says so")
    wait_for("the meter with the pack", lambda: opened(gateway, "grid") > before)
    change(api, "DELETE", "/api/v1/profiles?name=chint/dtsu666")
    check(not profiles_of(api)["chint/dtsu666"]["pack"], "the shipped one is back")
    wait_for("the meter with the shipped profile", lambda: opened(gateway, "grid") > before + 1)
    online(api, "grid")

    # Unused, it goes, with its file; what leads elsewhere is no pack.
    change(api, "POST", "/api/v1/devices/pump/replacement", {"profile": "eastron/sdm630"})
    change(api, "DELETE", "/api/v1/profiles?name=acme/meter")
    check("acme/meter" not in profiles_of(api) and not (packs / "acme").exists(), "nothing is left of it")
    refused(api, "DELETE", "/api/v1/profiles?name=acme/meter", None, 404, "no device pack 'acme/meter'")
    refused(api, "DELETE", "/api/v1/profiles?name=../../own", None, 404, "no device pack")
    audit = [row["what"] for row in api.get("/api/v1/audit")["rows"]]
    for words in ("device pack added", "device pack added over a shipped profile", "device pack removed"):
        check(words in audit, f"not in the audit log: {words}: {audit}")
    online(api, "pump")
    check(devices_of(api)["roof"]["statistics"]["timeouts"] == 0 and opened(gateway, "roof") == 1, "the inverter never noticed")


run(test)
