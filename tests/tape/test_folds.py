"""Loops, calls and layers folded: which rows are left, what a fold says, where a node is then."""

from collections.abc import Callable

import pytest
from sample import document

import gradtui.engine as engine
from gradtui.language.program import Program, ProgramStep
from gradtui.tape import events as e
from gradtui.tape.folds import Folds, Group, told
from gradtui.tape.rails import layout
from gradtui.tape.recorder import play
from gradtui.tape.tape import Tape

NEST = """import torch
w = torch.ones(2, requires_grad=True)
for epoch in range(3):
    for part in range(2):
        loss = (w * part).sum()
        loss.backward()
    w.grad.zero_()
"""
NET = """import torch
from torch import nn
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(2, 3)
    def forward(self, x):
        total = 0
        for i in range(2):
            total = total + torch.relu(self.fc(x))
        return total
net = Block()
for epoch in range(2):
    y = net(torch.ones(1, 2))
    y.sum().backward()
"""
FAILS = """import torch
from torch import nn
class Bad(nn.Module):
    def forward(self, x):
        y = x * 2
        return y @ torch.ones(7, 7)
try:
    z = Bad()(torch.ones(2, requires_grad=True))
except RuntimeError:
    z = torch.ones(1)
t = z + 1
"""


def played(code: str) -> Tape:
    found: list[e.AnyEvent] = []
    play(Program("test", (ProgramStep("s", code),)), engine, found.append)
    return Tape(found, {"s": code})


def folds_of(code: str) -> Folds:
    tape = played(code)
    return Folds(tape, layout(tape))


def labels(folds: Folds) -> list[str]:
    """What is on the shown rows, a fold by the label of its one row."""
    return [_label(folds, row) for row in folds.rows]


def _label(folds: Folds, row: int) -> str:
    group = folds.headed(row)
    if group is None:
        return folds.rails[row].label
    if not folds.is_shut(group):
        return f"- {folds.rails[row].label}"
    return f"+ {folds.rails.folded(group.first, group.stop, group.end).label}"


def all_told(folds: Folds, of: Callable[[Group], bool] = bool) -> list[tuple[str, ...]]:
    tape = folds.tape
    groups = [group for group in folds.groups if of(group)]
    return [told(folds, g, len(folds.rails), len(tape)).within(10_000) for g in groups]


def test_folding_all_leaves_a_line_for_each_turn_of_the_outer_loop() -> None:
    folds = folds_of(NEST)
    open_rows = list(folds.rows)
    assert folds.toggle_all()
    assert labels(folds) == ["s", "w", "+ epoch = 0", "+ epoch = 1", "+ epoch = 2"]
    assert not folds.toggle_all()
    assert list(folds.rows) == open_rows


def test_a_turn_opened_shows_the_turns_within_folded() -> None:
    folds = folds_of(NEST)
    folds.toggle_all()
    folds.toggle(folds.rows[3])
    assert labels(folds)[2:7] == [
        "+ epoch = 0", "- epoch = 1", "+ part = 0", "+ part = 1", "w.grad.zero_()",
    ]  # fmt: skip
    folds.toggle(folds.rows[6])  # a row of the turn itself
    assert labels(folds)[2:] == ["+ epoch = 0", "+ epoch = 1", "+ epoch = 2"]


def test_what_a_turn_says() -> None:
    told_of = all_told(folds_of(NEST))
    assert told_of[0] == ("1 of 3", "5 ops", "loss 2", "2 backward passes")
    assert told_of[1:3] == [("1 of 2", "2 ops", "loss 0", "backward"),
                            ("2 of 2", "2 ops", "loss 2", "backward")]  # fmt: skip


def test_a_turn_says_how_far_it_has_come() -> None:
    folds = folds_of(NEST)
    first, tape = folds.groups[0], folds.tape
    row = folds.rails.row_of_event(tape.index.pass_starts[0]) or 0
    facts = told(folds, first, row + 1, tape.index.pass_starts[0])
    assert facts.within(10_000) == ("1 of 3", "2 of 5 ops")


