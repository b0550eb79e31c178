#!/usr/bin/env python3
"""busbar-plant as others see it: Debian's mbpoll reads its devices over TCP and over a pty, a raw client checks the pace of
the serial line, SIGTERM ends it with a report. Exit code 77 (skipped) where mbpoll is absent."""
import json
import os
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SCENARIO = """
site line lan tcp | line serial serial 9600 turnaround=5ms
site load 600W | load 1500W id=pump meter=eastron/sdm630 on=serial unit=7
site pv 8kW rated=8kW inverter=sunspec/inverter on=lan unit=3 id=roof
site grid meter=chint/dtsu666 on=serial unit=11
at 0s pv 5kW
expect pv > 4900W always
"""
# 5000 W DC less the losses of an 8 kW inverter (inverter.hpp): ac + 24 + 0.01 ac + ac^2 / 800000 = 5000.
AC_W = (-1.01 + (1.01**2 + 4 * (5000 - 24) / 800000) ** 0.5) / (2 / 800000)


def fail(text):
    print("FAILED:", text)
    sys.exit(1)


def near(what, seen, wanted, slack):
    if abs(seen - wanted) > slack:
        fail(f"{what}: {seen}, not {wanted} +- {slack}")
    print(f"ok: {what} is {seen}")


def crc(data):
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return struct.pack("<H", value)


def mbpoll(*words):
    """Register number -> value, as mbpoll prints them."""
    time.sleep(0.05)  # the line's silence between two masters
    out = subprocess.run(["mbpoll", "-1", *words], capture_output=True, text=True, timeout=60)
    values = {int(n): float(v) for n, v in re.findall(r"^\[(\d+)\]:\s+(-?[\d.]+)", out.stdout, re.M)}
    if not values:
        fail(f"mbpoll {' '.join(words)}: {out.stdout} {out.stderr}")
    return values


def tcp(port):
    def read(first, count):  # 1-based
        answer = mbpoll("-m", "tcp", "-p", str(port), "-a", "3", "-r", str(first), "-c", str(count), "-t", "4", "127.0.0.1")
        return [int(answer[first + i]) & 0xFFFF for i in range(count)]

    if read(40001, 2) != [0x5375, 0x6E53]:
        fail("no SunS mark")
    models, at = {}, 40003
    while True:
        model, length = read(at, 2)
        if model == 0xFFFF:
            break
        models[model] = at
        at += 2 + length
    print("ok: mbpoll walks models", sorted(models))
    power, factor = read(models[103] + 14, 2)
    near("AC power of the roof over TCP", power * 10.0 ** struct.unpack("h", struct.pack("H", factor))[0], AC_W, 2)


def serial(path):
    common = ["-m", "rtu", "-b", "9600", "-P", "none"]
    pump = mbpoll(*common, "-a", "7", "-r", "53", "-c", "1", "-t", "3:float", "-B", path)
    near("power of the pump over the pty", pump[53], 1500, 0.1)
    grid = mbpoll(*common, "-a", "11", "-r", str(0x2012 + 1), "-c", "1", "-t", "4:float", "-B", path)
    near("grid power over the pty, tenths of a watt", grid[0x2012 + 1], 10 * (2100 - AC_W), 20)


def wrong_speed(path):
    """What comes at another baud rate is noise to the devices: nobody answers, and nothing of it spoils the next request."""
    out = subprocess.run(["mbpoll", "-1", "-m", "rtu", "-b", "19200", "-P", "none", "-o", "0.5", "-a", "7", "-r", "53", "-c", "1",
                          "-t", "3:float", "-B", path], capture_output=True, text=True, timeout=60)
    if "timed out" not in out.stdout + out.stderr:
        fail(f"at 19200 Bd a line of 9600 Bd said {out.stdout} {out.stderr}")
    print("ok: nobody answers at another speed")


def pace(path):
    """An answer is there when its last byte can be at 9600 Bd: 8 characters out, 3.5 of silence, 5 ms thinking, 41 back."""
    port = os.open(path, os.O_RDWR | os.O_NOCTTY)
    time.sleep(0.05)
    request = struct.pack(">BBHH", 7, 4, 0, 18)
    begin = time.monotonic()
    os.write(port, request + crc(request))
    answer, times = b"", []
    while len(answer) < 41 and select.select([port], [], [], 30)[0]:
        answer += os.read(port, 256)
        times.append(time.monotonic() - begin)
    os.close(port)
    if len(answer) != 41 or crc(answer[:-2]) != answer[-2:]:
        fail(f"answer {answer.hex()}")
    whole = (8 + 3.5 + 41) * 10 / 9600 + 0.005
    if times[0] < whole - 0.001:
        fail(f"too fast: first byte after {times[0]:.4f} s, {whole:.4f} s are needed")
    print(f"ok: 41 bytes after {times[-1] * 1000:.1f} ms (wire: {whole * 1000:.1f})")


def main():
    program, profiles = sys.argv[1], sys.argv[2]
    if not shutil.which("mbpoll"):
        print("skipped: mbpoll is not installed (./dev setup installs it)")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        (at / "test.plant").write_text(SCENARIO)
        plant = subprocess.Popen([program, "--scenario", at / "test.plant", "--dir", at, "--profiles", profiles,
                                  "--report", at / "report.json", "--check"])
        try:
            for _ in range(1200):
                if (at / "endpoints.json").exists() or plant.poll() is not None:
                    break
                time.sleep(0.05)
            buses = {b["id"]: b for b in json.loads((at / "endpoints.json").read_text())["buses"]}
            tcp(buses["lan"]["port"])
            wrong_speed(buses["serial"]["port"])
            serial(buses["serial"]["port"])
            pace(buses["serial"]["port"])
        finally:
            plant.send_signal(signal.SIGTERM)
            code = plant.wait(timeout=60)
        report = json.loads((at / "report.json").read_text())
        if code != 0 or report["expectations"][0]["outcome"] != "passed":
            fail(f"exit code {code}, {report['expectations']}")
        lines = {line["id"]: line for line in report["lines"]}
        if lines["serial"]["answers"] != 3 or lines["serial"]["early_starts"] != 0 or lines["serial"]["broken"]:
            fail(f"line counts {lines['serial']}")
        if (at / "serial").is_symlink():
            fail("the symbolic link is still there")
        print("ok: clean end with a report")


main()
