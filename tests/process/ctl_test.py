#!/usr/bin/env python3
"""busbarctl as an installer uses it over SSH: every verb against a running gateway with the demo house, for people and as
JSON, and every mistake with its remedy."""
import json
import re

from kit import PASSWORD, check, holds, run, wait_for


def good(house, *words, typed=""):
    status, out, error = house.ctl(*words, typed=typed)
    check(status == 0, f"busbarctl {' '.join(words)}: {status}\n{out}{error}")
    return out


def bad(house, exit_status, *words, typed=""):
    status, out, error = house.ctl(*words, typed=typed)
    check(status == exit_status, f"busbarctl {' '.join(words)}: {status}, not {exit_status}\n{out}{error}")
    check(out == "", f"an error writes nothing to standard output, but here: {out}")
    holds(error, "busbarctl: ")
    return error


def as_json(house, *words):
    return json.loads(good(house, *words, "--json"))


def for_people(text):
    """No JSON, no raw enum names, no line that a terminal breaks."""
    check("{" not in text and "_" not in re.sub(r"\S+[./]\S+|heat_pump", "", text), f"not written for people:\n{text}")
    for line in text.splitlines():
        check(len(line) <= 160, f"too long a line: {line}")


def columns_are_aligned(text):
    """Every column of a table begins or ends where its name does."""
    header, *rows = text.splitlines()
    check(rows, f"an empty table:\n{text}")
    for name in re.findall(r"\S+", header):
        begin = header.index(name)
        end = begin + len(name)
        for row in rows:
            row = row.ljust(end)
            left = begin == 0 or row[begin - 1] == " "
            right = end >= len(row) or row[end] == " "
            check(left or right, f"column '{name}' is out of line in\n{text}")


def sign_in(house, gateway, url):
    holds(bad(house, 1, "status"), "not signed in", "busbarctl login")
    code, fingerprint = gateway.line("setup code "), gateway.line("certificate ")
    script = ["--user", "anna", "--password-stdin", "--fingerprint", fingerprint]
    holds(bad(house, 1, "setup", url, "--code", "0000-0000-0000-0000", *script, typed=PASSWORD), "setup code", "printed")
    holds(bad(house, 1, "setup", url, "--code", code, *script, typed="short"), "password", "choose a longer")
    other = fingerprint.replace(fingerprint[:2], "00" if fingerprint[:2] != "00" else "11", 1)
    holds(bad(house, 1, "setup", url, "--code", code, *script[:-1], other, typed=PASSWORD), "not the one given")
    holds(good(house, "setup", url, "--code", code, *script, typed=PASSWORD), "signed in", "anna")
    holds(bad(house, 1, "setup", url, "--code", code, *script, typed=PASSWORD), "already done", "busbarctl login")
    return fingerprint


def energies_of_today(house):
    today = as_json(house, "status")["overview"]["today"]
    return today if all(today[name] is not None for name in ("pv_wh", "house_wh", "import_wh", "export_wh")) else None


def verbs_about_now(house):
    wait_for("all devices online", lambda: all(d["state"] == "online" for d in as_json(house, "devices")["devices"]))
    devices = good(house, "devices")
    columns_are_aligned(devices)
    holds(devices, "roof", "hybrid", "grid", "heat_pump", "online", "rs485-1 unit 11", "grid meter")
    for_people(devices)

    wait_for("a good overview", lambda: as_json(house, "status")["overview"]["flow"]["grid_w"]["value"] is not None)
    # However long the machine has been up, the day is counted from the first readings.
    today = wait_for("today's energies", lambda: energies_of_today(house))
    check(today["export_wh"] >= 0 and today["pv_wh"] >= 0, f"{today}")
    status = good(house, "status")
    check(re.search(r"^today +PV [\d.]+ k?Wh, house [\d.]+ k?Wh, imported [\d.]+ k?Wh, fed in [\d.]+ k?Wh$", status, re.M), status)
    holds(status, "Demo house, Busbar", "PV", "battery", "% full", "grid", "house", "4 of 4 online", "samples in", "today", "feed-in")
    check(re.search(r"^PV +[\d.]+ k?W", status, re.M), status)
    for_people(status)

    points = good(house, "points", "roof")
    columns_are_aligned(points)
    check(re.search(r"^roof/ac\.power +[\d.]+ k?W +good +[\d.]+ s", points, re.M), points)
    check("hybrid/" not in points, points)
    check(len(good(house, "points").splitlines()) > len(points.splitlines()), "points without a device are all points")
    check(len(good(house, "points", "roof/ac.power").splitlines()) == 2, "one point is a header and a line")
    check({p["device"] for p in as_json(house, "points", "roof")["points"]} == {"roof"}, "points of one device only")

    live = good(house, "live", "roof", "--count", "2", "--json").splitlines()
    check(len(live) == 2 and all(json.loads(line)["points"] for line in live), f"two lines of JSON: {live}")

    wait_for("a decision in force", lambda: any(d["state"] == "in_force" for d in as_json(house, "why")["decisions"]))
    why = good(house, "why", "hybrid")
    holds(why, "hybrid  battery.power.set: ", "self consumption", " W")
    for_people(why)
    check(len(as_json(house, "why", "--limit", "1")["decisions"]) == 1, "--limit 1 is one decision")


