#!/usr/bin/env python3
"""A simulated house and the gateway that runs it, side by side on this machine.

With a person: prints the address and the one-time setup code, Ctrl-C ends all. With --headless: makes the first account
itself, watches for --seconds, writes what it saw to --report, and exits with 1 when something was not as it should be.
--scenario takes a file or the name of one in tests/plant (--list shows them); the default is a sunny noon with clouds.
Started by ./dev demo, which builds the programs and the web interface first. Standard library only.
"""
import argparse
import json
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import commissioning
from field import Ages, share_of
from truth import Looks, Truth

root = Path(__file__).resolve().parents[2]
scenarios = root / "tests/plant"
sites = {"house": scenarios / "demo_house.plant", "commercial": root / "tools/demo/commercial.plant"}
longest_excess_s = 5  # feed-in above its limit, after a cloud edge


def fail(text):
    print(f"demo: {text}", file=sys.stderr)
    sys.exit(1)


class Process:
    """A program with its output in a file; ended by its id, never by its name."""

    def __init__(self, name, command, folder):
        self.name, self.log, self.begun = name, folder / f"{name}.log", time.monotonic()
        self.handle = subprocess.Popen(command, stdout=open(self.log, "wb"), stderr=subprocess.STDOUT, start_new_session=True)

    def text(self):
        return self.log.read_text(errors="replace")

    def said(self, what):
        """The rest of the first line that begins so, or nothing."""
        return next((line[len(what):].strip() for line in self.text().splitlines() if line.startswith(what)), None)

    def wait_for(self, what, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if (rest := self.said(what)) is not None:
                return rest
            if self.handle.poll() is not None:
                fail(f"{self.name} ended at once:\n{self.text()}")
            time.sleep(0.02)
        fail(f"{self.name} did not say '{what}' within {seconds} s:\n{self.text()}")

    def stop(self, seconds=15):
        """Asks it to end; a second Ctrl-C or too long a wait ends it the hard way."""
        if self.handle.poll() is None:
            self.handle.send_signal(signal.SIGTERM)
            try:
                self.handle.wait(seconds)
            except (subprocess.TimeoutExpired, KeyboardInterrupt):
                self.handle.kill()
                self.handle.wait()
        return self.handle.returncode


class Api:
    """The gateway's API with the session of the account made here. The certificate was made seconds ago on this machine."""

    def __init__(self, url):
        self.url, self.token = url, None
        self.tls = ssl.create_default_context()
        self.tls.check_hostname = False
        self.tls.verify_mode = ssl.CERT_NONE

    def call(self, method, path, body=None):
        request = urllib.request.Request(self.url + path, method=method)
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, data, timeout=30, context=self.tls) as answer:
                cookie = answer.headers.get("Set-Cookie", "")
                if cookie.startswith("__Host-busbar="):
                    self.token = cookie.split(";")[0].split("=", 1)[1]
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            fail(f"{method} {path}: {error.code} {error.read().decode(errors='replace')}")


def observe(api, processes, truth):
    devices = api.call("GET", "/api/v1/devices")["devices"]
    points = api.call("GET", "/api/v1/points")["points"]
    buses = api.call("GET", "/api/v1/buses")["buses"]
    status = api.call("GET", "/api/v1/status")
    decisions = api.call("GET", "/api/v1/why?limit=1000")["decisions"]
    alarms = api.call("GET", "/api/v1/alarms?active=false")["alarms"]
    units = [u for bus in buses for u in bus["units"]]
    total = lambda name: sum(u.get(name, u.get("statistics", {}).get(name, 0)) for u in units)
    states = {}
    for decision in decisions:
        states[decision["state"]] = states.get(decision["state"], 0) + 1
    return {
        "devices": {"configured": len(devices), "online": sum(d["state"] == "online" for d in devices),
                    "problems": [f"{d['id']}: {d['problem']}" for d in devices if d["problem"]]},
        "points": {"known": len(points), "good": sum(p["quality"] == "good" for p in points),
                   "not_fresh": [f"{p['id']}: {p['quality']}" for p in points if p["quality"] != "good" and truth.knows(p)]},
        "bus": {name: total(name) for name in ("requests", "answers", "timeouts", "crc_errors", "exceptions")}
               | {"utilisation": {b["id"]: round(b["utilisation"], 3) for b in buses}},
        "history": {"samples": status["history"]["samples"], "bytes": status["history"]["bytes"], "lost": status["history"]["lost"]},
        "setpoints": {"decided": len(decisions), "obeyed": states.get("in_force", 0) + states.get("released", 0)} | states,
        "alarms": [f"{a['severity']} {a['name']} {a['source']}: {a['text']}" + (" (over)" if a["cleared"] else "") for a in alarms],
        "cycle": status["cycle"],
        "gateway": share_of(processes["gateway"]),
        "simulation": share_of(processes["plant"]),
    }


