"""Another energy manager reads, and where it may writes, the inverters of the demo house through the gateway, while the
gateway controls them: with mbpoll, a program that knows nothing of us, and with bare bytes."""
import re
import shutil
import socket
import struct
import subprocess
import threading
import time

from kit import PASSWORD, PATIENCE_S, Api, check, holds, run, wait_for

ROOF, HYBRID, GRID = 1, 2, 3


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def share(house, port):
    """The plant's own site file with the section an owner would add."""
    site = house.folder / "site.yaml"
    text = site.read_text()
    for device in ("roof", "hybrid", "grid"):
        check(f"id: {device}" in text, f"the demo house has no {device}:\n{text}")
    site.write_text(text + f"""
modbus_server:
  port: {port}
  devices: [roof, hybrid, grid]
  clients:
    - {{address: 127.0.0.0/8, rights: read}}
    - {{address: 127.0.0.2, rights: write, writable: {{hybrid: [47081, 47100, 47247-47248]}}}}
""")


class Client:
    """Modbus TCP in bare bytes."""

    def __init__(self, port, source="127.0.0.1"):
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE_S, (source, 0))
        self.transaction = 0

    def ask(self, unit, pdu):
        self.transaction = (self.transaction + 1) % 65536
        self.socket.sendall(struct.pack(">HHHB", self.transaction, 0, len(pdu) + 1, unit) + pdu)
        transaction, protocol, length, answering = struct.unpack(">HHHB", self.take(7))
        check((transaction, protocol, answering) == (self.transaction, 0, unit), "the answer is another's")
        return self.take(length - 1)

    def take(self, count):
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            check(more, "the gateway closed the connection")
            data += more
        return data

    def read(self, unit, address, count):
        """Registers, or the exception code."""
        answer = self.ask(unit, struct.pack(">BHH", 3, address, count))
        return answer[1] if answer[0] & 0x80 else list(struct.unpack(f">{count}H", answer[2:]))

    def write(self, unit, address, value):
        """0, or the exception code."""
        answer = self.ask(unit, struct.pack(">BHH", 6, address, value))
        return answer[1] if answer[0] & 0x80 else 0


def mbpoll(port, unit, address, count):
    """What mbpoll reads, zero-based, as {register: value}; the text when there is none."""
    done = subprocess.run(["mbpoll", "-m", "tcp", "-p", str(port), "-a", str(unit), "-0", "-1", "-q", "-o", "10", "-t", "4:hex", "-r",
                           str(address), "-c", str(count), "127.0.0.1"], capture_output=True, text=True, timeout=PATIENCE_S)
    found = {int(r): int(v, 16) for r, v in re.findall(r"^\[(\d+)\]:\s+0x([0-9A-Fa-f]+)", done.stdout, re.M)}
    return found or done.stdout + done.stderr


def point(api, name):
    device, role = name.split("/")
    # As the API shows it; empty before the device has opened.
    return next((p for p in api.get(f"/api/v1/points?device={device}")["points"] if p["role"] == role), {})


def another_program_reads(port, api):
    mark = wait_for("the roof's SunSpec mark", lambda: (m := mbpoll(port, ROOF, 40000, 2)) == {40000: 0x5375, 40001: 0x6E53} and m)
    check(len(mark) == 2, f"{mark}")
    soc = wait_for("the battery's charge", lambda: isinstance(s := mbpoll(port, HYBRID, 37760, 1), dict) and s)[37760] / 10
    shown = wait_for("the charge in the API", lambda: point(api, "hybrid/battery.soc").get("value"))
    check(abs(soc - shown) < 2, f"mbpoll reads {soc} %, the gateway shows {shown} %")
    text = mbpoll(port, 9, 0, 1)
    check(isinstance(text, str), f"unit 9 is nobody: {text}")


def rights_hold(house, port, gateway, api):
    reader, writer = Client(port), Client(port, "127.0.0.2")
    check(reader.write(HYBRID, 47081, 950) == 1, "who may only read may not write")
    check(writer.write(HYBRID, 47082, 50) == 2, "a register beside the list")
    check(writer.write(ROOF, 47081, 950) == 1, "a device beside the list")
    check(writer.write(HYBRID, 47247, 0) == 3, "half of a value")
    before = writer.read(HYBRID, 47081, 1)
    check(isinstance(before, list), f"reading 47081: {before}")
    check(writer.write(HYBRID, 47081, 960) == 0, "a register of the list")
    check(writer.read(HYBRID, 47081, 1) == [960], "what was written is read, not what was cached")
    wait_for("the write in the log", lambda: "127.0.0.2 wrote hybrid 47081: 960" in gateway.text())
    wait_for("a refusal in the log", lambda: "was refused hybrid 47081: 950: exception 1" in gateway.text())
    wait_for("both in the audit log", lambda: all(
        any(row["address"] == who and said in row["what"] for row in api.get("/api/v1/audit")["rows"])
        for who, said in (("127.0.0.2", "wrote hybrid 47081: 960"), ("127.0.0.1", "was refused hybrid 47081"))))
    seen = {one["address"]: one for one in api.get("/api/v1/sharing")["seen"]}
    check(seen["127.0.0.1"]["refused"] >= 1 and seen["127.0.0.2"]["writes"] >= 1, f"figures of each client: {seen}")
    return writer


