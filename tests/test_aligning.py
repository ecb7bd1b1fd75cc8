"""Long steps set beside one another: every event is in one row, and turn stands beside turn."""

from dataclasses import replace

import pytest

import gradtui.engine as engine
from gradtui.language.program import Program, ProgramStep
from gradtui.session.aligning import MOST
from gradtui.session.comparing import compared
from gradtui.session.whatif import changed_events, events_with_keys
from gradtui.tape.events import AnyEvent, Printed
from gradtui.tape.recorder import play
from gradtui.tape.tape import Tape

LOOP = """import torch
w = torch.tensor([1., 2.], requires_grad=True)
for epoch in range({epochs}):
    for batch in range(2):
        loss = ((w * {factor} - batch) ** 2).sum()
        loss.backward()
{more}    with torch.no_grad():
        w -= {rate} * w.grad
    w.grad = None
print("done")
"""


def taped(
    step: str, epochs: int = 400, rate: float = 0.0001, factor: int = 2, more: str = ""
) -> Tape:
    code = LOOP.format(epochs=epochs, rate=rate, factor=factor, more=more)
    program = Program("p", (ProgramStep(step, code),))
    events: list[AnyEvent] = []
    limits = replace(program.limits, seconds=60.0)
    play(replace(program, limits=limits), engine, events.append)
    return Tape(events)


LESSON = taped("s")
OTHERS = {
    "the same": (taped("o"), set()),
    "another rate": (taped("o", rate=0.0002), {"changed"}),
    "more epochs": (taped("o", 450), {"new"}),
    "fewer epochs": (taped("o", 390), {"gone"}),
    "a line more in each turn": (taped("o", more="    u = w.detach()\n"), {"new"}),
    "from the first on": (taped("o", factor=3), {"changed"}),
}


@pytest.mark.parametrize("name", OTHERS)
def test_every_event_is_in_one_row_in_order(name: str) -> None:
    other, kinds = OTHERS[name]
    assert len(LESSON) > 2 * MOST
    found = compared(LESSON, "s", other, "o")
    left = [row.left for row in found.rows if row.left is not None]
    right = [row.right for row in found.rows if row.right is not None]
    assert left == [at for at, _ in events_with_keys(LESSON, "s")]
    assert right == [at for at, _ in events_with_keys(other, "o")]
    assert {row.kind for row in found.rows} - {"same"} == kinds
    mine, theirs = dict(events_with_keys(LESSON, "s")), dict(events_with_keys(other, "o"))
    for row in found.rows:
        if row.left is not None and row.right is not None:
            assert (mine[row.left] == theirs[row.right]) == (row.kind == "same")
    marked = changed_events(LESSON, other, "s", "o")
    assert marked == {row.right for row in found.rows if row.kind in ("new", "changed")}
    last = found.rows[-1]
    assert last.kind == "same"
    assert isinstance(other.events[last.right or 0], Printed)


def test_a_line_more_in_each_turn_is_one_new_row_in_each() -> None:
    other, _ = OTHERS["a line more in each turn"]
    found = compared(LESSON, "s", other, "o")
    assert found.counts["new"] == 400


def test_a_turn_stands_beside_the_turn_of_its_number() -> None:
    other, _ = OTHERS["from the first on"]
    found = compared(LESSON, "s", other, "o")
    assert all(row.left == row.right for row in found.rows)
    assert found.first is not None
    assert found.first.why
