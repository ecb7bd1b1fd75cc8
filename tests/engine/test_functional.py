"""`torch.nn.functional` against torch: values, graphs, gradients, refusals."""

from collections.abc import Callable
from typing import Any

import pytest
from twins import agree

Case = Callable[[Any, Any, Any], Any]

POINTWISE: dict[str, Case] = {
    "relu": lambda t, F, x: F.relu(x),
    "relu6": lambda t, F, x: F.relu6(x * 5),
    "leaky_relu": lambda t, F, x: F.leaky_relu(x, 0.2),
    "elu": lambda t, F, x: F.elu(x, 0.7),
    "celu": lambda t, F, x: F.celu(x, 0.7),
    "selu": lambda t, F, x: F.selu(x),
    "gelu": lambda t, F, x: F.gelu(x),
    "gelu tanh": lambda t, F, x: F.gelu(x, approximate="tanh"),
    "silu": lambda t, F, x: F.silu(x),
    "mish": lambda t, F, x: F.mish(x),
    "softplus": lambda t, F, x: F.softplus(x, 2.0, 1.0),
    "hardtanh": lambda t, F, x: F.hardtanh(x, -0.5, 0.7),
    "hardsigmoid": lambda t, F, x: F.hardsigmoid(x * 4),
    "hardswish": lambda t, F, x: F.hardswish(x * 4),
    "sigmoid": lambda t, F, x: F.sigmoid(x),
    "tanh": lambda t, F, x: F.tanh(x),
    "logsigmoid": lambda t, F, x: F.logsigmoid(x),
    "softsign": lambda t, F, x: F.softsign(x),
    "tanhshrink": lambda t, F, x: F.tanhshrink(x),
    "threshold": lambda t, F, x: F.threshold(x, 0.1, 20),
    "hardshrink": lambda t, F, x: F.hardshrink(x, 0.3),
    "softshrink": lambda t, F, x: F.softshrink(x, 0.3),
    "prelu": lambda t, F, x: F.prelu(x, t.tensor([0.25, 0.1, 0.3, 0.4], requires_grad=True)),
    "prelu one": lambda t, F, x: F.prelu(x, t.tensor([0.25])),
    "glu": lambda t, F, x: F.glu(x, 1),
    "softmax": lambda t, F, x: F.softmax(x, 1),
    "softmin": lambda t, F, x: F.softmin(x, 0),
    "log_softmax": lambda t, F, x: F.log_softmax(x, dim=-1),
    "softmax implicit": lambda t, F, x: F.softmax(x),
    "relu inplace": lambda t, F, x: F.relu(x * 1, inplace=True),
    "leaky inplace": lambda t, F, x: F.leaky_relu(x * 1, 0.2, inplace=True),
    "elu_": lambda t, F, x: F.elu_(x * 1),
    "normalize": lambda t, F, x: F.normalize(x, dim=1),
    "normalize 1": lambda t, F, x: F.normalize(x, p=1.0, dim=0),
    "layer_norm": lambda t, F, x: F.layer_norm(x, (4,)),
    "layer_norm affine": lambda t, F, x: F.layer_norm(
        x, (4,), t.tensor([1.0, 2.0, 0.5, -1.0], requires_grad=True), t.ones(4, requires_grad=True)
    ),
    "layer_norm 2": lambda t, F, x: F.layer_norm(x, (3, 4), eps=1e-3),
    "group_norm": lambda t, F, x: F.group_norm(
        x.reshape(3, 4, 1) * t.tensor([1.0, -2.0, 3.0]), 2, t.ones(4)
    ),
    "batch_norm": lambda t, F, x: F.batch_norm(
        x, t.zeros(4), t.ones(4), t.full((4,), 2.0, requires_grad=True), training=True
    ),
    "batch_norm eval": lambda t, F, x: F.batch_norm(x, t.zeros(4) + 0.3, t.ones(4) * 2),
    "pad": lambda t, F, x: F.pad(x, (1, 2, 0, 1), value=0.5),
    "pad less": lambda t, F, x: F.pad(x, (-1, 2)),
    "pad reflect": lambda t, F, x: F.pad(x, (1, 2), mode="reflect"),
    "pad replicate": lambda t, F, x: F.pad(x, (1, 2), mode="replicate"),
    "linear": lambda t, F, x: F.linear(
        x, t.ones(2, 4, requires_grad=True) * 0.5, t.ones(2, requires_grad=True)
    ),
    "dropout eval": lambda t, F, x: F.dropout(x, 0.5, training=False),
    "dropout all": lambda t, F, x: F.dropout(x, 1.0),
    "cosine": lambda t, F, x: F.cosine_similarity(x, x.detach() * 2 + 1),
    "distance": lambda t, F, x: F.pairwise_distance(x, x.detach() * 2 + 1),
    "mse": lambda t, F, x: F.mse_loss(x, x.detach() * 0.3 + 1),
    "mse sum": lambda t, F, x: F.mse_loss(x, x.detach() * 0.3, reduction="sum"),
    "mse none": lambda t, F, x: F.mse_loss(x, t.ones(3, 4, requires_grad=True), reduction="none"),
    "mse broadcast": lambda t, F, x: F.mse_loss(x, t.ones(4)),
    "mse weight": lambda t, F, x: F.mse_loss(x, t.ones(3, 4), weight=t.ones(3, 4) * 0.3),
    "l1": lambda t, F, x: F.l1_loss(x, x.detach() * 0.3 + 1),
    "l1 sum": lambda t, F, x: F.l1_loss(x, x.detach() * 0.3 + 1, reduction="sum"),
    "smooth_l1": lambda t, F, x: F.smooth_l1_loss(x, x.detach() * 0.3 + 1, beta=0.8),
    "smooth_l1 none": lambda t, F, x: F.smooth_l1_loss(x, t.zeros(3, 4), reduction="none"),
    "smooth_l1 0": lambda t, F, x: F.smooth_l1_loss(x, t.zeros(3, 4), beta=0.0),
    "huber": lambda t, F, x: F.huber_loss(x, x.detach() * 0.3 + 1, delta=0.7),
    "huber sum": lambda t, F, x: F.huber_loss(x, t.zeros(3, 4), reduction="sum"),
    "nll": lambda t, F, x: F.nll_loss(x, t.tensor([1, 0, 3])),
    "nll none": lambda t, F, x: F.nll_loss(x, t.tensor([1, 0, 3]), reduction="none"),
    "nll weight": lambda t, F, x: F.nll_loss(
        x, t.tensor([1, 0, 3]), weight=t.tensor([0.1, 0.5, 1.0, 2.0])
    ),
    "nll ignore": lambda t, F, x: F.nll_loss(x, t.tensor([1, -100, 3])),
    "nll ignore all": lambda t, F, x: F.nll_loss(x, t.tensor([1, 1, 1]), ignore_index=1),
    "nll sum": lambda t, F, x: F.nll_loss(x, t.tensor([1, 0, 3]), reduction="sum"),
    "nll 1d": lambda t, F, x: F.nll_loss(x[0], t.tensor(2)),
    "nll 3d": lambda t, F, x: F.nll_loss(x.reshape(1, 3, 4), t.tensor([[1, 0, 2, 2]])),
    "nll 3d none": lambda t, F, x: F.nll_loss(
        x.reshape(1, 3, 4), t.tensor([[1, 0, 2, 2]]), reduction="none"
    ),
    "nll 4d": lambda t, F, x: F.nll_loss(x.reshape(1, 3, 2, 2), t.tensor([[[1, 0], [2, 2]]])),
    "cross": lambda t, F, x: F.cross_entropy(x, t.tensor([1, 0, 3])),
    "cross sum": lambda t, F, x: F.cross_entropy(x, t.tensor([1, 0, 3]), reduction="sum"),
    "cross none": lambda t, F, x: F.cross_entropy(x, t.tensor([1, 0, 3]), reduction="none"),
    "cross smooth": lambda t, F, x: F.cross_entropy(x, t.tensor([1, 0, 3]), label_smoothing=0.1),
    "cross smooth weight": lambda t, F, x: F.cross_entropy(
        x, t.tensor([1, -100, 3]), weight=t.tensor([0.1, 0.5, 1.0, 2.0]), label_smoothing=0.1
    ),
    "cross soft": lambda t, F, x: F.cross_entropy(x, t.full((3, 4), 0.25)),
    "cross soft smooth": lambda t, F, x: F.cross_entropy(
        x, t.full((3, 4), 0.25), weight=t.tensor([0.1, 0.5, 1.0, 2.0]), label_smoothing=0.2
    ),
    "cross soft none": lambda t, F, x: F.cross_entropy(x, t.full((3, 4), 0.25), reduction="none"),
    "cross 1d": lambda t, F, x: F.cross_entropy(x[1], t.tensor(2)),
    "bce": lambda t, F, x: F.binary_cross_entropy(x.sigmoid(), t.ones(3, 4) * 0.3),
    "bce target": lambda t, F, x: F.binary_cross_entropy(
        t.full((3, 4), 0.4), x.sigmoid(), weight=t.ones(4) * 2, reduction="sum"
    ),
    "bce none": lambda t, F, x: F.binary_cross_entropy(x.sigmoid(), t.ones(3, 4), reduction="none"),
    "bce edge": lambda t, F, x: F.binary_cross_entropy((x > 0).float() + 0 * x, t.ones(3, 4)),
    "logits": lambda t, F, x: F.binary_cross_entropy_with_logits(x, t.ones(3, 4) * 0.3),
    "logits weights": lambda t, F, x: F.binary_cross_entropy_with_logits(
        x, t.ones(3, 4) * 0.3, weight=t.ones(4) * 0.7, pos_weight=t.tensor([1.0, 2.0, 3.0, 4.0])
    ),
    "logits sum": lambda t, F, x: F.binary_cross_entropy_with_logits(
        x, t.zeros(3, 4), reduction="sum"
    ),
    "kl": lambda t, F, x: F.kl_div(x.log_softmax(1), t.full((3, 4), 0.25), reduction="batchmean"),
    "kl mean": lambda t, F, x: F.kl_div(x.log_softmax(1), t.full((3, 4), 0.25)),
    "kl log": lambda t, F, x: F.kl_div(x, x.detach() - 1, reduction="sum", log_target=True),
    "poisson": lambda t, F, x: F.poisson_nll_loss(x, t.full((3, 4), 3.0), full=True),
    "gaussian": lambda t, F, x: F.gaussian_nll_loss(
        x, t.zeros(3, 4), t.full((3, 4), 2.0), full=True
    ),
    "soft margin": lambda t, F, x: F.soft_margin_loss(x, t.ones(3, 4)),
    "ranking": lambda t, F, x: F.margin_ranking_loss(x, x.detach() + 0.5, t.ones(3, 4), 0.3),
    "hinge": lambda t, F, x: F.hinge_embedding_loss(x, (x.detach() > 0).float() * 2 - 1),
    "cosine embedding": lambda t, F, x: F.cosine_embedding_loss(
        x, x.detach() * 0.5 + 1, t.tensor([1, -1, 1]), 0.2
    ),
    "triplet": lambda t, F, x: F.triplet_margin_loss(x, x.detach() + 1, x.detach() * -1, swap=True),
    "embedding": lambda t, F, x: F.embedding(t.tensor([[0, 2], [1, 2]]), x, padding_idx=1),
}


