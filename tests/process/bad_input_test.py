#!/usr/bin/env python3
"""Bad input of every kind at once: the gateway starts, each mistake is named with its place and remedy in the log and over
the API, and the device that is well stays well."""
import base64
import os
import shutil
import socket
import ssl
import subprocess

from kit import PASSWORD, PATIENCE_S, Api, check, holds, run, wait_for

SCENARIO = """
site line lan tcp
site load 600W
site pv 8kW rated=8kW inverter=sunspec/inverter on=lan unit=1 id=roof
at 0s pv 5kW
"""

# name: (what is changed in a good profile, what must be said). {file} stands for the file's name.
PROFILES = {
    "unknown-key": (("identify:\n", "colour: blue\nidentify:\n"), ["{file}:", "colour"]),
    "no-register": (("read: input 6,", "read: input 70000,"), ["{file}:", "70000"]),
    "overlap": (("read: input 6,", "read: input 1,"), ["{file}:", "overlap"]),
    "wrong-unit": (("type: f32, unit: Hz}\n  meter.energy.import", "type: f32, unit: kWh}\n  meter.energy.import"), ["{file}:", "kWh", "use Hz"]),
    "no-yaml": (("points:", "points: [}"), ["{file}"]),
}


def write_profiles(house):
    folder = house.folder / "profiles"
    shutil.copytree(house.root / "profiles", folder)
    sound = (folder / "eastron/sdm120.yaml").read_text()
    (folder / "bad").mkdir()
    for name, ((before, after), _) in PROFILES.items():
        check(before in sound, f"the profile this test changes has no '{before}' any more")
        text = sound.replace("profile: eastron/sdm120", f"profile: bad/{name}").replace(before, after, 1)
        (folder / "bad" / f"{name}.yaml").write_text(text)
    return folder


def write_site(house):
    """The plant's own site.yaml and one device per mistake."""
    site = (house.folder / "site.yaml").read_text()
    absent = house.folder / "ttyABSENT"
    extra = [f"  - {{id: {name}, profile: bad/{name}, bus: lan, unit: {50 + i}, use: sub_meter}}" for i, name in enumerate(PROFILES)]
    extra += ["  - {id: no-profile, profile: bad/nothing, bus: lan, unit: 60, use: sub_meter}",
              "  - {id: no-bus, profile: eastron/sdm120, bus: nowhere, unit: 61, use: sub_meter}",
              "  - {id: odd-key, profile: eastron/sdm120, bus: lan, unit: 62, use: sub_meter, colour: blue}",
              "  - {id: no-battery, profile: eastron/sdm120, bus: lan, unit: 63, use: battery}",
              "  - {id: twin, profile: eastron/sdm120, bus: lan, unit: 63, use: sub_meter}",
              "  - {id: far, profile: eastron/sdm120, bus: lan, unit: 300, use: sub_meter}",
              f"  - {{id: long-name, name: {'x' * 10_000}, profile: eastron/sdm120, bus: lan, unit: 65, use: sub_meter}}",
              "  - {id: numbered, profile: chint/dtsu666, bus: lan, unit: 64, use: sub_meter, serial: A17}",
              "  - {id: unplugged, profile: eastron/sdm120, bus: absent, unit: 1, use: sub_meter}"]
    lines = []
    for line in site.splitlines():
        lines.append(line)
        if line.startswith("buses:"):
            lines.append(f"  - {{id: absent, link: serial, port: {absent}}}")
        if line.startswith("devices:"):
            lines += extra
    path = house.folder / "bad-site.yaml"
    path.write_text("\n".join(lines) + "\n")
    expected = {name: [part.format(file=f"{name}.yaml") for part in said] for name, (_, said) in PROFILES.items()}
    expected |= {"no-profile": ["bad/nothing"], "no-bus": ["nowhere", "bad-site.yaml:"], "odd-key": ["colour", "bad-site.yaml:"],
                 "twin": ["bad-site.yaml:", "unit 63 on bus 'lan' is held by device 'no-battery'", "give another unit"],
                 "far": ["bad-site.yaml:", "unit: expected a whole number from 0 to 255"],
                 "no-battery": ["bad-site.yaml:", "'battery' needs battery.power", "choose 'grid_meter' or 'sub_meter'"],
                 "unplugged": [str(absent)]}
    return path, expected


