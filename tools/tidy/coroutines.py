"""Shapes that g++ 12 compiles to a double destruction (docs/decisions/0001, tools/evidence/): a lambda that captures by
value, or a braced aggregate, inside a full expression that contains co_await.

A text-level check: it finds the full expression around each co_await by matching brackets, blanks the bodies of lambdas
in it (their statements are expressions of their own) and looks at what is left. Types from namespace std have constructors
and are safe; everything else in braces is named first, also where the type happens to be trivial: that keeps the rule one
sentence long.
"""
import bisect
import re

from source import Finding

_AWAIT = re.compile(r"\bco_await\b")
_OPEN, _CLOSE = "([{", ")]}"
_STATEMENT_HEAD = re.compile(r"\b(?:if|while|for|switch)(?:\s+constexpr)?\s*$")
_BEFORE_BLOCK = re.compile(r"(?:\)|\b(?:else|do|try|const|noexcept|mutable|override|final)|[;{}:]|^)\s*$")
_TRAILING_RETURN = re.compile(r"\)[\s\w]*->\s*[\w:<>,\s*&]+$")
_NAMED_SCOPE = re.compile(r"\b(?:namespace|struct|class|union|enum|extern)\b[^;{}()]*$")
_LAMBDA_INTRODUCER_BEFORE = re.compile(r"(?:[(,={;&|?:!<>+]|\b(?:return|co_return|co_yield|co_await)|^)\s*$")
_SAFE_BRACES = re.compile(r"(?:\bstd::[\w:]*(?:<[^{};]*>)?|\b(?:Instant|Duration|WallTime)|\b\w*(?:error_code|string_view))\s*$")
_DECLARATION = re.compile(r"(?:[\w>&*\]]\s+|[>&*]\s*)(\w+)\s*$")
_NOT_A_TYPE = re.compile(r"\b(?:return|co_return|co_yield|co_await|throw|new|else|case)\s+$")


class Brackets:
    """Partners of all brackets of one text."""

    def __init__(self, code):
        self.partner, stack = {}, []
        self.ends = []
        for match in re.finditer(r"[()\[\]{};]", code):
            char, at = match.group(), match.start()
            if char in _OPEN:
                stack.append(at)
            elif char in _CLOSE:
                if stack and code[stack[-1]] == _OPEN[_CLOSE.index(char)]:
                    begin = stack.pop()
                    self.partner[begin], self.partner[at] = at, begin
        self.marks = sorted([*self.partner, *(m.start() for m in re.finditer(";", code))])


def is_block(code, brace, brackets):
    """True when the { at `brace` opens statements (a body), False when it opens an initialiser."""
    before = code[max(0, brace - 300):brace].rstrip()
    if _BEFORE_BLOCK.search(before) or _TRAILING_RETURN.search(before) or _NAMED_SCOPE.search(before):
        return True
    return before.endswith("]") and is_lambda(code, brackets.partner.get(len(code[:brace].rstrip()) - 1, -1), brackets)


def is_lambda(code, bracket, brackets):
    """True when the [ at `bracket` introduces a lambda, not an index, an attribute or a structured binding."""
    if bracket < 0 or bracket not in brackets.partner or code[bracket + 1] == "[" or code[bracket - 1] == "[":
        return False
    if not _LAMBDA_INTRODUCER_BEFORE.search(code[max(0, bracket - 40):bracket]):
        return False
    return bool(re.match(r"\s*(?:[({<]|mutable\b|noexcept\b|->)", code[brackets.partner[bracket] + 1:]))


def is_lambda_body(code, brace, brackets):
    """True when the block at `brace` belongs to a lambda: an introducer before it, perhaps with parameters between."""
    at = len(code[:brace].rstrip()) - 1
    arrow = _TRAILING_RETURN.search(code[max(0, brace - 300):brace])
    if arrow:
        at = max(0, brace - 300) + arrow.start()
    while at >= 0 and (code[at].isalnum() or code[at] in "_ \n\t"):
        at -= 1
    if at >= 0 and code[at] == ")":
        at = len(code[:brackets.partner.get(at, 0)].rstrip()) - 1
    return at >= 0 and code[at] == "]" and is_lambda(code, brackets.partner.get(at, -1), brackets)


def full_expression(code, at, brackets):
    """Begin and end of the full expression that contains offset `at`."""
    begin, position = 0, bisect.bisect_left(brackets.marks, at) - 1
    while position >= 0:
        mark = brackets.marks[position]
        char = code[mark]
        if char == ";":
            begin = mark + 1
            break
        if char in _CLOSE:
            opened = brackets.partner[mark]
            if char == "}" and is_block(code, opened, brackets) and not is_lambda_body(code, opened, brackets):
                begin = mark + 1
                break
            position = bisect.bisect_left(brackets.marks, opened) - 1
            continue
        if (char == "{" and is_block(code, mark, brackets)) or \
                (char == "(" and _STATEMENT_HEAD.search(code[max(0, mark - 40):mark])):
            begin = mark + 1
            break
        position -= 1
    return begin, _end_of(code, begin, brackets)


def _end_of(code, begin, brackets):
    position = bisect.bisect_left(brackets.marks, begin)
    while position < len(brackets.marks):
        mark = brackets.marks[position]
        if code[mark] == ";" or code[mark] in _CLOSE:
            return mark
        if code[mark] == "{" and is_block(code, mark, brackets) and not is_lambda_body(code, mark, brackets):
            return mark
        position = bisect.bisect_left(brackets.marks, brackets.partner[mark]) + 1
    return len(code)


def _captures_by_value(captures):
    """True unless every capture is a reference or `this`: those have nothing to destroy."""
    names = [name.strip() for name in captures.split(",") if name.strip()]
    return any(not name.startswith("&") and name != "this" for name in names)


def _shapes(code, begin, end, brackets):
    """(offset, what) of each dangerous shape in one full expression; bodies of lambdas are not looked into."""
    position = bisect.bisect_left(brackets.marks, begin)
    while position < len(brackets.marks) and brackets.marks[position] < end:
        mark = brackets.marks[position]
        char = code[mark]
        if char == "[" and is_lambda(code, mark, brackets):
            if _captures_by_value(code[mark + 1:brackets.partner[mark]]):
                yield mark, "a lambda with captures"
        elif char == "{":
            if is_block(code, mark, brackets):
                position = bisect.bisect_left(brackets.marks, brackets.partner[mark]) + 1
                continue
            if _is_aggregate(code, mark, begin):
                yield mark, "a braced aggregate"
        position += 1


def _is_aggregate(code, brace, begin):
    before = code[begin:brace]
    if _SAFE_BRACES.search(before):
        return False
    declared = _DECLARATION.search(before)
    return not (declared and not _NOT_A_TYPE.search(before[:declared.start(1)]))


def check(source, _table=None):
    if not source.is_cpp or "co_await" not in source.code or source.name.startswith("tools/evidence/"):
        return
    code, seen = re.sub(r"^[ \t]*#.*$", lambda m: " " * len(m.group()), source.code, flags=re.M), set()
    brackets = Brackets(code)
    for match in _AWAIT.finditer(code):
        begin, end = full_expression(code, match.start(), brackets)
        for offset, what in _shapes(code, begin, end, brackets):
            line = source.line_of(offset)
            if (line, what) not in seen:
                seen.add((line, what))
                yield Finding(source.name, line, f"{what} inside an expression with co_await",
                              "g++ 12 destroys that temporary twice (docs/decisions/0001-compiler.md).",
                              "name it in a statement before, then await with std::move(name).", "coroutine-shape")
