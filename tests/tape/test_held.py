"""What nodes hold for their backward formulas, held against what torch's own nodes say."""

from typing import Any

import pytest
import torch
from test_folds import played

from gradtui.tape import events as e
from gradtui.tape.rails import layout
from gradtui.tape.saved import held, version
from gradtui.tape.tape import Tape

HEAD = "import torch\nx = torch.tensor([1.0, 2.0], requires_grad=True)\n"


def node_of(tape: Tape, name: str) -> int:
    """The node of the first operation of that name."""
    found = (event for event in tape.events if isinstance(event, e.Operation))
    node = next(event.grad_fn for event in found if event.name == name)
    assert node is not None
    return node


def at_end(code: str, name: str) -> tuple[str, str]:
    tape = played(HEAD + code)
    found = held(tape, len(tape), node_of(tape, name))
    return found.kind, found.text


@pytest.mark.parametrize(
    ("code", "name", "kind", "text"),
    [
        ("y = x * x\n", "mul", "saved", "saves x"),
        ("y = torch.exp(x)\n", "exp", "saved", "saves y"),
        ("y = x + x\n", "add", "nothing", ""),
        ("y = x * 3\n", "mul", "saved", "saves 3"),
        ("y = x * x\ny.sum().backward()\n", "mul", "freed", "freed"),
        ("y = x * x\ny.sum().backward(retain_graph=True)\n", "mul", "saved", "saves x"),
        ("y = torch.exp(x)\ny += 1\n", "exp", "stale", "y v0, now v1"),
        ("y = torch.exp(x)\ny += 1\ny *= 2\n", "exp", "stale", "y v0, now v2"),
    ],
)
def test_what_a_node_holds(code: str, name: str, kind: str, text: str) -> None:
    assert at_end(code, name) == (kind, text)


@pytest.mark.parametrize("changed", [True, False])
def test_what_is_stale_here_torch_refuses(changed: bool) -> None:
    y = torch.exp(torch.tensor([1.0, 2.0], requires_grad=True))
    node: Any = y.grad_fn
    if changed:
        y += 1
    refused = False
    try:
        assert node._saved_result is not None
    except RuntimeError:
        refused = True
    code = "y = torch.exp(x)\n" + ("y += 1\n" if changed else "z = y + 1\n")
    assert (at_end(code, "exp")[0] == "stale") == refused == changed


def test_before_and_after_each_pass() -> None:
    tape = played(HEAD + "y = x * x\ny.sum().backward(retain_graph=True)\ny.sum().backward()\n")
    node, passes = node_of(tape, "mul"), tape.index.passes
    kinds = [held(tape, at, node).kind for each in passes for at in (each.start, each.stop)]
    assert kinds == ["saved", "saved", "saved", "freed"]


def test_versions_count_changes_in_place() -> None:
    tape = played(HEAD + "y = torch.exp(x)\ny += 1\ny *= 2\n")
    event = tape.events[tape.index.makers[node_of(tape, "exp")]]
    assert isinstance(event, e.Operation)
    y = event.outputs[0].tensor
    seen = [version(tape, at, y) for at in range(len(tape) + 1)]
    assert [n for n in dict.fromkeys(seen) if n is not None] == [0, 1, 2]


def test_a_row_says_how_often_it_takes_a_tensor() -> None:
    rows = layout(played(HEAD + "y = x * x\nz = torch.stack([y, y, y])\nw = z + 1\n"))
    assert [(row.label, row.times) for row in rows[2:]] == [
        ("y = MulBackward0", 2), ("z = StackBackward0", 3), ("w = AddBackward0", 1),
    ]  # fmt: skip
