"""What torch puts off importing is there for a program that asks for it, hinted or not."""

import pytest

from gradtui.language.program import Limits, Program, ProgramStep
from gradtui.oracle.client import run_torch
from gradtui.oracle.deferred import HINTS
from gradtui.tape import events as e

ASKING = [
    ("torch.func.grad(lambda x: (x ** 2).sum())(torch.ones(2))", "tensor([2., 2.])"),
    ("torch.vmap(torch.neg)(torch.ones(2))", "tensor([-1., -1.])"),
    (
        "torch.autograd.functional.jacobian(lambda x: 2 * x, torch.ones(2))",
        "tensor([[2., 0.],\n        [0., 2.]])",
    ),
    ("torch.nn.functional.softplus(torch.zeros(1))", "tensor([0.6931])"),
    ("torch.ones(2).to('meta').shape", "torch.Size([2])"),
]


@pytest.mark.parametrize(("expression", "text"), ASKING)
def test_a_program_has_what_it_asks_for(expression: str, text: str) -> None:
    step = ProgramStep("one", f"import torch\nprint({expression})")
    events = run_torch(Program("test", (step,), limits=Limits(seconds=30.0, loop_seconds=30.0)))
    assert [event.text for event in events if isinstance(event, e.Printed)] == [f"{text}\n"]


@pytest.mark.parametrize(
    ("code", "asks"),
    [
        ("from torch import func", True),
        ("jacrev(f)(x)", True),
        ("torch.vmap(f)", True),
        ("import torch.nn.functional as F", False),
        ("class Square(torch.autograd.Function): pass", False),
    ],
)
def test_only_words_that_ask_for_more_are_hints(code: str, asks: bool) -> None:
    assert bool(HINTS.search(code)) is asks
