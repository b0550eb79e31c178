"""Headers: one guard, a first comment, nothing leaked; sources include their own header first."""
import re

from source import Finding

_INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.M)
_USING = re.compile(r"^using\s+namespace\b(?![^;]*literals\s*;)", re.M)  # suffixes of literals hide nothing


def check(source, names):
    if source.name.endswith(".hpp"):
        yield from _check_header(source)
    elif source.name.endswith(".cpp") and source.name.startswith("src/") and not source.is_test:
        own = source.name[len("src/"):-len(".cpp")] + ".hpp"
        first = _INCLUDE.search(source.code)
        if "src/" + own in names and first and first.group(1) != own:
            yield Finding(source.name, source.line_of(first.start(1)), f"includes {first.group(1)} before its own header",
                          "The own header first proves that it compiles alone.", f'#include "{own}" as the first include.',
                          "own-header-first")


def _check_header(source):
    lines = [line for line in source.lines if line.strip()]
    if "#pragma once" not in [line.strip() for line in lines[:3]]:
        yield Finding(source.name, 1, "no #pragma once at the top", "Included twice, the header does not compile.",
                      "#pragma once as the first line.", "pragma-once")
    elif source.name.startswith("src/") and not _opens_with_comment(lines):
        yield Finding(source.name, 1, "the header does not say what it is",
                      "A reader should understand a module from its headers alone.",
                      "open with what the thing is, who calls it, what it does not do.", "header-comment")
    if found := _USING.search(source.code):
        yield Finding(source.name, source.line_of(found.start()), "using namespace in a header",
                      "It changes the meaning of names in every file that includes it.", "qualify the names.", "using-header")


def _opens_with_comment(lines):
    """True when a comment stands before the first declaration (includes and the namespace may come first)."""
    for line in lines:
        if line.lstrip().startswith("//"):
            return True
        if not line.startswith(("#", "namespace ")):
            return False
    return False
