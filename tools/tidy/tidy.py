#!/usr/bin/env python3
"""The project's own linter: what a reviewer would have to repeat. Fast, standard library only; each message says why and
what instead. A rule nobody can justify in one sentence is deleted.

    tidy.py                 every rule over every file; exit code 1 when there is a finding
    tidy.py --smells        sizes and shapes worth a look; never fails
    tidy.py --message FILE  the form of a commit message
"""
import argparse
import sys
import tomllib
from pathlib import Path

import calls
import coroutines
import docs
import headers
import modules
import names
import pure
import smells
import texts
from source import repository_files

ROOT = Path(__file__).resolve().parents[2]


def findings(root=ROOT):
    table = tomllib.loads((root / "tools/tidy/modules.toml").read_text())
    words = tomllib.loads((root / "tools/tidy/words.toml").read_text())
    sources = list(repository_files(root))
    all_names = {source.name for source in sources}
    for source in sources:
        yield from modules.check(source, table)
        yield from pure.check(source, table)
        yield from coroutines.check(source)
        yield from names.check(source, words)
        yield from calls.check(source)
        yield from headers.check(source, all_names)
        yield from texts.check(source)
    yield from docs.check(sources, root)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--smells", action="store_true")
    parser.add_argument("--message", metavar="FILE")
    arguments = parser.parse_args()
    if arguments.smells:
        for source in repository_files(ROOT):
            for sentence in smells.report(source):
                print(sentence)
        return 0
    if arguments.message:
        complaints = list(texts.check_message(Path(arguments.message).read_text()))
        for complaint in complaints:
            print(f"commit message: {complaint}", file=sys.stderr)
        return 1 if complaints else 0
    found = list(findings())
    for finding in found:
        print(finding)
    print(f"tidy: {len(found)} findings" if found else "tidy: nothing to say")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