def test_a_turn_says_what_is_needed_most_where_there_is_little_room() -> None:
    folds = folds_of(NEST)
    facts = told(folds, folds.groups[0], len(folds.rails), len(folds.tape))
    assert facts.within(30) == ("1 of 3", "5 ops", "loss 2")
    assert facts.within(20) == ("1 of 3", "loss 2")
    assert facts.within(10) == ("loss 2",)
    assert facts.within(5) == ()


@pytest.mark.parametrize("turn", range(3))
def test_toggling_one_is_the_same_as_laying_all_out_anew(turn: int) -> None:
    folds, anew = folds_of(NEST), folds_of(NEST)
    for place in (turn, 3 * turn + 1, turn, 2 * turn):
        at = folds.groups[place].first
        if at in folds.rows:
            folds.toggle(at)
        anew.shut = set(folds.shut)
        assert folds.rows == anew._rows()


def test_a_module_that_is_called_is_a_group_and_its_layer_one_within() -> None:
    folds = folds_of(NET)
    assert [group.kind for group in folds.groups][:6] == [
        "epoch", "module", "epoch", "bundle", "epoch", "bundle",
    ]  # fmt: skip
    module = folds.groups[1]
    folds.toggle(module.first)
    assert "+ y = Block" in labels(folds)
    assert folds.ops(module) == 6
    shown = folds.rails.folded(module.first, module.stop, module.end)
    assert (shown.shape, shown.node) == ("[1, 3]", folds.rails[module.stop - 1].node)


def test_a_loop_goes_on_after_a_module_with_a_loop_of_its_own() -> None:
    folds = folds_of(NET)
    epochs = [g for g in folds.groups if g.kind == "epoch" and g.parent == -1]
    assert [folds.rails[g.first].label for g in epochs] == ["epoch = 0", "epoch = 1"]
    assert [(g.turn, g.turns) for g in epochs] == [(1, 2), (2, 2)]
    assert folds.ops(epochs[0]) == 8


def test_nodes_of_a_layer_are_found_in_its_fold() -> None:
    folds = folds_of(NET)
    bundle = next(group for group in folds.groups if group.kind == "bundle")
    inner = folds.rails[bundle.first + 1]
    assert (inner.label, inner.kind) == ("TBackward0", "inner")
    assert inner.node is not None
    assert folds.rails.row_of_node(inner.node) == bundle.first + 1
    assert folds.rows[folds.shown(bundle.first + 1)] == bundle.first
    folds.toggle(bundle.first)
    assert folds.rows[folds.shown(bundle.first + 1)] == bundle.first + 1


def test_a_module_that_fails_is_over_when_its_error_is_caught() -> None:
    tape = played(FAILS)
    kinds = [type(event).__name__ for event in tape.events]
    assert kinds.index("Raised") < kinds.index("ModuleEnded") < len(kinds)
    raised = next(event for event in tape.events if isinstance(event, e.Raised))
    assert raised.caught
    folds = Folds(tape, layout(tape))
    module = folds.groups[0]
    assert [folds.rails[row].label for row in range(module.first, module.stop)][-2:] == [
        "y = MulBackward0",
        "ones",
    ]
    assert folds.rails[len(folds.rails) - 1].label == "t = add"


def test_a_fold_is_drawn_between_what_it_took_and_what_goes_on() -> None:
    tape = document().tape()
    folds = Folds(tape, layout(tape))
    folds.toggle_all()
    turns = [group for group in folds.groups if group.kind == "epoch"]
    drawn = [folds.rails.folded(group.first, group.stop, group.end) for group in turns]
    assert [row.glyphs.rstrip() for row in drawn] == ["├─┼─▣", "├─┼─▣", "├─┴─▣"]
    assert all(row.ascii.isascii() and len(row.ascii) == len(row.glyphs) for row in drawn)


def test_nothing_to_fold() -> None:
    folds = folds_of("import torch\nx = torch.ones(2)\n")
    assert folds.toggle(0) is None
    assert folds.groups == ()
