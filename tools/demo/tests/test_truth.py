"""The judge of the demo must be right both ways: a right value is never called wrong, a wrong one always is."""
import json
import os
import tempfile
import time
import unittest
from pathlib import Path

import truth as judge
from truth import Looks, Truth


def point(value, age_ms=0, device="meter", role="grid.power", **others):
    return {"id": f"{device}/{role}", "device": device, "role": role, "value": value, "age_ms": age_ms, "quality": "good",
            "kind": "state", "text": None} | others


class Plant:
    """A plant that writes what it measured, second by second, as busbar-plant does."""

    def __init__(self, folder):
        self.path, self.at_ms, self.count = Path(folder) / "truth.json", 0, 0
        self.judge = Truth(self.path)

    def second(self, low, high=None, step=1, role="grid.power", is_seen=True):
        begin, self.at_ms = self.at_ms, self.at_ms + 1000
        self.write({"from_ms": begin, "at_ms": self.at_ms, "devices": {"meter": {role: [low, low if high is None else high, step]}}})
        if is_seen:
            self.judge.look()

    def write(self, stretch):
        self.path.write_text(json.dumps(stretch))
        # Two writes within one tick of the file system's clock are two all the same.
        self.count += 1
        stat = self.path.stat()
        os.utime(self.path, ns=(stat.st_atime_ns, 1_000_000 * self.count))


class TheJudge(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.plant = Plant(folder.name)

    def verdict(self, *points, at_ms=2500, seconds=((100,), (200,), (300,), (400,))):
        for second in seconds:
            self.plant.second(*second)
        self.plant.judge.take(list(points), at_ms)
        self.plant.second(400)
        return self.plant.judge.report()

    def test_a_value_of_the_time_it_was_read_in_is_right(self):
        # Read at 2.3 s, on its way for up to a second: between 200 and 300.
        for value in (200, 250, 300, 199.5, 300.5):
            with self.subTest(value):
                self.setUp()
                report = self.verdict(point(value, age_ms=200))
                self.assertEqual((report["compared"], report["wrong_values"], report["points"]), (1, 0, 1))

    def test_a_value_of_another_time_is_wrong_and_said(self):
        for value in (100, 400, 198.9, 301.1, -250, 1e9):
            with self.subTest(value):
                self.setUp()
                report = self.verdict(point(value, age_ms=200))
                self.assertEqual((report["compared"], report["wrong_values"]), (1, 1))
                self.assertEqual(report["wrong"], [f"meter/grid.power says {value:g}, the plant 200 to 300 (in steps of 1)"])

    def test_the_age_decides_the_time(self):
        for value, wrong in ((150, 0), (250, 1)):  # read at 1.1 s: between 100 and 200
            with self.subTest(value):
                self.setUp()
                report = self.verdict(point(value, age_ms=1400))
                self.assertEqual((report["compared"], report["wrong_values"]), (1, wrong))

    def test_steps_and_single_precision_are_allowed_no_more(self):
        for value, step, wrong in ((105.05, 5, 0), (105.1, 5, 1), (100.0000200, 0, 0), (100.01, 0, 1)):
            with self.subTest(value=value, step=step):
                self.setUp()
                report = self.verdict(point(value), seconds=((100, 100, step),) * 4)
                self.assertEqual(report["wrong_values"], wrong)

    def test_one_bad_point_is_named_once_and_counted_each_time(self):
        report = self.verdict(point(900), point(901), point(250, age_ms=200))
        self.assertEqual((report["compared"], report["wrong_values"], len(report["wrong"])), (3, 2, 1))

    def test_what_is_no_number_of_the_plant_is_not_judged(self):
        report = self.verdict(point(9, quality="stale"), point(9, kind="setting"), point(9, text="on"), point(9, device="other"),
                              point(9, role="grid.frequency"), point(9, quality="invalid"))
        self.assertEqual((report["compared"], report["missed"]), (0, 0))

    def test_nothing_is_judged_before_the_plant_has_told(self):
        for second in ((100,), (200,)):
            self.plant.second(*second)
        self.plant.judge.take([point(250)], 2500)
        self.assertEqual(self.plant.judge.report()["compared"], 0)
        self.plant.second(250)
        self.assertEqual(self.plant.judge.report()["compared"], 1)

    def test_a_missed_second_is_missed_and_never_wrong(self):
        self.plant.second(100)
        self.plant.second(200, is_seen=False)  # nobody looked in time
        self.plant.second(300)
        self.plant.second(400)
        for at_ms in (1500, 2000, 2500):  # into it, over it, out of it
            self.plant.judge.take([point(999)], at_ms)
        self.plant.judge.take([point(350)], 3900)
        self.plant.second(400)
        report = self.plant.judge.report()
        self.assertEqual((report["missed"], report["compared"], report["wrong_values"]), (3, 1, 0))

    def test_a_value_from_before_the_plant_began_is_missed(self):
        for age_ms in (60_000, 1900):
            with self.subTest(age_ms):
                self.setUp()
                report = self.verdict(point(5, age_ms=age_ms))
                self.assertEqual((report["missed"], report["compared"]), (1, 0))

    def test_an_old_or_repeated_file_changes_nothing(self):
        self.plant.judge.look()  # not there yet
        self.plant.second(100)
        self.plant.judge.look()
        stretch = json.loads(self.plant.path.read_text())
        self.plant.write(stretch | {"devices": {}})  # the same second once more
        self.plant.judge.look()
        self.assertEqual([s["devices"] for s in self.plant.judge.stretches], [stretch["devices"]])

    def test_it_keeps_a_bounded_past(self):
        for _ in range(judge.kept_s + 50):
            self.plant.second(1)
        self.assertLessEqual(len(self.plant.judge.stretches), judge.kept_s + 1)


class TheLooks(unittest.TestCase):
    def test_one_question_in_a_while(self):
        class Api:
            asked = 0

            def call(self, method, path):
                self.asked += 1
                return {"points": [point(1)], "at": 5}

        api = Api()
        looks = Looks(api, period_s=3600)
        self.assertEqual(looks.take(), [([point(1)], 5)])
        self.assertEqual(looks.take(), [])
        looks.next = time.monotonic()
        self.assertEqual(len(looks.take()), 1)
        self.assertEqual(api.asked, 2)


if __name__ == "__main__":
    unittest.main()
