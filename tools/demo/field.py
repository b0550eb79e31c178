"""What the field looks like from the API while a demo runs: how old the values are, and what two programs cost."""
import os
import time
from pathlib import Path

# What the gateway reads as fast as a bus allows; everything else comes each 10 s or slower.
fast_roles = ("meter.power", "ac.power", "pv.power", "battery.power", "battery.soc", "charger.power")


def usage_of(pid):
    """Seconds of processor time and resident bytes of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    ticks = os.sysconf("SC_CLK_TCK")
    resident = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
    return (int(fields[11]) + int(fields[12])) / ticks, resident


def share_of(process):
    """What a process holds in memory, and its share of one processor since it was started."""
    cpu_s, resident = usage_of(process.handle.pid)
    passed_s = max(1e-3, time.monotonic() - process.begun)
    return {"rss_mb": round(resident / 1e6, 1), "cpu_percent": round(100 * cpu_s / passed_s, 2)}


class Ages:
    """Ages of the fast values, as a person would see them who looks every few seconds."""

    def __init__(self, bus_of):
        self.bus_of = bus_of  # device -> bus
        self.ages_ms = {}  # bus -> ages
        self.oldest = {}  # bus -> (age, point)

    def take(self, points, *_):
        for point in points:
            bus = self.bus_of.get(point["device"])
            if bus is None or point["role"] not in fast_roles or point["age_ms"] is None:
                continue
            self.ages_ms.setdefault(bus, []).append(point["age_ms"])
            self.oldest[bus] = max(self.oldest.get(bus, (0, "")), (point["age_ms"], point["id"]))

    def report(self):
        return {bus: {"looks": len(ages), "median_ms": at(ages, 0.5), "p95_ms": at(ages, 0.95), "oldest_ms": self.oldest[bus][0],
                      "oldest_point": self.oldest[bus][1]} for bus, ages in sorted(self.ages_ms.items())}


def at(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
