"""What nodes saved, under torch's names: `grad_fn._saved_self` and its kind."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from parity import values_differ

import gradtui.engine as engine

PROGRAMS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "mul": lambda t, x, y: x * y,
    "div": lambda t, x, y: x / y,
    "pow": lambda t, x, y: x**2,
    "pow of tensors": lambda t, x, y: x**y,
    "exp": lambda t, x, y: x.exp(),
    "log": lambda t, x, y: x.log(),
    "sin": lambda t, x, y: x.sin(),
    "tanh": lambda t, x, y: x.tanh(),
    "sigmoid": lambda t, x, y: x.sigmoid(),
    "relu": lambda t, x, y: x.relu(),
    "sqrt": lambda t, x, y: x.sqrt(),
    "reciprocal": lambda t, x, y: x.reciprocal(),
    "abs": lambda t, x, y: x.abs(),
    "mm": lambda t, x, y: x.mm(y.t()),
    "mv": lambda t, x, y: x.mv(y[0]),
    "dot": lambda t, x, y: x[0].dot(y[0]),
    "bmm": lambda t, x, y: x[None].bmm(y.t()[None]),
    "where": lambda t, x, y: t.where(x > y, x, y),
    "maximum": lambda t, x, y: t.maximum(x, y),
    "atan2": lambda t, x, y: t.atan2(x, y),
    "leaky_relu": lambda t, x, y: t.nn.functional.leaky_relu(x, 0.1),
    "softplus": lambda t, x, y: t.nn.functional.softplus(x),
    "gelu": lambda t, x, y: t.nn.functional.gelu(x),
    "silu": lambda t, x, y: t.nn.functional.silu(x),
    "masked_fill": lambda t, x, y: x.masked_fill(x > 0.5, 0.0),
    "sum": lambda t, x, y: x.sum(),
    "mean": lambda t, x, y: x.mean(),
    "softmax": lambda t, x, y: x.softmax(1),
    "log_softmax": lambda t, x, y: x.log_softmax(1),
    "select": lambda t, x, y: x[0],
    "slice": lambda t, x, y: x[:, 1:],
    "transpose": lambda t, x, y: x.transpose(0, 1),
    "clamp": lambda t, x, y: x.clamp(0.5, 1.0),
    "max dim": lambda t, x, y: x.max(1)[0],
    "max": lambda t, x, y: x.max(),
    "amax": lambda t, x, y: x.amax(1),
    "view": lambda t, x, y: x.view(6),
    "expand": lambda t, x, y: x[:, None].expand(2, 4, 3),
    "permute": lambda t, x, y: x.permute(1, 0),
    "var": lambda t, x, y: x.var(),
    "std": lambda t, x, y: x.std(1),
    "logsumexp": lambda t, x, y: x.logsumexp(1),
    "prod": lambda t, x, y: x.prod(),
    "mse": lambda t, x, y: t.nn.functional.mse_loss(x, y),
    "addmm": lambda t, x, y: t.addmm(x[:, :2], x, y.t()),
    "index_select": lambda t, x, y: x.index_select(0, t.tensor([1])),
    "squeeze": lambda t, x, y: x[None].squeeze(0),
    "cumprod": lambda t, x, y: x.cumprod(0),
    "tril": lambda t, x, y: x.tril(),
    "flip": lambda t, x, y: x.flip(0),
    "repeat": lambda t, x, y: x.repeat(2, 1),
    "elu": lambda t, x, y: t.nn.functional.elu(x),
    "stack": lambda t, x, y: t.stack([x, y]),
    "mean dim": lambda t, x, y: x.mean(1),
    "cat": lambda t, x, y: t.cat([x, y]),
    "cumsum": lambda t, x, y: x.cumsum(1),
    "cummax": lambda t, x, y: x.cummax(1)[0],
    "gather": lambda t, x, y: x.gather(1, t.tensor([[0], [1]])),
    "unsqueeze": lambda t, x, y: x.unsqueeze(0),
    "nll_loss": lambda t, x, y: t.nn.functional.nll_loss(x, t.tensor([0, 1])),
    "embedding": lambda t, x, y: t.nn.functional.embedding(t.tensor([0, 1]), x),
    "add": lambda t, x, y: x + y,
    "add alpha": lambda t, x, y: t.add(x, y, alpha=3),
    "sub": lambda t, x, y: x - y,
    "topk": lambda t, x, y: x.topk(2)[0],
    "index": lambda t, x, y: x[[0, 1]],
    "mask": lambda t, x, y: x[x > 1],
    "to": lambda t, x, y: x.double(),
    "conv": lambda t, x, y: t.nn.functional.conv1d(x[None], y[None, :, :2], stride=2),
    "index_add": lambda t, x, y: x.index_add(0, t.tensor([0, 1]), y),
    "as_strided": lambda t, x, y: x.as_strided((2, 2), (1, 2)),
    "interpolate": lambda t, x, y: t.nn.functional.interpolate(x[None], 5, mode="linear"),
    "scatter_reduce": lambda t, x, y: x.scatter_reduce(1, t.tensor([[0], [1]]), y, "mean"),
    "grid_sample": lambda t, x, y: t.nn.functional.grid_sample(
        x[None, None], t.zeros(1, 2, 2, 2), align_corners=False
    ),
    "embedding_bag": lambda t, x, y: t.nn.functional.embedding_bag(
        t.tensor([1, 0]), x, t.tensor([0, 1])
    ),
    "layer_norm": lambda t, x, y: t.nn.functional.layer_norm(x, (3,), y[0]),
    "batch_norm": lambda t, x, y: t.nn.functional.batch_norm(x, None, None, y[0], training=True),
    "evaluated batch_norm": lambda t, x, y: t.nn.functional.batch_norm(
        x, y[0].detach(), y[1].detach(), y[0]
    ),
    "sum of the last": lambda t, x, y: x.sum(-1),
    "last": lambda t, x, y: x.select(-1, -1),
    "permute from the end": lambda t, x, y: x.permute(-1, 0),
    "roll back": lambda t, x, y: x.roll(-1, 0),
    "gather along the last": lambda t, x, y: x.gather(-1, t.tensor([[0], [1]])),
    "norm along the last": lambda t, x, y: x.norm(dim=-1),
    "index_put": lambda t, x, y: x.index_put((t.tensor([0]),), y[:1]),
    "columns": lambda t, x, y: x[:, [0]],
    "index_copy": lambda t, x, y: x.index_copy(0, t.tensor([0]), y[:1]),
    "inv": lambda t, x, y: t.linalg.inv(x[:, :2]),
    "logsigmoid": lambda t, x, y: t.nn.functional.logsigmoid(x),
    "copy": lambda t, x, y: t.zeros(2, 3).copy_(x),
    "lerp": lambda t, x, y: t.lerp(x, y, 0.3),
    "bce": lambda t, x, y: t.nn.functional.binary_cross_entropy_with_logits(x, y),
}


def saved(node: Any) -> dict[str, Any]:
    """Everything a node shows of what it saved."""
    names = [n for n in dir(node) if n.startswith("_saved_")]
    return {name: getattr(node, name) for name in names}


def tensors(module: Any) -> tuple[Any, Any]:
    x = module.tensor([[0.5, 1.5, 0.25], [2.0, 0.75, 1.0]], requires_grad=True)
    y = module.tensor([[1.5, 0.5, 2.0], [0.25, 1.0, 3.0]], requires_grad=True)
    return x, y


@pytest.mark.parametrize("name", PROGRAMS)
def test_saved_tensors(name: str) -> None:
    got, want = (saved(PROGRAMS[name](m, *tensors(m)).grad_fn) for m in (engine, torch))
    shared = {n: v for n, v in got.items() if n in want}
    assert set(got) == set(want)
    assert not list(values_differ(shared, want, (2.4e-7, 0.0)))
