"""Names that say nothing, and synonyms of glossary words."""
import re

from source import Finding

_IDENTIFIER = re.compile(r"\b[A-Za-z_]\w+\b")
_PLACE = re.compile(r"\b(?:namespace|class|struct|enum|union)\s+(?:class\s+)?$")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def parts(identifier):
    """BatteryManager, battery_manager, kBatteryManager -> ["battery", "manager"]."""
    return [part.lower() for part in _PART.findall(identifier)]


def banned_word(identifier, words, is_place):
    """(word, instead, is_glossary) of the first banned word in a name, or None. A place is a file, namespace or type."""
    pieces = "_" + "_".join(parts(identifier)) + "_"
    for table in ("banned", "glossary", "places") if is_place else ("banned", "glossary"):
        for word, instead in words[table].items():
            if f"_{word}_" in pieces:
                return word, instead, table == "glossary"
    return None


def _finding(source, line, name, found):
    word, instead, is_glossary = found
    if is_glossary:
        return Finding(source.name, line, f'"{name}" says {word}', "One thing has one word in this project (GLOSSARY.md).",
                       f"{instead}.", "glossary")
    return Finding(source.name, line, f'"{name}" says {word}', "That word fits anything, so the unit will grow to hold anything.",
                   f"name {instead}.", "empty-name")


def check(source, words):
    stem = source.name.rsplit("/", 1)[-1]
    if source.name.startswith(("src/", "apps/", "web/src/", "tools/", "fuzz/", "bench/", "tests/")):
        for folder_or_file in source.name.split("/"):
            if found := banned_word(folder_or_file, words, True):
                yield _finding(source, 1, stem, found)
                break
    if not source.is_cpp:
        return
    seen = set()
    code = re.sub(r"^[ \t]*#.*$", lambda m: " " * len(m.group()), source.code, flags=re.M)
    for match in _IDENTIFIER.finditer(code):
        name = match.group()
        if name in words["allowed"]["names"]:
            continue
        is_place = bool(_PLACE.search(code, max(0, match.start() - 30), match.start()))
        if (name, is_place) in seen:
            continue
        seen.add((name, is_place))
        if found := banned_word(name, words, is_place):
            yield _finding(source, source.line_of(match.start()), name, found)