def devices_of(api):
    return {d["id"]: d for d in api.get("/api/v1/devices")["devices"]}


def each_is_named(api, gateway, expected):
    wait_for("the sound device online", lambda: devices_of(api)["roof"]["state"] == "online")
    wait_for("a problem of every bad one", lambda: all(devices_of(api)[name]["problem"] for name in expected))
    wait_for("the absent port in the log", lambda: "unplugged" in gateway.text() or "ttyABSENT" in gateway.text())
    devices, log = devices_of(api), gateway.text()
    for name, parts in expected.items():
        device = devices[name]
        wanted = ("offline", "starting") if name == "unplugged" else ("quarantined",)
        check(device["state"] in wanted, f"{name} is {device['state']}: {device['problem']}")
        holds(device["problem"], *parts)
        print(f"ok: {name}: {device['problem']}")
        check(any(all(part in line for part in parts) for line in log.splitlines()), f"{name}: the log does not say {parts}:\n{log}")
    quarantined = set(expected) - {"unplugged"}

    def all_alarms():
        known = api.get("/api/v1/alarms?active=true")["alarms"]
        return known if quarantined <= {a["source"] for a in known} else None

    alarms = wait_for("an alarm of every quarantined device", all_alarms)
    for alarm in alarms:
        check(alarm["text"] and alarm["suggestion"], f"an alarm without text or remedy: {alarm}")
    # A name without end is cut short and told; its device is polled.
    site = wait_for("the name without end", lambda: next((a for a in all_alarms() or [] if a["source"] == "site"), None))
    holds(site["text"], "bad-site.yaml:", "name: 10000 bytes; a name has at most 64, shorten it")
    long = devices_of(api)["long-name"]
    check(long["state"] != "quarantined" and len(long["name"]) == 64, f"{long}")
    # A number that nobody can check is said, and costs nothing.
    doubt = wait_for("the number that cannot be checked", lambda: next((a for a in all_alarms() or [] if a["source"] == "numbered" and "tells no serial" in a["text"]), None))
    holds(doubt["text"], "bad-site.yaml:", "chint/dtsu666 tells no serial number", "leave it out")
    check(devices_of(api)["numbered"]["state"] != "quarantined", f"{devices_of(api)['numbered']}")
    bus = next(b for b in api.get("/api/v1/buses")["buses"] if b["id"] == "absent")
    check(not bus["connected"] and "ttyABSENT" in bus["problem"], f"the absent port: {bus}")


