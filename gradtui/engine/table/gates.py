"""Rows of activations with a gate: half of the input (GLU), or a learned slope (PReLU)."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine.errors import wrap_dim
from gradtui.engine.kernels import unary as U
from gradtui.engine.lift import FUNCTIONS, is_tensor, lifted, masked_fill, where, zeros_like
from gradtui.engine.table import jvps
from gradtui.engine.table.functional import backward_of, nn_row
from gradtui.engine.zero import skipping

sigmoid = lifted("sigmoid", U.sigmoid)

def _prelu_slopes(grad: Any, x: Any, weight: Any) -> tuple[Any, Any]:
    return np.where(x > 0, grad, weight * grad), np.where(x > 0, x.dtype.type(0), x * grad)


def _prelu_along(grads: Any, self: Any, weight: Any) -> Any:
    """What both slopes send back to the cotangent they share."""
    first, second = grads
    if first is None:
        return where(self >= 0, 0, second * self)
    turned = first * weight
    return where(self >= 0, first, turned if second is None else turned + second * self)


def _prelu_part(grad: Any, like: Any, grad_output: Any, self: Any) -> Any:
    return zeros_like(like) if grad is None else where(self >= 0, 0, grad_output * grad)


nn_row(
    "_prelu_kernel_backward(Tensor grad_output, Tensor self, Tensor weight)",
    "PreluKernelBackwardBackward0",
    _prelu_slopes,
    several=True,
    jvp=lambda grad_output_t, self_t, weight_t, grad_output, self, weight: _prelu_slopes_jvp(
        grad_output_t, self_t, weight_t, grad_output, self, weight
    ),
    grad_output=lambda grads, self, weight: _prelu_along(grads, self, weight),
    self=lambda grads, grad_output, self: _prelu_part(grads[1], self, grad_output, self),
    weight=lambda grads, grad_output, self: _prelu_part(grads[0], self, grad_output, self),
)


def _prelu_slopes_jvp(
    grad_t: Any, self_t: Any, weight_t: Any, grad: Any, self: Any, weight: Any
) -> tuple[Any, Any]:
    right, left = self >= 0, self < 0
    on_left = skipping(lambda x: masked_fill(x, right, 0))
    by_input = skipping(lambda x: masked_fill(x, left, 0))(grad_t) + on_left(
        grad_t * weight + grad * weight_t
    )
    return by_input, on_left(self * grad_t + self_t * grad)


def prelu_backward(number: int, grad: Any, self: Any, weight: Any) -> Any:
    """The slope by the input (0) or by the weight (1)."""
    if is_tensor(grad):
        return FUNCTIONS["_prelu_kernel_backward"](grad, self, weight)[number]
    return _prelu_slopes(grad, self, weight)[number]


nn_row(
    "_prelu_kernel(Tensor self, Tensor weight)",
    "PreluKernelBackward0",
    lambda x, weight: np.where(x > 0, x, weight * x),
    jvp="auto_element_wise",
    self=lambda grad, self, weight: prelu_backward(0, grad, self, weight),
    weight=lambda grad, self, weight: prelu_backward(1, grad, self, weight),
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


def _glu_along(grad: Any, x: Any, dim: int) -> Any:
    first, _ = _halves(x, dim)
    along = grad * _glu_slope(zeros_like(first) + 1, x, dim)
    one, two = _halves(along, dim)
    return one + two


def _glu_curve(grad: Any, grad_output: Any, x: Any, dim: int) -> Any:
    """torch's glu_double_backward."""
    first, second = _halves(x, dim)
    by_first, by_second = _halves(grad, dim)
    gate = sigmoid(second)
    rest = 1 - gate
    slope = gate * rest
    crossed = by_second * first
    to_first = by_second * grad_output * slope
    curve = gate * slope  # right sides first, as in C++
    curve = slope * rest - curve
    straight = by_first * grad_output * slope
    parts = [to_first, crossed * grad_output * curve + straight]
    return FUNCTIONS["cat"](parts, dim) if is_tensor(grad) else np.concatenate(parts, dim)


def _glu_backward_jvp(x: Any, x_t: Any, grad: Any, grad_t: Any, dim: int) -> Any:
    """The slope is linear in the cotangent, and bends with both halves of the input."""
    first, second = _halves(x, dim)
    first_t, second_t = _halves(x_t, dim)
    gate = sigmoid(second)
    slope = gate * (1 - gate)
    bent = slope * (1 - 2 * gate) * first * second_t + slope * first_t
    parts = [slope * second_t * grad, bent * grad]
    turned = FUNCTIONS["cat"](parts, dim) if is_tensor(grad) else np.concatenate(parts, dim)
    return _glu_slope(grad_t, x, dim) + turned


glu_backward: Any = backward_of(
    "glu_backward(Tensor grad_output, Tensor self, int64_t dim)",
    "GluBackwardBackward0",
    _glu_slope,
    jvp=lambda self_p, self_t, grad_output_p, grad_output_t, dim: _glu_backward_jvp(
        self_p, self_t, grad_output_p, grad_output_t, dim
    ),
    grad_output=lambda grad, self, dim: _glu_along(grad, self, dim),
    self=lambda grad, grad_output, self, dim: _glu_curve(grad, grad_output, self, dim),
)
nn_row(
    "glu(Tensor self, int64_t dim=-1)",
    "GluBackward0",
    _glu,
    jvp=lambda self_p, self_t, result, dim: _glu_jvp(self_p, self_t, result, dim),
    self=lambda grad, self, dim: glu_backward(grad, self, dim),
)
