#!/usr/bin/env python3
"""Runs the programs bench_* and keeps what they measured, as the rows of bench/table.toml.

A program prints one JSON object per line, everything else is passed through as remarks:
    {"measure": "...", "ours": 1.2, "unit": "us", "peer": 2.3, "ratio": 0.52, "peer_name": "libmodbus"}
measure, ours and unit are needed. A row of the table that no measure fills says "missing", a program that fails says so,
and both end the run with exit code 1. A whole run also renews the table in README.md. Figures beyond the table follow in one of their own; there "goal", "goal_of"
("ratio" or "ours") and "better" ("lower" or "higher") of the program count. Kept in bench/results/<date>-<cores>x<arch>.json and .md.
"""
import datetime
import json
import os
import platform
import re
import subprocess
import sys
import tomllib
from pathlib import Path

PROGRAMS = Path("build/release/bench")
RESULTS = Path("bench/results")
TABLE = Path("bench/table.toml")
README = Path("README.md")
FIGURES = re.compile(r"(<!-- figures: .*? -->\n).*?(<!-- end of figures -->)", re.S)


def programs(pattern):
    built = [p for p in sorted(PROGRAMS.glob("bench_*")) if p.is_file() and os.access(p, os.X_OK)]
    scripts = sorted(Path("bench").glob("bench_*.py"))
    return [p for p in built + scripts if re.search(pattern, p.name)]


def parse(line):
    """The object of a result line, None for a remark."""
    try:
        row = json.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) and "measure" in row else None


def run(program):
    """(results, why it failed or None) of one program."""
    print(f"\n== {program.name}", flush=True)
    command = [sys.executable, str(program)] if program.suffix == ".py" else [str(program)]
    results = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if (row := parse(line)) is not None:
                results.append(row)
            else:
                print("  " + line.rstrip(), flush=True)
    if process.returncode != 0:
        return results, f"exit code {process.returncode}"
    return results, None if results else "printed no result"


def is_met(value, bound, better):
    """True or False, None where there is nothing to compare."""
    if not isinstance(value, (int, float)) or not isinstance(bound, (int, float)):
        return None
    return value >= bound if better == "higher" else value <= bound


def state_of(row):
    """goal, reach (not yet the goal), short (of both), or measured where nothing is asked."""
    value = row.get("ratio") if row.get("of") == "ratio" else row.get("ours")
    if is_met(value, row.get("goal"), row.get("better")):
        return "goal"
    if is_met(value, row.get("reach"), row.get("better")):
        return "reach"
    return "measured" if row.get("goal") is None and row.get("reach") is None else "short"


def arrange(asked, results):
    """(rows of the table in its order, rows beyond it); each result is used once."""
    table, used = [], set()
    for row in asked:
        hits = [i for i, result in enumerate(results) if i not in used and re.search(row["match"], result["measure"])]
        used.update(hits)
        is_one = len({results[i]["measure"] for i in hits}) == 1  # perhaps beside several peers
        for i in hits:
            result = results[i]
            name = row["what"] if is_one else result["measure"]
            table.append({**result, **row, "measure": name, "peer_name": result.get("peer_name") or row["peer"],
                          "peer": result.get("peer")})
        if not hits:
            table.append({**row, "measure": row["what"], "peer_name": row["peer"], "peer": None, "state": "missing"})
    beyond = [{**result, "of": result.get("goal_of")} for i, result in enumerate(results) if i not in used]
    for row in table + beyond:
        row.setdefault("state", state_of(row))
        row.pop("match", None)
        row.pop("what", None)
    return table, beyond


def text(value):
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def bound(row, name):
    if row.get(name) is None:
        return "-"
    sign = "≥" if row.get("better") == "higher" else "≤"
    return f"{sign} {text(row[name])}{'x' if row.get('of') == 'ratio' else ''}"


