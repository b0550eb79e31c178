#!/usr/bin/env python3
"""Folds the report of llvm-cov (standard input) into one row per module: lines and branches reached."""
import re
import sys
from collections import defaultdict

# Filename, then regions, functions, lines and branches as (all, missed, percent).
ROW = re.compile(r"^(\S+?)/(\S+)\s+\d+\s+\d+\s+\S+\s+\d+\s+\d+\s+\S+\s+(\d+)\s+(\d+)\s+\S+\s+(\d+)\s+(\d+)\s+\S+$")


def main():
    sums = defaultdict(lambda: [0, 0, 0, 0])
    for line in sys.stdin:
        if found := ROW.match(line.rstrip()):
            path = f"{found.group(1)}/{found.group(2)}"
            parts = path.split("/")
            module = parts[parts.index("src") + 1] if "src" in parts[:-1] else parts[0]
            for i, number in enumerate(found.groups()[2:]):
                sums[module][i] += int(number)
    print(f"{'module':<12}{'lines':>8}{'reached':>9}{'branches':>10}{'reached':>9}")
    for module, (lines, lines_missed, branches, branches_missed) in sorted(sums.items()):
        line_share = 100 * (1 - lines_missed / lines) if lines else 100
        branch_share = 100 * (1 - branches_missed / branches) if branches else 100
        print(f"{module:<12}{lines:>8}{line_share:>8.1f}%{branches:>10}{branch_share:>8.1f}%")


if __name__ == "__main__":
    main()
