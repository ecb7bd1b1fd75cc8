"""The replay as linear text."""

from dataclasses import dataclass

import pytest
from sample import document
from test_facts import SQUARE, played

from gradtui.tape import events as e
from gradtui.tape.plain import describe, lines

STEP = """\
Step 1: 0
  > import torch
  > x = torch.ones(2, requires_grad=True)
  x = torch.ones(2, requires_grad=True) → [1, 1] [2], a leaf that requires grad
  > with torch.no_grad()
  Gradients are off from here
  > y = x*3
  y = x*3 → [3, 3] [2], not recorded: gradients are off (no_grad)
  Gradients are on from here
  > (x*3).sum().backward()
  x*3 → [3, 3] [2], recorded as MulBackward0
  (x*3).sum() → 6 [], recorded as SumBackward0
  Backward pass 1 from (x*3).sum() (SumBackward0) with v = 1
    SumBackward0: back through (x*3).sum()
      v: 1  the start: d result / d result
      rule: v·J = v, repeated for every entry summed
      J  1×2, reduction:
        [ 1  1 ]
        every result gathers many entries: v is handed back to each of them
      v·J: [1, 1]  → x*3 (MulBackward0)
    MulBackward0: back through x*3
      v: [1, 1]  from SumBackward0
      rule: ∂(3·x)/∂x = 3
      J  2×2, diagonal:
        [ 3  · ]
        [ ·  3 ]
        entry i of the result depends on entry i of the input alone
      v·J: [1·3, 1·3] = [3, 3]  → x.grad
    x.grad: None + [3, 3] = [3, 3]
      path: Sum → Mul → x
  Backward pass 1 is over, 1 node released what they saved
  > print(x.grad)
  | tensor([3., 3.])"""


def test_a_step_line_by_line() -> None:
    tape = played(
        "import torch\nx = torch.ones(2, requires_grad=True)\nwith torch.no_grad():\n    y = x*3\n"
        "(x*3).sum().backward()\nprint(x.grad)"
    )
    assert "\n".join(lines(tape)) == STEP


@pytest.mark.parametrize("width", [60, 80, 120])
def test_prose_keeps_within_its_width(width: int) -> None:
    for line in lines(SQUARE, width=width):
        assert len(line) <= width or line.lstrip().startswith(("|", "[", "+ ["))


def test_sources_may_come_later() -> None:
    run = document().tape()
    told = list(lines(run, sources={"one": "x = tensor()\ny = x + 0\n"}))
    assert "  > y = x + 0" in told


@dataclass
class Said:
    kind: str
    ours: str
    torch: str


def test_verdicts_stand_behind_their_event() -> None:
    tape = SQUARE
    at = next(i for i, event in enumerate(tape.events) if isinstance(event, e.Operation))
    verdicts = [Said("differs", "1", "2") if i == at else None for i in range(len(tape))]
    told = " ".join(line.strip() for line in lines(tape, verdicts, width=200))
    assert told.count("[differs: gradtui 1, torch 2]") == 1


def test_every_event_is_described_in_one_line() -> None:
    for tape in (SQUARE, document().tape()):
        for position in range(len(tape) + 1):
            assert describe(tape, position)
            assert "\n" not in describe(tape, position) or isinstance(
                tape.events[position - 1], e.Raised
            )
