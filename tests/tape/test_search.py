"""What is found on a tape, and where."""

import pytest

import gradtui.engine as engine
from gradtui.language.program import Program, ProgramStep
from gradtui.tape import events as e
from gradtui.tape.plain import describe
from gradtui.tape.recorder import play
from gradtui.tape.search import matches
from gradtui.tape.tape import Tape

CODE = """import torch
x = torch.tensor([4.0, 0.0], requires_grad=True)
y = x.sqrt()
loss = (y * 0.25).sum()
loss.backward()
print("the gradient", x.grad)
z = torch.tensor(0.0) / 0
"""


@pytest.fixture(scope="module")
def tape() -> Tape:
    found: list[e.AnyEvent] = []
    play(Program("test", (ProgramStep("one", CODE),)), engine, found.append)
    return Tape(found, {"one": CODE})


@pytest.mark.parametrize(
    ("text", "count", "kind"),
    [
        ("sqrt", 2, "Operation NodeRan"),
        ("SqrtBackward0", 2, "Operation NodeRan"),
        ("y", 2, "Operation NodeRan"),
        ("x.grad", 1, "Accumulated"),
        ("accumulate", 1, "Accumulated"),
        ("line 3", 1, "Operation"),
        ("inf", 2, "NodeRan Accumulated"),
        ("nan", 1, "Operation"),
        ("0.0625", 2, "NodeRan Accumulated"),
        ("-17", 0, ""),
        ("the gradient", 1, "Printed"),
        ("", 0, ""),
        ("line 99999", 0, ""),
        ("[(*\\\\", 0, ""),
        ("9" * 10_000, 0, ""),
        ("1e999999", 2, "NodeRan Accumulated"),
    ],
)
def test_matches(tape: Tape, text: str, count: int, kind: str) -> None:
    found = matches(tape, text)
    kinds = " ".join(type(tape.events[at - 1]).__name__ for at in found)
    assert (len(found), kinds) == (count, kind), [describe(tape, at) for at in found]
