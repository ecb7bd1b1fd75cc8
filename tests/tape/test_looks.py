"""What `gradtui show` tells with --jvp and --torch: forward mode, and torch's rows of Jacobians."""

from pathlib import Path

import pytest

from gradtui.course.problems import Unknown
from gradtui.show import show

OWN = """import torch
class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x ** 3
    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return 3 * x ** 2 * grad
    @staticmethod
    def jvp(ctx, u):
        (x,) = ctx.saved_tensors
        return 3 * x ** 2 * u
w = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = Cube.apply(w * 2)
z = y.sum()
z.backward()
"""


@pytest.fixture
def script(tmp_path: Path) -> str:
    path = tmp_path / "own.py"
    path.write_text(OWN)
    return str(path)


def test_forward_mode_line_by_line(script: str) -> None:
    told = [line.strip() for line in show(script, tangent="w: 1 0 2", width=100)]
    at = told.index("JVP CubeBackward: forward through y = Cube.apply(w * 2)")
    assert told[at + 1 : at + 4] == [
        "u: [2, 0, 4]  at w * 2",
        "J·u: [24, 0, 432]  at y",
        "⟨v, J·u⟩ = 456  =  ⟨vᵀJ, u⟩ = 456",
    ]
    assert "⟨v, J·u⟩ = 456  =  ⟨vᵀJ, u⟩ = 456" in told[at + 4 :]


def test_a_tangent_that_cannot_be_is_refused(script: str) -> None:
    with pytest.raises(Unknown, match="No tensor is called 'q' here"):
        list(show(script, tangent="q: 1"))


def test_torch_says_how_many_rows_are_the_same(script: str) -> None:
    told = [line.strip() for line in show(script, torch=True, width=100)]
    assert told.count("torch: 1 of 1 rows of J the same") == 1
    assert told.count("torch: 3 of 3 rows of J the same") == 2
    at = told.index("J  3×3, by the lesson's own backward():")
    assert told[at + 1 : at + 4] == ["[ 12   ·    · ]", "[  ·  48    · ]", "[  ·   ·  108 ]"]


def test_a_function_without_jvp_says_so(tmp_path: Path) -> None:
    path = tmp_path / "none.py"
    path.write_text(OWN.replace("def jvp(", "def other("))
    told = "\n".join(show(str(path), tangent="ones", width=200))
    assert "it has no jvp() that runs, so only v·J is known" in told
