"""Modbus servers by pymodbus: `tcp PORT`, `raw PORT` (RTU frames over TCP) or `rtu PATH`. Every register holds its own address. Prints "ready"."""
import asyncio
import sys

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.server.async_io import ModbusSerialServer, ModbusTcpServer
from pymodbus.transaction import ModbusRtuFramer


def context():
    block = ModbusSequentialDataBlock(0, list(range(65536)))
    unit = ModbusSlaveContext(hr=block, ir=block, zero_mode=True)
    return ModbusServerContext(slaves=unit, single=True)


async def main():
    if sys.argv[1] in ("tcp", "raw"):
        framer = ModbusRtuFramer if sys.argv[1] == "raw" else None
        address = ("127.0.0.1", int(sys.argv[2]))
        server = ModbusTcpServer(context(), framer=framer, address=address, allow_reuse_address=True)
        print("ready", flush=True)
    else:
        server = ModbusSerialServer(context(), framer=ModbusRtuFramer, port=sys.argv[2], baudrate=115200, timeout=1)
        await server.start()
        print("ready", flush=True)
    await server.serve_forever()


asyncio.run(main())
