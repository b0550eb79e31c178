#!/usr/bin/env python3
"""The site changes while the gateway runs: devices and lines are added, renamed, replaced and removed over the API, the
person's own site.yaml says so with its comments, polling of the others goes on, and a gateway killed at any moment starts on
what its file says."""
import http.client
import signal
import threading
import time

from kit import PASSWORD, Api, check, holds, run, wait_for

SCENARIO = """
site line lan tcp
site load 600W
site grid meter=chint/dtsu666 on=lan unit=11 id=grid
site pv 8kW rated=8kW inverter=sunspec/inverter on=lan unit=126 id=roof
at 0s pv 5kW
"""


def devices_of(api):
    return {d["id"]: d for d in api.get("/api/v1/devices")["devices"]}


def change(api, method, path, body=None, expect=(200, 201, 204)):
    status, answer = api.call(method, path, body)
    check(status in expect, f"{method} {path}: {status} {answer}")
    return answer


def refused(api, method, path, body, status, *parts):
    answer = change(api, method, path, body, (status,))
    holds(answer["error"]["text"], *parts)
    print("ok: refused:", answer["error"]["text"])


def online(api, device):
    wait_for(f"{device} online", lambda: devices_of(api).get(device, {}).get("state") == "online")


def log_in(api):
    change(api, "POST", "/api/v1/session", {"username": "anna", "password": PASSWORD})


def try_change(api, *order):
    try:
        api.call(*order)
    except (OSError, http.client.HTTPException):
        pass  # the gateway was killed meanwhile


def own_site(house):
    """The plant's site.yaml without the inverter, with a person's comments."""
    text = (house.folder / "site.yaml").read_text()
    roof = next(line for line in text.splitlines() if "id: roof" in line)
    path = house.folder / "own.yaml"
    path.write_text("# my house\n" + text.replace(roof + "\n", "") + "# the end\n")
    bus = next(word.split(":")[1].strip() for word in roof.replace("{", ",").replace("}", ",").split(",") if "bus:" in word)
    return path, {"name": "South roof", "profile": "sunspec/inverter", "bus": bus, "unit": 126, "use": "pv"}


