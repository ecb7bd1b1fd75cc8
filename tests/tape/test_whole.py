"""Forward mode through large tensors: the run is made again for the numbers a tape keeps samples of."""

import pytest
import torch

import gradtui.engine as engine
from gradtui.language.program import Program, ProgramStep
from gradtui.tape import events as e
from gradtui.tape import snapshot
from gradtui.tape.jvp_card import jvp_card
from gradtui.tape.recorder import play
from gradtui.tape.tangents import ONES, adjoint, filled, incoming, push
from gradtui.tape.tape import Tape
from gradtui.tape.whole import fill, lacking, replay

LAYERS = """import torch
from torch import nn
torch.manual_seed(0)
x, t = torch.randn(60, 50), torch.randint(0, 3, (60,))
mask = torch.rand(60, 40) > 0.5
net = nn.Sequential(nn.Linear(50, 40), nn.Tanh(), nn.Linear(40, 3))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(2):
    opt.zero_grad()
    hidden = net[1](net[0](x)).masked_fill(mask, 0.5)
    loss = nn.functional.cross_entropy(net[2](hidden), t)
    loss.backward()
    opt.step()
"""


def recorded(code: str) -> tuple[Program, Tape]:
    program = Program("test", (ProgramStep("one", code),))
    found: list[e.AnyEvent] = []
    play(program, engine, found.append)
    return program, Tape(found, {"one": code})


def told(program: Program, tape: Tape, at: int) -> None:
    lacks = lacking(tape, at)
    if lacks is not None:
        assert not lacks.why
        fill(tape, at, replay(program, engine, lacks))
    assert lacking(tape, at) is None


def test_both_sides_agree_at_every_node_of_a_net_with_large_layers() -> None:
    program, tape = recorded(LAYERS)
    runs = [(at, each) for at, each in enumerate(tape.events) if isinstance(each, e.NodeRan)]
    moving = 0
    for at, event in runs:
        node = tape.nodes[event.node]
        if node.leaf is not None:
            continue
        told(program, tape, at)
        whole = filled(tape)
        ran = whole.events[at]
        assert isinstance(ran, e.NodeRan)
        out = push(whole, node, ONES, at)
        assert out.value is not None, (node.name, out.why)
        us = [u.value for u in incoming(whole, node, ONES, at)]
        both = adjoint(ran, us, out.value)
        assert both is not None
        assert both.agrees, (node.name, both.text)
        moving += both.size > 0
    assert moving > 10
    assert snapshot.largest == snapshot.SMALL


def test_the_last_tangent_of_a_large_run_is_torchs_jvp() -> None:
    code = (
        "import torch\ntorch.manual_seed(0)\nx = torch.randn(200, 500, requires_grad=True)\n"
        "(x.sin() * x.softmax(1)).sum().backward()"
    )
    program, tape = recorded(code)
    at = next(at for at, event in enumerate(tape.events) if isinstance(event, e.NodeRan))
    told(program, tape, at)
    event = tape.events[at]
    assert isinstance(event, e.NodeRan)
    found = push(filled(tape), tape.nodes[event.node], ONES, at).value
    torch.manual_seed(0)
    x = torch.randn(200, 500)
    _, expected = torch.func.jvp(
        lambda x: (x.sin() * x.softmax(1)).sum(), (x,), (torch.ones_like(x),)
    )
    assert found is not None
    assert float(found) == pytest.approx(float(expected), rel=1e-3)
    card = jvp_card(tape, at + 1, ONES)
    assert card is not None
    assert any("⟨v, J·u⟩ = " in line for section in card.sections for line in section.lines)


def test_what_is_too_large_is_told_in_words() -> None:
    program, tape = recorded(
        "import torch\nx = torch.ones(1_100_000, requires_grad=True)\nx.exp().sum().backward()"
    )
    at = min(at for at, event in enumerate(tape.events) if isinstance(event, e.NodeRan))
    told(program, tape, at)
    node = tape.events[at]
    assert isinstance(node, e.NodeRan)
    said = push(filled(tape), tape.nodes[node.node], ONES, at).why
    assert "forward mode goes through up to 1,048,576" in said
