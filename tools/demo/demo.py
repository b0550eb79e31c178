#!/usr/bin/env python3
"""A simulated house and the gateway that runs it, side by side on this machine.

With a person: prints the address and the one-time setup code, Ctrl-C ends all. With --headless: makes the first account
itself, watches for --seconds, writes what it saw to --report, and exits with 1 when something was not as it should be.
Started by ./dev demo, which builds the programs and the web interface first. Standard library only.
"""
import argparse
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

root = Path(__file__).resolve().parents[2]


def fail(text):
    print(f"demo: {text}", file=sys.stderr)
    sys.exit(1)


class Process:
    """A program with its output in a file; ended by its id, never by its name."""

    def __init__(self, name, command, folder):
        self.name, self.log = name, folder / f"{name}.log"
        self.handle = subprocess.Popen(command, stdout=open(self.log, "wb"), stderr=subprocess.STDOUT, start_new_session=True)

    def text(self):
        return self.log.read_text(errors="replace")

    def wait_for(self, what, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for line in self.text().splitlines():
                if line.startswith(what):
                    return line[len(what):].strip()
            if self.handle.poll() is not None:
                fail(f"{self.name} ended at once:\n{self.text()}")
            time.sleep(0.02)
        fail(f"{self.name} did not say '{what}' within {seconds} s:\n{self.text()}")

    def stop(self, seconds=15):
        if self.handle.poll() is None:
            self.handle.send_signal(signal.SIGTERM)
            try:
                self.handle.wait(seconds)
            except subprocess.TimeoutExpired:
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
            with urllib.request.urlopen(request, data, timeout=10, context=self.tls) as answer:
                cookie = answer.headers.get("Set-Cookie", "")
                if cookie.startswith("__Host-busbar="):
                    self.token = cookie.split(";")[0].split("=", 1)[1]
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            fail(f"{method} {path}: {error.code} {error.read().decode(errors='replace')}")


def usage_of(pid):
    """Seconds of processor time and resident bytes of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    ticks = os.sysconf("SC_CLK_TCK")
    resident = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
    return (int(fields[11]) + int(fields[12])) / ticks, resident


def observe(api, gateway, started):
    devices = api.call("GET", "/api/v1/devices")["devices"]
    points = api.call("GET", "/api/v1/points")["points"]
    buses = api.call("GET", "/api/v1/buses")["buses"]
    status = api.call("GET", "/api/v1/status")
    decisions = api.call("GET", "/api/v1/why?limit=1000")["decisions"]
    alarms = api.call("GET", "/api/v1/alarms?active=false")["alarms"]
    units = [u for bus in buses for u in bus["units"]]
    total = lambda name: sum(u.get(name, u.get("statistics", {}).get(name, 0)) for u in units)
    cpu_s, resident = usage_of(gateway.handle.pid)
    states = {}
    for decision in decisions:
        states[decision["state"]] = states.get(decision["state"], 0) + 1
    return {
        "devices": {"configured": len(devices), "online": sum(d["state"] == "online" for d in devices),
                    "problems": [f"{d['id']}: {d['problem']}" for d in devices if d["problem"]]},
        "points": {"known": len(points), "good": sum(p["quality"] == "good" for p in points)},
        "bus": {name: total(name) for name in ("requests", "answers", "timeouts", "crc_errors", "exceptions")}
               | {"utilisation": {b["id"]: round(b["utilisation"], 3) for b in buses}},
        "history": {"samples": status["history"]["samples"], "bytes": status["history"]["bytes"], "lost": status["history"]["lost"]},
        "setpoints": states,
        "alarms": [f"{a['severity']} {a['name']} {a['source']}: {a['text']}" for a in alarms],
        "cycle": status["cycle"],
        "gateway": {"rss_mb": round(resident / 1e6, 1), "cpu_percent": round(100 * cpu_s / (time.monotonic() - started), 2)},
    }


def judge(report):
    errors = []
    devices = report["devices"]
    if devices["online"] != devices["configured"]:
        errors.append(f"{devices['online']} of {devices['configured']} devices online: {devices['problems']}")
    for name in ("timeouts", "crc_errors", "exceptions"):
        if report["bus"][name]:
            errors.append(f"{report['bus'][name]} bus {name}")
    if report["history"]["lost"]:
        errors.append(f"{report['history']['lost']} samples lost")
    if not report["history"]["samples"]:
        errors.append("no sample kept")
    if not report["setpoints"].get("in_force") and not report["setpoints"].get("released"):
        errors.append("no setpoint was ever confirmed")
    for state in ("refused", "unreachable"):
        if report["setpoints"].get(state):
            errors.append(f"{report['setpoints'][state]} setpoints {state}")
    for one in report["plant"].get("expectations", []):
        if one["outcome"] != "passed":
            errors.append(f"plant: line {one['line']}: {one['expect']}: {one['outcome']} {one['reason']}")
    for line in report["plant"].get("lines", []):
        if line["broken"] or line["foreign"]:
            errors.append(f"plant: {line['id']}: {line['broken']} broken and {line['foreign']} foreign frames")
    if not report["plant"].get("expectations"):
        errors.append("the plant checked nothing")
    if report["exit"]["gateway"] != 0:
        errors.append(f"the gateway ended with {report['exit']['gateway']}")
    return errors


def main():
    parser = argparse.ArgumentParser(prog="./dev demo")
    parser.add_argument("--seconds", type=float, default=0, help="end by itself after so many seconds")
    parser.add_argument("--headless", action="store_true", help="no person: set up, watch, judge")
    parser.add_argument("--report", help="write what was seen as JSON")
    parser.add_argument("--scenario", default=str(root / "tests/plant/demo_house.plant"))
    parser.add_argument("--build", default=str(root / "build/release"))
    parser.add_argument("--port", type=int, default=8443)
    parser.add_argument("--listen", default="127.0.0.1")
    parser.add_argument("--keep", help="folder for data and logs; default a temporary one")
    options = parser.parse_args()
    if options.headless and not options.seconds:
        options.seconds = 30

    folder = Path(options.keep or tempfile.mkdtemp(prefix="busbar-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    build = Path(options.build)
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    processes = []
    report = {}
    try:
        run(options, folder, build, processes, report)
    except KeyboardInterrupt:
        print("\nending")
    finally:
        report["exit"] = {}
        for process in reversed(processes):  # the gateway first: it hands its setpoints back to the devices
            report["exit"][process.name] = process.stop()
        plant_report = folder / "plant.json"
        if plant_report.exists():
            report["plant"] = json.loads(plant_report.read_text())
    if options.headless:
        finish(options, report, processes)
    if not options.keep:
        shutil.rmtree(folder, ignore_errors=True)


def run(options, folder, build, processes, report):
    plant = Process("plant", [build / "apps/plant/busbar-plant", "--scenario", options.scenario, "--dir", folder,
                              "--profiles", root / "profiles", "--report", folder / "plant.json"], folder)
    processes.append(plant)
    end = time.monotonic() + 10
    while not (folder / "site.yaml").exists():
        if plant.handle.poll() is not None or time.monotonic() > end:
            fail(f"the plant did not start:\n{plant.text()}")
        time.sleep(0.02)
    started = time.monotonic()
    gateway = Process("gateway", [build / "apps/gateway/busbar-gateway", "--site", folder / "site.yaml", "--data", folder / "data",
                                  "--profiles", root / "profiles", "--listen", f"{options.listen}:{options.port}"], folder)
    processes.append(gateway)
    url = gateway.wait_for("listening on ", 20)
    report["start_to_api_ms"] = round(1000 * (time.monotonic() - started))
    code = gateway.wait_for("setup code ", 5)
    print(f"\n  Demo house: {url}\n  Setup code: {code}\n  Logs: {folder}\n", flush=True)
    if not options.headless:
        print("  Ctrl-C ends both programs.", flush=True)
        deadline = time.monotonic() + options.seconds if options.seconds else float("inf")
        while time.monotonic() < deadline and all(p.handle.poll() is None for p in processes):
            time.sleep(0.2)
        return
    api = Api(url)
    api.call("POST", "/api/v1/setup", {"code": code, "username": "demo", "password": "a demo house password", "language": "en"})
    time.sleep(max(0, options.seconds - (time.monotonic() - started)))
    report.update(observe(api, gateway, started))


def finish(options, report, processes):
    if "devices" not in report:
        fail("ended before anything was seen:\n" + "\n".join(p.text() for p in processes))
    report.setdefault("plant", {})
    report["errors"] = judge(report)
    text = json.dumps(report, indent=2)
    if options.report:
        Path(options.report).write_text(text + "\n")
    print(text)
    print("demo: " + ("all as it should be" if not report["errors"] else "; ".join(report["errors"])))
    if report["errors"]:
        sys.exit(1)


main()
