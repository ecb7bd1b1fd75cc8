"""What a tape keeps of the plain arguments of operations, also once it was saved and opened."""

from pathlib import Path

import msgspec
import pytest

import gradtui.engine as engine
from gradtui.language.program import Program, ProgramStep
from gradtui.tape import events as e
from gradtui.tape.arguments import decoded
from gradtui.tape.jvp_card import jvp_card
from gradtui.tape.recorder import play
from gradtui.tape.tangents import ONES, adjoint, incoming, push
from gradtui.tape.tape import MAGIC, Tape, _Saved

BEFORE = """import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
x = torch.randn(8, 8, requires_grad=True)
w = torch.randn(8, 8)
"""


def played(code: str) -> Tape:
    found: list[e.AnyEvent] = []
    play(Program("test", (ProgramStep("one", BEFORE + code),)), engine, found.append)
    assert not any(isinstance(event, e.Raised) for event in found)
    return Tape(found, {"one": BEFORE + code})


def told(tape: Tape, name: str) -> dict[str, object]:
    nodes = [node for node in tape.nodes.values() if node.name == name]
    return dict(nodes[-1].given.told)


@pytest.mark.parametrize(
    ("code", "node", "expected"),
    [
        ("y = x.sum(1)", "SumBackward1", {"dim": (1,)}),
        ("y = x**3", "PowBackward0", {"exponent": 3}),
        ("y = x.transpose(0, -1)", "TransposeBackward0", {"dim0": 0, "dim1": -1}),
        ("y = x + 2", "AddBackward0", {"other": 2}),
        ("y = x.to(torch.float64)", "ToCopyBackward0", {"dtype": "float64"}),
        ("y = nn.Softmax(dim=0)(x)", "SoftmaxBackward0", {"dim": 0, "half_to_float": False}),
    ],
)
def test_plain_arguments(code: str, node: str, expected: dict[str, object]) -> None:
    found = told(played(code), node)
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert str(decoded(found[name])) == str(value)


def test_a_tensor_that_was_shown_is_told_by_its_number() -> None:
    tape = played("y = x * w")
    names = {event.name: event.tensor for event in tape.events if isinstance(event, e.Bound)}
    assert told(tape, "MulBackward0") == {"other": ["tensor", names["w"]]}


VIEWS = """y = x * 1
y[0] = w[0]
y[1:3].mul_(2)
y[:, 2].copy_(x[0])
v = y.view(-1)
y.add_(x)
y[[3, 4]] = x[:2].exp()
y[w > 1] = 0.5
y.t_()
z = (v * v).sum() + y.tanh().sum() + y.unfold(0, 2, 2).sum()
z.backward()
"""
LOOP = """h = x[0]
for i in range(5):
    h = torch.where(h > 0, h @ w, h.roll(i)) + x[i]
    h = F.layer_norm(h, (8,))
h.pow(2).mean().backward()
"""
MODULE = """net = nn.Sequential(
    nn.Conv2d(1, 2, 3, padding=1), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
    nn.Dropout(0.5), nn.Linear(32, 3),
)
F.cross_entropy(net(x[None, None]), torch.tensor([1])).backward()
"""
TWICE = """y = (x.tanh() * w).sum()
(g,) = torch.autograd.grad(y, x, create_graph=True)
(g * g).sum().backward()
"""


@pytest.mark.parametrize(
    "code", [VIEWS, LOOP, MODULE, TWICE], ids=["views", "loop", "module", "twice"]
)
def test_a_tangent_flows_through_every_node(code: str, tmp_path: Path) -> None:
    made = played(code)
    made.save(tmp_path / "run.tape")
    for tape in (made, Tape.load(tmp_path / "run.tape")):
        runs = [(at, event) for at, event in enumerate(tape.events) if isinstance(event, e.NodeRan)]
        assert len(runs) > 4
        for at, event in runs:
            node = tape.nodes[event.node]
            out = push(tape, node, ONES, at)
            assert out.value is not None, (node.name, out.why)
            both = adjoint(event, [u.value for u in incoming(tape, node, ONES, at)], out.value)
            assert both is None or both.agrees, (node.name, both.text)


def test_a_tape_saved_before_arguments_were_kept_still_opens(tmp_path: Path) -> None:
    tape = played("y = x.sum(1).exp().sum()\ny.backward()")
    raw = msgspec.msgpack.decode(msgspec.msgpack.encode(_Saved(tape.events, dict(tape.sources))))
    for event in raw["events"]:
        for node in event.get("nodes", ()):
            del node["given"]
    path = tmp_path / "old.tape"
    path.write_bytes(MAGIC + b"\x01" + msgspec.msgpack.encode(raw))
    old = Tape.load(path)
    assert len(old) == len(tape)
    cards = [jvp_card(old, at + 1, ONES) for at in range(len(old))]
    said = [section for card in cards if card for section in card.sections]
    assert any(section.title == "J·u cannot be told" for section in said)


HOSTILE = [["tuple", *range(3)], ["what"], [], {"a": 1}, ["array", "object", [2], b"x"],
    ["array", "float32", [9], b"x"], ["Geometry", 1, 2, 3], ["tensor", 99], ["dtype", "nothing"],
    ["tensor", "x"], ["Shape"], 10**9, "dim"]  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE, ids=str)
def test_damaged_arguments_are_no_fault(value: object) -> None:
    tape = played("y = x.sum(1)\nb = x * 1\nb[0] = 2.0\n(y.sum() + b.sum()).backward()")
    damaged = []
    for event in tape.events:
        if isinstance(event, e.Operation):
            nodes = tuple(
                msgspec.structs.replace(
                    node, given=e.Given(tuple((name, value) for name, _ in node.given.told))
                )
                for node in event.nodes
            )
            event = msgspec.structs.replace(event, nodes=nodes)
        damaged.append(event)
    opened = Tape(damaged, tape.sources)
    for at in range(len(opened)):
        jvp_card(opened, at + 1, ONES)