def second_gateway(house, site):
    command = [house.gateway_program, "--site", site, "--data", house.folder / "data", "--profiles", house.folder / "profiles",
               "--listen", "127.0.0.1:0", "--no-realtime"]
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=PATIENCE_S)
    check(done.returncode == 1, f"a second gateway on the same data folder ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    holds(done.stderr, "cannot start", str(house.folder / "data"), "another")
    check("listening" not in done.stdout and "setup code" not in done.stdout, done.stdout)
    print("ok: second gateway:", done.stderr.strip().splitlines()[-1])


def bad_requests(api):
    status, answer = api.call("POST", "/api/v1/session", b'{"username":"' + b"x" * 70_000 + b'"}')
    check(status == 413, f"too long a body: {status}")
    holds(answer["error"]["text"], "65536 bytes")
    holds(answer["error"]["remedy"], "less")
    status, answer = api.call("POST", "/api/v1/session", {"username": "anna", "password": "wrong-password"})
    check(status == 401, f"a wrong password: {status}")
    check(answer["error"]["text"] and answer["error"]["remedy"], str(answer))
    status, answer = api.call("POST", "/api/v1/session", b'{"username":')
    check(status == 400, f"half a body: {status}")
    print("ok: bad requests")


def deaf_socket(api):
    """A WebSocket that is opened and never read."""
    host, port = api.url.removeprefix("https://").split(":")
    raw = socket.create_connection((host, int(port)), timeout=PATIENCE_S)
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf = ssl._create_unverified_context().wrap_socket(raw, server_hostname=host)
    key = base64.b64encode(os.urandom(16)).decode()
    deaf.sendall((f"GET /api/v1/live HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {api.token}\r\nUpgrade: websocket\r\n"
                  f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n").encode())
    check(b" 101 " in deaf.recv(64), "the live socket opens")
    return deaf


def resident_kb(process):
    with open(f"/proc/{process.handle.pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))


def others_go_on(api):
    """New values of the sound device keep coming."""
    def sample():
        points = api.get("/api/v1/points?device=roof")["points"]
        return next(p for p in points if p["role"] == "ac.power")
    check(sample()["quality"] == "good", f"{sample()}")
    count = devices_of(api)["roof"]["statistics"]["answers"]
    wait_for("further answers of the sound device", lambda: devices_of(api)["roof"]["statistics"]["answers"] > count + 3)


def test(house):
    scenario = house.folder / "house.plant"
    scenario.write_text(SCENARIO)
    house.start_plant(scenario)
    profiles = write_profiles(house)
    site, expected = write_site(house)
    gateway = house.start_gateway(site=site, profiles=profiles)
    api = Api(gateway.line("listening on "))
    status, answer = api.call("POST", "/api/v1/setup", {"code": gateway.line("setup code "), "username": "anna", "password": PASSWORD})
    check(status == 201, f"setup: {status} {answer}")
    each_is_named(api, gateway, expected)
    before = resident_kb(gateway)
    deaf = [deaf_socket(api) for _ in range(3)]
    second_gateway(house, site)
    bad_requests(api)
    others_go_on(api)
    grown = resident_kb(gateway) - before
    # The address sanitizer keeps up to 256 MB of freed memory for a while.
    allowed = 280_000 if b"__asan_init" in house.gateway_program.read_bytes() else 20_000
    check(grown < allowed, f"three deaf sockets and bad requests cost {grown} KB")
    for one in deaf:
        one.close()
    check(api.get("/api/v1/status")["history"]["lost"] == 0, "no sample is lost over all this")
    check(gateway.stop() == 0, f"the gateway ended with {gateway.handle.returncode}")
    no_site(house, profiles)
    print("ok: bad input costs only itself")


def no_site(house, profiles):
    """Without a readable site file the gateway starts, says so, and touches nothing."""
    gateway = house.start_gateway("gateway-without-site", site=house.folder / "absent.yaml", profiles=profiles)
    api = Api(gateway.line("listening on "))
    holds(gateway.text(), "absent.yaml", "--site")
    check("setup code" not in gateway.text(), "an account exists: no setup code")
    status, _ = api.call("POST", "/api/v1/session", {"username": "anna", "password": PASSWORD})
    check(status == 200, f"login without a site: {status}")
    alarm = wait_for("its alarm", lambda: [a for a in api.get("/api/v1/alarms?active=true")["alarms"] if "absent.yaml" in a["text"]])
    print("ok: no site file:", alarm[0]["text"])
    # A new box: the file comes into being with the first change, and what it says is what runs.
    file = house.folder / "absent.yaml"
    check(not file.exists(), "nobody asked for a file yet")
    port = {"kind": "tcp", "host": "127.0.0.1", "port": 1, "framing": "tcp"}
    status, answer = api.call("POST", "/api/v1/buses", {"id": "first", "settings": port})
    check(status == 201, f"the first bus of a new box: {status} {answer}")
    holds(file.read_text(), "id: first", "mode: zero")
    wait_for("the alarm's end", lambda: not [a for a in api.get("/api/v1/alarms?active=true")["alarms"] if "absent.yaml" in a["text"]])
    check("bus added" in str(api.get("/api/v1/audit")), "the audit log has it")
    print("ok: a new box begins its site file with the first change")


run(test)
