"""Calls that are wrong here wherever they stand."""
import re

from source import Finding

_CPP = [
    # pattern, tests too, what, why, instead, rule
    (r"(?<![\w.:>])assert\s*\(", True, "assert()", "It vanishes in release and says nothing about bad input.",
     "check input into a Result; guard our own invariants with BUSBAR_ASSERT.", "assert"),
    (r"#\s*include\s*<(?:cassert|assert\.h)>", True, "includes assert", "It vanishes in release and says nothing about bad input.",
     "check input into a Result; guard our own invariants with BUSBAR_ASSERT.", "assert"),
    (r"(?<![\w.>])(?:std::|::)?(?:system|popen)\s*\(", False, "runs a shell command", "A shell turns any string from a user or a"
     " device into a program.", "call the kernel or a D-Bus interface, or posix_spawn with an argument list.", "shell"),
    (r"\.detach\s*\(\s*\)", True, "detaches work", "Work without an owner outlives what it uses.",
     "spawn it on the Loop, or keep the std::jthread as a member.", "owner"),
    (r"\bthis_thread::sleep_(?:for|until)\b|(?<![\w.])(?:usleep|nanosleep)\s*\(", False, "blocks the thread",
     "A blocked loop delays every bus and the control cycle.", "co_await loop.sleep_for(...).", "sleep"),
    (r"\busing\s+namespace\s+std\s*;", True, "using namespace std", "A reader cannot see where a name comes from.",
     "write std:: or one using-declaration.", "using-std"),
    (r"(?<!\w)(?:std::)?s?rand\s*\(", True, "rand()", "It is neither random enough nor repeatable.",
     "std::mt19937_64 with a stated seed; keys and codes from base/random.", "rand"),
    (r"\b(?:gets|strcpy|strcat|sprintf|vsprintf|strtok)\s*\(", True, "an unbounded C string call", "Its length is whatever the"
     " other side sent.", "std::string, std::span or fmt.", "unbounded"),
]
_COMPILED = [(re.compile(row[0]), *row[1:]) for row in _CPP]


def check(source, _table=None):
    if not source.is_cpp:
        return
    for pattern, tests_too, what, why, instead, rule in _COMPILED:
        if source.is_test and not tests_too or rule == "sleep" and source.module in (None, "apps"):
            continue
        for match in pattern.finditer(source.code):
            yield Finding(source.name, source.line_of(match.start()), what, why, instead, rule)
