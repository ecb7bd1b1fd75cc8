"""A step summed up in plain lines, and a what-if beside the original."""

from test_folds import NET, played
from test_versus import PILE, SWEPT, run

from gradtui.tape.boxes import MOST
from gradtui.tape.folds import Folds
from gradtui.tape.rails import layout
from gradtui.tape.summary import comparison, summary

DOUBLE = """import torch
x = torch.tensor([1.0, 2.0], requires_grad=True)
y = x * x
z = (y + y.detach()).sum()
z.backward()
"""


def summed(code: str) -> list[str]:
    tape = played(code)
    return list(summary(Folds(tape, layout(tape)), tape.steps[0]))


def test_a_graph_is_listed_edge_by_edge() -> None:
    assert summed(DOUBLE) == [
        "The graph:",
        "  (1) x",
        "  (2) y = MulBackward0 takes x (1) twice",
        "  (3) detach takes y (2)",
        "  (4) AddBackward0 takes y (2), detach (3), where no gradient flows",
        "  (5) z = SumBackward0 takes AddBackward0 (4)",
    ]


def test_turns_are_folded_and_curves_are_numbers() -> None:
    told = summed(PILE)
    assert told[:3] == [
        "Folded:",
        "  epoch = 0 · 1 of 4 · 2 ops · loss 6 · backward",
        "  epoch = 1 · 2 of 4 · 2 ops · loss 6 · backward",
    ]
    assert told[-1] == "  w.grad (each entry): 3, 6, 9, 12"


def test_a_long_loop_is_told_by_its_ends() -> None:
    told = summed(PILE.replace("range(4)", "range(50)"))
    assert "  … 38 more" in told
    assert told[-1].endswith(
        "33, 36, …, 117, 120, 123, 126, 129, 132, 135, 138, 141, 144, 147, 150"
    )


def test_a_graph_too_large_is_not_listed() -> None:
    code = "import torch\nx = torch.ones(1, requires_grad=True)\ny = x\n" + "y = y * 2\n" * 60
    assert summed(f"{code}y.backward()\n") == [
        f"The graph has more than {MOST} operations and tensors; it is not listed."
    ]


def test_a_step_that_computes_nothing_has_no_summary() -> None:
    assert summed("import torch\nx = torch.ones(2)\n") == []


def test_a_call_is_folded_with_its_operations() -> None:
    assert any(line.startswith("  epoch = 0 · 1 of 2 · 8 ops") for line in summed(NET))


def test_a_what_if_and_the_original() -> None:
    assert list(comparison(run(PILE), run(SWEPT)))[1:] == [
        "loss: 6, 6, 6, 6, the same in both",
        "w (each entry): 1, 1, 1, 1, the same in both",
        "w.grad: 3, 6, 9, 12; in the original 3, 3, 3, 3",
    ]