def format_table(rows):
    head = ["measure", "unit", "ours", "peer", "ratio", "reach", "goal", "state"]
    body = []
    for row in rows:
        peer = text(row.get("peer")) + (f" ({row['peer_name']})" if row.get("peer_name") else "")
        ratio = text(row.get("ratio")) if row.get("peer") else "-"  # a ratio to nothing is none
        body.append([row["measure"], row.get("unit", "-"), text(row.get("ours")), peer, ratio, bound(row, "reach"),
                     bound(row, "goal"), row["state"]])
    widths = [max(len(line[i]) for line in [head] + body) for i in range(len(head))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in [head] + body]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def git(*arguments):
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=False).stdout.strip()


def page(about, table, beyond, failures):
    """The whole result as Markdown."""
    load = f"{about['load']:.1f}"
    parts = [f"# Benchmarks of {about['date']}",
             f"{about['machine']}, commit {about['commit']}{' with changes' if about['changed'] else ''}, load of the machine before"
             f" the run {load}. Each pair ran interleaved in one run; a peer called quoted was not run here. State: `goal`"
             " (goal met), `reach` (what is to be reached now), `short` (of both), `missing` (not measured).",
             format_table(table)]
    if beyond:
        parts += ["Measured beside them:", format_table(beyond)]
    if failures:
        parts += ["Failed:", "\n".join(f"- {name}: {why}" for name, why in failures.items())]
    return "\n\n".join(parts) + "\n"


def figures(about, table):
    """The rows a visitor sees: what was measured, without what is to be reached."""
    head = ["measure", "Busbar", "in the same run"]
    ours, peers = {}, {}
    for row in table:
        if row["state"] == "missing":
            ours[row["measure"]], peers[row["measure"]] = "not measured in this run", []
            continue
        unit = row.get("unit", "")
        ours[row["measure"]] = f"{text(row['ours'])} {unit}"
        beside = peers.setdefault(row["measure"], [])
        if row.get("peer") is not None:
            beside.append(f"{row['peer_name']}: {text(row['peer'])} {unit}")
    body = [[measure, ours[measure], "; ".join(peers[measure]) or "-"] for measure in ours]
    lines = ["| " + " | ".join(cells) + " |" for cells in [head, ["---"] * len(head)] + body]
    return f"{about['date']}, {about['machine']}, commit {about['commit']}:\n\n" + "\n".join(lines) + "\n"


def renew(readme, about, table):
    """The text of the README with the figures of this run between its two marks."""
    return FIGURES.sub(lambda match: match.group(1) + figures(about, table) + match.group(2), readme)


def main():
    pattern = sys.argv[1] if len(sys.argv) > 1 else ""
    chosen = programs(pattern)
    if not chosen:
        sys.exit("bench: no program bench_* matches; they are built from bench/ by the release preset")
    load = os.getloadavg()[0]
    if load > 1.5:
        print(f"bench: the machine is busy (load {load:.1f}); figures other than ratios will be worse than they are", flush=True)
    results, failures = [], {}
    for program in chosen:
        rows, failed = run(program)
        results += rows
        if failed:
            failures[program.name] = failed
    table, beyond = arrange(tomllib.loads(TABLE.read_text())["row"], results)
    if pattern:  # asked for a part: what it does not measure is not missing
        table = [row for row in table if row["state"] != "missing"]
    about = {"date": datetime.date.today().isoformat(), "machine": f"{os.cpu_count()}x{platform.machine()}", "load": load,
             "commit": git("rev-parse", "--short", "HEAD"), "changed": bool(git("status", "--porcelain", "-uno"))}
    RESULTS.mkdir(parents=True, exist_ok=True)
    name = f"{about['date']}-{about['machine']}" + ("-part" if pattern else "")
    kept = {"about": about, "rows": table, "beyond": beyond, "failed": failures}
    (RESULTS / f"{name}.json").write_text(json.dumps(kept, indent=1) + "\n")
    (RESULTS / f"{name}.md").write_text(page(about, table, beyond, failures))
    if not pattern:
        README.write_text(renew(README.read_text(), about, table))
    print("\n" + page(about, table, beyond, failures) + f"\nkept in {RESULTS / name}.json and .md")
    return 1 if failures or any(row["state"] == "missing" for row in table) else 0


if __name__ == "__main__":
    sys.exit(main())
