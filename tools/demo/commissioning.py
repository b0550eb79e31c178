"""An installer's first hour, through the API: lines without devices, a search, everything that was found is added."""
import json
import re
import time

last_unit = {"serial": 40, "tcp": 5}  # where a search looks; serial lines carry at most 32 devices without a repeater
longest_search_s = 1800


def bare(site_yaml):
    """The site file with its lines and the grid meter, and none of the other devices; the factory has more than the usual 60."""
    lines = site_yaml.splitlines(keepends=True)
    kept = [line for line in lines if "profile:" not in line or re.search(r"use: grid_meter\b", line)]
    return "".join(kept) + "limits: {devices: 80}\n"


def search(api, plant, look):
    """What was found, as (bus, unit) -> entry, and how it went."""
    order = {"lines": [{"bus": bus["id"], "first": 1, "last": last_unit[bus["link"]]} for bus in plant["buses"]]}
    begun = time.monotonic()
    state = api.call("POST", "/api/v1/scan", order)
    while state["state"] in ("idle", "running"):
        if time.monotonic() - begun > longest_search_s:
            api.call("DELETE", "/api/v1/scan")
            break
        look()
        time.sleep(1)
        state = api.call("GET", "/api/v1/scan")
        print(f"\r  Searching: {state['asked']} of {state['total']} asked, {len(state['found'])} found   ", end="", flush=True)
    print()
    report = {"seconds": round(time.monotonic() - begun, 1), "state": state["state"], "messages": state["messages"]}
    return {(entry["bus"], entry["unit"]): entry for entry in state["found"]}, report


def commission(api, plant, look):
    """Searches, compares with what the plant plays, adds each device as an installer would, and tells how it went."""
    found, report = search(api, plant, look)
    wanted = [device for device in plant["devices"] if device["use"] != "grid_meter"]
    here = {(device["bus"], device["unit"]) for device in plant["devices"]}
    identified, offered, wrong, missing = [], [], [], []
    for device in wanted:
        entry = found.get((device["bus"], device["unit"]))
        if entry is None:
            missing.append(device["id"])
        elif entry["profile"] == device["profile"]:
            identified.append(device["id"])
            wrong += differences(device, entry)
        elif not entry["profile"] and device["profile"] in entry["candidates"] and not device["says"]["model"]:
            offered.append(device["id"])
        else:
            wrong.append(f"{device['id']} is {device['profile']}, taken for {entry['profile'] or entry['candidates'][:3]} {entry['note'] or ''}")
    for device in wanted:
        if device["id"] not in missing:
            new = {key: device[key] for key in ("id", "profile", "bus", "unit", "use")}
            new["name"] = device["id"].replace("_", " ").capitalize()
            api.call("POST", "/api/v1/devices", new)
    return report | {"expected": len(wanted), "found": len(wanted) - len(missing), "identified": len(identified), "offered": len(offered),
                     "wrong": wrong, "missing": missing, "strangers": [f"{bus}/{unit}" for bus, unit in found if (bus, unit) not in here],
                     "added": len(wanted) - len(missing)}


def differences(device, entry):
    """Where an entry of the gateway names a device otherwise than it names itself."""
    return [f"{device['id']}: {key} '{entry[key]}', it says '{device['says'][key]}'" for key in ("maker", "model", "serial", "firmware")
            if entry[key] != device["says"][key]]


def misnamed(api, plant):
    known = {device["id"]: device for device in api.call("GET", "/api/v1/devices")["devices"]}
    return [text for device in plant["devices"] for text in differences(device, known[device["id"]])]


def wait_online(api, count, seconds):
    """Until all of them answer; how long that took, or nothing."""
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        devices = api.call("GET", "/api/v1/devices")["devices"]
        if sum(device["state"] == "online" for device in devices) >= count:
            return round(time.monotonic() - begun, 1)
        time.sleep(1)
    return None


def bus_errors(api):
    """Errors of all units so far, so that those of a search are not taken for those of polling."""
    names = ("timeouts", "crc_errors", "exceptions")
    units = [unit for bus in api.call("GET", "/api/v1/buses")["buses"] for unit in bus["units"]]
    return {name: sum(unit[name] for unit in units) for name in names}
