"""An observer hears of each statement, act, binding, print, turn and error, with its exact span."""

import ast
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gradtui.language.errors import Outcome
from gradtui.language.interpreter import Interpreter
from gradtui.language.observer import Act
from gradtui.language.program import Limits
from gradtui.language.source import Source, Span
from gradtui.language.world import World

WORLD = World.over(torch)


def segment(code: str, span: Span) -> str:
    lines = code.split("\n")
    if span.line == span.end_line:
        return lines[span.line - 1][span.column : span.end_column]
    first, last = lines[span.line - 1][span.column :], lines[span.end_line - 1][: span.end_column]
    return "\n".join([first, *lines[span.line : span.end_line - 1], last])


class Log:
    """Writes down what it hears, spans as the text they cover."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.statements: list[str] = []
        self.acts: list[tuple[str, str, str]] = []
        self.details: list[Act] = []
        self.bound: list[tuple[str, str]] = []
        self.prints: list[tuple[str, str]] = []
        self.turns: list[tuple[str, int, str]] = []
        self.errors: list[tuple[str, str]] = []

    def statement(self, span: Span) -> None:
        self.statements.append(segment(self.code, span))

    def act(self, act: Act, proceed: Callable[[], Any]) -> Any:
        self.acts.append((act.kind, act.name, segment(self.code, act.span)))
        self.details.append(act)
        return proceed()

    def bind(self, name: str, value: Any, span: Span) -> None:
        self.bound.append((name, segment(self.code, span)))

    def printed(self, text: str, span: Span) -> None:
        self.prints.append((text, segment(self.code, span)))

    def iteration(self, loop: Span, index: int, target: str) -> None:
        self.turns.append((segment(self.code, loop), index, target))

    def grad_mode(self, enabled: bool, span: Span) -> None: ...

    def raised(self, error: BaseException, span: Span) -> None:
        self.errors.append((type(error).__name__, segment(self.code, span)))


def observe(code: str) -> tuple[Log, Outcome]:
    log = Log(code)
    interpreter = Interpreter(WORLD, Limits(), observer=log, output=lambda text: None)
    return log, interpreter.run(Source("x", code))


SETUP = "import torch\nx = torch.ones(3, requires_grad=True)\n"

ACTS = [
    ("z = 2*x**2", [("operator", "pow", "x**2"), ("operator", "mul", "2*x**2")]),
    ("y = (x + 1).sum()", [("operator", "add", "x + 1"), ("call", "sum", "(x + 1).sum()")]),
    ("é = 'é'; y = -x", [("operator", "neg", "-x")]),
    ("x.grad = None", [("setattr", "grad", "x.grad")]),
    ("t = x.T if x.is_leaf else 0", [("getattr", "is_leaf", "x.is_leaf"), ("getattr", "T", "x.T")]),
    ("y = x[1:]", [("getitem", "getitem", "x[1:]")]),
    ("y = x > 1", [("operator", "gt", "x > 1")]),
    ("y = torch.add(x, 1)", [("call", "add", "torch.add(x, 1)")]),
    ("y = 1 + 2 * len('abc')", []),
    ("y = abs(x)", [("call", "abs", "abs(x)")]),
    ("y = sum([x, x])", [("call", "sum", "sum([x, x])")]),
    ("f = lambda a: a * 2\nf(x)", [("operator", "mul", "a * 2")]),
    (
        "y = x * 1\ny += 2\ny[0] = 3.",
        [
            ("operator", "mul", "x * 1"),
            ("inplace", "iadd", "y += 2"),
            ("setitem", "setitem", "y[0]"),
        ],
    ),
    ("a, b, c = x", [("call", "unbind", "a, b, c")]),
    ("m = torch.nn.ReLU()\nm(x)", [("call", "ReLU", "torch.nn.ReLU()"), ("call", "call", "m(x)")]),
    (
        "f'{x.sum():.2f} {x * 2}'",
        [("call", "sum", "x.sum()"), ("operator", "mul", "x * 2")],
    ),
    (
        "y = (x *\n     2 -\n     1)",
        [("operator", "mul", "x *\n     2"), ("operator", "sub", "x *\n     2 -\n     1")],
    ),
]


@pytest.mark.parametrize(("code", "acts"), ACTS)
def test_acts(code: str, acts: list[tuple[str, str, str]]) -> None:
    log, outcome = observe(SETUP + code)
    assert outcome.error is None or "T" in code
    assert log.acts[1:] == acts


def test_an_act_holds_what_it_was_done_with() -> None:
    log, _ = observe(SETUP + "y = x.sum(0, keepdim=True)")
    act = log.details[-1]
    assert isinstance(act.receiver, torch.Tensor)
    assert (list(act.args), dict(act.kwargs)) == ([0], {"keepdim": True})


def test_statements_are_told_by_their_headers() -> None:
    code = "for i in range(1):\n    if i == 0:  # why\n        pass\nwith open_(1) as f: pass\n"
    log, _ = observe("def open_(a, b=2): return A()\nclass A:\n    __enter__ = 1\n" + code)
    assert log.statements == [
        "def open_(a, b=2)",
        "class A",
        "__enter__ = 1",
        "for i in range(1)",
        "if i == 0",
        "pass",
        "with open_(1) as f",
        "return A()",
    ]


def test_bindings_prints_and_turns() -> None:
    code = "for i, (a, b) in enumerate([(1, 2)]):\n    print(a)\nn = 0\nwhile n < 2: n += 1"
    log, _ = observe(code)
    assert log.bound[:3] == [("i", "i"), ("a", "a"), ("b", "b")]
    assert log.prints == [("1\n", "print(a)")]
    assert log.turns == [
        ("for i, (a, b) in enumerate([(1, 2)])", 0, "(i, (a, b))"),
        ("while n < 2", 0, ""),
        ("while n < 2", 1, ""),
    ]


def test_an_error_is_told_once_where_it_arose() -> None:
    code = "def f(x):\n    return 1 + x[5]\ntry:\n    f([1])\nexcept IndexError:\n    pass\nboom"
    log, outcome = observe(code)
    assert log.errors == [("IndexError", "x[5]"), ("NameError", "boom")]
    assert outcome.error is not None
    assert outcome.error.span == Span(7, 0, 7, 4)


def test_the_stack_of_an_error_names_the_lesson_functions() -> None:
    code = "def f(x):\n    return g(x)\ndef g(x):\n    return x / 0\nf(1)"
    _, outcome = observe(code)
    assert outcome.error is not None
    assert [(frame.name, frame.span.line) for frame in outcome.error.stack] == [
        ("<module>", 5),
        ("f", 2),
        ("g", 4),
    ]


def test_probes_are_unseen() -> None:
    code = "import torch\nx = torch.ones(2)\ndef f(): return x * 2"
    log = Log(code)
    interpreter = Interpreter(WORLD, Limits(), observer=log, output=lambda text: None)
    interpreter.run(Source("x", code))
    before = len(log.acts), len(log.statements)
    assert interpreter.evaluate("f() + 1").tolist() == [3.0, 3.0]
    assert (len(log.acts), len(log.statements)) == before


def arithmetic() -> st.SearchStrategy[str]:
    """Expressions over x, spaced and bracketed at random."""
    leaves = st.sampled_from(["x", "2", "1.5", "x[0]", "é"])
    operators = st.sampled_from(["+", " - ", "* ", " /", "  *  "])
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(inner, operators, inner).map("".join),
            inner.map("({})".format),
            inner.map("-{}".format),
        ),
        max_leaves=8,
    )


@settings(max_examples=60, deadline=None)
@given(arithmetic())
def test_each_span_is_the_very_sub_expression(expression: str) -> None:
    setup = "import torch\nx = torch.tensor([2., 3.])\né = torch.tensor(4.)\n"
    log, outcome = observe(f"{setup}y = {expression}")
    assert outcome.error is None
    values = {"x": torch.tensor([2.0, 3.0]), "é": torch.tensor(4.0)}
    node = ast.parse(f"y = {expression}").body[0].value  # type: ignore[attr-defined]
    wanted = [
        ast.get_source_segment(f"y = {expression}", part)
        for part in ast.walk(node)
        if isinstance(part, ast.BinOp | ast.UnaryOp | ast.Subscript)
        and isinstance(eval(ast.unparse(part), dict(values)), torch.Tensor)
    ]
    assert sorted(text for _, _, text in log.acts[2:]) == sorted(wanted)  # type: ignore[type-var]
