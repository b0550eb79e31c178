"""Pure modules: no clock, file, socket, random number or log, so that a test starts at any instant and a decision can be
replayed from history."""
import re

from source import Finding

_INSTEAD_TIME = "take the instant from the snapshot or as a parameter."
_INSTEAD_IO = "take bytes or values as parameters and return values; the caller does the I/O."

_RULES = [
    (r"\b(?:std::chrono::)?(?:steady|system|high_resolution|utc|file)_clock\b", "names a system clock", _INSTEAD_TIME),
    (r"\b(?:clock_gettime|gettimeofday|localtime(?:_r)?|gmtime(?:_r)?|nanosleep|usleep)\s*\(", "asks the system for time",
     _INSTEAD_TIME),
    (r"(?<![\w.>])(?:std::)?(?:time|clock)\s*\(\s*(?:NULL|nullptr|0|&\w+)?\s*\)", "asks the system for time", _INSTEAD_TIME),
    (r"#\s*include\s*<(?:fstream|filesystem|cstdio|stdio\.h|fcntl\.h|unistd\.h|termios\.h)>", "includes file access",
     _INSTEAD_IO),
    (r"#\s*include\s*<(?:sys/|netinet/|arpa/|netdb\.h|poll\.h)", "includes system calls", _INSTEAD_IO),
    (r"#\s*include\s*<(?:boost/asio|boost/beast|sqlite3|openssl)", "includes an I/O library", _INSTEAD_IO),
    (r"\b(?:fopen|std::ifstream|std::ofstream|std::fstream|std::filesystem)\b", "touches files", _INSTEAD_IO),
    (r"(?<!\w)(?:std::)?s?rand\s*\(|\bstd::random_device\b|\bgetrandom\s*\(", "draws random numbers",
     "take a seed or a generator as a parameter."),
    (r"\bstd::(?:cout|cerr|clog)\b|(?<!\w)(?:std::)?f?printf\s*\(|\bsyslog\s*\(|#\s*include\s*\"base/log\.hpp\"", "writes a log",
     "return what is worth telling (an Error, a reason); the caller logs."),
    (r"\bstd::(?:thread|jthread|async|mutex)\b", "uses threads", "stay a function of values; the loop or the pool calls it."),
    (r"(?<!\w)(?:std::|secure_)?getenv\s*\(", "reads the environment", "take the setting as a parameter."),
]
_COMPILED = [(re.compile(pattern), what, instead) for pattern, what, instead in _RULES]


def check(source, table):
    if not source.is_cpp or source.is_test or source.module not in table["pure"]["modules"]:
        return
    for pattern, what, instead in _COMPILED:
        for match in pattern.finditer(source.code):
            text = " ".join(match.group().split())
            yield Finding(source.name, source.line_of(match.start()), f"{source.module} {what} ({text})",
                          f"{source.module} is pure so that a test can start at any instant and a decision can be replayed.",
                          instead, "pure-module")
