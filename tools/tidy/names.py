"""Names that say nothing, and synonyms of glossary words."""
import re

from source import Finding

_IDENTIFIER = re.compile(r"\b[A-Za-z_]\w+\b")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def parts(identifier):
    """BatteryManager, battery_manager, kBatteryManager -> ["battery", "manager"]."""
    return [part.lower() for part in _PART.findall(identifier)]


def banned_word(identifier, words):
    """(word, instead, is_glossary) of the first banned word in a name, or None."""
    pieces = "_" + "_".join(parts(identifier)) + "_"
    for table, is_glossary in (("banned", False), ("glossary", True)):
        for word, instead in words[table].items():
            if f"_{word}_" in pieces:
                return word, instead, is_glossary
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
            if found := banned_word(folder_or_file, words):
                yield _finding(source, 1, stem, found)
                break
    if not source.is_cpp:
        return
    seen = set()
    for match in _IDENTIFIER.finditer(re.sub(r"^[ \t]*#.*$", lambda m: " " * len(m.group()), source.code, flags=re.M)):
        name = match.group()
        if name in seen or name in words["allowed"]["names"]:
            continue
        seen.add(name)
        if found := banned_word(name, words):
            yield _finding(source, source.line_of(match.start()), name, found)
