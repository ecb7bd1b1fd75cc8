"""Fused multiply-add, a·b + c rounded once, on numpy arrays.

Compilers contract torch's inner loops to this instruction, which numpy does not offer; it is made
here from error-free transformations and rounding to odd (Boldo and Melquiond, "Emulation of FMA and
correctly rounded sums", IEEE Trans. Computers 57, 2008). Where those overflow, a·b + c is returned.
"""

from __future__ import annotations

import math
from struct import pack
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

FEW = 16  # numbers that are sooner computed one by one than as arrays
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


def _odd(number: float) -> bool:
    return bool(pack("<d", number)[0] & 1)


def _one(a: float, b: float, c: float) -> float:
    """`fma64` of three numbers, by the same steps."""
    product, low = two_product(a, b)
    high, tail = two_sum(c, low)
    total, rest = two_sum(product, high)
    last, error = two_sum(tail, rest)
    if error and not _odd(last):
        last = math.nextafter(last, math.copysign(math.inf, error))
    fused: float = total + last
    return fused if fused and math.isfinite(fused) else a * b + c


def _numbers(x: Array, both: np.broadcast) -> list[float]:
    if x.ndim == 0:
        return [x.item()] * both.size
    wide = x if x.shape == both.shape else np.broadcast_to(x, both.shape)
    numbers: list[float] = wide.ravel().tolist()
    return numbers


def fma64(a: Any, b: Any, c: Any) -> Any:
    """a·b + c of float64 arrays, rounded once (no care for products that are subnormal)."""
    a, b, c = (np.asarray(x, np.float64) for x in (a, b, c))
    if max(a.size, b.size, c.size) <= FEW:
        both = np.broadcast(a, b, c)
        rows = zip(*(_numbers(x, both) for x in (a, b, c)), strict=True)
        return np.array([_one(*row) for row in rows], np.float64).reshape(both.shape)
    with np.errstate(all="ignore"):
        product, low = two_product(a, b)
        high, tail = two_sum(c, low)
        total, rest = two_sum(product, high)
        fused = total + _odd_sum(tail, rest)
        plain = a * b + c
        return np.where(np.isfinite(fused) & (fused != 0), fused, plain)  # a zero keeps its sign
