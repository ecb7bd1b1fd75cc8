"""Two runs of a step beside each other: entries set side by side, reasons, curves of both."""

import pytest

import gradtui.engine as engine
from gradtui.language.program import Program, ProgramStep
from gradtui.tape import events as e
from gradtui.tape.curves import loop_at
from gradtui.tape.recorder import play
from gradtui.tape.tape import Tape
from gradtui.tape.values import array
from gradtui.tape.versus import Run, curves_beside, happened, ledgers, reasons


def run(code: str) -> Run:
    found: list[e.AnyEvent] = []
    play(Program("test", (ProgramStep("s", code),)), engine, found.append)
    tape = Tape(found, {"s": code})
    return Run(tape, tape.steps[0])


HEAD = "import torch\nw = torch.ones(2, requires_grad=True)\nfor epoch in range(4):\n"
PASS = "    loss = (w*3).sum()\n    loss.backward()\n"
PILE = HEAD + PASS
SWEPT = HEAD + PASS + "    w.grad.zero_()\n"
TAKEN = HEAD + PASS + "    w.grad = None\n"
CUT = HEAD + "    loss = (w.detach()*3).sum()\n"
TWICE = HEAD + "    loss = (w*6).sum()\n    loss.backward()\n"
MORE = HEAD + PASS + PASS
FAILS = HEAD + "    loss = w*3\n    loss.backward()\n"


def leaf(of: Run) -> int:
    return of.tape.index.leaves[0]


def test_entries_stand_beside_those_of_the_same_epoch() -> None:
    ours, theirs = run(PILE), run(SWEPT)
    pairs = ledgers(ours, theirs, leaf(ours))
    told = [(p.ours and p.ours.kind, p.theirs and p.theirs.kind, p.differs) for p in pairs]
    assert told == [
        ("added", "added", False), (None, "zeroed", True),
        ("added", "added", True), (None, "zeroed", True),
        ("added", "added", True), (None, "zeroed", True),
        ("added", "added", True), (None, "zeroed", True),
    ]  # fmt: skip
    sums = [(array(p.ours.after), array(p.theirs.after)) for p in pairs if p.ours and p.theirs
            and p.ours.after and p.theirs.after]  # fmt: skip
    assert [(float(a[0]), float(b[0])) for a, b in sums if a is not None and b is not None] == [
        (3, 3), (6, 3), (9, 3), (12, 3),
    ]  # fmt: skip


def test_nothing_is_told_before_it_has_happened_here() -> None:
    ours, theirs = run(PILE), run(SWEPT)
    pairs = ledgers(ours, theirs, leaf(ours))
    second = pairs[2].ours
    assert second is not None
    assert happened(pairs, second.event) == pairs[:1]
    assert happened(pairs, second.event + 1) == pairs[:3]
    assert happened(pairs, len(ours.tape)) == pairs
    assert happened(pairs, 0) == ()


@pytest.mark.parametrize(
    ("ours", "theirs", "told"),
    [
        (PILE, SWEPT, ["Here nothing clears w.grad, so each pass adds to what the passes before it "
                       "left. The original clears it by zero_()."]),
        (SWEPT, PILE, ["Here zero_() clears w.grad, so each pass starts afresh. In the original "
                       "the passes add up."]),
        (PILE, TAKEN, ["Here nothing clears w.grad, so each pass adds to what the passes before it "
                       "left. The original clears it by an assignment."]),
        (CUT, PILE, ["Here no backward pass adds to w.grad."]),
        (PILE, CUT, ["In the original no backward pass adds to w.grad."]),
        (TWICE, PILE, ["Other numbers are added to w.grad."]),
        (MORE, PILE, ["w.grad changes 8 times here, 4 times in the original."]),
        (FAILS, PILE, ["Here RuntimeError ends the step.", "Here no backward pass adds to w.grad."]),
        (PILE, PILE, []),
    ],
)  # fmt: skip
def test_the_reason(ours: str, theirs: str, told: list[str]) -> None:
    assert list(reasons(run(ours), run(theirs))) == told


def test_curves_of_both_runs_after_as_many_epochs() -> None:
    ours, theirs = run(PILE), run(SWEPT)
    for begun, numbers in ((2, ((3, 6), (3, 3))), (4, ((3, 6, 9, 12), (3, 3, 3, 3)))):
        loop = loop_at(ours.tape, len(ours.tape))
        assert loop is not None
        position = loop.passes[begun] if begun < 4 else loop.stop
        found = curves_beside(ours, theirs, loop, position)
        assert found is not None
        grads = next(each for each in found[1] if each.ours and each.ours.kind == "gradient")
        assert grads.ours is not None
        assert grads.theirs is not None
        assert (grads.ours.values, grads.theirs.values) == numbers
        assert grads.parting == tuple(range(1, begun))


def test_a_run_without_a_loop_has_no_curves_to_set_beside() -> None:
    ours, theirs = run(PILE), run("import torch\nw = torch.ones(2, requires_grad=True)\n")
    loop = loop_at(ours.tape, len(ours.tape))
    assert loop is not None
    assert curves_beside(ours, theirs, loop, loop.stop) is None
