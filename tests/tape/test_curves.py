"""Loops found on a tape, and the numbers of their epochs."""

import pytest

import gradtui.engine as engine
from gradtui.language.program import Program, ProgramStep
from gradtui.tape import events as e
from gradtui.tape.curves import curves, loop_at, loops
from gradtui.tape.recorder import play
from gradtui.tape.tape import Tape


def played(*codes: str) -> Tape:
    found: list[e.AnyEvent] = []
    steps = tuple(ProgramStep(str(i), code) for i, code in enumerate(codes))
    play(Program("test", steps), engine, found.append)
    return Tape(found, {step.id: step.code for step in steps})


PILE = "import torch\nw = torch.ones(4, requires_grad=True)\nfor i in range(4):\n    (w*3).sum().backward()"
SWEPT = f"{PILE}\n    w.grad.zero_()"
TRAIN = """import torch
w = torch.tensor([1.0, 2.0], requires_grad=True)
for epoch in range(3):
    for part in range(2):
        my_loss = ((w - 3) ** 2).sum()
        my_loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
    w.grad = None
for again in range(2):
    print("epoch", again, 0.5 * again)
"""


def told(tape: Tape, position: int) -> dict[str, tuple[float | None, ...]]:
    loop = loop_at(tape, position)
    return {} if loop is None else {c.name: c.values for c in curves(tape, loop, position)}


def test_piling_up_and_sweeping() -> None:
    tape = played(PILE, SWEPT)
    assert told(tape, tape.steps[0].stop)["w.grad"] == (3, 6, 9, 12)
    assert told(tape, tape.steps[1].stop)["w.grad"] == (3, 3, 3, 3)
    assert [loop.step for loop in loops(tape)] == ["0", "1"]


def test_losses_norms_and_printed_numbers() -> None:
    tape = played(TRAIN)
    first, second = loops(tape)
    found = {c.name: c for c in curves(tape, first, first.stop)}
    assert list(found) == ["my_loss", "w", "w.grad"]
    assert found["my_loss"].values[0] == pytest.approx(5.0)
    assert found["w.grad"].values[0] == pytest.approx((64 + 16) ** 0.5)
    assert found["w.grad"].measure == "norm"
    assert [c.values for c in curves(tape, second, len(tape))] == [(0.0, 0.5)]


def test_nothing_of_the_future_is_told() -> None:
    tape = played(PILE)
    loop = loops(tape)[0]
    assert told(tape, loop.passes[0]) == {}
    assert told(tape, loop.passes[2])["w.grad"] == (3, 6)
    assert told(tape, loop.passes[2] + 1)["w.grad"] == (3, 6, None)
    assert told(tape, len(tape))["w.grad"] == (3, 6, 9, 12)
