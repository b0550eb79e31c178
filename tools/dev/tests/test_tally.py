"""The last line of ./dev test must be right for every framework, above all when something failed."""
import tempfile
import unittest
from pathlib import Path

from tally import count_ctest, count_stage, count_text

DOCTEST = "[doctest] test cases: 12 | 10 passed | 2 failed | 0 skipped\n"


def numbers(count):
    return (count.passed, count.failed, count.skipped)


class Tally(unittest.TestCase):
    def test_output_of_each_framework(self):
        cases = [
            (DOCTEST, (10, 2, 0)),
            ("Ran 5 tests in 0.1s\n\nOK (skipped=1)\n", (4, 0, 1)),
            ("Ran 5 tests in 0.1s\n\nFAILED (failures=1, errors=2)\n", (2, 3, 0)),
            ("      Tests  1 failed | 41 passed | 2 skipped (44)\n", (41, 1, 2)),
            ("ℹ tests 4\nℹ pass 3\nℹ fail 1\nℹ cancelled 0\nℹ skipped 0\n", (3, 1, 0)),
            ("# pass 3\n# fail 0\n# skipped 2\n", (3, 0, 2)),
            ("  1 failed\n  1 flaky\n  3 passed (4.0s)\n", (3, 2, 0)),
            (DOCTEST + "SKIPPED measured day: no traces here\n", (9, 2, 1)),
        ]
        for text, expected in cases:
            with self.subTest(text):
                self.assertEqual(numbers(count_text(text)), expected)

    def test_coloured_output_counts(self):
        self.assertEqual(numbers(count_text("\x1b[2m      Tests \x1b[22m \x1b[32m7 passed\x1b[39m (7)\n")), (7, 0, 0))

    def test_unknown_output_is_not_counted(self):
        self.assertIsNone(count_text("all good\n"))

    def test_ctest_sums_programs(self):
        cases = (f'<testcase name="a" status="fail"><system-out>{DOCTEST}</system-out></testcase>'
                 '<testcase name="script" status="run"><system-out>fine</system-out></testcase>'
                 '<testcase name="crashed" status="fail"><system-out>ERROR: AddressSanitizer</system-out></testcase>'
                 '<testcase name="absent" status="notrun"><system-out/></testcase>')
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "ctest.xml")
            path.write_text(f"<testsuite>{cases}</testsuite>")
            self.assertEqual(numbers(count_ctest(path)), (11, 4, 0))

    def test_a_program_that_passes_its_cases_and_then_crashes_failed(self):
        text = "[doctest] test cases: 3 | 3 passed | 0 failed | 0 skipped\nERROR: LeakSanitizer"
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "ctest.xml")
            path.write_text(f'<testsuite><testcase name="a" status="fail"><system-out>{text}</system-out></testcase></testsuite>')
            self.assertEqual(numbers(count_ctest(path)), (2, 1, 0))

    def test_a_stage_that_fails_without_counting_is_one_failure(self):
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder, "02-build.log")
            log.write_text("error: no such file\n")
            Path(folder, "02-build.log.code").write_text("1\n")
            self.assertEqual(numbers(count_stage(log)), (0, 1, 0))


if __name__ == "__main__":
    unittest.main()
