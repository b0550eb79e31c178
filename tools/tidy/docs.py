"""Documents that must stay true: requirements name files that exist, every package has its reason, links lead somewhere."""
import json
import re
import tomllib
from pathlib import Path

from source import Finding

REQUIREMENTS = "docs/requirements.md"
DEPENDENCIES = "docs/reference/dependencies.md"
_ROW = re.compile(r"^\| *([A-Z]+-\d+) *\|(.*)\|\s*$", re.M)
_TICKED = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)")
_PAGE = re.compile(r"(?<![\w./-])docs/[\w./-]*\w\.md\b")
_ID_STATUS = {"not yet", "partly", "done"}


def expand(ranges):
    """["1-3", "7"] -> [1, 2, 3, 7]."""
    numbers = []
    for text in ranges:
        first, _, last = text.partition("-")
        numbers += range(int(first), int(last or first) + 1)
    return numbers


def check(sources, root):
    by_name = {source.name: source for source in sources}
    if REQUIREMENTS in by_name:
        ids = tomllib.loads(Path(root, "tools/tidy/requirements.toml").read_text())["ids"]
        yield from check_requirements(by_name[REQUIREMENTS], ids, by_name, root)
        yield from check_sum(by_name[REQUIREMENTS])
    if DEPENDENCIES in by_name:
        yield from _check_dependencies(by_name)
    for source in sources:
        if source.name.endswith(".md"):
            yield from _check_links(source, root)
        yield from check_mentions(source, root)


def check_requirements(page, ids, by_name, root):
    rows = {}
    for match in _ROW.finditer(page.text):
        line = page.line_of(match.start())
        if match.group(1) in rows:
            yield Finding(page.name, line, f"{match.group(1)} stands twice", "Two rows will disagree.", "one row per id.",
                          "requirements")
        rows[match.group(1)] = line
        yield from _check_row(page, line, match.group(1), match.group(2), by_name, root)
    wanted = {f"{family}-{number}" for family, ranges in ids.items() for number in expand(ranges)}
    for missing in sorted(wanted - rows.keys()):
        yield Finding(page.name, 1, f"{missing} has no row", "A requirement that is not listed is forgotten.",
                      'add a row, with "not yet" while nothing is there.', "requirements")
    for unknown in sorted(rows.keys() - wanted):
        yield Finding(page.name, rows[unknown], f"{unknown} is not an id of tools/tidy/requirements.toml",
                      "An id is a promise to users; a typing error hides one.", "mend the id or the list.", "requirements")


def check_sum(page):
    """The sentence "Today: 3 done, 2 partly, 9 not yet." counts the rows below it."""
    states = [match.group(2).split("|")[1].strip() for match in _ROW.finditer(page.text) if "|" in match.group(2)]
    true = ", ".join(f"{states.count(state)} {state}" for state in ("done", "partly", "not yet"))
    told = re.search(r"^Today: (.*)\.$", page.text, re.M)
    if not told or told.group(1) != true:
        yield Finding(page.name, page.line_of(told.start()) if told else 1, "the sum of the rows is not what the page says",
                      "It is the first figure a visitor reads.", f'"Today: {true}."', "requirements")


def _check_row(page, line, name, row, by_name, root):
    """Cells after the id: what, status, where, proved by. A test is `file` or `file: part of the case's name`."""
    cells = [cell.strip() for cell in row.split("|")]
    if len(cells) != 4:
        yield Finding(page.name, line, f"{name} has {len(cells) + 1} cells", "The table has five.",
                      "id, what, status, where, proved by.", "requirements")
        return
    _, status, where, proof = cells
    if status not in _ID_STATUS:
        yield Finding(page.name, line, f'{name} has status "{status}"', "A status nobody defined promises nothing.",
                      "not yet, partly or done.", "requirements")
    if (status == "not yet") == bool(_TICKED.search(where + proof)) or (status != "not yet" and not _TICKED.search(proof)):
        yield Finding(page.name, line, f"{name}: status and evidence do not fit", "A claim without its test is ahead of the truth.",
                      '"partly" and "done" name the file and the test, "not yet" names nothing.', "requirements")
    for text in _TICKED.findall(where + " " + proof):
        path, _, case = text.partition(": ")
        if not Path(root, path).exists():
            yield Finding(page.name, line, f"{name} names {path}, which is not there", "The claim cannot be checked.",
                          "name the file that proves it, or take the claim back.", "requirements")
        elif case and (path not in by_name or case not in by_name[path].text):
            yield Finding(page.name, line, f'{name}: {path} has no "{case}"', "The claim cannot be checked.",
                          "name the case as it stands in the test, or take the claim back.", "requirements")


def _check_dependencies(by_name):
    page = by_name[DEPENDENCIES].text
    named = set(_TICKED.findall(page))
    wanted = []
    if "tools/dev/setup.sh" in by_name:
        source = by_name["tools/dev/setup.sh"]
        block = re.search(r"^packages=\(\n(.*?)^\)", source.text, re.M | re.S)
        for line in block.group(1).splitlines() if block else []:
            wanted += [(source.name, word) for word in line.split("#")[0].split()]
    if "web/package.json" in by_name:
        package = json.loads(by_name["web/package.json"].text)
        for kind in ("dependencies", "devDependencies"):
            wanted += [("web/package.json", word) for word in package.get(kind, {})]
    for file, word in wanted:
        if word not in named:
            yield Finding(file, 1, f"package {word} has no row in {DEPENDENCIES}",
                          "A dependency is kept for a reason that someone can weigh later.",
                          "add a row: what we would write instead, and why we do not.", "dependency-reason")


def _check_links(source, root):
    folder = Path(root, source.name).parent
    for match in _LINK.finditer(re.sub(r"```.*?```", lambda m: re.sub(r"[^\n]", " ", m.group()), source.text, flags=re.S)):
        target = match.group(1)
        if re.match(r"[a-z]+:", target) or target.startswith("/"):
            continue
        if not (folder / target).exists():
            yield Finding(source.name, source.line_of(match.start(1)), f"link to {target}, which is not there",
                          "A reader who follows it is lost.", "mend or remove the link.", "link")


def check_mentions(source, root):
    """A page of docs/ that a comment or a text names is there."""
    if source.name.startswith("tools/tidy/tests/"):
        return
    for match in _PAGE.finditer(source.text):
        if not Path(root, match.group()).exists():
            yield Finding(source.name, source.line_of(match.start()), f"names {match.group()}, which is not there",
                          "A reader who follows it is left alone.", "write the page, or name the one that is there.", "link")
