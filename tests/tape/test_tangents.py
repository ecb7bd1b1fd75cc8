"""Forward mode on recorded tapes: every node's J·u against v·J, and against torch's own jvp."""

import pytest
import torch
from scripts import SCRIPTS

import gradtui.engine as engine
from gradtui.language.program import Program, ProgramStep
from gradtui.tape import events as e
from gradtui.tape.jvp_card import jvp_card
from gradtui.tape.recorder import play
from gradtui.tape.tangents import ONES, Direction, adjoint, chosen, incoming, push
from gradtui.tape.tape import Tape


def played(code: str) -> Tape:
    found: list[e.AnyEvent] = []
    play(Program("test", (ProgramStep("one", code),)), engine, found.append)
    return Tape(found, {"one": code})


def runs(tape: Tape) -> list[tuple[int, e.NodeRan]]:
    return [(at, event) for at, event in enumerate(tape.events) if isinstance(event, e.NodeRan)]


CUBE = (
    "import torch\nx = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)\n"
    "y = x + 2\nz = 2*y**2\nw = z*y\na = w.mean()\na.backward()"
)
LARGE = """import torch
torch.manual_seed(0)
x = torch.randn(20, 30, requires_grad=True)
y = (x*x).tanh().exp()
s = torch.softmax(y, dim=1)
b = s.sum(dim=0, keepdim=True).T
d = x**3 - 2*x/5
f = d.view(30, 20).permute(1, 0).sigmoid()
loss = (b*b).sum() + f.mean() + torch.cat([x[:10], d[10:]], 0).sum() + x[3].sum() + x.amax(1).sum()
loss.backward()
"""
MODULES = """import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(10, 20), nn.ReLU(), nn.Linear(20, 5))
x, t = torch.randn(12, 10), torch.randint(0, 5, (12,))
loss = nn.functional.cross_entropy(net(x), t)
loss.backward()
"""


@pytest.mark.parametrize("code", [CUBE, LARGE, MODULES], ids=["small", "large", "modules"])
def test_both_sides_agree_at_every_node(code: str) -> None:
    tape = played(code)
    for at, event in runs(tape):
        node = tape.nodes[event.node]
        out = push(tape, node, ONES, at)
        assert out.value is not None, (node.name, out.why)
        us = [u.value for u in incoming(tape, node, ONES, at)]
        both = adjoint(event, us, out.value)
        assert both is not None
        assert both.agrees, (node.name, both.text)


LARGE_ONES = """
x.sum(1)
x.mean(0, keepdim=True)
x.std(1)
x.max(dim=1)[0]
x.norm(dim=1)
x.logsumexp(1)
x.cumsum(0)
F.log_softmax(x, 1)
F.gelu(x)
x.clamp(min=0)
torch.where(x > 0, x, -x)
x.masked_fill(x > 0, 0.0)
x.flatten()
x[:, 1:3]
x[-1, 2]
torch.stack([x, w], dim=1)
x.split(5)[0]
x.unbind(0)[1]
x @ w
x @ x[0]
F.linear(x, w, w[0])
F.mse_loss(x, w)
F.cross_entropy(x, torch.arange(10))
F.dropout(x, 0.3) + x.square()
F.embedding(torch.tensor([1, 2]), x)
x.gather(1, torch.arange(10)[:, None])
x.topk(3)[0]
x.repeat(2, 1)
2 / x
x ** 3.0
torch.addmm(x, x, w)
x.add(w, alpha=2)
torch.linalg.solve(x, w)
nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 2))(x)
""".split("\n")[1:-1]


@pytest.mark.parametrize("expression", LARGE_ONES)
def test_jacobians_too_large_to_keep(expression: str) -> None:
    """Run again from the tape, every node's tangent goes with its v·J."""
    tape = played(
        "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n"
        "torch.manual_seed(0)\nx = torch.randn(10, 10, requires_grad=True)\n"
        f"w = torch.randn(10, 10, requires_grad=True)\ny = {expression}\n(y * y).sum().backward()"
    )
    at, event = runs(tape)[0]
    out = push(tape, tape.nodes[event.node], ONES, at)
    assert out.value is not None, out.why
    assert len(runs(tape)) > 2
    for at, event in runs(tape):
        node = tape.nodes[event.node]
        us = [u.value for u in incoming(tape, node, ONES, at)]
        value = push(tape, node, ONES, at).value
        both = adjoint(event, us, value) if value is not None else None
        assert both is None or both.agrees, (node.name, both)


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_is_told_a_wrong_product(name: str) -> None:
    """Each node of each script gives J·u that goes with v·J, or says why it cannot."""
    tape = played("import torch\n" + SCRIPTS[name])
    for at, event in runs(tape):
        node = tape.nodes[event.node]
        out = push(tape, node, ONES, at)
        if out.value is not None:
            us = [u.value for u in incoming(tape, node, ONES, at)]
            both = adjoint(event, us, out.value)
            assert both is None or both.agrees or both.size != both.size, (node.name, both.text)
        assert jvp_card(tape, at + 1, ONES) is not None


