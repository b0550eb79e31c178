"""The shapes that g++ 12 destroys twice, and the ones that are fine (tools/evidence/ runs them)."""
import re
import unittest
from pathlib import Path

import coroutines
from source import Source

BAD = {
    "capturing lambda by value": "Task<> f() { co_await run([p] { use(p); }); }",
    "capture with initialiser": "Task<> f() { co_await run([p = std::move(q)]() mutable { use(p); }); }",
    "default copy capture": "Task<> f() { co_await run([=] { use(p); }); }",
    "mixed captures": "Task<> f() { co_await run([&a, b] { use(a, b); }); }",
    "lambda that is a coroutine": "Task<> f() { co_await spawn(ex, [p]() -> Task<> { co_await p->go(); }, token); }",
    "lambda beside the await": "Task<> f() { run([p] { use(p); }, co_await g()); }",
    "named aggregate": "Task<> f() { auto r = co_await send(Request{1, 2}); }",
    "plain braces": "Task<> f() { auto r = co_await send({a, b}); }",
    "designated initialisers": "Task<> f() { co_await send({.unit = 1, .name = name}); }",
    "aggregate returned": "Task<Pair> f() { co_return Pair{co_await a(), 1}; }",
    "in a condition": "Task<> f() { if (auto r = co_await send(Request{1}); r) { go(); } }",
    "in a loop head": "Task<> f() { while (co_await send(Request{1})) { go(); } }",
    "in a range": "Task<> f() { for (auto x : co_await list(Query{name})) { go(x); } }",
    "in the try macro": "Task<> f() { BUSBAR_CO_TRY(auto r, co_await send(Request{1, text})); }",
    "over several lines": "Task<> f() {\n    auto r = co_await send(\n        Request{\n            1, text});\n}",
    "in a lambda coroutine": "void f() { loop.spawn(\"x\", [&]() -> Task<> { co_await send(Request{text}); }()); }",
    "in a lambda coroutine without parameters": "void f() { auto t = [&] { co_await send(Request{text}); }; }",
    "template type": "Task<> f() { co_await send(Box<int>{1, text}); }",
    "namespaced type": "Task<> f() { co_await send(wire::Request{1, text}); }",
}
GOOD = {
    "named lambda": "Task<> f() { auto l = [p] { use(p); }; co_await run(std::move(l)); }",
    "named aggregate": "Task<> f() { Request q{1, text}; auto r = co_await send(std::move(q)); }",
    "reference captures": "Task<> f() { co_await run([&] { use(p); }); }",
    "reference to one and this": "Task<> f() { co_await run([this, &p] { use(p); }); }",
    "no capture": "Task<> f() { co_await run([](int x) { return Pair{x, x}; }); }",
    "standard types": "Task<> f() { co_await send(std::string{text}, std::chrono::seconds{5}, std::vector<int>{1}); }",
    "structured binding": "Task<> f() { auto [a, b] = co_await g(); }",
    "index": "Task<> f() { co_await send(names[i]); }",
    "block before": "Task<> f() { if (x) { go(); } co_await g(); }",
    "initialiser before": "Task<> f() { Pair p{1, 2}; co_await g(p); }",
    "own lambda coroutine started elsewhere": "void f() { loop.spawn(\"x\", go([p]() -> Task<> { co_await p->x(); })); }",
    "lambda body has its own expressions": "Task<> f() { co_await run([&] { Pair p{1, 2}; auto l = [p] { use(p); }; }); }",
    "constructor call": "Task<> f() { co_await send(Request(1, text)); }",
    "declaration in braces": "Task<> f() { Reply reply{co_await g()}; }",
    "comment": "Task<> f() { co_await g(); // send({a, b})\n }",
    "string": "Task<> f() { co_await g(\"{a, b}\"); }",
    "else": "Task<> f() { if (a) { x(); } else { co_await g(); } }",
    "case label": "Task<> f() { switch (x) { case A: { co_await g(); break; } default: co_await h(); } }",
    "member function": "struct A { Task<> f() const override { co_await g(); } int n{0}; Task<> h() { co_await g(); } };",
    "constructor list": "A::A(int x) : x_{x}, y_{1} {}\nTask<> f() { co_await g(); }",
    "array type": "Task<> f() { std::array<int, 2> a{1, 2}; co_await g(a); }",
}


class Coroutines(unittest.TestCase):
    def found(self, code):
        return [finding.line for finding in coroutines.check(Source("src/bus/x.cpp", code))]

    def test_bad_shapes_are_found(self):
        for name, code in BAD.items():
            with self.subTest(name):
                self.assertEqual(len(self.found(code)), 1, code)

    def test_safe_shapes_pass(self):
        for name, code in GOOD.items():
            with self.subTest(name):
                self.assertEqual(self.found(code), [], code)

    def test_every_shape_shown_wrong_by_the_evidence_is_found_and_no_other(self):
        text = Path(__file__).resolve().parents[2].joinpath("evidence/coroutine_shapes.cpp").read_text()
        forbidden = dict(re.findall(r'^    \{"[^"]*", (\w+), (true|false)\},$', text, re.M))
        self.assertGreater(len(forbidden), 9)
        for name, is_rule in forbidden.items():
            with self.subTest(name):
                body = re.search(rf"^Task {name}\(\) \{{.*?\}}$", text, re.M | re.S).group()
                self.assertEqual(bool(self.found(body)), is_rule == "true", body)

    def test_line_is_that_of_the_shape(self):
        self.assertEqual(self.found("Task<> f() {\n    co_await g();\n    co_await send(\n        Request{1, t});\n}"), [4])


if __name__ == "__main__":
    unittest.main()
