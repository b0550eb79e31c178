"""Each rule: what it must find, what it must leave alone, and that its message carries why and what instead."""
import tempfile
import unittest
from pathlib import Path

import calls
import docs
import headers
import modules
import names
import pure
import smells
import texts
from source import Source, blank

TABLE = {
    "modules": {"base": [], "wire": ["base"], "strategy": ["model", "base"], "model": ["base"], "device": ["wire", "base"],
                "apps": ["*"]},
    "pure": {"modules": ["wire", "strategy"]},
    "tests": {"device": ["model"]},
    "heavy": {"boost/asio/": {"in": ["src/base/real_loop"], "except": ["boost/asio/awaitable.hpp"], "why": "Slow.",
                              "instead": "Task."}},
}
WORDS = {"banned": {"manager": "x", "util": "x"}, "glossary": {"wallbox": "charge_point"}, "places": {"common": "x"},
         "allowed": {"names": ["util_linux"]}}


def rules(check, name, text, *more):
    return [finding.rule for finding in check(Source(name, text), *more)]


class Modules(unittest.TestCase):
    def test_include_outside_the_table_is_found(self):
        self.assertEqual(rules(modules.check, "src/wire/a.cpp", '#include "model/role.hpp"\n', TABLE), ["module-table"])

    def test_include_inside_the_table_passes(self):
        self.assertEqual(rules(modules.check, "src/wire/a.cpp", '#include "wire/a.hpp"\n#include "base/b.hpp"\n', TABLE), [])

    def test_tests_may_include_what_their_row_adds(self):
        text = '#include "model/role.hpp"\n'
        self.assertEqual(rules(modules.check, "src/device/a_test.cpp", text, TABLE), [])
        self.assertEqual(rules(modules.check, "src/device/a.cpp", text, TABLE), ["module-table"])

    def test_short_include_is_found(self):
        self.assertEqual(rules(modules.check, "src/wire/a.cpp", '#include "a.hpp"\n', TABLE), ["include-path"])

    def test_commented_include_is_not_an_include(self):
        self.assertEqual(rules(modules.check, "src/wire/a.cpp", '// #include "model/role.hpp"\n', TABLE), [])

    def test_programs_may_include_anything(self):
        self.assertEqual(rules(modules.check, "apps/ctl/main.cpp", '#include "model/role.hpp"\n', TABLE), [])

    def test_heavy_header_only_where_listed(self):
        text = "#include <boost/asio/ip/tcp.hpp>\n#include <boost/asio/awaitable.hpp>\n"
        self.assertEqual(rules(modules.check, "src/device/a.cpp", text, TABLE), ["heavy-header"])
        self.assertEqual(rules(modules.check, "src/base/real_loop.cpp", text, TABLE), [])

    def test_link_outside_the_table_is_found(self):
        self.assertEqual(rules(modules.check, "src/wire/CMakeLists.txt", "add_module(wire DEPS base model PRIVATE z)", TABLE),
                         ["module-table"])


class Pure(unittest.TestCase):
    def test_impure_calls_are_found(self):
        for text in ("auto t = std::chrono::steady_clock::now();", "#include <fstream>", "int x = rand();", "std::cout << 1;",
                     "#include <sys/socket.h>", "auto t = time(nullptr);", "std::random_device d;", "std::thread t(f);"):
            with self.subTest(text):
                self.assertEqual(rules(pure.check, "src/strategy/a.cpp", text, TABLE), ["pure-module"])

    def test_durations_members_and_other_modules_pass(self):
        self.assertEqual(rules(pure.check, "src/strategy/a.cpp", "#include <chrono>\nstd::chrono::seconds s{1}; x.time();"
                               " double run_time(int); // steady_clock", TABLE), [])
        self.assertEqual(rules(pure.check, "src/base/a.cpp", "std::chrono::steady_clock::now();", TABLE), [])
        self.assertEqual(rules(pure.check, "src/strategy/a_test.cpp", "std::cout << 1;", TABLE), [])


