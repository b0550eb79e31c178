"""Text of every file: open ends, paths and hosts of somebody's machine; and the form of commit messages."""
import re

from source import Finding

_MARK = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b(?!_)(.*)")
_CONDITION = re.compile(r"^\s*(?:\(|:)?\s*(?:when|once|after|if|until)\b", re.I)
# Homes and working folders of people and build machines. Written apart so that this file does not match itself.
_HOMES = "|".join(["ho" "me", "Us" "ers", "ro" "ot", "wo" "rk", "fa" "rm", "mnt", "work" "space", "tmp/w" "t", "build" "s"])
_MACHINE_PATH = re.compile(rf"(?<![\w.~/)}}\]$*-])/(?:{_HOMES})/[\w.-]+")
_REGISTRY_HOST = re.compile(r"https?://[^/\s\"'<>]*(?:registry|artifact|nexus|mirror|pypi)[^/\s\"'<>]*", re.I)
_GENERATED = (".lock", "LICENSE")
_CODE = (".cpp", ".hpp", ".py", ".sh", ".ts", ".tsx", ".mjs", ".css", ".cmake", ".yaml", ".toml", "CMakeLists.txt", "dev")


def check(source, _table=None):
    if source.name.endswith(_GENERATED):
        return
    yield from _check_marks(source)
    for match in _MACHINE_PATH.finditer(source.text):
        yield Finding(source.name, source.line_of(match.start()), f"path of a machine: {match.group()}",
                      "It exists nowhere else.", "a path relative to the repository, or a setting.", "machine-path")
    for match in _REGISTRY_HOST.finditer(source.text):
        yield Finding(source.name, source.line_of(match.start()), f"names a package host: {match.group()}",
                      "Where packages come from is the user's setting, not ours.",
                      "leave it out (npm: omit-lockfile-registry-resolved=true in web/.npmrc).", "package-host")


def _check_marks(source):
    if not source.name.endswith(_CODE) or source.name.startswith("tools/tidy/"):
        return
    for match in _MARK.finditer(source.text):
        mark, rest = match.groups()
        if mark == "TODO" and _CONDITION.match(rest):
            continue
        yield Finding(source.name, source.line_of(match.start()), f"{mark} without a condition",
                      "Nobody can tell when it is due, so it stays.",
                      '"TODO when <what must be true first>: <what to do>", or an issue, or do it now.', "todo")


def check_message(text):
    """Complaints about a commit message, as sentences."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    while lines and not lines[0].strip():
        lines.pop(0)
    subject = lines[0] if lines else ""
    if subject.startswith(("Merge ", "Revert ", "fixup! ", "squash! ")):
        return
    if not re.match(r"[a-z][\w/,. -]*: \S", subject):
        yield 'the first line is "area: what is different now"; the area is a module, profiles/<maker>, web, docs or dev'
    if len(subject) > 72:
        yield f"the first line has {len(subject)} characters; 72 stay readable in a log"
    if subject.endswith("."):
        yield "the first line is a title: no full stop"
    if len(lines) > 1 and lines[1].strip():
        yield "a blank line parts the first line from the body"
    if _MACHINE_PATH.search(text):
        yield "a path of somebody's machine says nothing to others"
