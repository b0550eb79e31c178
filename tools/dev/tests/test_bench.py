import contextlib
import io
import tempfile
import tomllib
import unittest
from pathlib import Path

import bench

ASKED = [{"what": "use of the limit", "match": "^RTU 9600.*share", "peer": "libmodbus", "better": "higher", "reach": 98, "goal": 99},
         {"what": "CPU", "match": "CPU", "peer": "libmodbus", "of": "ratio", "reach": 1.0, "goal": 0.6},
         {"what": "reaction", "match": "^reaction", "peer": "OpenEMS", "reach": 1000, "goal": 150}]


def states(results):
    table, _ = bench.arrange(ASKED, results)
    return {row["measure"]: row["state"] for row in table}


class TheTable(unittest.TestCase):
    def test_shows_every_row_asked_for_in_its_order_also_when_nothing_was_measured(self):
        table, beyond = bench.arrange(ASKED, [])
        self.assertEqual([row["measure"] for row in table], ["use of the limit", "CPU", "reaction"])
        self.assertEqual({row["state"] for row in table}, {"missing"})
        self.assertEqual(beyond, [])
        self.assertIn("missing", bench.format_table(table))

    def test_tells_goal_from_reach_from_short(self):
        for ours, expected in ((99.0, "goal"), (98.5, "reach"), (97.9, "short")):
            self.assertEqual(states([{"measure": "RTU 9600: share", "ours": ours, "unit": "%"}])["use of the limit"], expected)

    def test_compares_the_ratio_where_the_row_says_so(self):
        for ratio, expected in ((0.6, "goal"), (0.9, "reach"), (1.1, "short")):
            result = {"measure": "TCP CPU", "ours": 500.0, "peer": 1.0, "ratio": ratio, "unit": "us"}
            self.assertEqual(states([result])["CPU"], expected)

    def test_counts_a_ratio_that_was_not_measured_as_short(self):
        self.assertEqual(states([{"measure": "TCP CPU", "ours": 0.1, "unit": "us"}])["CPU"], "short")

    def test_keeps_the_names_of_several_measures_that_fill_one_row(self):
        results = [{"measure": "reaction, real-time", "ours": 90.0, "unit": "us"},
                   {"measure": "reaction, ordinary", "ours": 400.0, "unit": "us"}]
        found = states(results)
        self.assertEqual((found["reaction, real-time"], found["reaction, ordinary"]), ("goal", "reach"))

    def test_names_a_row_once_for_each_peer_beside_the_same_measure(self):
        table, _ = bench.arrange(ASKED, [{"measure": "RTU 9600: share", "ours": 99.0, "unit": "%", "peer": 97.0, "peer_name": name}
                                         for name in ("libmodbus", "pymodbus")])
        self.assertEqual([(row["measure"], row["peer_name"]) for row in table[:2]],
                         [("use of the limit", "libmodbus"), ("use of the limit", "pymodbus")])

    def test_puts_what_nobody_asked_for_beside(self):
        _, beyond = bench.arrange(ASKED, [{"measure": "decode", "ours": 1.0, "unit": "ns", "goal": 2.0},
                                          {"measure": "size", "ours": 1.0, "unit": "B"}])
        self.assertEqual([(row["measure"], row["state"]) for row in beyond], [("decode", "goal"), ("size", "measured")])

    def test_shows_no_ratio_to_a_peer_that_was_not_there(self):
        row = {"measure": "decode", "ours": 1.0, "peer": 0, "ratio": 0.0, "unit": "ns", "state": "goal"}
        self.assertIn("| -     |", bench.format_table([row]))


class TheReadme(unittest.TestCase):
    ABOUT = {"date": "2026-01-02", "machine": "2xx86_64", "commit": "abc"}

    def test_gets_the_figures_between_its_marks_and_keeps_the_rest(self):
        table, _ = bench.arrange(ASKED, [{"measure": "RTU 9600: share", "ours": 99.25, "peer": 97.5, "unit": "%"}])
        readme = "before\n<!-- figures: x -->\nold\n<!-- end of figures -->\nafter\n"
        renewed = bench.renew(readme, self.ABOUT, table)
        self.assertIn("| use of the limit | 99.2 % | libmodbus: 97.5 % |", renewed)
        self.assertNotIn("old", renewed)
        self.assertIn("| reaction | not measured in this run | - |", renewed)
        self.assertTrue(renewed.startswith("before\n") and renewed.endswith("after\n"))
        self.assertEqual(bench.renew(renewed, self.ABOUT, table), renewed)

    def test_has_the_marks(self):
        self.assertEqual(len(bench.FIGURES.findall(bench.README.read_text())), 1)


class ResultLines(unittest.TestCase):
    def test_are_objects_with_a_measure_and_all_else_is_a_remark(self):
        self.assertEqual(bench.parse('{"measure": "x", "ours": 1}')["ours"], 1)
        for remark in ("warming up", '{"note": "x"}', "[1]", "null", "7"):
            self.assertIsNone(bench.parse(remark))


class AProgram(unittest.TestCase):
    def outcome_of(self, script):
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
            program = Path(folder, "bench_x.py")
            program.write_text(script)
            return bench.run(program)

    def test_gives_its_results_and_no_complaint(self):
        results, failed = self.outcome_of('print("remark")\nprint(\'{"measure": "x", "ours": 1, "unit": "s"}\')')
        self.assertEqual((len(results), failed), (1, None))

    def test_that_fails_is_named_with_its_exit_code_and_what_it_had_is_kept(self):
        results, failed = self.outcome_of('print(\'{"measure": "x", "ours": 1, "unit": "s"}\')\nraise SystemExit(3)')
        self.assertEqual((len(results), failed), (1, "exit code 3"))

    def test_that_measures_nothing_has_failed(self):
        self.assertEqual(self.outcome_of("pass"), ([], "printed no result"))


class TheRowsOfThisRepository(unittest.TestCase):
    def test_have_a_name_a_pattern_a_peer_and_both_bounds(self):
        rows = tomllib.loads(Path("bench/table.toml").read_text())["row"]
        self.assertGreaterEqual(len(rows), 15)
        for row in rows:
            self.assertLessEqual({"what", "match", "peer", "reach", "goal"}, row.keys(), row)
            self.assertLessEqual(row["goal"], row["reach"]) if row.get("better") != "higher" else \
                self.assertGreaterEqual(row["goal"], row["reach"])


if __name__ == "__main__":
    unittest.main()