def is_closed(client):
    """The gateway ended the connection."""
    try:
        return client.socket.recv(1) == b""
    except ConnectionResetError:
        return True


def switched_while_running(port, api):
    """Off, on and over without a restart; devices do not notice."""
    now = api.get("/api/v1/sharing")
    settings = {key: now[key] for key in ("enabled", "address", "port", "max_clients", "cache_ms", "devices", "clients")}
    client = Client(port)
    before = {device["id"]: device["since"] for device in api.get("/api/v1/devices")["devices"]}
    status, answer = api.call("PUT", "/api/v1/sharing", {**settings, "enabled": False})
    check(status == 200 and not answer["listening"], f"off: {status} {answer}")
    check(is_closed(client), "who was connected is not any more")
    try:
        Client(port)
        check(False, "somebody still listens")
    except ConnectionRefusedError:
        pass
    read_only = [{"address": "127.0.0.2", "rights": "read"}]
    status, answer = api.call("PUT", "/api/v1/sharing", {**settings, "clients": read_only})
    check(status == 200, f"on: {status} {answer}")
    wait_for("listening again", lambda: api.get("/api/v1/sharing")["listening"])
    other = Client(port, "127.0.0.2")
    wait_for("answers", lambda: isinstance(other.read(HYBRID, 47081, 1), list))
    check(other.write(HYBRID, 47081, 950) == 1, "the new rights are in force")
    check(is_closed(Client(port)), "who is not in the list any more is turned away")
    after = {device["id"]: device["since"] for device in api.get("/api/v1/devices")["devices"]}
    check(all(abs(since - before[device]) < 1000 for device, since in after.items()), f"devices went on: {before} {after}")
    check("sharing of devices" in str(api.get("/api/v1/audit")), "the audit log has it")
    print("ok: sharing is switched while the gateway runs")


def control_keeps_its_registers(api, writer):
    """While control holds the battery nobody else commands it."""
    wait_for("control holds the battery", lambda: any(d["state"] == "in_force" and d["device"] == "hybrid"
                                                      for d in api.get("/api/v1/why?limit=1000")["decisions"]))
    answer = writer.write(HYBRID, 47100, 0)
    check(answer == 6, f"a command of control's: expected busy, got {answer}")


def hammer(port, seconds, counts):
    client, end, done = Client(port), time.monotonic() + seconds, 0
    while time.monotonic() < end:
        client.read(HYBRID, 32000 + done * 7 % 200, 10)
        done += 1
    counts.append(done)


def hammering_costs_control_nothing(port, api):
    counts, ages = [], []
    threads = [threading.Thread(target=hammer, args=[port, 8, counts]) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        ages.append(point(api, "grid/meter.power"))
        time.sleep(0.2)
    for thread in threads:
        thread.join()
    check(len(counts) == 4 and all(counts), f"every client was served: {counts}")
    good = [p for p in ages if p.get("quality") == "good"]
    check(len(good) == len(ages), f"{len(ages) - len(good)} of {len(ages)} grid readings were not good beside hammering clients")
    alarms = [a["name"] for a in api.get("/api/v1/alarms")["alarms"] if a["name"] in ("meter_silent", "device_offline")]
    check(not alarms, f"alarms beside hammering clients: {alarms}")
    return counts


def test(house):
    if not shutil.which("mbpoll"):
        print("SKIPPED: mbpoll is not installed")
        raise SystemExit(77)
    port = free_port()
    house.start_plant(house.root / "tests/plant/demo_house.plant")
    share(house, port)
    gateway = house.start_gateway()
    api = Api(gateway.line("listening on "))
    status, answer = api.call("POST", "/api/v1/setup", {"code": gateway.line("setup code "), "username": "anna", "password": PASSWORD})
    check(status == 201, f"setup: {status} {answer}")
    wait_for("the server in the log", lambda: f"listening on 127.0.0.1 port {port}" in gateway.text())
    another_program_reads(port, api)
    writer = rights_hold(house, port, gateway, api)
    control_keeps_its_registers(api, writer)
    counts = hammering_costs_control_nothing(port, api)
    switched_while_running(port, api)
    holds(gateway.text(), f"modbus server: listening on 127.0.0.1 port {port}")
    check(gateway.stop() == 0, f"the gateway ended with {gateway.handle.returncode}")
    print(f"ok: read with mbpoll, written with rights, control undisturbed by {counts} requests")


run(test)
