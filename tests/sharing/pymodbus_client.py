"""pymodbus against the gateway's Modbus server; prints "ok", or what was wrong. Units and registers as in desk.hpp."""
import inspect
import sys

from pymodbus.client import ModbusTcpClient

client = ModbusTcpClient("127.0.0.1", port=int(sys.argv[1]), timeout=30)
if not client.connect():
    sys.exit("cannot connect")
# The word for the unit has changed from version to version.
names = inspect.signature(client.read_holding_registers).parameters
unit = next((n for n in ("device_id", "slave", "unit") if n in names), "slave")


def check(condition, text):
    if not condition:
        print(text)
        sys.exit(1)


for address, count in ((0, 1), (100, 30), (640, 20)):
    answer = client.read_holding_registers(address, count=count, **{unit: 2})
    check(not answer.isError(), f"{address}+{count}: {answer}")
    check(answer.registers == list(range(address, address + count)), f"{address}+{count}: {answer.registers}")
check(client.read_input_registers(40, count=2, **{unit: 2}).registers == [1040, 1041], "input registers")
check(not client.write_register(204, 99, **{unit: 2}).isError(), "a register of the list")
check(client.read_holding_registers(204, count=1, **{unit: 2}).registers == [99], "what was written is read")
for what, answer, code in (("beside the list", client.write_register(210, 1, **{unit: 2}), 2),
                           ("half a value", client.write_register(203, 1, **{unit: 2}), 3),
                           ("forbidden", client.read_holding_registers(500, count=1, **{unit: 2}), 2),
                           ("coils", client.read_coils(0, count=1, **{unit: 2}), 1),
                           ("no such unit", client.read_holding_registers(0, count=1, **{unit: 9}), 10)):
    check(answer.isError() and answer.exception_code == code, f"{what}: {answer}")
client.close()
print("ok")
