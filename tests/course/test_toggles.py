"""What-ifs of one's own: which a piece of code has, what they make of it, and that they can be run."""

from pathlib import Path

import pytest
import torch

import gradtui.engine as engine
from gradtui.course import packs, programs
from gradtui.course.edits import Edit, applied, clash, draws_for, random_calls
from gradtui.course.loader import load_lesson
from gradtui.course.toggles import Facts, changed, toggles
from gradtui.language.program import Program, ProgramStep
from gradtui.oracle.compare import compare
from gradtui.session.own import facts
from gradtui.tape import events as e
from gradtui.tape.recorder import play
from gradtui.tape.tape import Tape

START = """\
import torch
import torch.nn as nn
x = torch.tensor([1.0, 2.0], requires_grad=True)
w = torch.tensor([3.0, 4.0], requires_grad=True)
net = nn.Linear(2, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
"""


def versions(code: str, kind: str) -> list[str]:
    """What each toggle of a kind makes of code, by what a run of it tells."""
    program = Program("p", (ProgramStep("start", START), ProgramStep("a", code)))
    events: list[e.AnyEvent] = []
    play(program, engine, events.append)
    tape = Tape(events, {step.id: step.code for step in program.steps})
    found = toggles(code, facts(tape, tape.steps[1]))
    return [changed(code, [each]) for each in found if each.kind == kind]


@pytest.mark.parametrize(
    ("code", "made"),
    [
        ("y = x * 2", ["y = (x * 2).detach()"]),
        ("y = x.sum()", ["y = x.sum().detach()"]),
        ("y = (x * 2).detach() + 1", ["y = (x * 2) + 1"]),
        ("y = x\\\n  .detach()", ["y = x"]),
        ("é = 'ü'; y = x.detach()", ["é = 'ü'; y = x"]),
        (
            "y = x * w",
            ["y = (x * w).detach()", "y = x.detach() * w", "y = x * w.detach()"],
        ),
        ("y = x * x", ["y = (x * x).detach()", "y = x.detach() * x", "y = x * x.detach()"]),
        ("y = torch.ones(2) * 3", []),
        ("def f(t):\n    return t * 2\nf(x)", ["def f(t):\n    return (t * 2).detach()\nf(x)"]),
        ("print(1)", []),
    ],
)
def test_detach(code: str, made: list[str]) -> None:
    assert sorted(versions(code, "detach")) == sorted(made)


@pytest.mark.parametrize(
    ("code", "made"),
    [
        ("y = x * 2\n", ["with torch.no_grad():\n    y = x * 2\n"]),
        (
            "for i in range(2):\n    y = x * i\n",
            [
                "with torch.no_grad():\n    for i in range(2):\n        y = x * i\n",
                "for i in range(2):\n    with torch.no_grad():\n        y = x * i\n",
            ],
        ),
        ("with torch.no_grad():\n    y = x * 2\n    z = y\nprint(y)\n", ["y = x * 2\nz = y\nprint(y)\n"]),
        ("with torch.no_grad(): y = x * 2\n", ["y = x * 2\n"]),
        ("with torch.set_grad_enabled(False):\n    y = x * 2\n", ["y = x * 2\n"]),
        ("@torch.no_grad()\ndef f():\n    return x * 2\nf()\n", ["def f():\n    return x * 2\nf()\n"]),
        (
            "y = f'''{x * 2}\n  kept\n'''\n",
            ["with torch.no_grad():\n    y = f'''{x * 2}\n  kept\n'''\n"],
        ),
        ("y = torch.ones(2) * 2\n", []),
    ],
)  # fmt: skip
def test_no_grad(code: str, made: list[str]) -> None:
    assert sorted(versions(code, "no_grad")) == sorted(made)


TRAIN = "net(torch.ones(2)).backward()\n"
PASS = "(x * 2).sum().backward()\n"


@pytest.mark.parametrize(
    ("code", "made"),
    [
        (PASS + "x.grad.zero_()\n" + PASS, [PASS + PASS]),
        (PASS + "x.grad = None\n" + PASS, [PASS + PASS]),
        ("net.zero_grad()\nprint(1)\n", ["print(1)\n"]),
        (
            "for p in net.parameters():\n    p.grad = None\n",
            ["for p in net.parameters():\n    pass\n"],
        ),
        ("optimizer.zero_grad(); print(1)\n", ["pass; print(1)\n"]),
        (PASS + PASS, [PASS + "x.grad = None\n" + PASS]),
        (TRAIN + TRAIN, [TRAIN + "optimizer.zero_grad()\n" + TRAIN]),
        (PASS, []),
    ],
)
def test_zero_grad(code: str, made: list[str]) -> None:
    assert versions(code, "zero_grad") == made


def test_without_an_optimizer_each_leaf_is_emptied() -> None:
    code = "(a * b).sum().backward()\n"
    given = Facts(added=frozenset({toggle_span(code)}), leaves=("a", "b"))
    made = [changed(code, [each]) for each in toggles(code, given) if each.kind == "zero_grad"]
    assert made == ["a.grad = b.grad = None\n" + code]


