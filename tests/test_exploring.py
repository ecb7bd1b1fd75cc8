"""Exploring without a screen: scratch lines, what-ifs of one's own, two tapes, edited numbers."""

import subprocess
import sys
from pathlib import Path

import pytest

import gradtui.engine as engine
from gradtui.course import programs
from gradtui.language.program import Program, ProgramStep
from gradtui.session.comparing import compared
from gradtui.session.numbers import Unfit, replaced, tensors, written
from gradtui.tape import events as e
from gradtui.tape.recorder import play
from gradtui.tape.tape import Tape

LESSON = "gradients-with-autograd"


def show(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "gradtui.cli", "show", "--plain", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_scratch_lines_at_the_end_of_a_step_on_both_engines() -> None:
    told = show(LESSON, "--torch", "--step", "11", "--scratch", "t = x.grad", "--scratch", "t + 1")
    assert told.returncode == 0
    assert told.stdout.splitlines() == [
        "At the end of this step.",
        "",
        ">> t = x.grad",
        "  gradtui  done",
        "  torch    the same",
        "",
        ">> t + 1",
        "  gradtui  tensor([ 0.3868,  5.8666, 15.6377])",
        "  torch    the same",
    ]


def test_scratch_at_an_event() -> None:
    told = show(LESSON, "--at", "12", "--scratch", "y")
    assert "NameError: name 'y' is not defined" in told.stdout


def test_the_what_ifs_of_a_step_are_listed_and_made() -> None:
    listed = show(LESSON, "--step", "accumulate", "--toggle").stdout
    number = next(line for line in listed.splitlines() if "emptied first" in line).split(".")[0]
    made = show(LESSON, "--torch", "--step", "accumulate", "--toggle", number).stdout
    assert "weights.grad: [12, 12, 12, 12] in the lesson, [3, 3, 3, 3] here" in made
    assert "    why: .grad held nothing before, in the lesson [3, 3, 3, 3]" in made
    assert ", 0 differ" in made.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((LESSON, "--step", "nope", "--toggle"), "there is no step nope"),
        ((LESSON, "--step", "3", "--toggle", "99"), "there is no change 99"),
        ((LESSON, "--at", "99999", "--scratch", "x"), "there is no event 99999"),
        (("no-such-lesson", "--scratch", "x"), "no lesson of this name"),
    ],
)
def test_what_is_not_there_is_said_in_a_line(arguments: tuple[str, ...], said: str) -> None:
    told = show(*arguments)
    assert told.returncode == 1
    assert said in told.stderr
    assert len(told.stderr.splitlines()) == 1


def test_a_script_is_explored_too(tmp_path: Path) -> None:
    script = tmp_path / "mine.py"
    script.write_text("import torch\nx = torch.ones(2, requires_grad=True)\ny = (x * 2).sum()\n")
    assert "tensor(4., grad_fn=<SumBackward0>)" in show(str(script), "--scratch", "y").stdout
    assert "Line 3 runs without recording" in show(str(script), "--toggle").stdout


# two tapes


def run(*codes: str) -> tuple[Program, Tape]:
    program = Program("p", tuple(ProgramStep(f"s{n}", code) for n, code in enumerate(codes)))
    return program, recorded(program)


def recorded(program: Program) -> Tape:
    events: list[e.AnyEvent] = []
    play(program, engine, events.append)
    return Tape(events, {step.id: step.code for step in program.steps})


START = "import torch\nx = torch.tensor([1.0, 2.0], requires_grad=True)\n"
TWICE = "y = (x * x).sum()\ny.backward()\ny = (x * x).sum()\ny.backward()\nprint(x.grad)\n"


@pytest.mark.parametrize(
    ("old", "new", "whys"),
    [
        (TWICE, TWICE, []),
        (TWICE, TWICE.replace("\ny =", "\nx.grad = None\ny ="), [
            "the lesson does not touch .grad here",
            ".grad held nothing before, in the lesson [2, 4]",
            "other text is printed",
        ]),
        ("y = x * 3", "with torch.no_grad():\n    y = x * 3",
         ["not recorded: gradients are off (no_grad)"]),
        ("y = x * 3", "y = x.detach() * 3",
         ["cut: shares the numbers, not the history", "not recorded: no input requires grad"]),
        ("y = x * 3\nz = y + 1", "y = x * 4\nz = y + 1", ["the code is another", "y has other numbers"]),
        ("x.sum().backward()", "x.sum().backward(retain_graph=True)", ["this pass keeps the graph"]),
        ("y = x.sum()\ny.backward()", "y = x.sum().detach()\ny.backward()", [
            "cut: shares the numbers, not the history",
            "the error ends the run before this",
        ]),
    ],
)  # fmt: skip
def test_each_line_that_differs_says_why(old: str, new: str, whys: list[str]) -> None:
    program, lesson = run(START, old)
    version = recorded(programs.edited(program, "s1", new, "own"))
    found = compared(lesson, "s1", version, "s1/own")
    said = [row.why for row in found.rows if row.kind != "same" and row.why]
    assert [why for why in dict.fromkeys(said) if not why.startswith("This tensor")] == whys
    assert (found.first is None) == (old == new)


def test_the_gradients_in_the_end_are_told() -> None:
    program, lesson = run(START, TWICE)
    version = recorded(programs.edited(program, "s1", "x.sum().backward()", "own"))
    (gradient,) = compared(lesson, "s1", version, "s1/own").gradients
    assert (gradient.name, gradient.left, gradient.right) == ("x.grad", "[4, 8]", "[1, 1]")


# numbers


def test_the_numbers_of_a_tensor_are_written_where_it_was_made() -> None:
    program, tape = run(START + "k = torch.arange(3)\nbig = torch.ones(100)\n", "y = x * k[0]")
    made = {one.name: one for one in tensors(tape, len(tape))}
    assert set(made) == {"x", "k"}
    assert made["x"].numbers == "[1.0, 2.0]"
    literal = written(made["x"], "[3, 4, 5]")
    assert literal == "torch.tensor([3, 4, 5], dtype=torch.float32, requires_grad=True)"
    assert written(made["k"], "7") == "torch.tensor(7, dtype=torch.int64)"
    code = replaced(program.steps[0].code, made["x"], made["x"].call, literal)
    assert code is not None
    version = recorded(programs.edited(program, "s1", "print(x)", "own", (("s0", code),)))
    printed = [event.text for event in version.events if isinstance(event, e.Printed)]
    assert printed == ["tensor([3., 4., 5.], requires_grad=True)\n"]


@pytest.mark.parametrize(
    "typed", ["", "x", "[1, 'a']", "[[1], [2, 3]]", "__import__('os')", "[" * 500, "1e", "{1: 2}"]
)
def test_what_is_no_numbers_is_refused(typed: str) -> None:
    _, tape = run(START)
    with pytest.raises(Unfit):
        written(tensors(tape, len(tape))[0], typed)