class Names(unittest.TestCase):
    def test_parts_of_identifiers_are_found(self):
        for text in ("class BusManager {};", "int manager_count;", "void runUtil();", "struct Wallbox {};"):
            with self.subTest(text):
                self.assertEqual(len(rules(names.check, "src/bus/a.cpp", text, WORDS)), 1)

    def test_other_words_comments_and_other_peoples_names_pass(self):
        text = "int utilisation, util_linux; std::common_type<int> common; // no manager here\nconst char* t = \"manager\";"
        self.assertEqual(rules(names.check, "src/bus/a.cpp", text, WORDS), [])

    def test_some_words_are_banned_in_places_only(self):
        for text in ("namespace common {}", "struct CommonThings {};", "enum class Common { a };"):
            with self.subTest(text):
                self.assertEqual(rules(names.check, "src/bus/a.cpp", text, WORDS), ["empty-name"])

    def test_file_names_count(self):
        self.assertEqual(rules(names.check, "src/bus/bus_manager.hpp", "", WORDS), ["empty-name"])


class Calls(unittest.TestCase):
    def test_wrong_calls_are_found(self):
        cases = {"assert(x > 0);": "assert", "std::system(cmd);": "shell", "popen(cmd, \"r\");": "shell", "t.detach();": "owner",
                 "std::this_thread::sleep_for(1s);": "sleep", "using namespace std;": "using-std", "sprintf(b, f);": "unbounded"}
        for text, rule in cases.items():
            with self.subTest(text):
                self.assertEqual(rules(calls.check, "src/bus/a.cpp", text), [rule])

    def test_right_calls_pass(self):
        text = "BUSBAR_ASSERT(x); static_assert(true); loop.system(); boost::system::result<int> r; snprintf(b, n, f);"
        self.assertEqual(rules(calls.check, "src/bus/a.cpp", text), [])


class Headers(unittest.TestCase):
    def test_guard_and_first_comment(self):
        self.assertEqual(rules(headers.check, "src/a/b.hpp", "int x;\n", set()), ["pragma-once"])
        self.assertEqual(rules(headers.check, "src/a/b.hpp", "#pragma once\nint x;\n", set()), ["header-comment"])
        self.assertEqual(rules(headers.check, "src/a/b.hpp", "#pragma once\n// A thing.\nint x;\n", set()), [])

    def test_own_header_comes_first(self):
        known = {"src/a/b.hpp"}
        self.assertEqual(rules(headers.check, "src/a/b.cpp", '#include <map>\n#include "a/b.hpp"\n', known), ["own-header-first"])
        self.assertEqual(rules(headers.check, "src/a/b.cpp", '#include "a/b.hpp"\n#include <map>\n', known), [])


class Texts(unittest.TestCase):
    def test_open_ends_need_a_condition(self):
        self.assertEqual(rules(texts.check, "src/a/b.cpp", "// TODO: more\n"), ["todo"])
        self.assertEqual(rules(texts.check, "src/a/b.cpp", "// FIXME when done\n"), ["todo"])
        self.assertEqual(rules(texts.check, "src/a/b.cpp", "// TODO when g++ 13 is the oldest: use std::expected.\n"), [])

    def test_paths_and_hosts_of_machines(self):
        home = "/" + "home/anna/x"
        self.assertEqual(rules(texts.check, "docs/a.md", f"see {home}\n"), ["machine-path"])
        self.assertEqual(rules(texts.check, "docs/a.md", "see /usr/share/doc and web/src/home/x and /api/v1/setup\n"), [])
        self.assertEqual(rules(texts.check, "a.json", '"https://' + 'registry.example.org/x.tgz"\n'), ["package-host"])

    def test_commit_messages(self):
        self.assertEqual(list(texts.check_message("bus: give setpoints precedence\n\nWhy.\n")), [])
        self.assertEqual(len(list(texts.check_message("Fixed stuff.\nmore\n"))), 3)
        self.assertEqual(len(list(texts.check_message("bus: " + "x" * 80 + "\n"))), 1)


