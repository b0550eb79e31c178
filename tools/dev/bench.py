#!/usr/bin/env python3
"""Runs the programs bench_* and keeps what they measured.

A program prints one JSON object per line, everything else is passed through as remarks:
    {"measure": "...", "ours": 1.2, "peer": 2.3, "ratio": 0.52, "goal": 0.6, "unit": "us", "peer_name": "libmodbus",
     "better": "lower"}
measure, ours and unit are needed; peer, ratio, goal, peer_name, reach and better ("lower" or "higher") are optional, and
goal is compared with ratio when "goal_of" is "ratio", else with ours. Results go to bench/results/<date>-<cores>x<arch>.json and .md.
"""
import datetime
import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

PROGRAMS = Path("build/release/bench")
RESULTS = Path("bench/results")


def programs(pattern):
    built = [p for p in sorted(PROGRAMS.glob("bench_*")) if p.is_file() and os.access(p, os.X_OK)]
    scripts = sorted(Path("bench").glob("bench_*.py"))
    return [p for p in built + scripts if re.search(pattern, p.name)]


def run(program):
    """Rows of one program; a program that fails gives a row that says so."""
    print(f"\n== {program.name}", flush=True)
    command = [sys.executable, str(program)] if program.suffix == ".py" else [str(program)]
    rows = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            try:
                row = json.loads(line)
                assert isinstance(row, dict) and "measure" in row
                rows.append(row)
            except (ValueError, AssertionError):
                print("  " + line.rstrip(), flush=True)
    if process.returncode != 0:
        rows.append({"measure": program.name, "failed": f"exit code {process.returncode}"})
    elif not rows:
        rows.append({"measure": program.name, "failed": "printed no result"})
    return rows


def is_reached(row):
    """True or False against the goal, None where there is nothing to compare."""
    goal, value = row.get("goal"), row.get("ratio") if row.get("goal_of") == "ratio" else row.get("ours")
    if not isinstance(goal, (int, float)) or not isinstance(value, (int, float)):
        return None
    return value >= goal if row.get("better") == "higher" else value <= goal


def text(value):
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 10000 else f"{value:,.0f}"
    return str(value)


def table(rows):
    head = ["measure", "unit", "ours", "peer", "ratio", "goal", "reached"]
    body = []
    for row in rows:
        if "failed" in row:
            body.append([row["measure"], "-", "failed: " + row["failed"], "-", "-", "-", "no"])
            continue
        peer = text(row.get("peer")) + (f" ({row['peer_name']})" if row.get("peer_name") else "")
        goal = text(row.get("goal")) + (" (ratio)" if row.get("goal_of") == "ratio" else "")
        reached = {True: "yes", False: "no", None: "-"}[is_reached(row)]
        body.append([row["measure"], row.get("unit", "-"), text(row.get("ours")), peer, text(row.get("ratio")), goal, reached])
    widths = [max(len(line[i]) for line in [head] + body) for i in range(len(head))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in [head] + body]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def git(*arguments):
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=False).stdout.strip()


def main():
    chosen = programs(sys.argv[1] if len(sys.argv) > 1 else "")
    if not chosen:
        sys.exit("bench: no program bench_* matches; they are built from bench/ by the release preset")
    rows = [row for program in chosen for row in run(program)]
    today = datetime.date.today().isoformat()
    machine = f"{os.cpu_count()}x{platform.machine()}"
    about = {"date": today, "machine": machine, "commit": git("rev-parse", "--short", "HEAD"),
             "changed": bool(git("status", "--porcelain", "-uno"))}
    print("\n" + table(rows))
    RESULTS.mkdir(parents=True, exist_ok=True)
    name = f"{today}-{machine}" + ("-part" if len(sys.argv) > 1 else "")
    (RESULTS / f"{name}.json").write_text(json.dumps({"about": about, "rows": rows}, indent=1) + "\n")
    (RESULTS / f"{name}.md").write_text(
        f"# Benchmarks of {today}\n\n{machine}, commit {about['commit']}{' with changes' if about['changed'] else ''}."
        f" Each pair ran interleaved in one process run.\n\n{table(rows)}\n")
    print(f"\nkept in {RESULTS / name}.json and .md")
    return 1 if any("failed" in row for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
