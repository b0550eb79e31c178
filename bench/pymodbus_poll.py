"""Polls 20 units for 50 registers each with pymodbus for some seconds: PATH BAUD SECONDS. A peer of bench_field_rtu."""
import sys
import time

from pymodbus.client import ModbusSerialClient

client = ModbusSerialClient(port=sys.argv[1], baudrate=int(sys.argv[2]), bytesize=8, parity="N", stopbits=1)
if not client.connect():
    sys.exit("pymodbus: cannot open " + sys.argv[1])
end = time.monotonic() + float(sys.argv[3])
unit = 0
while time.monotonic() < end:
    unit = unit % 20 + 1
    client.read_holding_registers(0, 50, slave=unit)
