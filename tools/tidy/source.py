"""The files tidy looks at, and C++ text with comments and literals blanked so that rules see code only."""
import re
import subprocess
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

_NOT_CODE = re.compile(
    r"//[^\n]*"
    r"|/\*.*?\*/"
    r'|R"(?P<tag>[^\s()\\]{0,16})\(.*?\)(?P=tag)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'",
    re.S)


class Finding(NamedTuple):
    """One message: where, what is wrong, why that hurts, what to do instead."""
    file: str
    line: int
    what: str
    why: str
    instead: str
    rule: str

    def __str__(self):
        return f"{self.file}:{self.line}: {self.what}. {self.why} Instead: {self.instead} (rule: {self.rule})"


def blank(text):
    """Comments and literals as spaces; every character keeps its line and column. Include lines keep their path."""
    def spaces(match):
        line_start = text.rfind("\n", 0, match.start()) + 1
        if match.group().startswith('"') and re.match(r"\s*#\s*include\b", text[line_start:match.start()]):
            return match.group()
        return re.sub(r"[^\n]", " ", match.group())
    return _NOT_CODE.sub(spaces, text)


class Source:
    def __init__(self, name, text):
        self.name = name  # relative to the repository, with /
        self.text = text

    @cached_property
    def code(self):
        return blank(self.text)

    @cached_property
    def lines(self):
        return self.text.splitlines()

    @property
    def is_cpp(self):
        return self.name.endswith((".cpp", ".hpp"))

    @property
    def is_test(self):
        return self.name.endswith(("_test.cpp", "_bench.hpp")) or self.name.startswith("tests/")

    @property
    def module(self):
        """Name of the folder under src/, "apps" for programs, None elsewhere."""
        parts = self.name.split("/")
        if parts[0] == "src" and len(parts) > 2:
            return parts[1]
        return "apps" if parts[0] == "apps" else None

    def line_of(self, offset):
        return self.text.count("\n", 0, offset) + 1


def repository_files(root):
    """Every text file that is, or would be, committed."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=root, check=True,
                            capture_output=True).stdout.decode()
    for name in sorted(filter(None, listed.split("\0"))):
        path = Path(root, name)
        if not path.is_file() or path.is_symlink() or path.stat().st_size > 2_000_000:
            continue
        data = path.read_bytes()
        if b"\0" in data[:4096]:
            continue
        yield Source(name, data.decode("utf-8", errors="replace"))
