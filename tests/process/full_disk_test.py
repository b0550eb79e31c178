#!/usr/bin/env python3
"""A gateway that starts on a full disk controls, says where room is needed, and serves once there is some; what was on the
disk is still there. The disk is a small tmpfs in a mount namespace of this process; skipped where none can be made."""
import os
import subprocess
import sys

from kit import PASSWORD, PATIENCE_S, Api, SilentDevice, check, holds, run, wait_for

SKIPPED = 77


def in_own_namespace():
    if "BUSBAR_OWN_MOUNTS" in os.environ:
        return
    enter = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]
    try:
        can = subprocess.run([*enter, "mount", "-t", "tmpfs", "-o", "size=4m", "busbar-test", "/mnt"], capture_output=True).returncode == 0
    except FileNotFoundError:
        can = False
    if not can:
        print("skipped: a small disk cannot be mounted here")
        sys.exit(SKIPPED)
    os.execvpe(enter[0], [*enter, sys.executable, *sys.argv], os.environ | {"BUSBAR_OWN_MOUNTS": "1"})


class Disk:
    def __init__(self, folder):
        folder.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "busbar-test", folder], check=True)
        self.folder, self.filler = folder, folder / "filler"

    def fill(self):
        with open(self.filler, "wb", buffering=0) as file:
            try:
                while file.write(b"x" * 4096):
                    pass
            except OSError:
                pass
        room = os.statvfs(self.folder)
        check(room.f_bavail == 0, f"{room.f_bavail} blocks are left; the test says nothing")

    def make_room(self):
        self.filler.unlink()


def said(gateway, area):
    return [line for line in gateway.text().splitlines() if f" {area}: " in line and "disk full" in line]


def second_is_refused(house):
    device = SilentDevice()
    site = device.site(house.folder / "second.yaml")
    command = [house.gateway_program, "--site", site, "--data", house.folder / "data", "--profiles", house.root / "profiles",
               "--listen", "127.0.0.1:0", "--no-realtime"]
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=PATIENCE_S)
    check(done.returncode == 1, f"a second gateway ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    holds(done.stderr, "cannot start", str(house.folder / "data"), "in use by")
    check(device.callers == 0, "the second gateway reached for its device")
    print("ok:", done.stderr.strip())


def serves_again(house, gateway):
    api = Api(gateway.line("listening on "))
    wait_for("the history", lambda: "open again" in gateway.text() or not said(gateway, "history"))
    for area in ("web", "history"):
        check(len(said(gateway, area)) <= 1, f"'{area}' repeats itself:\n{gateway.text()}")
    return api


def empty_folder(house, disk):
    disk.fill()
    gateway = house.start_gateway("empty-folder")
    lines = wait_for("the full disk in the log", lambda: said(gateway, "web") and said(gateway, "history") and gateway.text())
    holds(lines, f"data folder {disk.folder}: disk full; free some space on it; control goes on, trying again")
    wait_for("requests to the device", lambda: house.device.requests > 1)
    second_is_refused(house)
    check(gateway.handle.poll() is None and "listening" not in gateway.text(), gateway.text())
    disk.make_room()
    api = serves_again(house, gateway)
    status, answer = api.call("POST", "/api/v1/setup", {"code": gateway.line("setup code "), "username": "anna", "password": PASSWORD})
    check(status == 201, f"setup: {status} {answer}")
    alarms = wait_for("the alarm, cleared",
                      lambda: [a for a in api.get("/api/v1/alarms")["alarms"] if a["name"] == "access_failing" and a["cleared"]])
    holds(alarms[0]["text"], str(disk.folder), "disk full", "free some space")
    check(gateway.stop() == 0, f"the gateway ended with {gateway.handle.returncode}")
    print("ok: an empty folder on a full disk")


def existing_folder(house, disk):
    disk.fill()
    before = house.device.requests
    gateway = house.start_gateway("existing-folder")
    wait_for("the full disk in the log", lambda: said(gateway, "history") or said(gateway, "web"))
    wait_for("requests to the device", lambda: house.device.requests > before + 1)
    check("disk I/O error" not in gateway.text(), f"an error nobody can act on:\n{gateway.text()}")
    disk.make_room()
    api = serves_again(house, gateway)
    check("setup code" not in gateway.text() and "corrupt" not in gateway.text(), f"the account is gone:\n{gateway.text()}")
    status, answer = api.call("POST", "/api/v1/session", {"username": "anna", "password": PASSWORD})
    check(status == 200, f"login: {status} {answer}")
    check(gateway.stop() == 0, f"the gateway ended with {gateway.handle.returncode}")
    print("ok: an existing folder on a full disk")


def test(house):
    house.device = SilentDevice()
    house.device.site(house.folder / "site.yaml")
    disk = Disk(house.folder / "data")
    try:
        empty_folder(house, disk)
        existing_folder(house, disk)
    finally:
        for process in house.processes:
            process.stop()
        subprocess.run(["umount", "--lazy", disk.folder], check=False)


in_own_namespace()
run(test)
