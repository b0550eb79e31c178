"""busbar-profile, as who writes a device pack meets it."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM, PROFILES = sys.argv[1], pathlib.Path(sys.argv[2])


def check(*words):
    done = subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


class AProfile(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.mine = pathlib.Path(self.folder.name) / "chint"
        self.mine.mkdir()
        for end in ("yaml", "capture"):
            (self.mine / f"dtsu666.{end}").write_text((PROFILES / "chint" / f"dtsu666.{end}").read_text())
        self.profile, self.capture = self.mine / "dtsu666.yaml", self.mine / "dtsu666.capture"

    def test_and_its_capture_agree(self):
        code, told, _ = check(self.profile)
        self.assertEqual(code, 0, told)
        self.assertIn("the capture agrees", told)
        self.assertRegex(told, r"meter\.power +-?[0-9.]+ W")

    def test_that_reads_a_register_otherwise_differs_and_the_point_is_named(self):
        text = self.profile.read_text()
        self.assertIn("sign: import_positive", text)
        self.profile.write_text(text.replace("sign: import_positive", "sign: export_positive", 1))
        code, told, _ = check(self.profile)
        self.assertEqual(code, 3, told)
        self.assertRegex(told, r"differs: meter\.[a-z0-9.]+: reads -?[0-9.]+, the capture says -?[0-9.]+")

    def test_that_is_wrong_is_told_with_its_line(self):
        self.profile.write_text(self.profile.read_text().replace("points:", "pionts:", 1))
        code, _, problem = check(self.profile)
        self.assertEqual(code, 1)
        self.assertRegex(problem, r"dtsu666\.yaml:\d+: .*pionts")

    def test_without_a_capture_is_only_loaded(self):
        self.capture.unlink()
        code, told, _ = check(self.profile)
        self.assertEqual(code, 0)
        self.assertIn("no capture beside it", told)

    def test_with_a_capture_cut_off_in_the_middle_is_refused(self):
        text = self.capture.read_text()
        self.capture.write_text(text[:len(text) // 2])
        code, _, problem = check(self.profile)
        self.assertEqual(code, 1)
        self.assertRegex(problem, r"dtsu666\.capture: line \d+")

    def test_and_a_unit_nobody_has_or_words_nobody_knows(self):
        for words, expected in ((["--unit", "78"], "no frame of unit 78"), (["--unit", "x"], "from 0 to 255"),
                                (["--speed"], "unknown"), (["--capture"], "lacks its value"),
                                (["--capture", "nowhere"], "no such file")):
            code, _, problem = check(self.profile, *words)
            self.assertEqual(code, 1, words)
            self.assertIn(expected, problem)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