def test(house):
    scenario = house.folder / "house.plant"
    scenario.write_text(SCENARIO)
    house.start_plant(scenario)
    site, roof = own_site(house)
    before = site.read_text()
    gateway = house.start_gateway(site=site)
    api = Api(gateway.line("listening on "))
    change(api, "POST", "/api/v1/setup", {"code": gateway.line("setup code "), "username": "anna", "password": PASSWORD})
    online(api, "grid")

    # Added: polled, in the file, in its place, and the meter never noticed.
    answers = devices_of(api)["grid"]["statistics"]
    refused(api, "POST", "/api/v1/devices", roof | {"unit": 11, "use": "sub_meter"}, 409, "held by device 'grid'")
    refused(api, "POST", "/api/v1/devices", roof | {"name": "x" * 10_000}, 400, "name")
    refused(api, "POST", "/api/v1/devices", roof | {"bus": "nowhere"}, 404, "nowhere")
    # Nobody is used as what he cannot be.
    refused(api, "POST", "/api/v1/devices", roof | {"use": "battery"}, 400, "'battery' needs battery.power", "sunspec/inverter")
    meter = {"name": "Heat pump", "profile": "eastron/sdm120", "bus": roof["bus"], "unit": 12}
    refused(api, "POST", "/api/v1/devices", meter | {"use": "battery"}, 400, "'battery' needs battery.power", "eastron/sdm120")
    refused(api, "PUT", "/api/v1/devices/grid", {"name": "Grid", "use": "grid_meter", "serial": "A17"}, 400, "chint/dtsu666 tells no serial number")
    refused(api, "PUT", "/api/v1/devices/grid", {"name": "Grid", "use": "pv"}, 400, "'pv' needs ac.power or pv.power")
    refused(api, "POST", "/api/v1/devices/grid/replacement", {"profile": "sunspec/inverter"}, 400, "'grid_meter' needs meter.power")
    check(site.read_text() == before, "what is refused leaves the file alone")
    made = change(api, "POST", "/api/v1/devices", roof)
    check(made["id"] == "south-roof", f"{made}")
    online(api, "south-roof")
    text = site.read_text()
    holds(text, "# my house", "# the end", "id: south-roof", "name: South roof")
    check((house.folder / "own.yaml.before").read_text() == before, "the file before is kept")
    wait_for("its power", lambda: any(p["role"] == "ac.power" and p["quality"] == "good"
                                      for p in api.get("/api/v1/points?device=south-roof")["points"]))
    meter = devices_of(api)["grid"]
    check(meter["state"] == "online" and meter["statistics"]["answers"] > answers["answers"], f"{meter}")
    check(meter["statistics"]["timeouts"] == answers["timeouts"], f"the meter was disturbed: {meter}")

    # Renamed without a restart of the device; replaced under its name; found to be another one.
    serial = devices_of(api)["south-roof"]["serial"]
    change(api, "PUT", "/api/v1/devices/south-roof", {"name": "Roof", "use": "pv"})
    wait_for("the new name", lambda: devices_of(api)["south-roof"]["name"] == "Roof")
    check(gateway.text().count("device south-roof: online") == 1, "a new name is no reason to begin anew")
    refused(api, "POST", "/api/v1/devices/south-roof/replacement", {"profile": "huawei/sun200"}, 404, "huawei/sun200")
    change(api, "POST", "/api/v1/devices/south-roof/replacement", {"serial": "SOMETHING-ELSE"})
    wait_for("the stranger", lambda: devices_of(api)["south-roof"]["state"] == "quarantined")
    holds(devices_of(api)["south-roof"]["problem"], "expected SN SOMETHING-ELSE", serial, "replace it under its name")
    check(devices_of(api)["grid"]["state"] == "online", "the meter goes on")
    change(api, "POST", "/api/v1/devices/south-roof/replacement", {"serial": serial})
    online(api, "south-roof")

    # A line more and less.
    port = {"kind": "tcp", "host": "127.0.0.1", "port": 1, "framing": "tcp"}
    change(api, "POST", "/api/v1/buses", {"id": "shed", "settings": port})
    wait_for("the new line", lambda: any(b["id"] == "shed" for b in api.get("/api/v1/buses")["buses"]))
    change(api, "DELETE", "/api/v1/buses/shed")
    wait_for("the line gone", lambda: all(b["id"] != "shed" for b in api.get("/api/v1/buses")["buses"]))
    refused(api, "DELETE", f"/api/v1/buses/{roof['bus']}", None, 409, "is on bus")

    # A family nobody knows is no device; the file stays as it is.
    unknown = {**roof, "id": "unknown", "unit": 99, "profile": "acme/nothing"}
    refused(api, "POST", "/api/v1/devices", unknown, 404, "acme/nothing")

    # An edit by hand is never lost.
    kept = site.read_text()
    site.write_text(kept + "# by hand\n")
    refused(api, "PUT", "/api/v1/devices/south-roof", {"name": "Other", "use": "pv"}, 409, "edited since the gateway read it")
    status, answer = api.call("POST", "/api/v1/site/reload", {"apply": True})
    check(status == 200 and answer["differences"] == [], f"a comment is no difference: {status} {answer}")
    site.write_text(kept)
    change(api, "POST", "/api/v1/site/reload", {"apply": True})

    # Edited by hand and read again: all mistakes with their lines, or all of it at once.
    site.write_text(kept.replace("buses:", "buses:\n  - {id: bad, link: pigeon}", 1))
    refused(api, "POST", "/api/v1/site/reload", {"apply": True}, 409, f"{site.name}:", "expected 'serial' or 'tcp'")
    check(all(b["id"] != "bad" for b in api.get("/api/v1/buses")["buses"]), "a bad file changes nothing")
    site.write_text(kept.replace("buses:", "buses:\n  - {id: by-hand, link: tcp, host: 127.0.0.1, port: 1}", 1))
    status, answer = api.call("POST", "/api/v1/site/reload", {"apply": False})
    check([(d["part"], d["id"], d["change"]) for d in answer["differences"]] == [("bus", "by-hand", "added")], f"{answer}")
    check(all(b["id"] != "by-hand" for b in api.get("/api/v1/buses")["buses"]), "looking changes nothing")
    change(api, "POST", "/api/v1/site/reload", {"apply": True})
    wait_for("the line added by hand", lambda: any(b["id"] == "by-hand" for b in api.get("/api/v1/buses")["buses"]))
    site.write_text(kept)
    change(api, "POST", "/api/v1/site/reload", {"apply": True})

    # Killed right after the answer, and somewhere in the middle: the file is the truth.
    match = f"?bus={roof['bus']}&unit=126&profile=sunspec/inverter"
    refused(api, "DELETE", f"/api/v1/devices/south-roof?bus={roof['bus']}&unit=1&profile=sunspec/inverter", None, 409, "not what was named")
    change(api, "DELETE", "/api/v1/devices/south-roof" + match)
    check("south-roof" not in devices_of(api) or wait_for("its end", lambda: "south-roof" not in devices_of(api)), "")
    check(site.read_text() == before, "added and removed leaves the person's file")
    check(any(s["id"].startswith("south-roof/") for s in api.get("/api/v1/history/series")["series"]), "its history stays readable")
    change(api, "POST", "/api/v1/devices", roof)
    gateway.handle.send_signal(signal.SIGKILL)
    gateway.handle.wait()
    for number in range(5):
        gateway = house.start_gateway(f"gateway-{number}", site=site)
        api = Api(gateway.line("listening on "))
        log_in(api)
        wait_for("its devices", lambda: len(devices_of(api)) > 0)
        is_there = "id: south-roof" in site.read_text()
        check(("south-roof" in devices_of(api)) == is_there, f"{list(devices_of(api))} is not what the file says:\n{site.read_text()}")
        online(api, "grid")
        if number == 0:
            check(is_there, "what was acknowledged is there after the kill")
        # Killed in the middle of a change; whatever came of it must be whole.
        order = ("DELETE", "/api/v1/devices/south-roof" + match) if is_there else ("POST", "/api/v1/devices", roof)
        threading.Thread(target=try_change, args=(api, *order), daemon=True).start()
        time.sleep(0.004 * number)
        gateway.handle.send_signal(signal.SIGKILL)
        gateway.handle.wait()
    holds(site.read_text(), "# my house", "# the end")


run(test)
