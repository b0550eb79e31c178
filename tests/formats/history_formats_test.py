#!/usr/bin/env python3
"""An independent reader of the history: what a writer left when it was killed is read with nothing but docs/formats and
Python, and compared with what was written. Usage: history_formats_test.py WRITER   (tests/crash/history_crash_writer)"""
import os
import re
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
from collections import defaultdict

import chunk_format
import journal_format

POLLS = 900  # five hours of the pattern: four in the database, the newest in the journal
KEYS = ["meter/power", "roof/energy", "pack/soc"]


def time_of(n):
    return 1_700_006_400_000 + n * 20_000


def expected(key, n):
    """The pattern of tests/crash/crash_pattern.hpp."""
    if key == "meter/power":
        return n * 7919 % 10007 - 5000
    if key == "roof/energy":
        return n * 3
    return None if n % 11 == 5 else n // 50 % 1000


def write(writer, folder):
    with subprocess.Popen([writer, folder, "0"], stdout=subprocess.PIPE) as process:
        for n in range(POLLS):
            number = process.stdout.read(8)
            assert len(number) == 8 and struct.unpack("<q", number)[0] == n, "the writer stopped"
        process.send_signal(signal.SIGKILL)


def read_database(path, samples):
    """Adds each stored sample; returns the newest generation and how many roll-up buckets agreed with their samples."""
    db = sqlite3.connect(path)
    assert db.execute("PRAGMA application_id").fetchone()[0] == 0x42424831
    (committed,) = db.execute("SELECT value FROM meta WHERE name = 'committed'").fetchone()
    keys = dict(db.execute("SELECT id, key FROM series"))
    buckets = 0
    for place, blob in db.execute("SELECT id, data FROM chunks ORDER BY id"):
        generation, series = place >> 20, place & 0xFFFFF
        if generation > committed:
            continue  # a move that was interrupted
        number, resolution, values = chunk_format.chunk(generation, series, blob)
        assert resolution == (1, 0)
        (line,) = db.execute("SELECT data FROM timelines WHERE id = ?", (generation << 20 | number,)).fetchone()
        rows = list(zip(chunk_format.timeline(generation, number, line), values))
        samples[keys[series]] += rows
        for table, width in (("minutes", 60_000), ("quarters", 900_000)):
            (page,) = db.execute(f"SELECT data FROM {table} WHERE id = ?", (place,)).fetchone()
            buckets += check_rollup(chunk_format.rollup(generation, series, width, page), rows, width)
    return committed, buckets


def check_rollup(buckets, rows, width):
    by_bucket = defaultdict(list)
    for instant, value in rows:
        if value is not None:
            by_bucket[instant // width * width].append(value)
    assert buckets == {begin: (len(v), min(v), max(v), v[0], v[-1], sum(v)) for begin, v in by_bucket.items()}
    return len(buckets)


def read_journal(folder, committed, samples):
    keys, sequences, read = {}, defaultdict(int), 0
    for name in sorted(os.listdir(folder)):
        match = re.fullmatch(r"journal-(\d{10})-(\d{4})\.log", name)
        if not match or int(match[1]) <= committed:
            continue
        with open(os.path.join(folder, name), "rb") as file:
            data = file.read()
        for sequence, defined, rows in journal_format.read(data, int(match[1]), int(match[2])):
            if sequence <= sequences[match[1]]:
                continue  # written again after an error
            sequences[match[1]] = sequence
            keys.update({series: key for series, (key, _) in defined.items()})
            for series, instant, value in rows:
                samples[keys[series]].append((instant, value))
            read += len(rows)
    return read


def main():
    folder = tempfile.mkdtemp(prefix="busbar-formats-")
    try:
        write(sys.argv[1], folder)
        samples = defaultdict(list)
        committed, buckets = read_database(os.path.join(folder, "history.db"), samples)
        from_journal = read_journal(folder, committed, samples)
        assert committed >= 3 and buckets > 500 and from_journal > 0, "not every kind of file was there"
        for key in KEYS:
            assert len(samples[key]) >= POLLS, f"{key}: {len(samples[key])} of {POLLS} samples"
            for n, (instant, value) in enumerate(samples[key]):
                assert (instant, value) == (time_of(n), expected(key, n)), f"{key}: number {n} reads {instant}, {value}"
        print(f"history_formats: {committed} hours and {buckets} roll-up buckets from the database, "
              f"{from_journal} samples from the journal, all as written")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