def judge(report, has_faults):
    """What was not as it should be. In a scenario with faults bus errors belong to the play."""
    errors = []
    devices = report["devices"]
    if devices["online"] != devices["configured"] and not has_faults:
        errors.append(f"{devices['online']} of {devices['configured']} devices online: {devices['problems']}")
    search = report.get("search", {})
    for name in ("timeouts", "crc_errors", "exceptions"):
        count = report["bus"][name] - search.get("bus_errors", {}).get(name, 0)
        if count and not has_faults:
            errors.append(f"{count} bus {name}")
    errors += judge_search(search)
    if not has_faults:
        errors += judge_values(report)
    if report["history"]["lost"]:
        errors.append(f"{report['history']['lost']} samples lost")
    if not report["history"]["samples"]:
        errors.append("no sample kept")
    if not report["setpoints"]["obeyed"]:
        errors.append("no setpoint was ever confirmed")
    for state in ("refused", "unreachable"):
        if report["setpoints"].get(state) and not has_faults:
            errors.append(f"{report['setpoints'][state]} setpoints {state}")
    raised = {alarm.split()[1] for alarm in report["alarms"]}
    for one in report["plant"].get("expectations", []):
        words = one["expect"].split()
        if one["outcome"] == "not observed" and words[0] == "fault" and words[1] in raised:
            continue  # the plant cannot see what the gateway alarms, the report can
        too_short = "time never came" in one["reason"] and report["plant"]["seconds"] < 60  # a glance proves no limit
        if one["outcome"] != "passed" and not too_short:
            errors.append(f"plant: line {one['line']}: {one['expect']}: {one['outcome']} {one['reason']}")
    for line in report["plant"].get("lines", []):
        # A search asks units that nobody has, and cannot know the pause of a device it does not know.
        foreign, too_soon = (0, 0) if search else (line["foreign"], line["too_soon"])
        if (line["broken"] or foreign or line["early_starts"] or too_soon) and not has_faults:
            errors.append(f"plant: {line['id']}: {line['broken']} broken and {foreign} foreign frames, {line['early_starts']} started "
                          f"early, {too_soon} within a device's pause")
    excess = report["plant"].get("feed_in", {}).get("longest_excess_s", 0)
    if excess > longest_excess_s and not has_faults:
        errors.append(f"feed-in stayed above its limit for {excess} s")
    if not report["plant"].get("expectations"):
        errors.append("the plant checked nothing")
    if report["exit"]["gateway"] != 0:
        errors.append(f"the gateway ended with {report['exit']['gateway']}")
    return errors


def judge_values(report):
    """Every value is fresh, and what the plant measured while it was read."""
    truth = report["truth"]
    errors = [] if truth["compared"] else ["no value was held against what the plant measures"]
    if truth["wrong_values"]:
        errors.append(f"{truth['wrong_values']} of {truth['compared']} values are not what the plant measured: {'; '.join(truth['wrong'][:5])}")
    if truth["missed"] > 0.05 * truth["compared"]:
        errors.append(f"{truth['missed']} values could not be compared with {truth['compared']} that were: this machine is too slow")
    if report["points"]["not_fresh"]:
        errors.append(f"not fresh: {', '.join(report['points']['not_fresh'])}")
    return errors