def verbs_about_the_past(house):
    wait_for("samples of the roof", lambda: any(s["id"] == "roof/ac.power" and s["last"] for s in as_json(house, "history")["series"]))
    series = good(house, "history")
    columns_are_aligned(series)
    wait_for("a bucket", lambda: as_json(house, "history", "roof/ac.power", "--from", "-10m")["results"][0]["t"])
    curve = good(house, "history", "roof/ac.power", "grid/meter.power", "--from", "-10m", "--buckets", "5")
    check(len(re.findall(r"^from +lowest +mean +highest$", curve, re.M)) == 2, curve)
    check(re.search(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +[\d.]+ k?W", curve, re.M), curve)
    holds(good(house, "history", "roof/ac.power", "--from", "2020-01-01", "--to", "2020-01-02"), "no samples in this span")
    csv = good(house, "export", "roof/ac.power", "grid/meter.power", "--from", "-10m")
    lines = csv.splitlines()
    check(lines[0] == "time,roof/ac.power [W],grid/meter.power [W]", lines[0])
    check(len(lines) > 1 and all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z,", line) for line in lines[1:]), csv[:500])


def mistakes(house):
    holds(bad(house, 2, "history", "rof/ac.power"), "there is no series 'rof/ac.power'", "did you mean roof/ac.power", "busbarctl history")
    holds(bad(house, 2, "export", "roof/ac.powr"), "did you mean roof/ac.power")
    holds(bad(house, 2, "points", "rof"), "there is no device 'rof'; did you mean roof?", "busbarctl devices")
    holds(bad(house, 2, "points", "roof/ac.pwoer"), "there is no point", "did you mean roof/ac.power")
    holds(bad(house, 2, "why", "hybird"), "did you mean hybrid?")
    holds(bad(house, 2, "stauts"), "there is no verb 'stauts'; did you mean status?", "busbarctl help")
    holds(bad(house, 2, "history", "roof/ac.power", "--from", "soon"), "'soon' is no time", "-6h")
    holds(bad(house, 2, "live", "--count", "x"), "--count x", "expected a number")
    holds(bad(house, 2, "history", "--from", "25:99"), "'25:99' is no time", "-6h")
    holds(bad(house, 2, "history", "--from", "-6h"), "--from needs a series", "'busbarctl history' lists all")
    holds(bad(house, 2, "status", "--from", "-6h"), "'status' takes no --from", "busbarctl help")
    holds(bad(house, 2, "points", "roof", "hybrid"), "'points' takes no 'hybrid'", "busbarctl help")
    holds(bad(house, 2, "export"), "busbarctl export SERIES")
    holds(bad(house, 2, "status", "--nonsense"), "--nonsense")
    holds(good(house, "help"), "busbarctl why [DEVICE]")
    check("\x1b" not in bad(house, 2, "points", "\x1b[2Jroof"), "no escape sequence comes back")


def sessions(house, url):
    good(house, "logout")
    holds(bad(house, 1, "status"), "the session has ended", f"busbarctl login {url} --user anna")
    holds(bad(house, 1, "login", "--password-stdin", typed="wrong-password"), "user name or password is wrong", "check both")
    holds(bad(house, 2, "login", "--password-stdin", typed=""), "no password was given")
    holds(good(house, "login", "--password-stdin", typed=PASSWORD), f"signed in at {url} as anna")
    good(house, "status")


def another_certificate(house, gateway, url, fingerprint):
    check(gateway.stop() == 0, f"the gateway ended with {gateway.handle.returncode}:\n{gateway.text()}")
    holds(bad(house, 1, "status"), url, "nobody answers", "is the gateway running")
    for name in ("tls-certificate.pem", "tls-key.pem"):
        (house.folder / "data" / name).unlink()
    again = house.start_gateway("gateway-again", listen=url.removeprefix("https://"))
    new = again.line("certificate ")
    check(new != fingerprint, "a new key has another fingerprint")
    check("setup code" not in again.text(), "the setup code is printed while there is no account, not afterwards")
    holds(bad(house, 1, "status"), "another certificate than at login", "busbarctl login", "somebody is in between")
    holds(bad(house, 1, "login", url, "--user", "anna", "--password-stdin", typed=PASSWORD), new, "--fingerprint")
    good(house, "login", url, "--user", "anna", "--password-stdin", "--fingerprint", new, typed=PASSWORD)
    good(house, "status")
    code_lines = gateway.text().count("setup code")
    check(code_lines == 1, f"the setup code was printed {code_lines} times")


def test(house):
    house.start_plant(house.root / "tests/plant/demo_house.plant")
    gateway = house.start_gateway()
    url = gateway.line("listening on ")
    fingerprint = sign_in(house, gateway, url)
    verbs_about_now(house)
    verbs_about_the_past(house)
    mistakes(house)
    sessions(house, url)
    another_certificate(house, gateway, url, fingerprint)
    print("ok: every verb, every mistake")


run(test)
