"""What the gateway says, held against what the plant measured: each value in the time in which it was read."""
import json
import time
from collections import deque

kept_s = 300  # longer than any value that is still fresh may be old
# An answer is on its way for at most the time-out of its device, and is counted from when it was complete.
longest_way_ms = 1000
clock_ms = 2  # ages and times are whole milliseconds
single_precision = 2e-7  # of the value: meters that speak 32-bit floats


class Truth:
    def __init__(self, path):
        self.path, self.written = path, None
        self.stretches, self.waiting = deque(), deque()  # what the plant measured; what the gateway said and nobody could judge yet
        self.compared, self.missed, self.wrong_values, self.points, self.wrong = 0, 0, 0, set(), {}

    def look(self):
        """To be called several times a second: keeps what the plant measured in each stretch of time."""
        try:
            written = self.path.stat().st_mtime_ns
        except FileNotFoundError:
            return
        if written == self.written:
            return
        self.written = written
        stretch = json.loads(self.path.read_text())
        if self.stretches and stretch["at_ms"] <= self.stretches[-1]["at_ms"]:
            return
        self.stretches.append(stretch)
        while self.stretches[-1]["at_ms"] - self.stretches[0]["at_ms"] > 1000 * kept_s:
            self.stretches.popleft()
        while self.waiting and self.waiting[0][1] + clock_ms <= self.stretches[-1]["at_ms"]:
            self.compare(*self.waiting.popleft())

    def take(self, points, at_ms):
        """`points` with ages as of that time; compared as soon as the plant has told what it measured until then."""
        self.waiting.append((points, at_ms))

    def during(self, begin_ms, end_ms):
        """All stretches that have a part in this time; nothing when one was missed."""
        found = [stretch for stretch in self.stretches if stretch["at_ms"] >= begin_ms and stretch["from_ms"] <= end_ms]
        is_whole = found and found[0]["from_ms"] <= begin_ms and found[-1]["at_ms"] >= end_ms
        has_gap = any(later["from_ms"] != earlier["at_ms"] for earlier, later in zip(found, found[1:]))
        return found if is_whole and not has_gap else []

    def compare(self, points, at_ms):
        stretches = {}  # by the time of the value; a poll brings many
        for point in points:
            if point["quality"] != "good" or point["kind"] not in ("state", "counter") or point["text"] is not None:
                continue
            read_ms = at_ms - point["age_ms"]
            if read_ms not in stretches:
                stretches[read_ms] = self.during(read_ms - longest_way_ms, read_ms + clock_ms)
            told = [stretch["devices"].get(point["device"], {}).get(point["role"]) for stretch in stretches[read_ms]]
            if not stretches[read_ms]:
                self.missed += self.knows(point)
            elif None not in told:
                self.judge(point, min(low for low, _, _ in told), max(high for _, high, _ in told), max(step for _, _, step in told))

    def judge(self, point, low, high, step):
        """A register rounds, and so does who shows it: half a step each."""
        slack = 1.01 * step + single_precision * max(abs(low), abs(high))
        self.compared += 1
        self.points.add(point["id"])
        if not low - slack <= point["value"] <= high + slack:
            self.wrong_values += 1
            self.wrong.setdefault(point["id"], f"{point['id']} says {point['value']:g}, the plant {low:g} to {high:g} (in steps of {step:g})")

    def knows(self, point):
        return bool(self.stretches) and point["role"] in self.stretches[-1]["devices"].get(point["device"], {})

    def report(self):
        return {"compared": self.compared, "points": len(self.points), "wrong_values": self.wrong_values,
                "wrong": list(self.wrong.values()), "missed": self.missed}


class Looks:
    """One question for all points every few seconds, for whoever wants them."""

    def __init__(self, api, period_s=5):
        self.api, self.period_s, self.next = api, period_s, 0

    def take(self):
        """One (points, when their ages were counted), or none yet."""
        if time.monotonic() < self.next:
            return []
        self.next = time.monotonic() + self.period_s
        answer = self.api.call("GET", "/api/v1/points")
        return [(answer["points"], answer["at"])]
