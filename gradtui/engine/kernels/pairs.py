"""Functions of two arrays of one dtype, beside the arithmetic ones: extremes, angles, lengths,
logs.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine.kernels import arithmetic, unary
from gradtui.engine.kernels.bare import bare
from gradtui.engine.kernels.sums import VECTOR_BYTES

_F16, _F32, _F64 = np.dtype(np.float16), np.dtype(np.float32), np.dtype(np.float64)


def _rounded(ufunc: Any) -> Any:
    """A ufunc of two arrays, float32 computed in float64 and rounded once."""

    def kernel(a: Any, b: Any) -> Any:
        kind = a.dtype
        if kind is _F64 or kind.kind != "f":
            return ufunc(a, b)
        return ufunc(a.astype(_F64), b.astype(_F64)).astype(_F32).astype(kind)

    return kernel


copysign = np.copysign
atan2, hypot, logaddexp = _rounded(np.arctan2), _rounded(np.hypot), _rounded(np.logaddexp)


def maximum(a: Any, b: Any) -> Any:
    out = np.maximum(a, b)
    return out if out.all() else _first_zero(out, a, b)


def minimum(a: Any, b: Any) -> Any:
    out = np.minimum(a, b)
    return out if out.all() else _first_zero(out, a, b)


def _first_zero(out: Any, a: Any, b: Any) -> Any:
    """Of two zeros the first is kept, but the second where torch works in whole vectors."""
    if out.dtype.kind != "f":
        return out
    kept = np.where((a == 0) & (b == 0), a, out)
    if a.shape == b.shape and out.ndim and a.flags.c_contiguous and b.flags.c_contiguous:
        whole = out.size - out.size % (2 * VECTOR_BYTES // out.dtype.itemsize)
        first, second = kept.reshape(-1)[:whole], b.reshape(-1)[:whole]
        first[...] = np.where((first == 0) & (second == 0), second, first)
    return bare(kept)


def xlogy(a: Any, b: Any) -> Any:
    """a·log(b), 0 where a is 0 and b is a number."""
    return bare(np.where((a == 0) & (b == b), a.dtype.type(0), a * unary.log(b)))


def xlog1py(a: Any, b: Any) -> Any:
    """a·log(1 + b), 0 where a is 0 and b is a number."""
    return bare(np.where((a == 0) & (b == b), a.dtype.type(0), a * unary.log1p(b)))


def div_mode(a: Any, b: Any, mode: str | None) -> Any:
    """a / b as it is, or rounded down (`floor`) or towards zero (`trunc`)."""
    if mode is None:
        return np.true_divide(unary.floating(a), unary.floating(b))
    return (arithmetic.div_floor if mode == "floor" else arithmetic.div_trunc)(a, b)


def _of_known(ufunc: Any) -> Any:
    """fmax or fmin: of two equal operands, zeros of either sign, the first."""

    def kernel(x: Any, y: Any) -> Any:
        out = ufunc(x, y)
        if x.dtype.kind != "f" or np.all(out):
            return out
        return bare(np.where(x == y, x, out))

    return kernel


fmax, fmin = _of_known(np.fmax), _of_known(np.fmin)
