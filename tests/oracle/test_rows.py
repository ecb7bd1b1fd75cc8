"""Rows of Jacobians, read from real nodes on both engines and compared."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import gradtui.engine as engine
from gradtui.language.program import Look, Program, ProgramStep
from gradtui.oracle.client import run_torch
from gradtui.oracle.rows import compare_rows
from gradtui.tape import events as e
from gradtui.tape.recorder import play
from gradtui.tape.snapshot import matrix

CODE = """import torch
import torch.nn.functional as F
class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x ** 3
    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        print("backward")
        return 3 * x ** 2 * grad
torch.manual_seed(0)
x = torch.randn(40, 40, requires_grad=True)
w = torch.randn(40, 40, requires_grad=True)
(x * 2).sum().backward()
y = Cube.apply(x) @ w
z = y.softmax(1)[[0, 2, 2]]
a, b = z.max(1)
F.cross_entropy(y, torch.arange(40)).backward(retain_graph=True)
y[0] = 1.0
(a.sum() + y.cumsum(0).mean()).backward()
"""


def played(module: object, program: Program) -> list[e.AnyEvent]:
    found: list[e.AnyEvent] = []
    play(program, module, found.append)
    return found


PROGRAM = Program("test", (ProgramStep("one", CODE),))
OURS = played(engine, PROGRAM)
NAMES = {node.id: node for event in OURS for node in getattr(event, "nodes", ())}
RUNS = [event for event in OURS if isinstance(event, e.NodeRan)]
NODES = [run for run in RUNS if NAMES[run.node].leaf is None]


@pytest.mark.parametrize("run", NODES, ids=lambda run: f"{run.number}-{NAMES[run.node].name}")
def test_every_node_of_every_pass(run: e.NodeRan) -> None:
    looking = replace(PROGRAM, look=Look(run.number, run.node))
    (ours,), (theirs,) = played(engine, looking), played(torch, looking)
    assert isinstance(ours, e.NodeRan)
    assert isinstance(theirs, e.NodeRan)
    assert [a is None for a in ours.jacobians] == [b is None for b in theirs.jacobians]
    found = compare_rows(ours.jacobians, theirs.jacobians)
    assert found.kind in ("same", "close"), found.text
    assert found.alike == found.total > 0


def test_torchs_own_process_answers() -> None:
    run = next(run for run in NODES if NAMES[run.node].name == "CubeBackward")
    (told,) = run_torch(replace(PROGRAM, look=Look(run.number, run.node)))
    assert isinstance(told, e.NodeRan)
    assert [value.shape for value in told.jacobians if value] == [(8, 1600)]


def test_what_never_runs_tells_nothing() -> None:
    assert played(engine, replace(PROGRAM, look=Look(99, 0))) == []
    assert played(torch, replace(PROGRAM, look=Look(0, 10_000))) == []


def rows(*numbers: list[float]) -> e.Value:
    made = np.array(numbers, "float32")
    return matrix(*made.shape, "float32", made.tobytes())


def test_a_row_that_differs_is_named() -> None:
    ours, theirs = rows([1, 2], [3, 4]), rows([1, 2], [3, 5])
    assert compare_rows((ours,), (ours,)).text == "2 of 2 rows of J the same"
    found = compare_rows((None, ours), (None, theirs))
    assert found.kind == "differs"
    assert found.text == (
        "1 of 2 rows of J the same; line 2 of the J of input 2: gradtui [3, 4], torch [3, 5]"
    )
    near = rows([1, 2], [3, np.nextafter(np.float32(4), np.float32(5))])
    assert compare_rows((ours,), (near,)).text == (
        "2 of 2 rows of J the same, rounding apart (1 ulps at most)"
    )
    assert compare_rows((), ()).kind == "not compared"
    assert compare_rows((ours,), (rows([1, 2]),)).kind == "not compared"
