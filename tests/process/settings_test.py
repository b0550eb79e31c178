#!/usr/bin/env python3
"""A device's own settings over the API of a running gateway: who may write which, what is refused before a byte is sent, what was
read back, and what the audit log keeps of it."""
import json

from kit import PASSWORD, Api, check, holds, run, wait_for

SCENARIO = """
site line rs485 serial 19200
site load 600W id=house | load 300W id=pump meter=eastron/sdm630 on=rs485 unit=2
site grid meter=chint/dtsu666 on=rs485 unit=11 id=grid
site battery=growatt/spa 10kWh power=5kW on=rs485 unit=3 id=store
"""


def change(api, method, path, body=None, expect=(200, 201, 204)):
    status, answer = api.call(method, path, body)
    check(status in expect, f"{method} {path}: {status} {answer}")
    return answer


def refused(api, body, status, *parts, device="store"):
    error = change(api, "PUT", f"/api/v1/devices/{device}/settings", body, (status,))["error"]
    holds(error["text"] + "; " + (error.get("remedy") or ""), *parts)
    print("ok: refused:", error["text"])


def value_of(api, device, key):
    return next(s for s in api.get(f"/api/v1/devices/{device}/settings")["settings"] if s["key"] == key)["value"]


def signed_in(url, username):
    api = Api(url)
    change(api, "POST", "/api/v1/session", {"username": username, "password": PASSWORD})
    return api


def test(house):
    scenario = house.folder / "house.plant"
    scenario.write_text(SCENARIO)
    house.start_plant(scenario)
    gateway = house.start_gateway()
    url = gateway.line("listening on ")
    anna = Api(url)
    change(anna, "POST", "/api/v1/setup", {"code": gateway.line("setup code "), "username": "anna", "password": PASSWORD})
    for username, role in (("otto", "owner"), ("vera", "viewer")):
        change(anna, "POST", "/api/v1/accounts", {"username": username, "password": PASSWORD, "role": role})
    otto, vera = signed_in(url, "otto"), signed_in(url, "vera")
    online = lambda: {d["id"] for d in anna.get("/api/v1/devices")["devices"] if d["state"] == "online"}
    wait_for("all devices online", lambda: online() >= {"pump", "store"})

    # What may not be, or cannot be, is refused and changes nothing.
    before = value_of(anna, "pump", "demand_period")
    check(before is not None, "the device tells it")
    refused(anna, {"key": "demand_period", "value": 61}, 400, "demand_period", "outside 0 min to 60 min", device="pump")
    refused(anna, {"key": "demand_period", "value": 1.5}, 400, "demand_period", device="pump")
    refused(anna, {"key": "wiring", "value": 7}, 400, "wiring", device="pump")
    refused(anna, {"key": "nothing", "value": 1}, 404, "nothing", device="pump")
    refused(otto, {"key": "demand_period", "value": 30}, 403, "installers only", device="pump")
    refused(vera, {"key": "priority", "value": 1}, 403)
    check(value_of(anna, "pump", "demand_period") == before, "nothing was written")

    # Owners may set what is theirs; each write is read back, and kept with who, from, to.
    old = value_of(otto, "store", "priority")
    wanted = 1 if old != 1 else 2
    written = change(otto, "PUT", "/api/v1/devices/store/settings", {"key": "priority", "value": wanted})
    check(written["before"] == old and written["value"] == wanted, f"{written}")
    check(value_of(otto, "store", "priority") == wanted, "it is in force")
    period = 15 if before != 15 else 30
    written = change(anna, "PUT", "/api/v1/devices/pump/settings", {"key": "demand_period", "value": period})
    check(written["before"] == before and written["value"] == period, f"{written}")
    rows = anna.get("/api/v1/audit")["rows"]

    def row_of(what):
        return next((r for r in rows if r["what"] == what), None) or check(False, f"no '{what}' in {rows}")

    row = row_of("setting priority of device store")
    check((row["who"], json.loads(row["old"]), json.loads(row["new"])) == ("otto", old, wanted), f"{row}")
    row = row_of("setting demand_period of device pump")
    check((row["who"], json.loads(row["old"]), json.loads(row["new"])) == ("anna", before, period), f"{row}")
    check(row["at"] > 1_500_000_000_000 and row["address"] == "127.0.0.1", f"{row}")
    failed = [r for r in rows if "not written" in r["what"]]
    check(any("demand_period" in r["what"] and r["who"] == "anna" for r in failed), f"what was refused is kept too: {rows}")
    print("ok: settings by access level, range, read-back and audit")


run(test)
