"""Derivatives torch computes in one kernel of their own: `silu_backward`, `gelu_backward` and their
kind.

Each is a function of the cotangent and of what the activation was given; a parameter is a Python
number.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradtui.engine.kernels import fused, unary
from gradtui.engine.kernels.bare import bare
from gradtui.engine.kernels.masks import choose, zeroed


def threshold_backward(grad: Any, x: Any, threshold: Any) -> Any:
    """grad where x is above the threshold, else 0."""
    limit = unary.ZERO[x.dtype] if threshold == 0 else x.dtype.type(threshold)
    return zeroed(grad, x <= limit)


def silu_backward(grad: Any, x: Any) -> Any:
    s = unary.sigmoid(x)
    return grad * s * fused.fma(x, 1 - s, x.dtype.type(1))


def mish_backward(grad: Any, x: Any) -> Any:
    s, t = unary.sigmoid(x), unary.tanh(unary.log1p(unary.exp(x)))
    return grad * (t + x * s * (1 - t * t))


def gelu_backward(grad: Any, x: Any, approximate: str = "none") -> Any:
    kind = x.dtype.type
    if approximate == "none":
        cdf = kind(0.5) * (1 + unary.erf(x * kind(math.sqrt(0.5))))
        pdf = unary.exp(x * x * kind(-0.5)) * kind(1 / math.sqrt(2 * math.pi))
        slope = cdf + x * pdf
        return grad * (slope if kind is np.float64 else choose(np.isinf(x), kind(np.nan), slope))
    beta, kappa = kind(math.sqrt(2 / math.pi)), kind(0.044715)
    inner = unary.tanh(beta * (x + kappa * x * x * x))
    slope = beta * (1 + 3 * kappa * x * x)
    half = kind(0.5)
    return grad * (half * (1 + inner) + half * x * (1 - inner * inner) * slope)


def elu_backward(
    grad: Any, alpha: Any, scale: Any, input_scale: Any, is_result: bool, x: Any
) -> Any:
    """The slope below zero is that of alpha·scale·exp(input_scale·x); `x` may be the result."""
    kind = x.dtype.type
    low, high, inner = kind(alpha * scale), kind(scale), kind(input_scale)
    if is_result:
        below = grad * inner * (x + low)
    else:
        below = grad * inner * low * unary.exp(x * inner)
    return choose(x <= 0, below, grad * high)


def leaky_relu_backward(grad: Any, x: Any, slope: Any, _is_result: bool = False) -> Any:
    return choose(x > 0, grad, grad * grad.dtype.type(slope))


def softplus_backward(grad: Any, x: Any, beta: Any, threshold: Any) -> Any:
    kind = x.dtype.type
    z = unary.exp(x * kind(beta))
    return choose(x * kind(beta) > kind(threshold), grad, grad * z / (z + 1))


def hardtanh_backward(grad: Any, x: Any, low: Any, high: Any) -> Any:
    return zeroed(grad, (x <= low) | (x >= high))


def hardsigmoid_backward(grad: Any, x: Any) -> Any:
    kind = grad.dtype.type
    return choose((x > -3) & (x < 3), grad * kind(1 / 6), kind(0))


def hardswish_backward(grad: Any, x: Any) -> Any:
    kind = grad.dtype.type
    middle = grad * (x / kind(3) + kind(0.5))
    return zeroed(choose(x < 3, middle, grad), x <= -3)


def hardshrink_backward(grad: Any, x: Any, lambd: Any) -> Any:
    return zeroed(grad, (x >= -lambd) & (x <= lambd))


def log_sigmoid_backward(grad: Any, x: Any) -> Any:
    """grad·(1 - sigmoid(x)), from exp(-|x|) so that nothing overflows."""
    z = unary.exp(-np.abs(x))
    below = x < 0
    maxed = below.astype(x.dtype)
    signed = choose(below, x.dtype.type(1), x.dtype.type(-1))
    return bare((maxed - signed * (z / (1 + z))) * grad)


def softmax_backward(grad: Any, output: Any, axis: int) -> Any:
    """output·(grad - sum of grad·output along the axis)."""
    if not output.size or not output.ndim:
        return grad * 0
    grad, output = np.ascontiguousarray(grad), np.ascontiguousarray(output)
    product = grad * output
    return product - output * _line_sum(product, axis)


def log_softmax_backward(grad: Any, output: Any, axis: int) -> Any:
    """grad - exp(output)·(sum of grad along the axis)."""
    if not output.size or not output.ndim:
        return grad * 0
    grad, output = np.ascontiguousarray(grad), np.ascontiguousarray(output)
    return grad - unary.exp(output) * _line_sum(grad, axis)


def _line_sum(x: Any, axis: int) -> Any:
    return np.add.reduce(x, axis, keepdims=True)


def logit_backward(grad: Any, x: Any, eps: float | None) -> Any:
    kind = x.dtype.type
    low, high = (kind(0), kind(1)) if eps is None else (kind(eps), kind(1 - eps))
    outside = (x < low) | (x > high)
    fill = kind(math.nan) if eps is None else kind(0)
    return choose(outside, fill, grad / (x * (1 - x)))
