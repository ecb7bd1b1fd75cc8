"""Functions of two arrays of one dtype, beside the arithmetic ones: extremes, angles, lengths,
logs.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine.kernels import arithmetic, unary

_F16, _F32, _F64 = np.dtype(np.float16), np.dtype(np.float32), np.dtype(np.float64)


def _rounded(ufunc: Any) -> Any:
    """A ufunc of two arrays, float32 computed in float64 and rounded once."""

    def kernel(a: Any, b: Any) -> Any:
        kind = a.dtype
        if kind is _F64 or kind.kind != "f":
            return ufunc(a, b)
        return ufunc(a.astype(_F64), b.astype(_F64)).astype(_F32).astype(kind)

    return kernel


maximum, minimum, copysign = np.maximum, np.minimum, np.copysign
atan2, hypot, logaddexp = _rounded(np.arctan2), _rounded(np.hypot), _rounded(np.logaddexp)


def xlogy(a: Any, b: Any) -> Any:
    """a·log(b), 0 where a is 0 and b is a number."""
    return np.where((a == 0) & (b == b), a.dtype.type(0), a * unary.log(b))[()]


def div_mode(a: Any, b: Any, mode: str | None) -> Any:
    """a / b as it is, or rounded down (`floor`) or towards zero (`trunc`)."""
    if mode is None:
        return np.true_divide(unary.floating(a), unary.floating(b))
    return (arithmetic.div_floor if mode == "floor" else arithmetic.div_trunc)(a, b)
