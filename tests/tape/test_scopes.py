"""Names are kept by scope: what a function binds hides no name of the lesson's once it is over."""

from bisect import bisect_right

import pytest

import gradtui.engine as engine
from gradtui.language.program import Program, ProgramStep
from gradtui.tape import events as e
from gradtui.tape.facts import card
from gradtui.tape.labels import label, meaning
from gradtui.tape.plain import describe
from gradtui.tape.recorder import play
from gradtui.tape.tape import Tape

FUNCTION = """import torch
class Sq(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        y = x * x
        return y
    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        w = 2 * x
        return w * g
a = torch.tensor([1., 2.], requires_grad=True)
w = a * 3
z = Sq.apply(w)
s = z.sum()
s.backward()
"""
CALLS = """import torch
def inner(u):
    v = u * 2
    return v
def outer(u):
    v = inner(u) + 1
    return v
x = torch.tensor([1.], requires_grad=True)
v = x * 3
t = outer(v)
t.sum().backward()
"""
GLOBAL = """import torch
def grow():
    global g
    g = torch.ones(1) * 2
grow()
k = g + 1
"""


def taped(code: str) -> Tape:
    events: list[e.AnyEvent] = []
    play(Program("p", (ProgramStep("s", code),)), engine, events.append)
    return Tape(events, {"s": code})


def lines(tape: Tape) -> list[str]:
    return [describe(tape, at + 1) for at in range(len(tape))]


def test_a_functions_names_are_its_own() -> None:
    tape = taped(FUNCTION)
    said = lines(tape)
    assert any(line.startswith("y = x * x") for line in said)
    assert any(line.startswith("z = Sq.apply(w)") for line in said)
    assert any(line.startswith("w = 2 * x") for line in said)
    back = next(line for line in said if line.startswith("SqBackward"))
    assert "back through z = Sq.apply(w)" in back
    assert back.endswith("→ w (MulBackward0)")
    end = len(tape)
    assert meaning(tape, end, "y") is None
    bound = meaning(tape, end, "w")
    assert bound is not None
    assert bound.depth == 0
    assert bound.tensor is not None
    assert label(tape, end, bound.tensor) == "w"


def test_within_a_call_its_own_names_come_first() -> None:
    tape = taped(FUNCTION)
    at = next(at for at, line in enumerate(lines(tape)) if line.startswith("w = 2 * x"))
    made = tape.events[at]
    assert isinstance(made, e.Operation)
    assert label(tape, at + 2, made.outputs[0].tensor) == "w"
    assert label(tape, at + 2, made.inputs[-1].tensor) == "x"


def test_calls_within_calls() -> None:
    said = lines(taped(CALLS))
    made = [line.partition(" →")[0] for line in said if " = " in line and "→" in line]
    assert made[1:4] == ["v = x * 3", "v = u * 2", "v = inner(u) + 1"]
    back = [line for line in said if "Backward0: back through" in line]
    assert "back through v = inner(u) + 1" in back[1]
    assert "→ v (MulBackward0)" in back[2]


def test_a_global_outlives_the_call() -> None:
    tape = taped(GLOBAL)
    bound = meaning(tape, len(tape), "g")
    assert bound is not None
    assert bound.depth == 0


@pytest.mark.parametrize("code", [FUNCTION, CALLS])
def test_a_tape_of_before_scopes_opens(code: str, tmp_path: object) -> None:
    """Without depths every name is the lesson's, as it was."""
    import msgspec

    old = [msgspec.structs.replace(event, depth=0) for event in taped(code).events]
    tape = Tape(old, {"s": code})
    assert not tape.index.ends
    assert all(card(tape, at) for at in range(len(tape) + 1))


LOOPS = """import torch
def helper(x):
    y = x * 2
    return y
def train(x):
    for i in range(2):
        for j in range(2):
            x = helper(x)
        x = x + 1
    return x
x = torch.tensor([1.], requires_grad=True)
z = train(x) * 3
for k in range(2):
    z = train(z) * 5
w = z - 1
"""


def test_a_loop_is_over_when_it_is_and_not_before() -> None:
    tape = taped(LOOPS)
    within: dict[str, set[int]] = {}
    for at, event in enumerate(tape.events):
        if isinstance(event, e.Operation):
            code = tape.source_text("s", event.span)
            place = bisect_right(tape.index.loop_events, at) - 1
            within.setdefault(code, set()).add(len(tape.index.loops[place]))
    assert within["x * 2"] == {2, 3}
    assert within["x + 1"] == {1, 2}
    assert within["train(x) * 3"] == {0}
    assert within["train(z) * 5"] == {1}
    assert within["z - 1"] == {0}
