"""Every row of the engine's table that leaves a node: its rule, J·u against v·J, its structure."""

import re
import warnings
from collections import Counter

import pytest
from rows import LARGEST, outcomes, structures, survey

import gradtui.engine as engine
from gradtui.engine import late
from gradtui.engine.rows import NODES
from gradtui.language.program import Program, ProgramStep
from gradtui.tape import events as e
from gradtui.tape.facts import card
from gradtui.tape.recorder import play
from gradtui.tape.rules import rule
from gradtui.tape.tape import Tape

BEFORE = """import torch
import torch.nn.functional as F
torch.manual_seed(0)
x = torch.randn(3, 4, requires_grad=True)
w = torch.randn(3, 4, requires_grad=True)
i = torch.randn(1, 2, 3, 4, 4, requires_grad=True)
b = x * 1
"""

MORE = {
    "LeakyReluBackward1": "y = F.leaky_relu_(b)",
    "RsubBackward1": "y = 1 - x",
    "RemainderBackward0": "y = x % 0.7",
    "FmodBackward0": "y = x.fmod(0.7)",
    "LerpBackward1": "y = torch.lerp(x, w, x.detach().sigmoid())",
    "CopysignBackward1": "y = x.copysign(-1.0)",
    "EqBackward0": "y = b.eq_(1.0)",
    "NeBackward1": "y = b.ne_(w)",
    "LtBackward0": "y = b.lt_(1.0)",
    "LeBackward1": "y = b.le_(w)",
    "GtBackward0": "y = b.gt_(1.0)",
    "GeBackward1": "y = b.ge_(w)",
    "ClampBackward1": "y = x.clamp(-1.0, 1.0)",
    "ClampMaxBackward0": "y = x.clamp_max(0.5)",
    "ProdBackward1": "y = x.prod(1)",
    "MedianBackward1": "y = x.median(1)[0]",
    "SortBackward1": "y = x.sort(stable=True)[0]",
    "FillBackward3": "y = b.fill_(w[0, 0])",
    "SliceScatterBackward0": "y = torch.slice_scatter(x, w[:1], 0, 1, 2)",
    "NllLoss2DBackward0": "y = F.nll_loss(i[0], torch.zeros(2, 4, 4, dtype=torch.long))",
    "ReflectionPad2DBackward0": "y = F.pad(i[0], (1, 2, 1, 1), mode='reflect')",
    "ReflectionPad3DBackward0": "y = F.pad(i, (1, 2, 1, 1, 1, 1), mode='reflect')",
    "ReplicationPad3DBackward0": "y = F.pad(i, (1, 2, 1, 1, 1, 1), mode='replicate')",
    "UpsampleNearest2DBackward0": "y = F.interpolate(i[0], scale_factor=2)",
    "UpsampleBilinear2DAaBackward0": "y = F.interpolate(i[0], (3, 3), mode='bilinear', antialias=True)",
    "NormalBackward0": "y = b.normal_()",
    "UniformBackward0": "y = b.uniform_()",
    "CopySlices": "b[0].mul_(w[1]); y = b",
    "AsStridedBackward0": "v = b[1]; b.mul_(2); y = v * 1",
    "CopyBackwards": "y = b.copy_(w)",
}  # fmt: skip


def test_every_row_has_a_rule() -> None:
    """A formula, a sentence, and the structure of its Jacobian."""
    late.table()
    assert [name for name in NODES if rule(name).structure == "unknown"] == []
    for name in NODES:
        known = rule(name)
        assert known.sentence.endswith("."), name
        assert known.formula, name
        assert "{" not in re.sub(r"\{[abcynN]\}", "", known.formula), name


UNTRUE = {"AsStridedScatterBackward0", "MaxUnpool2DBackward0", "MaxUnpool3DBackward0"}
"""Nodes whose v·J torch itself gives as if no place were written twice: both sides are shown."""


def test_torchs_own_samples() -> None:
    """One sample of each of torch's operators: straight, in place, and differentiated twice."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found, _ = survey(set(), 1)
    wrong = [
        f"{name}: {said}"
        for name, outcomes in found.items()
        for said in outcomes
        if said and name not in UNTRUE and not re.search(HONEST, said)
    ]
    assert wrong == []
    assert len(found) > 250
    assert LARGEST < 1024


HONEST = "torch has no forward formula|keeps only samples|in_place addbmm"


@pytest.mark.parametrize("node", MORE)
def test_rows_that_no_sample_meets(node: str) -> None:
    code = BEFORE + MORE[node] + "\ny.backward(torch.linspace(0.5, 1.5, y.numel()).view_as(y))"
    events: list[e.AnyEvent] = []
    play(Program("test", (ProgramStep("one", code),)), engine, events.append)
    assert not [event for event in events if isinstance(event, e.Raised | e.Stopped)]
    tape = Tape(events, {"one": code})
    assert node in {each.name for each in tape.nodes.values()}
    said = Counter((*outcomes(tape), *structures(tape)))
    assert {(name, why) for name, why in said if why} == set()
    for at, event in enumerate(tape.events):
        if isinstance(event, e.NodeRan):
            assert card(tape, at + 1).sentence
