"""Rows of activations with a gate: half of the input (GLU), or a learned slope (PReLU)."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine.errors import wrap_dim
from gradtui.engine.kernels import unary as U
from gradtui.engine.lift import FUNCTIONS, is_tensor, lifted, where
from gradtui.engine.table import jvps
from gradtui.engine.table.functional import nn_row

sigmoid = lifted("sigmoid", U.sigmoid)

nn_row(
    "_prelu_kernel(Tensor self, Tensor weight)",
    "PreluKernelBackward0",
    lambda x, weight: np.where(x > 0, x, weight * x),
    jvp="auto_element_wise",
    self=lambda grad, self, weight: where(self > 0, grad, weight * grad),
    weight=lambda grad, self: where(self > 0, 0, self * grad),
)


def _halves(x: Any, dim: int) -> tuple[Any, Any]:
    dim = wrap_dim(dim, len(x.shape))
    size = x.shape[dim]
    if size % 2:
        raise RuntimeError(f"Halving dimension must be even, but dimension {dim} is size {size}")
    if is_tensor(x):
        narrow = FUNCTIONS["narrow"]
        return narrow(x, dim, 0, size // 2), narrow(x, dim, size // 2, size // 2)
    first, second = np.split(x, 2, axis=dim)
    return first, second


def _glu(x: Any, dim: int) -> Any:
    first, second = _halves(x, dim)
    return first * U.sigmoid(second)


def _glu_slope(grad: Any, x: Any, dim: int) -> Any:
    first, second = _halves(x, dim)
    gate = sigmoid(second)
    parts = [gate * grad, (1 - gate) * gate * first * grad]
    return FUNCTIONS["cat"](parts, dim) if is_tensor(grad) else np.concatenate(parts, dim)


def _glu_jvp(x: Any, tangent: Any, result: Any, dim: int) -> Any:
    return jvps.glu(result, *_halves(tangent, dim)[:1], *(_halves(p, dim)[1] for p in (x, tangent)))


nn_row(
    "glu(Tensor self, int64_t dim=-1)",
    "GluBackward0",
    _glu,
    jvp=lambda self_p, self_t, result, dim: _glu_jvp(self_p, self_t, result, dim),
    self=lambda grad, self, dim: _glu_slope(grad, self, dim),
)
