"""What torch's compiler contracts to a fused multiply-add: `x + alpha·y`, lerp, 1 - tanh².

The multiplication is not rounded before the addition. Beyond `LARGE` elements of float64, where
that takes some forty passes over the data, it is rounded.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine.fma import fma32, fma64
from gradtui.engine.kernels.bare import bare

LARGE = 1 << 14
_F16, _F32, _F64 = np.dtype(np.float16), np.dtype(np.float32), np.dtype(np.float64)
ONE_F64 = np.ones(())


def fma(a: Any, b: Any, c: Any) -> Any:
    """a·b + c, rounded once to the dtype of the arrays among them."""
    kind = next(x.dtype for x in (c, b, a) if hasattr(x, "dtype"))
    if kind is _F32:
        return bare(fma32(*map(_plain, (a, b, c))))
    if kind is _F64 and np.size(c) <= LARGE:
        return bare(fma64(a, b, c))
    return a * b + c


def _plain(x: Any) -> Any:
    """An array without repeated elements, whose copies lie as torch's do."""
    return np.ascontiguousarray(x) if isinstance(x, np.ndarray) and x.ndim and 0 in x.strides else x


def add_scaled(x: Any, y: Any, alpha: Any) -> Any:
    """x + alpha·y; integers and bools wrap as usual."""
    if alpha == 1:
        return x + y
    if alpha == -1 and x.dtype.kind == "f":
        return x - y
    if x.dtype.kind != "f":
        return x + np.asarray(alpha).astype(x.dtype) * y
    return fma(x.dtype.type(alpha), y, x)


def addcmul(x: Any, a: Any, b: Any, value: Any = 1) -> Any:
    """x + value·a·b; halves are multiplied and added as floats."""
    if x.dtype is _F16:
        x, a, b = (np.asarray(t, _F32) for t in (x, a, b))
        return bare((x + np.float32(value) * a * b).astype(_F16))
    if x.dtype.kind != "f":
        return x + x.dtype.type(value) * a * b
    return fma(a if value == 1 else x.dtype.type(value) * a, b, x)


def addcdiv(x: Any, a: Any, b: Any, value: Any = 1) -> Any:
    """x + value·a/b; halves are computed as floats."""
    if x.dtype is _F16:
        x, a, b = (np.asarray(t, _F32) for t in (x, a, b))
        return bare(addcdiv(x, a, b, value).astype(_F16))
    return x + (a if value == 1 else x.dtype.type(value) * a) / b


def lerp(x: Any, end: Any, weight: Any) -> Any:
    """x + weight·(end - x), from the nearer end."""
    weight = x.dtype.type(weight) if isinstance(weight, (int, float)) else weight
    near = np.abs(weight) < 0.5
    return fma(np.where(near, weight, -(1 - weight)), end - x, np.where(near, x, end))


def one_minus_square(x: Any) -> Any:
    """1 - x², the derivative of tanh where the result is x."""
    if x.dtype is _F32:
        wide = x.astype(_F64)
        return (ONE_F64 - wide * wide).astype(_F32)
    if x.dtype is _F64 and x.size <= LARGE:
        return bare(fma64(-x, x, np.float64(1.0)))
    return 1 - x * x


def tanh_backward(grad: Any, result: Any) -> Any:
    """grad·(1 - result²)."""
    return grad * one_minus_square(result)


def sigmoid_backward(grad: Any, result: Any) -> Any:
    """grad·(1 - result)·result."""
    return grad * (1 - result) * result