class Requirements(unittest.TestCase):
    def check(self, rows, ids):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "a_test.cpp").write_text('TEST_CASE("reads all") {}')
            page = Source("docs/requirements.md", rows)
            by_name = {"a_test.cpp": Source("a_test.cpp", Path(folder, "a_test.cpp").read_text())}
            return [f.what for f in docs.check_requirements(page, ids, by_name, folder)]

    def test_complete_and_true_table_passes(self):
        rows = "| A-1 | reads | done | `a_test.cpp` | `a_test.cpp: reads all` |\n| A-2 | writes | not yet | | |\n"
        self.assertEqual(self.check(rows, {"A": ["1-2"]}), [])

    def test_missing_double_and_unknown_ids(self):
        rows = "| A-1 | reads | not yet | | |\n| A-1 | reads | not yet | | |\n| A-9 | x | not yet | | |\n"
        self.assertEqual(len(self.check(rows, {"A": ["1-2"]})), 3)

    def test_claims_need_evidence_that_exists(self):
        self.assertEqual(len(self.check("| A-1 | reads | done | | |\n", {"A": ["1"]})), 1)
        self.assertEqual(len(self.check("| A-1 | reads | done | `a_test.cpp` | `gone.cpp` |\n", {"A": ["1"]})), 1)
        self.assertEqual(len(self.check("| A-1 | reads | done | `a_test.cpp` | `a_test.cpp: writes` |\n", {"A": ["1"]})), 1)

    def test_the_sum_is_that_of_the_rows(self):
        rows = "| A-1 | reads | done | `a` | `a` |\n| A-2 | writes | not yet | | |\n"
        for told, complaints in (("1 done, 0 partly, 1 not yet", 0), ("2 done, 0 partly, 0 not yet", 1)):
            page = Source("docs/requirements.md", f"Today: {told}.\n\n{rows}")
            self.assertEqual(len(list(docs.check_sum(page))), complaints)
        self.assertEqual(len(list(docs.check_sum(Source("docs/requirements.md", rows)))), 1)


class Links(unittest.TestCase):
    def test_a_page_that_a_comment_names_must_be_there(self):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "docs").mkdir()
            Path(folder, "docs/there.md").write_text("")
            text = "// Format: docs/there.md, see also docs/gone.md.\n"
            self.assertEqual([f.line for f in docs.check_mentions(Source("src/a/b.hpp", text), folder)], [1])


class Blanking(unittest.TestCase):
    def test_comments_and_literals_become_spaces_of_the_same_length(self):
        text = 'int a = 1\'000; // c\nauto s = R"x(a "b" c)x"; /* d\n e */ char c = \'"\'; f("//");'
        self.assertEqual(len(blank(text)), len(text))
        self.assertEqual(blank(text).split(), "int a = 1'000; auto s = ; char c = ; f( );".split())


class Smells(unittest.TestCase):
    def test_functions_are_measured(self):
        code = "int f(int a, std::map<int, int> b) {\n" + "g();\n" * 60 + "}\n"
        self.assertEqual(list(smells.functions(code)), [(1, 62, 2)])
        self.assertEqual(list(smells.functions("void f() { if (x) { y(); } }")), [(1, 1, 0)])


class Messages(unittest.TestCase):
    def test_a_message_says_where_why_what_instead_and_which_rule(self):
        text = str(next(iter(calls.check(Source("src/a/b.cpp", "\nassert(x);")))))
        self.assertTrue(text.startswith("src/a/b.cpp:2: "))
        self.assertIn("Instead: ", text)
        self.assertIn("(rule: assert)", text)


if __name__ == "__main__":
    unittest.main()
