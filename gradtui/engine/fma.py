"""Fused multiply-add, a·b + c rounded once, on numpy arrays.

Compilers contract torch's inner loops to this instruction, which numpy does not offer; it is made
here from error-free transformations and rounding to odd (Boldo and Melquiond, "Emulation of FMA and
correctly rounded sums", IEEE Trans. Computers 57, 2008). Where those overflow, a·b + c is returned.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

_SPLITTER = 134217729.0  # 2**27 + 1, Veltkamp's constant for float64


def two_sum(a: Any, b: Any) -> tuple[Any, Any]:
    """The rounded sum and its exact error (Knuth)."""
    total = a + b
    back = total - a
    return total, (a - (total - back)) + (b - back)


def two_product(a: Any, b: Any) -> tuple[Any, Any]:
    """The rounded float64 product and its exact error (Dekker)."""
    product = a * b
    scaled = _SPLITTER * a
    a_high = scaled - (scaled - a)
    scaled = _SPLITTER * b
    b_high = scaled - (scaled - b)
    a_low, b_low = a - a_high, b - b_high
    return product, a_low * b_low - (
        ((product - a_high * b_high) - a_low * b_high) - a_high * b_low
    )


def _odd_sum(a: Any, b: Any) -> Any:
    """a + b rounded to odd: inexact results get an odd last bit, so rounding again does no harm."""
    total, error = two_sum(a, b)
    total = np.atleast_1d(total)
    even = (total.view(np.int64) & 1) == 0
    moved = np.nextafter(total, np.copysign(np.inf, error))
    return np.where(even & (error != 0), moved, total).reshape(np.shape(error))


_TIE = 1 << 28  # the dropped bits of a float64 that lies half-way between two float32
_LEAST = 2.0**-126  # below, float32 drops more bits


def fma32(a: Any, b: Any, c: Any) -> Any:
    """a·b + c of float32 arrays, rounded once to float32.

    The product is exact in float64, and rounding the sum twice goes wrong only where the first
    rounding arrived at a tie of the second, or the result is subnormal.
    """
    a, b, c = (np.asarray(x, np.float64) for x in (a, b, c))
    with np.errstate(all="ignore"):
        product = a * b
        total = np.asarray(product + c)
        doubtful = (total.view(np.int64) & (2 * _TIE - 1)) == _TIE
        doubtful |= (np.abs(total) < _LEAST) & (total != 0)
        if doubtful.any():
            doubtful &= np.isfinite(total)
            shape = total.shape
            parts = (np.broadcast_to(x, shape)[doubtful] for x in (product, c))
            total[doubtful] = _odd_sum(*parts)
        return total.astype(np.float32)


def fma64(a: Any, b: Any, c: Any) -> Any:
    """a·b + c of float64 arrays, rounded once (no care for products that are subnormal)."""
    a, b, c = (np.asarray(x, np.float64) for x in (a, b, c))
    with np.errstate(all="ignore"):
        product, low = two_product(a, b)
        high, tail = two_sum(c, low)
        total, rest = two_sum(product, high)
        fused = total + _odd_sum(tail, rest)
        plain = a * b + c
        return np.where(np.isfinite(fused) & (fused != 0), fused, plain)  # a zero keeps its sign