def functional(torch: Any) -> Any:
    if torch.__name__ == "torch":
        import torch.nn.functional as F
    else:
        import gradtui.engine.nn.functional as F
    return F


def graph(node: Any) -> Any:
    """Names of the graph behind a node, depth first."""
    if node is None:
        return None
    return type(node).__name__, [graph(n) for n, _ in node.next_functions]


@pytest.mark.parametrize("name", POINTWISE)
def test_values_graphs_and_gradients(name: str) -> None:
    def program(torch: Any) -> Any:
        x = torch.randn(3, 4, requires_grad=True)
        y = POINTWISE[name](torch, functional(torch), x)
        print(tuple(y.shape), y.dtype, graph(y.grad_fn))
        v = torch.linspace(0.5, 1.5, y.numel()).reshape(y.shape)
        (grad,) = torch.autograd.grad(y, x, v, retain_graph=True)
        return [y, grad]

    agree(program, rtol=1.3e-6, atol=1e-6)


ONCE = ("bce edge", "hardsigmoid")
"""Where torch has no second derivative, or one at a kink."""


@pytest.mark.parametrize("name", [n for n in POINTWISE if n not in ONCE])
def test_second_gradients(name: str) -> None:
    def program(torch: Any) -> Any:
        x = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)
        torch.set_default_dtype(torch.float64)
        try:
            y = POINTWISE[name](torch, functional(torch), x)
            v = torch.linspace(0.5, 1.5, y.numel(), requires_grad=True).reshape(y.shape)
            (grad,) = torch.autograd.grad(y, x, v, create_graph=True)
            if not grad.requires_grad:
                return [grad]
            w = torch.linspace(-1.0, 1.0, 12).reshape(3, 4)
            options = {"allow_unused": True, "materialize_grads": True}
            return [grad, torch.autograd.grad(grad, x, w, **options)]
        finally:
            torch.set_default_dtype(torch.float32)

    agree(program, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("size", [1, 5, 17, 300, 5000])
@pytest.mark.parametrize("kind", ["mse", "smooth_l1", "huber", "l1"])
def test_arithmetic_losses_to_the_last_bit(kind: str, size: int) -> None:
    def program(torch: Any) -> Any:
        x, y = torch.randn(size, requires_grad=True), torch.randn(size)
        loss = getattr(functional(torch), kind + "_loss")
        found = [loss(x, y, reduction=r) for r in ("mean", "sum", "none")]
        return found + [torch.autograd.grad(f.sum() * 0.7, x)[0] for f in found]

    agree(program)


@pytest.mark.parametrize("rows", [1, 15, 16, 17, 18, 33, 257, 300, 1000, 5000])
@pytest.mark.parametrize("weighted", [False, True])
def test_nll_sums_in_torchs_order(rows: int, weighted: bool) -> None:
    def program(torch: Any) -> Any:
        x = torch.randn(rows, 6, requires_grad=True)
        target = torch.randint(0, 6, (rows,))
        weight = torch.rand(6) if weighted else None
        F = functional(torch)
        found = [F.nll_loss(x, target, weight, reduction=r) for r in ("mean", "sum", "none")]
        return found + [torch.autograd.grad(f.sum() * 0.7, x)[0] for f in found]

    agree(program)


def test_dropout_draws_are_torchs() -> None:
    def program(torch: Any) -> Any:
        F = functional(torch)
        small, large = torch.ones(7, requires_grad=True), torch.ones(40, 50)
        a, b = F.dropout(small, 0.3), F.dropout(large)
        print(a, graph(a.grad_fn))
        c = F.dropout2d(torch.ones(3, 4, 2, 2), 0.4)
        d = F.alpha_dropout(torch.randn(5, 6), 0.2, training=True)
        return [a, b, c, d, F.dropout(large * 2, 0.1, inplace=True), torch.rand(3)]

    agree(program, rtol=1e-6)


def test_one_hot() -> None:
    def program(torch: Any) -> Any:
        F = functional(torch)
        print(F.one_hot(torch.arange(0, 5) % 3), F.one_hot(torch.tensor([[0, 2]]), num_classes=5))

    agree(program)


REFUSED: dict[str, Case] = {
    "bce range": lambda t, F, x: F.binary_cross_entropy(x + 5, t.ones(3, 4)),
    "bce size": lambda t, F, x: F.binary_cross_entropy(x.sigmoid(), t.ones(4)),
    "logits size": lambda t, F, x: F.binary_cross_entropy_with_logits(x, t.ones(4)),
    "reduction": lambda t, F, x: F.mse_loss(x, x, reduction="avg"),
    "class": lambda t, F, x: F.cross_entropy(x, t.tensor([1, 0, 4])),
    "class type": lambda t, F, x: F.cross_entropy(x, t.tensor([1.0, 0.0, 2.0])),
    "batch": lambda t, F, x: F.cross_entropy(x, t.tensor([1, 0])),
    "multi": lambda t, F, x: F.nll_loss(x, t.tensor([[1], [0], [1]])),
    "weight": lambda t, F, x: F.nll_loss(x, t.tensor([1, 0, 1]), t.ones(3)),
    "soft int": lambda t, F, x: F.cross_entropy(x, t.ones(3, 4).long()),
    "smoothing": lambda t, F, x: F.cross_entropy(x, t.tensor([1, 0, 1]), label_smoothing=1.5),
    "dropout": lambda t, F, x: F.dropout(x, 1.5),
    "layer norm": lambda t, F, x: F.layer_norm(x, (3,)),
    "layer norm weight": lambda t, F, x: F.layer_norm(x, (4,), t.ones(3)),
    "batch norm": lambda t, F, x: F.batch_norm(x[:1], None, None, training=True),
    "glu": lambda t, F, x: F.glu(x, 0),
    "one hot": lambda t, F, x: F.one_hot(x),
    "one hot small": lambda t, F, x: F.one_hot(t.tensor([3]), 2),
    "embedding": lambda t, F, x: F.embedding(t.tensor([3]), x),
    "linear": lambda t, F, x: F.linear(x, t.ones(2, 3)),
    "mse shape": lambda t, F, x: F.mse_loss(x, t.ones(3)),
    "hardtanh": lambda t, F, x: F.hardtanh(x, 1.0, -1.0),
    "gelu": lambda t, F, x: F.gelu(x, approximate="yes"),
    "pad": lambda t, F, x: F.pad(x, (1,)),
    "unknown": lambda t, F, x: F.no_such_function(x),
    "huber": lambda t, F, x: F.huber_loss(x, x, delta=0.0),
    "smooth": lambda t, F, x: F.smooth_l1_loss(x, x, beta=-1.0),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_are_torchs(name: str) -> None:
    agree(lambda t: REFUSED[name](t, functional(t), t.randn(3, 4, requires_grad=True)))
