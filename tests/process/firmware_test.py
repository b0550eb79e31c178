#!/usr/bin/env python3
"""New firmware for a device through a running gateway: the pack that says how comes over the API, wrong files are refused
before the device hears of them, nobody else touches the device meanwhile, a gateway that is killed in the middle goes on where
the device is, and only the version the device then says counts."""
import base64
import hashlib
import re
import signal
import time
import zlib

from kit import PASSWORD, Api, check, holds, run, wait_for

SCENARIO = """
site line rs485 serial 19200
site line lan tcp
site load 600W
site grid meter=chint/dtsu666 on=rs485 unit=11 id=grid
site battery=busbar/upgradable 10kWh soc=50% power=3kW on=rs485 unit=1 id=store
site pv 8kW rated=8kW inverter=sunspec/inverter on=lan unit=126 id=roof
strategy self_consumption import_target=0W
at 0s pv 5kW
"""
STORE = "/api/v1/devices/store"


def image(model, version, size=16_000):
    head = bytearray(bytes((i * 31 + i // 256) % 256 for i in range(size - 4)))
    head[0:40] = bytes(40)
    head[0:4] = b"BBFW"
    head[8:8 + len(model)] = model.encode()
    head[24:24 + len(version)] = version.encode()
    return bytes(head) + zlib.crc32(head).to_bytes(4, "big")


def change(api, method, path, body=None, expect=(200, 201, 202, 204)):
    status, answer = api.call(method, path, body)
    check(status in expect, f"{method} {path}: {status} {answer}")
    return answer


def refused(api, method, path, body, status, *parts):
    error = change(api, method, path, body, (status,))["error"]
    holds(error["text"] + "; " + (error.get("remedy") or ""), *parts)
    print("ok: refused:", error["text"])


def upload(api, content):
    name, offset = hashlib.sha256(content).hexdigest(), 0
    while True:
        piece = content[offset:offset + 30_000]
        order = {"image": name, "size": len(content), "offset": offset, "data": base64.b64encode(piece).decode()}
        answer = change(api, "POST", STORE + "/firmware", order)
        offset = answer["received"]
        if answer["complete"]:
            return {"image": name}


def store(api):
    return next(d for d in api.get("/api/v1/devices")["devices"] if d["id"] == "store")


def upgrade(api):
    return api.get(STORE + "/upgrade")


def newest_decision(api):
    return next((d for d in api.get("/api/v1/why?limit=50")["decisions"] if d["device"] == "store"), {"state": None})


def is_controlled(api):
    return newest_decision(api)["state"] == "in_force"


def alarms(api):
    return [(a["name"], a["source"]) for a in api.get("/api/v1/alarms")["alarms"]]


def is_active(api, name):
    return any(a["name"] == name and not a.get("cleared") for a in api.get("/api/v1/alarms")["alarms"])


def profiles(house):
    """What the plant plays: the shipped profiles, and the one that takes firmware. The gateway has only the shipped."""
    folder = house.folder / "played"
    folder.mkdir()
    for family in ("chint", "sunspec"):
        (folder / family).symlink_to(house.root / "profiles" / family)
    (folder / "busbar").symlink_to(house.root / "tests/profiles/busbar")
    return folder


def start_plant(house):
    scenario = house.folder / "house.plant"
    scenario.write_text(SCENARIO)
    plant = house.start("plant", [house.plant_program, "--scenario", scenario, "--dir", house.folder, "--profiles", profiles(house)])
    site = house.folder / "site.yaml"
    wait_for("site.yaml of the plant", lambda: site.exists() or check(plant.handle.poll() is None, plant.text()))


def add_pack(house, api):
    check(not store(api)["takes_firmware"], "without its pack nobody knows how")
    pack = (house.root / "tests/profiles/busbar/upgradable.yaml").read_text()
    change(api, "POST", "/api/v1/profiles", {"name": "busbar/upgradable", "text": pack})
    wait_for("the device with its pack", lambda: store(api)["state"] == "online")
    for device in api.get("/api/v1/devices")["devices"]:
        check(device["takes_firmware"] == (device["id"] == "store"), f"{device['id']}: {device['takes_firmware']}")
    check(store(api)["firmware"] == "1.0", "as delivered")
    wait_for("control has the battery", lambda: is_controlled(api))


def wrong_files(api):
    damaged = bytearray(image("Upgradable", "2.0"))
    damaged[4000] ^= 1
    refused(api, "POST", STORE + "/upgrade", {"image": "0" * 64}, 400, "not on this gateway", "upload it")
    refused(api, "POST", STORE + "/upgrade", upload(api, bytes(damaged)), 400, "damaged")
    refused(api, "POST", STORE + "/upgrade", upload(api, image("Inverter", "2.0")), 400, "for 'Inverter'", "'Upgradable-SIM'")
    refused(api, "POST", STORE + "/upgrade", upload(api, image("Upgradable", "2.0", 300_000)), 400, "300000 bytes")
    refused(api, "POST", STORE + "/upgrade", upload(api, image("Upgradable", "1.0")), 409, "runs 1.0 already")
    old = upload(api, image("Upgradable", "0.9"))
    refused(api, "POST", STORE + "/upgrade", old, 409, "0.9", "only if you know better")
    refused(api, "POST", "/api/v1/devices/grid/upgrade", old, 404, "not known")
    check(upgrade(api)["state"] == "idle", "nothing began")
    wait_for("control still has it", lambda: is_controlled(api))


def hands_off(api):
    """While it is at it, nobody else touches the device or its line, and control has let go."""
    text = "is getting new firmware"
    place = next(b for b in api.get("/api/v1/devices")["devices"] if b["id"] == "store")
    match = f"?bus={place['bus']}&unit=1&profile=busbar/upgradable"
    refused(api, "DELETE", STORE + match, None, 409, text)
    refused(api, "POST", STORE + "/replacement", {"serial": "OTHER"}, 409, text)
    refused(api, "PUT", STORE + "/settings", {"key": "reserve", "value": 20}, 503, text)
    refused(api, "POST", f"/api/v1/buses/{place['bus']}/request", {"unit": 1, "function": 3, "address": 904, "count": 1}, 409, text)
    refused(api, "POST", "/api/v1/scan", {"lines": [{"bus": place["bus"], "first": 1, "last": 3}]}, 409, text)
    refused(api, "POST", STORE + "/upgrade", {"image": "0" * 64}, 409, text)
    reason = "firmware upgrade: control keeps off this device"
    wait_for("the device to say why", lambda: reason in (store(api)["problem"] or ""))
    wait_for("control to let go", lambda: newest_decision(api)["state"] == "released")


def reaches(api, percent):
    seen = wait_for(f"{percent} %", lambda: upgrade(api)["percent"] >= percent and upgrade(api))
    check(seen["state"] == "transferring", f"{seen}")
    return seen


def killed_and_resumed(house, gateway, api):
    change(api, "POST", STORE + "/upgrade", upload(api, image("Upgradable", "2.0")))
    hands_off(api)
    seen = reaches(api, 40)
    holds(seen["to"], "2.0")
    check(seen["bytes_per_s"] > 100 and seen["remaining_s"] >= 1, f"{seen}")
    print(f"ok: {seen['bytes_per_s']:.0f} bytes/s, {seen['remaining_s']} s to go at {seen['percent']} %")
    before = upgrade(api)["percent"]
    gateway.handle.send_signal(signal.SIGKILL)
    gateway.handle.wait()
    gateway = house.start_gateway("gateway-again")
    api = Api(gateway.line("listening on "))
    change(api, "POST", "/api/v1/session", {"username": "anna", "password": PASSWORD})
    check(not is_controlled(api), "control keeps off from the first moment")
    begun = time.monotonic()
    wait_for("the transfer goes on", lambda: upgrade(api)["percent"] > before)
    took_s = time.monotonic() - begun
    done = wait_for("its end", lambda: upgrade(api)["state"] not in ("transferring", "verifying", "installing") and upgrade(api))
    check(done["state"] == "done" and done["from"] == "1.0" and done["to"] == "2.0", f"{done}")
    goes_on = re.search(r"device store: firmware upgrade goes on at (\d+) %", gateway.text())
    check(goes_on and int(goes_on.group(1)) >= before, f"nothing is sent twice: {goes_on}, {before} %")
    print(f"ok: killed at {before} %, under way again after {took_s:.0f} s, done after {time.monotonic() - begun:.0f} s")
    wait_for("the new version with the device", lambda: store(api)["firmware"] == "2.0")
    check(("device_offline", "store") not in alarms(api), "its announced restart is no fault")
    wait_for("control has it again", lambda: is_controlled(api))
    check(store(api)["problem"] in (None, ""), f"{store(api)['problem']}")
    return gateway, api


def cancelled(api):
    order = upload(api, image("Upgradable", "0.9"))
    change(api, "POST", STORE + "/upgrade", order | {"take_unsupported": True})
    reaches(api, 5)
    change(api, "DELETE", STORE + "/upgrade")
    end = wait_for("its end", lambda: upgrade(api)["state"] != "transferring" and upgrade(api))
    check(end["state"] == "cancelled", f"{end}")
    holds(end["text"], "keeps the firmware it has")
    wait_for("control has it again", lambda: is_controlled(api))
    refused(api, "DELETE", STORE + "/upgrade", None, 409, "no upgrade is under way")
    check(store(api)["firmware"] == "2.0", "as before")


def failed_is_told(house, gateway, api):
    """What stops while nobody looks is an alarm, also after a restart, until somebody gives it up."""
    change(api, "POST", STORE + "/upgrade", upload(api, image("Upgradable", "0.9")) | {"take_unsupported": True})
    reaches(api, 5)
    gateway.handle.send_signal(signal.SIGKILL)
    gateway.handle.wait()
    for kept in (house.folder / "data/upgrade").iterdir():
        kept.unlink()
    for name in ("gateway-without-image", "gateway-once-more"):
        gateway = house.start_gateway(name)
        api = Api(gateway.line("listening on "))
        change(api, "POST", "/api/v1/session", {"username": "anna", "password": PASSWORD})
        wait_for("the alarm", lambda: ("upgrade_failed", "store") in alarms(api))
        check(upgrade(api)["state"] == "interrupted", f"{upgrade(api)}")
        if name == "gateway-without-image":
            check(gateway.stop() == 0, gateway.text())
    wait_for("control has it again", lambda: is_controlled(api))
    change(api, "DELETE", STORE + "/upgrade")
    wait_for("no alarm any more", lambda: not is_active(api, "upgrade_failed"))
    check(upgrade(api)["state"] == "cancelled", f"{upgrade(api)}")
    refused(api, "DELETE", STORE + "/upgrade", None, 409, "no upgrade is under way")
    return gateway, api


def test(house):
    start_plant(house)
    gateway = house.start_gateway()
    api = Api(gateway.line("listening on "))
    change(api, "POST", "/api/v1/setup", {"code": gateway.line("setup code "), "username": "anna", "password": PASSWORD})
    add_pack(house, api)
    wrong_files(api)
    gateway, api = killed_and_resumed(house, gateway, api)
    cancelled(api)
    gateway, api = failed_is_told(house, gateway, api)
    said = [row["what"] for row in api.get("/api/v1/audit?limit=100")["rows"] if "firmware upgrade" in row["what"]]
    for words in ("started", "done", "cancel", "cancelled"):
        check(any(w.endswith(words) for w in said), f"{words} is not in {said}")
    check(gateway.stop() == 0, gateway.text())


run(test)
