"""Things worth a look that never block: size and shape. Shown by `./dev lint --smells`."""
import re

from coroutines import Brackets, is_block, is_lambda_body

_FUNCTION = re.compile(r"\)[^;{}()=]*$")
_CONTROL = re.compile(r"\b(?:if|for|while|switch|catch)\s*(?:constexpr\s*)?\($")
LIMITS = {"file": 400, "function": 50, "includes": 15, "parameters": 4}


def report(source):
    """Sentences about one file."""
    if not source.is_cpp:
        return
    if len(source.lines) > LIMITS["file"]:
        yield f"{source.name}: {len(source.lines)} lines"
    includes = len(re.findall(r"^\s*#\s*include", source.code, re.M))
    if includes > LIMITS["includes"]:
        yield f"{source.name}: {includes} includes"
    for line, length, parameters in functions(source.code):
        if length > LIMITS["function"] and not source.is_test:
            yield f"{source.name}:{line}: function of {length} lines"
        if parameters > LIMITS["parameters"]:
            yield f"{source.name}:{line}: {parameters} parameters"
    yield from _comment_share(source)


def functions(code):
    """(line, lines, parameters) of each function that is not a lambda."""
    code = re.sub(r"^[ \t]*#.*?(?<!\\)$", lambda m: re.sub(r"[^\n]", " ", m.group()), code, flags=re.M | re.S)
    brackets = Brackets(code)
    for brace in (mark for mark in brackets.marks if code[mark] == "{"):
        before = code[max(0, brace - 400):brace]
        found = _FUNCTION.search(before)
        if not found or not is_block(code, brace, brackets) or is_lambda_body(code, brace, brackets):
            continue
        close = brace - len(before) + found.start()
        opened = brackets.partner.get(close)
        if opened is None or _CONTROL.search(code[max(0, opened - 40):opened + 1]):
            continue
        inside = re.sub(r"<[^<>]*>|\([^()]*\)|\{[^{}]*\}", "", code[opened + 1:close])
        parameters = inside.count(",") + 1 if inside.strip() else 0
        yield code.count("\n", 0, opened) + 1, code.count("\n", brace, brackets.partner[brace]) + 1, parameters


def _comment_share(source):
    """Headers 25-45 % of lines, sources 8-16 %: far below means a reader is left alone."""
    if source.is_test or not source.name.startswith("src/") or len(source.lines) < 40:
        return
    comments = sum(1 for line in source.lines if "//" in line)
    share = 100 * comments / len(source.lines)
    if source.name.endswith(".hpp") and share < 15:
        yield f"{source.name}: {share:.0f} % of lines carry a comment (headers: 25-45 %)"
    elif source.name.endswith(".cpp") and share < 4:
        yield f"{source.name}: {share:.0f} % of lines carry a comment (sources: 8-16 %)"
