#!/usr/bin/env python3
"""Counts what the stages of `./dev test` ran and prints one row per stage, then the line that CI reads:

    N passed, N failed, N skipped

Understands doctest, RapidCheck inside it, Python's unittest, vitest, Playwright and node:test. A test that cannot run
here prints a line `SKIPPED <name>: <why>`; it counts as skipped, not as passed. A stage that fails without counting
anything counts as one failure. Exit code 1 when anything failed or nothing passed.
"""
import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

DOCTEST = re.compile(r"\[doctest\] test cases:\s*(\d+) \|\s*(\d+) passed \|\s*(\d+) failed \|\s*(\d+) skipped")
UNITTEST = re.compile(r"^Ran (\d+) tests? in ", re.M)
UNITTEST_BAD = re.compile(r"^FAILED \((.*)\)", re.M)
UNITTEST_SKIPPED = re.compile(r"skipped=(\d+)")
VITEST = re.compile(r"^\s*Tests\s+(.*)\(\d+\)", re.M)
WORDS = re.compile(r"(\d+) (passed|failed|skipped|flaky|todo|did not run)")
NODE_TEST = re.compile(r"^(?:#|ℹ) (pass|fail|skipped) (\d+)$", re.M)
PLAYWRIGHT = re.compile(r"^\s+(\d+) (passed|failed|skipped|flaky|did not run)\b", re.M)
SKIPPED = re.compile(r"^SKIPPED (\S.*)$", re.M)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Count:
    def __init__(self, passed=0, failed=0, skipped=0):
        self.passed, self.failed, self.skipped = passed, failed, skipped

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def skip(self, number):
        """Moves tests that announced that they could not run from passed to skipped."""
        moved = min(number, self.passed)
        self.passed -= moved
        self.skipped += moved


def count_words(pairs):
    count = Count()
    for number, word in pairs:
        if word == "passed":
            count.passed += int(number)
        elif word in ("failed", "flaky", "did not run"):  # a test that passes only at times is a failure
            count.failed += int(number)
        else:
            count.skipped += int(number)
    return count


def count_text(text):
    """Counts of one program's output, None when no known framework wrote it."""
    text = COLOUR.sub("", text)
    if found := DOCTEST.findall(text):
        count = Count()
        for _, passed, failed, skipped in found:
            count.add(Count(int(passed), int(failed), int(skipped)))
    elif found := VITEST.search(text):
        count = count_words(WORDS.findall(found.group(1)))
    elif found := UNITTEST.search(text):
        bad = UNITTEST_BAD.search(text)
        failed = sum(int(n) for n in re.findall(r"(?:failures|errors)=(\d+)", bad.group(1))) if bad else 0
        skipped = sum(int(n) for n in UNITTEST_SKIPPED.findall(text))
        count = Count(int(found.group(1)) - failed - skipped, failed, skipped)
    elif found := NODE_TEST.findall(text):
        numbers = {word: int(number) for word, number in found}
        count = Count(numbers.get("pass", 0), numbers.get("fail", 0), numbers.get("skipped", 0))
    elif found := PLAYWRIGHT.findall(text):
        count = count_words(found)
    else:
        return None
    count.skip(len(SKIPPED.findall(text)))
    return count


def count_ctest(path):
    """Sum over CTest's programs: their own cases where they count them, else one each."""
    total = Count()
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        output = case.findtext("system-out") or ""
        status = case.get("status")
        if status in ("disabled", "notrun"):
            count = Count(skipped=1) if case.find("skipped") is not None else Count(failed=1)
        else:
            count = count_text(output) or Count(passed=1)
            count.skip(len(SKIPPED.findall(output))) if not DOCTEST.search(output) else None
            if status == "fail" and count.failed == 0:
                count = Count(passed=max(count.passed - 1, 0), failed=1, skipped=count.skipped)
        total.add(count)
    return total


def count_stage(log):
    code = int(log.with_suffix(".log.code").read_text())
    if log.stem.endswith("-ctest") and (log.parent / "ctest.xml").exists():
        count = count_ctest(log.parent / "ctest.xml")
    else:
        count = count_text(log.read_text(errors="replace")) or Count()
    if code != 0 and count.failed == 0:
        count.failed = 1
    return count


def main():
    folder = Path(sys.argv[1])
    total, skips = Count(), []
    print(f"\n{'stage':<14}{'passed':>8}{'failed':>8}{'skipped':>8}{'seconds':>9}")
    for log in sorted(folder.glob("*.log")):
        count = count_stage(log)
        seconds = log.with_suffix(".log.seconds").read_text().strip()
        print(f"{log.stem[3:]:<14}{count.passed:>8}{count.failed:>8}{count.skipped:>8}{seconds:>9}")
        total.add(count)
        skips += SKIPPED.findall(log.read_text(errors="replace"))
    if (folder / "ctest.xml").exists():
        skips += SKIPPED.findall((folder / "ctest.xml").read_text(errors="replace"))
    for reason in sorted(set(skips)):
        print(f"skipped {reason}")
    print(f"\n{total.passed} passed, {total.failed} failed, {total.skipped} skipped", flush=True)
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main())
