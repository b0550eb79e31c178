"""What the gateway says, held against what the plant measures: each value at the moment it was read."""
import json
import time
from collections import deque

kept_s = 120  # longer than any value that is polled every ten seconds may be old
before_s, after_s = 3.0, 1.5  # the plant writes each second, a reading takes its time, and clocks are rounded
tolerance = 0.003  # of the value: floats, and scale factors of two digits


class Truth:
    def __init__(self, path):
        self.path, self.moments, self.compared, self.points, self.wrong = path, deque(), 0, set(), {}

    def look(self):
        """To be called often: keeps what the plant measures now."""
        try:
            now = json.loads(self.path.read_text())
        except FileNotFoundError:
            return
        if not self.moments or now["at_ms"] > self.moments[-1]["at_ms"]:
            self.moments.append(now)
        while self.moments and self.moments[-1]["at_ms"] - self.moments[0]["at_ms"] > 1000 * kept_s:
            self.moments.popleft()

    def compare(self, points, asked_s, answered_s):
        """`points` as the API answered to a question of that time."""
        self.look()
        for point in points:
            if point["quality"] != "good" or point["kind"] not in ("state", "counter") or point["text"] is not None:
                continue
            begin = 1000 * (asked_s - before_s) - point["age_ms"]
            end = 1000 * (answered_s + after_s) - point["age_ms"]
            if not self.moments or begin < self.moments[0]["at_ms"]:
                continue  # read before the plant was first looked at
            told = [moment["devices"].get(point["device"], {}).get(point["role"]) for moment in self.moments
                    if begin <= moment["at_ms"] <= end]
            told = [pair for pair in told if pair is not None]
            if not told:
                continue
            values, step = [value for value, _ in told], told[0][1]
            low, high = min(values), max(values)
            slack = 1.01 * step + tolerance * max(abs(low), abs(high))
            self.compared += 1
            self.points.add(point["id"])
            if not low - slack <= point["value"] <= high + slack:
                self.wrong.setdefault(point["id"], f"{point['id']} says {point['value']:g}, the plant {low:g} to {high:g}")

    def knows(self, point):
        return bool(self.moments) and point["role"] in self.moments[-1]["devices"].get(point["device"], {})

    def report(self):
        return {"compared": self.compared, "points": len(self.points), "wrong": list(self.wrong.values())}


class Looks:
    """One question for all points every few seconds, for whoever wants them."""

    def __init__(self, api, period_s=5):
        self.api, self.period_s, self.next = api, period_s, 0

    def take(self):
        """One (points, asked, answered), or none yet."""
        if time.monotonic() < self.next:
            return []
        self.next = time.monotonic() + self.period_s
        asked = time.time()
        points = self.api.call("GET", "/api/v1/points")["points"]
        return [(points, asked, time.time())]