def test_the_last_tangent_is_torchs_jvp() -> None:
    tape = played(LARGE)

    def loss(x: torch.Tensor) -> torch.Tensor:
        y = (x * x).tanh().exp()
        b = torch.softmax(y, dim=1).sum(dim=0, keepdim=True).T
        d = x**3 - 2 * x / 5
        f = d.view(30, 20).permute(1, 0).sigmoid()
        cat = torch.cat([x[:10], d[10:]], 0).sum()
        return (b * b).sum() + f.mean() + cat + x[3].sum() + x.amax(1).sum()

    torch.manual_seed(0)
    x = torch.randn(20, 30)
    _, expected = torch.func.jvp(loss, (x,), (torch.ones_like(x),))
    at, event = runs(tape)[0]
    out = push(tape, tape.nodes[event.node], ONES, at).value
    assert out is not None
    assert float(out) == pytest.approx(float(expected), rel=1e-3)


def test_the_card_shows_u_j_and_their_product() -> None:
    tape = played(CUBE)
    card = next(
        card
        for at in range(len(tape))
        if (card := jvp_card(tape, at + 1, Direction(basis=1))) and "Pow" in card.title
    )
    told = "\n".join(line for section in card.sections for line in section.lines)
    assert card.title == "JVP PowBackward0: forward through y**2"
    assert "[0, 1, 0]  at y" in told
    assert "[6·0, 8·1, 10·0] = [0, 8, 0]  at y**2" in told
    assert "⟨v, J·u⟩ = 21.3333  =  ⟨vᵀJ, u⟩ = 21.3333" in told


def test_what_cannot_be_told_says_why() -> None:
    tape = played(
        "import torch\nx = torch.ones(2000, requires_grad=True)\n(x.exp()).sum().backward()"
    )
    at, event = runs(tape)[-1]
    assert "only samples" in push(tape, tape.nodes[event.node], ONES, at).why
    card = jvp_card(tape, at + 1, ONES)
    assert card is not None
    assert any(section.title == "J·u cannot be told" for section in card.sections)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ONES),
        ("ones", ONES),
        ("#2", Direction(basis=2)),
        ("[1, 0, 2.5]", Direction(numbers=(1.0, 0.0, 2.5))),
        ("y: #1", Direction(1, basis=1)),
        ("q: 1", "No tensor is called 'q' here."),
        ("#3", "#3 is outside a tensor of 3."),
        ("y: #3", "#3 is outside a tensor of 3."),
        ("y: 1 2", "2 numbers do not fit a tensor of 3."),
        ("nan", "A tangent is made of finite numbers."),
        ("a b", "Type numbers (1 0 2), a place (#1), or ones; before it x: to say where."),
        ("9" * 5000, "A tangent is made of finite numbers."),
        ("1 " * 5000, "More than 1,024 numbers: type a place (#1) instead."),
    ],
)
def test_a_direction_as_it_is_typed(text: str, expected: Direction | str) -> None:
    tape = played(CUBE)
    assert chosen(tape, len(tape), text) == expected


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_moment_has_a_card_whether_a_pass_runs_its_node_or_none(name: str) -> None:
    tape = played("import torch\n" + SCRIPTS[name])
    for at in range(len(tape) + 1):
        jvp_card(tape, at, ONES)


def test_a_node_that_no_pass_runs_shows_its_factors() -> None:
    tape = played("import torch\nx = torch.ones(3, requires_grad=True)\ny = (x*4).mean()")
    cards = [jvp_card(tape, at, ONES) for at in range(len(tape) + 1)]
    titles = [section.title for card in cards if card for section in card.sections]
    assert "J  3×3, diagonal" in titles
    assert "J  1×3, reduction" in titles
