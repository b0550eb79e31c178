#!/usr/bin/env python3
"""What keeps people out does not keep control from running: with a port in use or a certificate that cannot be read the
gateway says so once, polls its devices, and serves as soon as it can."""
import socket

from kit import PASSWORD, Api, SilentDevice, check, holds, run, wait_for


def comes_back(house, gateway, cause, mend):
    device = house.device
    before = device.requests
    line = wait_for(f"'{cause}' in the log", lambda: [line for line in gateway.text().splitlines() if cause in line])[0]
    holds(line, ";", "control goes on, trying again")
    print("ok:", line)
    wait_for("requests to the device", lambda: device.requests > before + 1)
    check("listening" not in gateway.text(), gateway.text())
    mend()
    api = Api(gateway.line("listening on "))
    check(gateway.text().count(cause) == 1, f"one cause, one line:\n{gateway.text()}")
    return api


def past_alarm(api, *parts):
    def look():
        return [a for a in api.get("/api/v1/alarms")["alarms"] if a["name"] == "access_failing" and a["cleared"]]
    alarm = wait_for("the alarm, cleared", look)[0]
    holds(alarm["text"], *parts)
    check(alarm["severity"] == "major" and alarm["suggestion"], f"{alarm}")


def port_in_use(house):
    other = socket.create_server(("127.0.0.1", 0))
    port = other.getsockname()[1]
    gateway = house.start_gateway("port-in-use", listen=f"127.0.0.1:{port}")
    api = comes_back(house, gateway, f"port {port}: in use by another program", other.close)
    status, answer = api.call("POST", "/api/v1/setup", {"code": gateway.line("setup code "), "username": "anna", "password": PASSWORD})
    check(status == 201, f"setup: {status} {answer}")
    past_alarm(api, str(port), "in use")
    check(gateway.stop() == 0, f"the gateway ended with {gateway.handle.returncode}")


def certificate_unreadable(house):
    key = house.folder / "data" / "tls-key.pem"
    key.unlink()
    (key / "in-the-way").mkdir(parents=True)

    def mend():
        (key / "in-the-way").rmdir()
        key.rmdir()
    gateway = house.start_gateway("certificate-unreadable")
    api = comes_back(house, gateway, str(key), mend)
    status, _ = api.call("POST", "/api/v1/session", {"username": "anna", "password": PASSWORD})
    check(status == 200, f"login: {status}")
    past_alarm(api, str(key), "move it away")
    check(gateway.stop() == 0, f"the gateway ended with {gateway.handle.returncode}")


def settings_unreadable(house):
    """What limit they held nobody knows: nothing is fed in until they can be read."""
    data = house.folder / "data"
    database, kept = data / "settings.db", data / "kept.db"
    database.rename(kept)
    database.mkdir()
    (data / "control-settings").unlink()

    def mend():
        database.rmdir()
        kept.rename(database)
    gateway = house.start_gateway("settings-unreadable")
    api = comes_back(house, gateway, str(database), mend)
    status, _ = api.call("POST", "/api/v1/session", {"username": "anna", "password": PASSWORD})
    check(status == 200, f"login: {status}")
    past_alarm(api, str(database))

    def limit_alarm():
        return [a for a in api.get("/api/v1/alarms")["alarms"] if a["source"] == "settings" and a["cleared"]]
    holds(wait_for("the alarm about the limit, cleared", limit_alarm)[0]["text"], "nothing is fed in")
    check(gateway.stop() == 0, f"the gateway ended with {gateway.handle.returncode}")


def ends_while_locked_out(house):
    other = socket.create_server(("127.0.0.1", 0))
    gateway = house.start_gateway("ends-early", listen=f"127.0.0.1:{other.getsockname()[1]}")
    wait_for("the port in the log", lambda: "in use by another program" in gateway.text())
    check(gateway.stop() == 0, f"without a web server it ended with {gateway.handle.returncode}")


def test(house):
    house.device = SilentDevice()
    house.device.site(house.folder / "site.yaml")
    port_in_use(house)
    certificate_unreadable(house)
    settings_unreadable(house)
    ends_while_locked_out(house)
    print("ok: control does not wait for people")


run(test)
