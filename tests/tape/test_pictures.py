"""Rows of large Jacobians made again from the tape, against torch's; and what a card draws of them."""

import numpy as np
import pytest
import torch

import gradtui.engine as engine
from gradtui.language.program import Program, ProgramStep
from gradtui.tape import events as e
from gradtui.tape.facts import card
from gradtui.tape.jacobians import picked
from gradtui.tape.pictures import rows_of, shaded
from gradtui.tape.recorder import play
from gradtui.tape.tape import Tape

BEFORE = """import torch
import torch.nn.functional as F
torch.manual_seed(0)
x = torch.randn(6, 6, requires_grad=True)
w = torch.randn(6, 6, requires_grad=True)
"""
ONES = """x @ w
x.softmax(1)
x.log_softmax(0)
F.layer_norm(x, (6,))
F.group_norm(x, 3)
x.cumsum(0)
x.cumprod(1)
x[[0, 2, 2]]
x.sum(1)
torch.cat([x, w])
torch.stack([x, w], 1)
x.max(1)[0]
x.sort(0)[0]
x.var(0)
x.logsumexp(1)
x.repeat(2, 1)
x.roll(1)
torch.linalg.inv(x)
F.conv2d(x[None, None], w[None, None, :3, :3])
F.max_pool2d(x[None, None], 2)
F.interpolate(x[None, None], scale_factor=2.0, mode="bilinear")
""".splitlines()


def played(code: str) -> Tape:
    found: list[e.AnyEvent] = []
    play(Program("test", (ProgramStep("one", code),)), engine, found.append)
    return Tape(found, {"one": code})


@pytest.mark.parametrize("expression", ONES)
def test_rows_are_torchs(expression: str) -> None:
    code = BEFORE + f"y = {expression}"
    tape = played(code)
    node = list(tape.nodes.values())[-1]
    scope: dict[str, object] = {}
    exec(code, scope)
    y = scope["y"]
    assert isinstance(y, torch.Tensor)
    assert y.grad_fn is not None
    if node.name != y.grad_fn.name():
        pytest.fail(f"{node.name} is not {y.grad_fn.name()}")
    which = picked(y.numel())
    basis = torch.eye(y.numel())
    outputs = len(y.grad_fn._input_metadata)
    for edge in range(len(node.edges)):
        if node.edges[edge].node is None:
            continue
        ours = rows_of(tape, node, edge, which)
        assert ours is not None
        for row, at in zip(ours, which, strict=True):
            given = [basis[at].reshape(y.shape), *[None] * (outputs - 1)]
            found = y.grad_fn(*given)
            told = found[edge] if isinstance(found, tuple) else found
            assert np.allclose(row, told.detach().numpy().reshape(-1), 1e-3, 1e-4)


def test_shades_tell_sizes_and_blanks_zeros() -> None:
    assert shaded(np.array([[0, 1, 0.3, -0.6], [0, 0, 0, 0]])) == ("[ █▒▓]", "[    ]")
    assert shaded(np.zeros((2, 3))) == ("[   ]", "[   ]")
    assert shaded(np.ones((1, 100)))[0] == f"[{'█' * 40}]"


def lines(expression: str) -> list[str]:
    tape = played(BEFORE + f"y = {expression}\ny.backward(torch.ones_like(y))")
    at = next(at for at, event in enumerate(tape.events) if isinstance(event, e.NodeRan))
    sections = card(tape, at + 1).sections
    return [text for one in sections if one.kind == "jacobian" for text in (one.title, *one.lines)]


def test_a_large_jacobian_is_drawn_and_what_was_not_built_is_counted() -> None:
    told = lines("x.softmax(1)")
    assert told[0] == "J  36×36, in blocks"
    assert sum(line.startswith("[") for line in told) == 8
    assert "8 of 36 rows, one a line; |J|: blank is 0, ░ < ▒ < ▓ < █" in told
    assert "each result depends on 6 of 36 entries" in told
    assert "1,008 of 1,296 entries never built: the rule goes from v to v·J" in told


def test_a_structure_that_a_word_tells_is_not_drawn() -> None:
    assert lines("x.exp()") == [
        "J  36×36, diagonal",
        "entry i of the result depends on entry i of the input alone",
        "never built: 1,296 entries, at most 36 of them not 0; the rule goes straight from v to v·J",
    ]
