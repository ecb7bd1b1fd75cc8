"""The table of rules against real torch: every structure and every entrywise derivative.

A row is a function of tensors; its node's Jacobians are read from torch and compared with what the
table says of that node.
"""

import math
import re
from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from gradtui.tape import events as e
from gradtui.tape.factors import seen, structure
from gradtui.tape.rules import RULES, rule

Make = Callable[..., torch.Tensor]
A, B = [0.3, 1.2, 2.5], [1.5, -0.7, 0.4]
M, N = [[0.5, 1.5, -0.3], [2.0, -1.0, 0.8]], [[1.0, 0.2], [0.4, -0.6], [0.3, 0.9]]

ENTRYWISE: dict[str, tuple[Make, list[object]]] = {
    "AddBackward0": (lambda a, b: a + b, [A, B]),
    "SubBackward0": (lambda a, b: a - b, [A, B]),
    "RsubBackward1": (lambda a: 1 - a, [A]),
    "MulBackward0": (lambda a, b: a * b, [A, B]),
    "DivBackward0": (lambda a, b: a / b, [A, B]),
    "NegBackward0": (lambda a: -a, [A]),
    "PowBackward0": (lambda a: a**3, [A]),
    "PowBackward1": (lambda a, b: a**b, [A, B]),
    "PowBackward2": (lambda b: 3**b, [B]),
    "ReciprocalBackward0": (lambda a: a.reciprocal(), [A]),
    "AbsBackward0": (lambda a: a.abs(), [B]),
    "SgnBackward0": (lambda a: a.sgn(), [B]),
    "SignBackward0": (lambda a: a.sign(), [B]),
    "FloorBackward0": (lambda a: a.floor(), [B]),
    "RoundBackward0": (lambda a: a.round(), [B]),
    "ExpBackward0": (lambda a: a.exp(), [A]),
    "LogBackward0": (lambda a: a.log(), [A]),
    "Log1PBackward0": (lambda a: a.log1p(), [A]),
    "Log2Backward0": (lambda a: a.log2(), [A]),
    "Expm1Backward0": (lambda a: a.expm1(), [A]),
    "SqrtBackward0": (lambda a: a.sqrt(), [A]),
    "RsqrtBackward0": (lambda a: a.rsqrt(), [A]),
    "SinBackward0": (lambda a: a.sin(), [A]),
    "CosBackward0": (lambda a: a.cos(), [A]),
    "TanBackward0": (lambda a: a.tan(), [A]),
    "AtanBackward0": (lambda a: a.atan(), [A]),
    "SinhBackward0": (lambda a: a.sinh(), [A]),
    "CoshBackward0": (lambda a: a.cosh(), [A]),
    "TanhBackward0": (lambda a: a.tanh(), [A]),
    "SigmoidBackward0": (lambda a: a.sigmoid(), [B]),
    "ReluBackward0": (lambda a: a.relu(), [B]),
    "SiluBackward0": (F.silu, [B]),
    "SoftplusBackward0": (F.softplus, [B]),
    "LogSigmoidBackward0": (F.logsigmoid, [B]),
    "ErfBackward0": (lambda a: a.erf(), [B]),
    "GeluBackward0": (F.gelu, [B]),
    "MaximumBackward0": (torch.maximum, [A, B]),
    "MinimumBackward0": (torch.minimum, [A, B]),
    "CloneBackward0": (lambda a: a.clone(), [A]),
    "ToCopyBackward0": (lambda a: a.float(), [A]),
}

