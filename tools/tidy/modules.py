"""What may include what (modules.toml): the module picture of ARCHITECTURE.md, held true."""
import re

from source import Finding

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)
_ADD_MODULE = re.compile(r"add_module\(\s*(\w+)([^)]*)\)")
_KEYWORDS = {"DEPS", "PRIVATE", "TEST_DEPS"}


def allowed_for(source, table):
    """Modules that this file may include, itself among them; None when anything goes."""
    row = table["modules"].get(source.module)
    if row is None or "*" in row:
        return None
    allowed = {source.module, *row}
    if source.is_test:
        allowed |= set(table.get("tests", {}).get(source.module, []))
    return allowed


def check(source, table):
    if source.module is None:
        return
    if source.is_cpp:
        yield from _check_includes(source, table)
    elif source.name.endswith("/CMakeLists.txt"):
        yield from _check_links(source, table)


def _check_includes(source, table):
    modules, allowed = set(table["modules"]), allowed_for(source, table)
    if source.module not in modules:
        yield Finding(source.name, 1, f"module {source.module} is not in tools/tidy/modules.toml",
                      "A module without a row could include anything.", "add its row, with the fewest modules it needs.",
                      "module-table")
        return
    for match in _INCLUDE.finditer(source.code):
        kind, path = match.groups()
        line = source.line_of(match.start(2))
        if kind == '"':
            yield from _check_own_include(source, line, path, modules, allowed)
        else:
            yield from _check_heavy_include(source, line, path, table.get("heavy", {}))


def _check_own_include(source, line, path, modules, allowed):
    if "/" not in path or path.startswith("."):
        if source.module == "apps" and not path.startswith("."):
            return
        yield Finding(source.name, line, f'include "{path}" is not a full path',
                      "A reader should see which module a header belongs to.", f'"{source.module}/{path}".',
                      "include-path")
        return
    target = path.split("/")[0]
    if target in modules and allowed is not None and target not in allowed:
        yield Finding(source.name, line, f"{source.module} includes {path}",
                      f"{source.module} may use only: {', '.join(sorted(allowed - {source.module})) or 'nothing'}; a new"
                      " edge ties two modules together for good.",
                      "move the shared type down, or pass the value in from above; if the edge is right, change"
                      " modules.toml and say why in the commit.", "module-table")


def _check_heavy_include(source, line, path, heavy):
    for prefix, row in heavy.items():
        if not path.startswith(prefix) or path in row.get("except", []):
            continue
        if source.is_test or any(source.name.startswith(place) for place in row["in"]):
            continue
        yield Finding(source.name, line, f"includes <{path}>", row["why"], row["instead"], "heavy-header")


def _check_links(source, table):
    for match in _ADD_MODULE.finditer(source.text):
        name, words = match.group(1), match.group(2).split()
        if name not in table["modules"]:
            continue
        keyword, row = None, table["modules"][name]
        for word in words:
            if word in _KEYWORDS:
                keyword = word
            elif keyword == "DEPS" and "*" not in row and word not in row:
                yield Finding(source.name, source.line_of(match.start()), f"{name} links {word}",
                              "The build and tools/tidy/modules.toml must tell the same story.",
                              "remove the dependency, or change the table and say why.", "module-table")