def toggle_span(code: str) -> object:
    from gradtui.language.source import Span

    return Span(1, 0, 1, len(code.rstrip()))


@pytest.mark.parametrize(
    ("code", "kind", "made"),
    [
        ("y.backward()", "retain_graph", "y.backward(retain_graph=True)"),
        ("y.backward(v)", "retain_graph", "y.backward(v, retain_graph=True)"),
        ("y.backward((v),)", "retain_graph", "y.backward((v),retain_graph=True)"),
        ("y.backward(retain_graph=True)", "retain_graph", "y.backward()"),
        ("y.backward(v, retain_graph=True)", "retain_graph", "y.backward(v)"),
        ("y.backward(retain_graph=True, gradient=v)", "retain_graph", "y.backward(gradient=v)"),
        ("y.backward(retain_graph=False)", "retain_graph", "y.backward(retain_graph=True)"),
        ("torch.autograd.grad(y, x)", "retain_graph", "torch.autograd.grad(y, x, retain_graph=True)"),
        ("a = torch.ones(2, requires_grad=True)", "requires_grad", "a = torch.ones(2)"),
        ("a = torch.eye(2, requires_grad=False)", "requires_grad", "a = torch.eye(2, requires_grad=True)"),
        ("a = torch.ones(2).requires_grad_()", "requires_grad", "a = torch.ones(2)"),
        ("a.requires_grad_(False)", "requires_grad", "a.requires_grad_(True)"),
        ("a.requires_grad = True", "requires_grad", "a.requires_grad = False"),
    ],
)  # fmt: skip
def test_words_of_calls(code: str, kind: str, made: str) -> None:
    found = [changed(code, [each]) for each in toggles(code, Facts()) if each.kind == kind]
    assert found == [made]


def test_only_float_tensors_can_ask_for_gradients() -> None:
    assert versions("a = torch.ones(2)\nb = torch.arange(2)\n", "requires_grad") == [
        "a = torch.ones(2, requires_grad=True)\nb = torch.arange(2)\n"
    ]


def test_several_at_once() -> None:
    code = "y = x * 2\ny.sum().backward()\n"
    found = toggles(code, Facts(tracked=frozenset()))
    detached = toggles("y = (x).detach()\ny.backward()\n", Facts())
    assert len(found) == 1
    assert changed("y = (x).detach()\ny.backward()\n", detached) == (
        "y = (x)\ny.backward(retain_graph=True)\n"
    )


@pytest.mark.parametrize(
    "code", ["", "(", "x = \0", "# nothing", "\n\n", "x = 'é' \\\n + y.detach()"]
)
def test_any_text_is_taken(code: str) -> None:
    assert all(each.label for each in toggles(code, Facts()))


def test_edits() -> None:
    assert applied("abc", [Edit(0, 1, "x"), Edit(2, 2, "-"), Edit(0, 2, "long")]) == "long-c"
    assert applied("abc", [Edit(0, 0, "<"), Edit(3, 3, ">")]) == "<abc>"
    assert clash([Edit(0, 2, "")], [Edit(1, 3, "")])
    assert not clash([Edit(0, 2, "")], [Edit(2, 3, "")])


RANDOMS = "a = torch.randn(2)\nb = torch.rand(3)\n"


@pytest.mark.parametrize(
    ("new", "kept"),
    [
        (RANDOMS, ("A", "B")),
        (RANDOMS + "c = torch.rand(1)\n", ("A", "B")),
        ("a = torch.ones(2)\nb = torch.rand(3)\n", ("B",)),
        ("a = torch.randn(4)\nb = torch.rand(3)\n", ()),
        ("a = (", ()),
    ],
)
def test_draws_stay_with_their_calls(new: str, kept: tuple[str, ...]) -> None:
    assert random_calls(RANDOMS) == ["torch.randn(2)", "torch.rand(3)"]
    assert draws_for(RANDOMS, new, ("A", "B")) == kept


@pytest.mark.parametrize("lesson", packs.bundled().lessons(), ids=lambda path: path.stem)
def test_every_toggle_of_every_step_runs_alike_on_both_engines(lesson: Path) -> None:
    program = programs.program(load_lesson(lesson).lesson)
    tape = recorded(program)
    count = 0
    for step in program.steps:
        for toggle in toggles(
            step.code, facts(tape, next(s for s in tape.steps if s.id == step.id))
        ):
            other = programs.edited(program, step.id, changed(step.code, [toggle]), "own")
            ours: list[e.AnyEvent] = []
            theirs: list[e.AnyEvent] = []
            play(other, engine, ours.append)
            play(other, torch, theirs.append)
            found = compare(ours, theirs)
            assert found.counts()["differs"] == 0, (step.id, toggle)
            count += 1
    assert count


def recorded(program: Program) -> Tape:
    events: list[e.AnyEvent] = []
    play(program, engine, events.append)
    return Tape(events, {step.id: step.code for step in program.steps})
