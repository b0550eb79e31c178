#!/usr/bin/env python3
"""A damaged settings database, and typing slips in site.yaml: neither switches a feed-in limit off, both are told. A file
broken as a whole is replaced by the last good one. Also: the names of site.yaml under which browsers reach the gateway."""
import shutil
import urllib.error
import urllib.request

from kit import PASSWORD, PATIENCE_S, Api, check, holds, run, wait_for

SCENARIO = """
site line lan tcp
site load 600W
site pv 8kW rated=8kW inverter=sunspec/inverter on=lan unit=1 id=roof
at 0s pv 5kW
"""


def start(house, name, control="control: {feed_in_limit: {mode: none}}"):
    """A gateway whose site is the plant's with this control section, which is in line 2."""
    plant = (house.folder / "site.yaml").read_text()
    site = house.folder / f"{name}.yaml"
    site.write_text(f"host_names: [gateway.example.org]\n{control}\n{plant[:plant.index('control:')]}")
    gateway = house.start_gateway(name, site=site)
    return gateway, Api(gateway.line("listening on "))


def set_up(gateway, api):
    status, answer = api.call("POST", "/api/v1/setup", {"code": gateway.line("setup code "), "username": "anna", "password": PASSWORD})
    check(status == 201, f"setup: {status} {answer}")


def log_in(api):
    status, answer = api.call("POST", "/api/v1/session", {"username": "anna", "password": PASSWORD})
    check(status == 200, f"login: {status} {answer}")


def save(api, mode, value):
    wait_for("the roof online", lambda: all(d["state"] == "online" for d in api.get("/api/v1/devices")["devices"]))
    wanted = {"self_consumption": {"enabled": True, "import_target_w": 0}, "feed_in_limit": {"mode": mode, "value": value}}
    status, answer = api.call("PUT", "/api/v1/settings/control", wanted)
    check(status == 200, f"saving {mode}: {status} {answer}")


def holds_limit(api, mode, value):
    limit = api.get("/api/v1/settings/control")["feed_in_limit"]
    check((limit["mode"], limit["value"]) == (mode, value), f"the limit is {limit}, not {mode} {value}")


def alarm_of(api, source, *parts):
    def look():
        return [a for a in api.get("/api/v1/alarms?active=true")["alarms"] if a["source"] == source]
    alarm = wait_for(f"an alarm of {source}", look)[0]
    check(alarm["severity"] == "major", str(alarm))
    holds(alarm["text"], *parts)
    return alarm


def no_alarm_of(api, source):
    wait_for(f"no alarm of {source}", lambda: all(a["source"] != source for a in api.get("/api/v1/alarms?active=true")["alarms"]))


def stop(gateway):
    check(gateway.stop() == 0, f"the gateway ended with {gateway.handle.returncode}:\n{gateway.text()}")


def damage(house):
    with open(house.folder / "data/settings.db", "r+b") as file:
        file.seek(100)
        file.write(b"\x5a" * 4900)


def own_names(api):
    def status_for(host):
        request = urllib.request.Request(api.url + "/api/v1/setup", headers={"Host": host})
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S, context=api.tls) as answer:
                return answer.status, ""
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
    check(status_for("gateway.example.org")[0] == 200, "a name of host_names is the gateway's own")
    status, text = status_for("other.example.org")
    check(status == 421, f"another name: {status}")
    holds(text, "host_names in site.yaml")


def test(house):
    scenario = house.folder / "house.plant"
    scenario.write_text(SCENARIO)
    house.start_plant(scenario)
    gateway, api = start(house, "sound")
    set_up(gateway, api)
    own_names(api)
    save(api, "percent", 30)
    stop(gateway)

    damage(house)
    gateway, api = start(house, "damaged")
    set_up(gateway, api)  # whoever sees the console may make the first account, nobody else
    aside = next(house.folder.glob("data/settings.db.corrupt-*"))
    holds_limit(api, "percent", 30)
    alarm_of(api, "settings", aside.name, "anna", "check and save")
    stop(gateway)
    gateway, api = start(house, "damaged-again-started")
    log_in(api)
    holds_limit(api, "percent", 30)
    alarm_of(api, "settings", "save them")
    save(api, "watts", 500)
    no_alarm_of(api, "settings")
    stop(gateway)
    print("ok: the limit outlives the database")

    damage(house)
    (house.folder / "data/control-settings").write_text("nonsense")
    gateway, api = start(house, "both-damaged")
    set_up(gateway, api)
    holds_limit(api, "zero", 0)
    alarm_of(api, "settings", ".corrupt-", "nothing is fed in")
    stop(gateway)
    gateway, api = start(house, "both-damaged-again-started")
    log_in(api)
    holds_limit(api, "zero", 0)
    alarm_of(api, "settings", "nothing is fed in")
    save(api, "none", 0)
    no_alarm_of(api, "settings")
    stop(gateway)
    gateway, api = start(house, "saved-none")
    log_in(api)
    holds_limit(api, "none", 0)
    no_alarm_of(api, "settings")
    stop(gateway)
    print("ok: a limit that is lost is zero feed-in until somebody saves one")

    shutil.rmtree(house.folder / "data")
    gateway, api = start(house, "typing-slip", "controll: {feed_in_limit: {mode: percent, value: 30}}")
    set_up(gateway, api)
    holds_limit(api, "zero", 0)
    alarm_of(api, "site", "typing-slip.yaml:2: site: unknown key 'controll'", "nothing is fed in")
    stop(gateway)
    print("ok: a typing slip is zero feed-in")

    gateway, api = start(house, "broken", "control: {feed_in_limit: {mode")
    log_in(api)
    holds_limit(api, "zero", 0)
    alarm_of(api, "site", "broken.yaml:", "site-last-good.yaml")
    wait_for("the roof online", lambda: any(d["id"] == "roof" and d["state"] == "online" for d in api.get("/api/v1/devices")["devices"]))
    stop(gateway)
    print("ok: a broken site file is replaced by the last good one")


run(test)