WHOLE: dict[str, tuple[Make, list[object]]] = {
    "LeakyReluBackward0": (F.leaky_relu, [B]),
    "EluBackward0": (F.elu, [B]),
    "HardtanhBackward0": (F.hardtanh, [B]),
    "ClampBackward1": (lambda a: a.clamp(0.0, 2.0), [A]),
    "ClampMinBackward0": (lambda a: a.clamp_min(0.0), [B]),
    "ClampMaxBackward0": (lambda a: a.clamp_max(1.0), [B]),
    "MaskedFillBackward0": (lambda a: a.masked_fill(torch.tensor([True, False, True]), 0), [A]),
    "WhereBackward0": (lambda a, b: torch.where(torch.tensor([True, False, True]), a, b), [A, B]),
    "SumBackward0": (lambda a: a.sum(), [M]),
    "SumBackward1": (lambda a: a.sum(1), [M]),
    "MeanBackward0": (lambda a: a.mean(), [M]),
    "MeanBackward1": (lambda a: a.mean(0), [M]),
    "ProdBackward0": (lambda a: a.prod(), [A]),
    "MaxBackward0": (lambda a: a.max(0).values, [A]),
    "MinBackward0": (lambda a: a.min(0).values, [A]),
    "MaxBackward1": (lambda a: a.max(), [A]),
    "MinBackward1": (lambda a: a.min(), [A]),
    "AmaxBackward0": (lambda a: a.amax(0), [A]),
    "AminBackward0": (lambda a: a.amin(0), [A]),
    "VarBackward0": (lambda a: a.var(), [A]),
    "StdBackward0": (lambda a: a.std(), [A]),
    "LinalgVectorNormBackward0": (lambda a: a.norm(), [A]),
    "LogsumexpBackward0": (lambda a: a.logsumexp(0), [A]),
    "CumsumBackward0": (lambda a: a.cumsum(0), [A]),
    "CumprodBackward0": (lambda a: a.cumprod(0), [A]),
    "MmBackward0": (lambda a, b: a @ b, [M, N]),
    "BmmBackward0": (lambda a, b: torch.bmm(a, b), [[M], [N]]),
    "MvBackward0": (lambda a, b: a @ b, [M, A]),
    "DotBackward0": (torch.dot, [A, B]),
    "AddmmBackward0": (torch.addmm, [[0.5, 1.0], M, N]),
    "AddmvBackward0": (torch.addmv, [[0.5, 1.0], M, A]),
    "ViewBackward0": (lambda a: a.view(3, 2), [M]),
    "SqueezeBackward0": (lambda a: a.squeeze(), [[A]]),
    "UnsqueezeBackward0": (lambda a: a.unsqueeze(0), [A]),
    "TBackward0": (lambda a: a.t(), [M]),
    "TransposeBackward0": (lambda a: a.transpose(0, 1), [M]),
    "PermuteBackward0": (lambda a: a.permute(1, 0), [M]),
    "FlipBackward0": (lambda a: a.flip(0), [A]),
    "RollBackward0": (lambda a: a.roll(1), [A]),
    "ExpandBackward0": (lambda a: a.expand(2, 3), [A]),
    "RepeatBackward0": (lambda a: a.repeat(2), [A]),
    "SelectBackward0": (lambda a: a[1], [M]),
    "SliceBackward0": (lambda a: a[1:], [A]),
    "IndexBackward0": (lambda a: a[torch.tensor([2, 0])], [A]),
    "IndexSelectBackward0": (lambda a: a.index_select(0, torch.tensor([2, 0])), [A]),
    "GatherBackward0": (lambda a: a.gather(0, torch.tensor([2, 0])), [A]),
    "MaskedSelectBackward0": (lambda a: a.masked_select(a > 1), [A]),
    "DiagonalBackward0": (lambda a: a.diagonal(), [M]),
    "TrilBackward0": (lambda a: a.tril(), [M]),
    "TriuBackward0": (lambda a: a.triu(), [M]),
    "CatBackward0": (lambda a, b: torch.cat([a, b]), [A, B]),
    "StackBackward0": (lambda a, b: torch.stack([a, b]), [A, B]),
    "SplitBackward0": (lambda a: a.split(2)[0], [A]),
    "UnbindBackward0": (lambda a: a.unbind()[0], [M]),
    "SoftmaxBackward0": (lambda a: a.softmax(0), [A]),
    "LogSoftmaxBackward0": (lambda a: a.log_softmax(0), [A]),
    "NllLossBackward0": (lambda a: F.nll_loss(a, torch.tensor([2, 0])), [M]),
    "MseLossBackward0": (F.mse_loss, [A, B]),
    "BinaryCrossEntropyBackward0": (
        lambda a: F.binary_cross_entropy(a, torch.tensor([0.0, 1.0, 1.0], dtype=torch.float64)),
        [[0.2, 0.5, 0.7]],
    ),
    "BinaryCrossEntropyWithLogitsBackward0": (
        lambda a: F.binary_cross_entropy_with_logits(
            a, torch.tensor([0.0, 1.0, 1.0], dtype=torch.float64)
        ),
        [A],
    ),
}

FITS = {
    "identity": {"identity"},
    "diagonal": {"identity", "diagonal"},
    "permutation": {"identity", "permutation"},
    "selection": {"identity", "selection", "permutation", "diagonal", "reduction"},
    "reduction": {"reduction", "selection"},
    "copies": {"broadcast-sum"},
    "broadcast-sum": {"broadcast-sum"},
    "dense": {"dense", "reduction", "broadcast-sum", "identity", "diagonal"},
}