def judge_search(search):
    if not search:
        return []
    errors = [f"taken for another: {text}" for text in search["wrong"]]
    errors += [f"not as it says itself: {text}" for text in search["misnamed"]]
    if search["missing"]:
        errors.append(f"not found: {', '.join(search['missing'])}")
    if search["strangers"]:
        errors.append(f"found where nobody is: {', '.join(search['strangers'])}")
    if search["state"] != "done":
        errors.append(f"the search ended as {search['state']}")
    if search["all_online_after_s"] is None:
        errors.append("not all devices that were added came online")
    return errors


def scenario_file(name):
    for path in (Path(name), scenarios / name, scenarios / f"{name}.plant"):
        if path.is_file():
            return path
    fail(f"no scenario '{name}'; there is " + ", ".join(sorted(p.stem for p in scenarios.glob("*.plant"))))


def list_scenarios():
    for path in sorted(scenarios.glob("*.plant")):
        first = path.read_text().splitlines()[0]
        print(f"  {path.stem:22} {first.lstrip('# ')}")


def parse():
    parser = argparse.ArgumentParser(prog="./dev demo", description=__doc__.split("\n\n")[0])
    parser.add_argument("--seconds", type=float, default=0, help="end by itself after so many seconds")
    parser.add_argument("--headless", action="store_true", help="no person: set up, watch, judge")
    parser.add_argument("--report", metavar="FILE", help="write what was seen as JSON")
    parser.add_argument("--site", choices=sorted(sites), default="house",
                        help="a house, or a factory with sixty devices on three serial lines")
    parser.add_argument("--scan", action=argparse.BooleanOptionalAction, default=True,
                        help="the gateway of the factory knows its lines only; its devices are searched for and added")
    parser.add_argument("--scenario", metavar="NAME", help="what to play: a file, or a name --list shows")
    parser.add_argument("--list", action="store_true", help="show the scenarios that are there")
    parser.add_argument("--listen", metavar="ADDRESS", default="127.0.0.1",
                        help="0.0.0.0 opens it to the network, for a phone; default this machine only")
    parser.add_argument("--port", type=int, default=8443)
    parser.add_argument("--keep", metavar="DIR", help="folder for data and logs; default a temporary one that goes at the end")
    parser.add_argument("--build", metavar="DIR", default=str(root / "build/release"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.headless and not options.seconds:
        options.seconds = 30
    return options


def main():
    options = parse()
    if options.list:
        return list_scenarios()
    options.scenario_given = bool(options.scenario)
    options.scenario = scenario_file(options.scenario) if options.scenario else sites[options.site]
    folder = Path(options.keep or tempfile.mkdtemp(prefix="busbar-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    processes, report = [], {}
    try:
        run(options, folder, Path(options.build), processes, report)
    except KeyboardInterrupt:
        print()
    finally:
        end(folder, processes, report)
    if options.headless:
        finish(options, report, processes)
    if not options.keep:
        shutil.rmtree(folder, ignore_errors=True)


def end(folder, processes, report):
    begun = time.monotonic()
    if processes:
        print("  Ending: the gateway hands its setpoints back ...", flush=True)
    report["exit"] = {}
    for process in reversed(processes):  # the gateway first: it still needs the devices
        report["exit"][process.name] = process.stop()
    if processes:
        print(f"  All ended after {time.monotonic() - begun:.1f} s.", flush=True)
    plant_report = folder / "plant.json"
    if plant_report.exists():
        report["plant"] = json.loads(plant_report.read_text())


def start_plant(options, folder, build):
    (folder / "endpoints.json").unlink(missing_ok=True)
    plant = Process("plant", [build / "apps/plant/busbar-plant", "--scenario", options.scenario, "--dir", folder,
                              "--profiles", root / "profiles", "--report", folder / "plant.json",
                              "--truth", folder / "truth.json"], folder)
    patience = time.monotonic() + 60
    while not (folder / "endpoints.json").exists():
        if plant.handle.poll() is not None or time.monotonic() > patience:
            plant.stop()
            fail(f"the plant did not start:\n{plant.text()}")
        time.sleep(0.02)
    return plant


def run(options, folder, build, processes, report):
    processes.append(start_plant(options, folder, build))
    plant = json.loads((folder / "endpoints.json").read_text())
    searches = options.site == "commercial" and not options.scenario_given and options.scan
    if searches:
        site = folder / "site.yaml"
        site.write_text(commissioning.bare(site.read_text()))
    started = time.monotonic()
    gateway = Process("gateway", [build / "apps/gateway/busbar-gateway", "--site", folder / "site.yaml", "--data", folder / "data",
                                  "--profiles", root / "profiles", "--listen", f"{options.listen}:{options.port}"], folder)
    processes.append(gateway)
    url = gateway.wait_for("listening on ", 60)
    report["start_to_api_ms"] = round(1000 * (time.monotonic() - started))
    code = gateway.said("setup code ")  # said in one breath with the address; a kept folder has its account already
    invite(options, folder, gateway, url, code)
    if options.headless:
        if not code:
            fail(f"{folder} has an account of an earlier run; give --keep an empty folder")
        api = Api(f"https://127.0.0.1:{options.port}")
        api.call("POST", "/api/v1/setup", {"code": code, "username": "demo", "password": "a demo house password", "language": "en"})
    where = {device["id"]: device["bus"] for device in plant["devices"]}
    if searches and options.headless:
        during, looks = Ages(where), Looks(api)
        report["search"] = commissioning.commission(api, plant, lambda: [during.take(*look) for look in looks.take()]) | {"ages": during.report()}
        report["search"]["all_online_after_s"] = commissioning.wait_online(api, len(plant["devices"]), 300)
        report["search"]["misnamed"] = commissioning.misnamed(api, plant)
        report["search"]["bus_errors"] = commissioning.bus_errors(api)
        started = time.monotonic()
    ages, truth = Ages(where), Truth(folder / "truth.json")
    looks = Looks(api) if options.headless else None
    watch(options, started, processes, lambda: look(looks, ages, truth) if looks else None)
    if options.headless:
        report.update(observe(api, {process.name: process for process in processes}, truth))
        report["ages"], report["truth"] = ages.report(), truth.report()


def look(looks, ages, truth):
    truth.look()
    for points, at_ms in looks.take():
        ages.take(points)
        truth.take(points, at_ms)


def watch(options, started, processes, look):
    while not options.seconds or time.monotonic() - started < options.seconds:
        for process in processes:
            if process.handle.poll() is not None:
                fail(f"the {process.name} ended by itself with {process.handle.returncode}:\n{process.text()[-2000:]}")
        look()
        time.sleep(0.1)


def own_address():
    """Under which others in the network see this machine; nothing is sent to find out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return probe.getsockname()[0]
        except OSError:
            return None


def invite(options, folder, gateway, url, code):
    is_open = options.listen in ("0.0.0.0", "::")
    address = (own_address() if is_open else None) or "127.0.0.1"
    lines = [f"Demo house:  https://{address}:{options.port}" if is_open else f"Demo house:  {url}"]
    if code:
        lines.append(f"Setup code:  {code}   (asked once, for the first account)")
    lines.append("The browser will warn: the certificate was made here just now. It is the right one when its SHA-256 is")
    lines.append(f"  {gateway.said('certificate ')}")
    if not is_open:
        lines.append("From a phone in the same network: start with --listen 0.0.0.0")
    lines.append(f"Logs:        {folder}")
    lines.append(f"Ends by itself after {options.seconds:g} s." if options.seconds else "Ctrl-C ends all.")
    print("\n" + "\n".join("  " + line for line in lines) + "\n", flush=True)


def finish(options, report, processes):
    if "devices" not in report:
        fail("ended before anything was seen:\n" + "\n".join(p.text() for p in processes))
    report.setdefault("plant", {})
    report["errors"] = judge(report, options.scenario not in sites.values())
    text = json.dumps(report, indent=2)
    if options.report:
        Path(options.report).write_text(text + "\n")
    print(text)
    print("demo: " + ("all as it should be" if not report["errors"] else "; ".join(report["errors"])))
    if report["errors"]:
        sys.exit(1)


main()
