"""Lines tried at a moment of a run: the state is that of the moment, on both engines alike."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch

import gradtui.engine as engine
from gradtui.course import packs, programs
from gradtui.course.loader import load_lesson
from gradtui.language.program import Limits, Program, ProgramStep, Scratch
from gradtui.oracle.compare import compare
from gradtui.tape import events as e
from gradtui.tape.recorder import play
from gradtui.tape.scratch import UNREACHED
from gradtui.tape.tape import Tape

CODE = """\
import torch
x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = x * x
z = y.sum()
z.backward()
x = x.detach() + 10
"""


def program(code: str = CODE, **limits: float) -> Program:
    return Program("p", (ProgramStep("a", code),), limits=Limits(**limits))  # type: ignore[arg-type]


def recorded(of: Program) -> Tape:
    events: list[e.AnyEvent] = []
    play(of, engine, events.append)
    return Tape(events, {step.id: step.code for step in of.steps})


def tried(of: Program, at: int, *lines: str, on: object = engine) -> list[e.AnyEvent]:
    """What lines give after event number `at` of the only step, without the event itself."""
    events: list[e.AnyEvent] = []
    play(replace(of, scratch=Scratch("a", at + 1, lines)), on, events.append)
    assert events[0] == recorded(of).events[at]
    return events[1:]


def texts(events: Sequence[e.AnyEvent]) -> list[str]:
    return [one.error or one.text if isinstance(one, e.Probed) else str(one) for one in events]


def first(tape: Tape, kind: type[e.Event]) -> int:
    return next(at for at, event in enumerate(tape.events) if isinstance(event, kind))


@pytest.mark.parametrize("on", [engine, torch], ids=["gradtui", "torch"])
def test_the_state_is_that_of_the_moment(on: object) -> None:
    tape = recorded(program())
    before = tried(program(), first(tape, e.BackwardBegan), "x.grad", "y.is_leaf", on=on)
    within = tried(program(), first(tape, e.NodeRan), "x.grad", "torch.is_grad_enabled()", on=on)
    added = tried(program(), first(tape, e.Accumulated), "x.grad", "x.sum()", on=on)
    after = tried(program(), len(tape) - 1, "x", "x.grad", on=on)
    assert texts(before) == ["None", "False"]
    assert texts(within) == ["None", "True"]
    assert texts(added) == ["tensor([2., 4., 6.])", "tensor(6., grad_fn=<SumBackward0>)"]
    assert texts(after) == ["tensor([11., 12., 13.])", "None"]


def test_lines_see_what_lines_before_did_and_the_run_does_not() -> None:
    end = len(recorded(program())) - 1
    assert texts(tried(program(), end, "t = x + 1", "t", "x.zero_()", "t", "print(x)")) == [
        "",
        "tensor([12., 13., 14.])",
        "tensor([0., 0., 0.])",
        "tensor([12., 13., 14.])",
        str(e.Printed(text="tensor([0., 0., 0.])\n")),
        "",
    ]
    assert texts(tried(program(), end, "x"))[0] == "tensor([11., 12., 13.])"


def test_within_a_function_its_own_names_are_seen() -> None:
    code = "import torch\nk = 1\ndef f(k):\n    t = torch.ones(2) * k\n    return t + k\nf(5.0)\n"
    tape = recorded(program(code))
    multiplied = next(
        at for at, v in enumerate(tape.events) if isinstance(v, e.Operation) and v.name == "mul"
    )
    assert texts(tried(program(code), multiplied, "k"))[0] == "5.0"
    assert texts(tried(program(code), len(tape) - 1, "k"))[0] == "1"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("import os", "column 8: the module os"),
        ("(1", "column 1: SyntaxError"),
        ("open('x')", "column 1: open"),
        ("x.__class__.__subclasses__()", "column"),
        ("x.__class__.__bases__", "has no attribute '__bases__' in the lesson language"),
        ("nothing", "NameError: name 'nothing' is not defined"),
        ("while True: pass", "OverBudget: line 1: over the limit of"),
        ("[0 for i in iter(int, 1)]", "OverBudget: "),
        ("2 ** 10 ** 10", "OverBudget: "),
        ("torch.ones(10**12)", "OverBudget: "),
        ("'a' * 10**9", "OverBudget: "),
        ("def f(n): return f(n + 1)\nf(0)", "OverBudget: line 1: over the limit of 200 calls"),
    ],
)
def test_a_line_that_fails_says_why_and_costs_no_more_than_its_budget(line: str, said: str) -> None:
    short = program(seconds=1.0, loop_seconds=1.0)  # the run before the line needs a part of it
    end = len(recorded(short)) - 1
    given = texts(tried(short, end, line, "x.sum()"))
    assert said in given[0]
    assert given[1] == "tensor(36.)"


def test_a_moment_that_is_not_reached_is_told() -> None:
    events: list[e.AnyEvent] = []
    play(replace(program(), scratch=Scratch("a", 10**6, ("1",))), engine, events.append)
    assert events == [e.Stopped(reason=UNREACHED)]


LINES = (
    "x.grad", "x + 1", "y.grad_fn.next_functions", "q = x * 2", "q.sum()", "print(q)",
    "torch.autograd.grad((x * 3).sum(), x)",
    "a.backward(retain_graph=True)", "weights.grad",
    "loss", "model.weight.grad", "torch.rand(2)", "torch.is_grad_enabled()", "undefined",
)  # fmt: skip
STRIDE = int(os.environ.get("GRADTUI_SCRATCH_STRIDE", "61"))  # 1 tries every event


@pytest.mark.parametrize("lesson", packs.bundled().lessons(), ids=lambda path: path.stem)
def test_both_engines_answer_alike_at_any_event_of_a_lesson(lesson: Path) -> None:
    taken = programs.program(load_lesson(lesson).lesson)
    tape = recorded(taken)
    for position in range(1, len(tape) + 1, STRIDE):
        step = tape.step_at(position)
        assert step is not None
        asked = replace(taken, scratch=Scratch(step.id, position - step.start, LINES))
        ours: list[e.AnyEvent] = []
        theirs: list[e.AnyEvent] = []
        play(asked, engine, ours.append)
        play(asked, torch, theirs.append)
        found = compare(ours, theirs)
        assert found.extra == []
        assert not [v for v in found.verdicts if v.kind == "differs"], position
