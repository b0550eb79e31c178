"""What the process tests share: programs with their output in files, ended by their ids; the API with a session; and
waiting for conditions, with limits so generous that only a real failure meets them."""
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

PATIENCE_S = 120
PASSWORD = "unrelated-words-9"


class Failed(Exception):
    pass


def check(condition, text):
    if not condition:
        raise Failed(text)


def holds(text, *parts):
    """Every part is in the text; the text is shown when one is not."""
    for part in parts:
        check(part in text, f"'{part}' is missing in:\n{text}")


def wait_for(what, look):
    """Looks until something true comes, and returns it."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.1)
    raise Failed(f"waited {PATIENCE_S} s in vain for: {what}")


class SilentDevice:
    """A Modbus TCP device that takes requests and never answers: tells whether anybody talks to it."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port, self.requests, self.callers = self.listener.getsockname()[1], 0, 0
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            caller, _ = self.listener.accept()
            self.callers += 1
            threading.Thread(target=self.take, args=[caller], daemon=True).start()

    def take(self, caller):
        while caller.recv(4096):
            self.requests += 1

    def site(self, path):
        """A site.yaml with this device alone."""
        path.write_text(f"schema: 1\nsite: {{name: Silent}}\nbuses:\n  - {{id: lan, link: tcp, host: 127.0.0.1, port: {self.port}}}\n"
                        "devices:\n  - {id: silent, profile: eastron/sdm630, bus: lan, unit: 1, use: grid_meter}\n")
        return path


class Process:
    def __init__(self, name, command, folder):
        self.name, self.log = name, folder / f"{name}.log"
        self.handle = subprocess.Popen([str(c) for c in command], stdout=open(self.log, "wb"), stderr=subprocess.STDOUT,
                                       start_new_session=True)

    def text(self):
        return self.log.read_text(errors="replace")

    def line(self, begin):
        """What follows `begin` on the first line that begins so, once there is one."""
        def look():
            for line in self.text().splitlines():
                if line.startswith(begin):
                    return line[len(begin):].strip()
            check(self.handle.poll() is None, f"{self.name} ended:\n{self.text()}")
        return wait_for(f"'{begin}' of {self.name}", look)

    def stop(self):
        if self.handle.poll() is None:
            self.handle.send_signal(signal.SIGTERM)
            try:
                self.handle.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                self.handle.kill()
                self.handle.wait()
        return self.handle.returncode


class Api:
    """Certificates are not checked: it was made a moment ago by the process beside us."""

    def __init__(self, url):
        self.url, self.token = url, None
        self.tls = ssl._create_unverified_context()

    def call(self, method, path, body=None):
        """(status, answer as JSON)"""
        request = urllib.request.Request(self.url + path, method=method)
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        data = None
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, data, timeout=PATIENCE_S, context=self.tls) as answer:
                cookie = answer.headers.get("Set-Cookie", "")
                if cookie.startswith("__Host-busbar="):
                    self.token = cookie.split(";")[0].split("=", 1)[1]
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")

    def get(self, path):
        status, answer = self.call("GET", path)
        check(status == 200, f"GET {path}: {status} {answer}")
        return answer


class House:
    """A folder, and the programs that run in it; all are ended when the test is over."""

    def __init__(self):
        self.gateway_program, self.plant_program, self.ctl_program, root = (Path(p) for p in sys.argv[1:5])
        self.root, self.folder = root, Path(tempfile.mkdtemp(prefix="busbar-process-"))
        self.processes = []

    def start(self, name, command):
        self.processes.append(Process(name, command, self.folder))
        return self.processes[-1]

    def start_plant(self, scenario):
        plant = self.start("plant", [self.plant_program, "--scenario", scenario, "--dir", self.folder, "--profiles",
                                     self.root / "profiles"])
        site = self.folder / "site.yaml"
        wait_for("site.yaml of the plant", lambda: site.exists() or check(plant.handle.poll() is None, plant.text()))
        return plant

    def start_gateway(self, name="gateway", site=None, profiles=None, listen="127.0.0.1:0"):
        return self.start(name, [self.gateway_program, "--site", site or self.folder / "site.yaml", "--data", self.folder / "data",
                                 "--profiles", profiles or self.root / "profiles", "--listen", listen, "--no-realtime"])

    def ctl(self, *words, typed=""):
        """(exit status, standard output, standard error)"""
        environment = os.environ | {"BUSBAR_SESSION": str(self.folder / "session.json")}
        done = subprocess.run([str(self.ctl_program), *words], input=typed, capture_output=True, text=True, timeout=PATIENCE_S,
                              env=environment)
        return done.returncode, done.stdout, done.stderr


def run(test):
    house = House()
    try:
        test(house)
    except Failed as failure:
        print(f"FAILED: {failure}")
        for process in house.processes:
            print(f"--- {process.name}\n{process.text()[-6000:]}")
        sys.exit(1)
    finally:
        for process in reversed(house.processes):
            process.stop()
        shutil.rmtree(house.folder, ignore_errors=True)