def jacobians(make: Make, inputs: list[object]) -> tuple[str, torch.Tensor, list[np.ndarray]]:
    """The node a function makes, its output, and its Jacobians by input, from torch itself."""
    given = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in inputs]
    output = make(*given)
    rows = []
    for i in range(output.numel()):
        one = torch.zeros(output.numel(), dtype=output.dtype)
        one[i] = 1
        grads = torch.autograd.grad(output, given, one.reshape(output.shape), retain_graph=True)
        rows.append([grad.reshape(-1).numpy(force=True) for grad in grads])
    assert output.grad_fn is not None
    return output.grad_fn.name(), output, [np.stack(column) for column in zip(*rows, strict=True)]


def value_of(template: str, table: dict[str, float]) -> float:
    """The number a template of the table stands for."""
    text = re.sub(r"\{(\w)\}", lambda found: f"({table[found[1]]!r})", template)
    text = re.sub(r"^\[(.*)\]$", r"float(\1)", text)
    for sign, python in (("·", "*"), ("²", "**2"), ("^", "**")):
        text = text.replace(sign, python)
    scope = {
        name: getattr(math, name) for name in ("exp", "cos", "sin", "cosh", "sinh", "sqrt", "pi")
    }
    scope |= {
        "ln": math.log,
        "sign": np.sign,
        "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
        "Φ": lambda x: (1 + math.erf(x / math.sqrt(2))) / 2,
        "φ": lambda x: math.exp(-x * x / 2) / math.sqrt(2 * math.pi),
    }
    return float(eval(text, scope))


@pytest.mark.parametrize("name", ENTRYWISE)
def test_entrywise_derivatives(name: str) -> None:
    make, inputs = ENTRYWISE[name]
    node, output, found = jacobians(make, inputs)
    assert node == name
    result = output.detach().reshape(-1).numpy()
    for edge, jacobian in enumerate(found):
        told = rule(name).derivatives[edge]
        for i in range(len(result)):
            table = {"y": float(result[i]), "n": 3.0, "a": inputs[0][i], "b": inputs[-1][i]}
            assert value_of(told, table) == pytest.approx(jacobian[i, i], rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("name", ENTRYWISE | WHOLE)
def test_structures(name: str) -> None:
    make, inputs = (ENTRYWISE | WHOLE)[name]
    node, _, found = jacobians(make, inputs)
    assert node == name
    for edge, jacobian in enumerate(found):
        told = structure(rule(name), edge, e.Edge(0), jacobian.shape)
        assert seen(jacobian) in FITS[told], (told, jacobian)


def test_an_operand_stretched_by_broadcasting() -> None:
    _, _, (matrix, row) = jacobians(lambda a, b: a * b, [M, A])
    known = rule("MulBackward0")
    assert structure(known, 0, e.Edge(0), matrix.shape) == seen(matrix) == "diagonal"
    assert structure(known, 1, e.Edge(0), row.shape) == seen(row) == "broadcast-sum"


def test_matrix_products() -> None:
    a, b = (torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (M, N))
    v = torch.tensor([[1.0, -2.0], [0.5, 3.0]], dtype=torch.float64)
    left, right = torch.autograd.grad(a @ b, (a, b), v)
    assert rule("MmBackward0").products == ("v @ {b}ᵀ", "{a}ᵀ @ v")
    assert torch.allclose(left, v @ b.T)
    assert torch.allclose(right, a.T @ v)


def test_every_row_says_something() -> None:
    for name, row in RULES.items():
        assert row.sentence.endswith("."), name
        assert row.formula, name


def test_names_as_torch_writes_them() -> None:
    assert rule("torch::autograd::AccumulateGrad") is RULES["AccumulateGrad"]
    assert rule("MeanBackward1") is RULES["Mean"]
    assert rule("PowBackward1") is RULES["PowBackward1"]
    assert rule("MyFunctionBackward").structure == "unknown"


def test_a_node_that_nobody_has_words_for_is_told_by_its_row(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, form in (("Sin", "diagonal"), ("Mm", "dense")):
        with monkeypatch.context() as changed:
            changed.delitem(dict_of_rules(), name)
            told = rule(f"{name}Backward0")
        assert told.structure == form
        assert told.formula == ("sin({a})" if name == "Sin" else "mm({a}, {b})")
        assert told.sentence.endswith(".")


def dict_of_rules() -> dict[str, object]:
    assert isinstance(RULES, dict)
    return RULES
