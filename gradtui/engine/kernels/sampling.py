"""Images read at places between their entries, in two or three dimensions.

A value at a place is a sum over taps, and the weight of a tap is a product of weights along each
dimension. `Taps` holds those, with their first and second derivatives by the coordinate of the
grid, so that every derivative of a sample is the same sum with other weights. The source is
`ATen/native/GridSampler.h`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

BILINEAR, NEAREST, BICUBIC = 0, 1, 2
ZEROS, BORDER, REFLECTION = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Taps:
    """Of one dimension: for every tap an index, whether it lies inside, and weights by order."""

    index: Any  # (taps, N, *out)
    inside: Any
    weights: Sequence[Any]  # of the value, its first and its second derivative


def _place(grid: Any, size: int, align: bool) -> tuple[Any, Any]:
    """-1 to 1 as coordinates of entries, and their slope."""
    kind = grid.dtype.type
    if align:
        return (grid + 1) * kind(0.5) * kind(size - 1), kind((size - 1) / 2)
    return ((grid + 1) * kind(size) - 1) * kind(0.5), kind(size / 2)


def _reflected(x: Any, size: int, align: bool) -> tuple[Any, Any]:
    """Coordinates bounced back from the edges until they are inside, and the sign that this takes."""
    low, high = (0.0, size - 1.0) if align else (-0.5, size - 0.5)
    span = high - low
    if span == 0:
        return np.zeros_like(x), np.zeros_like(x)
    gap = np.abs(x - x.dtype.type(low))
    sign = np.where(x < low, -1, 1).astype(x.dtype)
    rest = np.fmod(gap, x.dtype.type(span))
    even = np.floor(gap / x.dtype.type(span)).astype(np.int64) % 2 == 0
    found = np.where(even, rest + x.dtype.type(low), x.dtype.type(span + low) - rest)
    return found.astype(x.dtype), np.where(even, sign, -sign)


def _padded(x: Any, slope: Any, size: int, padding: int, align: bool) -> tuple[Any, Any]:
    """Coordinates as the padding moves them inside, and their slope."""
    slope = np.broadcast_to(slope, x.shape)
    if padding == ZEROS:
        return x, slope
    if padding == REFLECTION:
        x, sign = _reflected(x, size, align)
        slope = slope * sign
    outside = (x <= 0) | (x >= size - 1)
    x = np.clip(np.where(np.isnan(x), 0, x), 0, size - 1).astype(x.dtype)
    return x, np.where(outside, 0, slope).astype(x.dtype)


def _linear(x: Any, slope: Any, size: int) -> Taps:
    low = np.floor(x)
    far = x - low
    first = low.astype(np.int64)
    zero = np.zeros_like(x)
    index = np.stack([first, first + 1])
    weights = ([1 - far, far], [-slope, slope], [zero, zero])
    return _taps(index, size, [np.stack(w) for w in weights])


def _closest(x: Any, slope: Any, size: int) -> Taps:
    index = np.rint(x).astype(np.int64)[None]
    zero = np.zeros_like(x)[None]
    return _taps(index, size, [zero + 1, zero, zero])


def _taps(index: Any, size: int, weights: Sequence[Any]) -> Taps:
    inside = (index >= 0) & (index < size)
    return Taps(np.where(inside, index, 0), inside, weights)


_A = -0.75
_NEAR = np.array([_A + 2, -(_A + 3), 0, 1])
_FAR = np.array([_A, -5 * _A, 8 * _A, -4 * _A])


def _cubic(x: Any, slope: Any, size: int, padding: int, align: bool) -> Taps:
    """Four taps by Keys' cubics, each moved inside by itself."""
    low = np.floor(x)
    t = x - low
    parts = ((_FAR, t + 1, 1), (_NEAR, t, 1), (_NEAR, 1 - t, -1), (_FAR, 2 - t, -1))
    weights = []
    for order in range(3):
        made = [
            np.polyval(np.polyder(c, order), at) * (sign * slope) ** order for c, at, sign in parts
        ]
        weights.append(np.stack(made).astype(x.dtype))
    places = np.stack([low + k for k in (-1, 0, 1, 2)])
    moved, _ = _padded(places, x.dtype.type(1), size, padding, align)
    return _taps(moved.astype(np.int64), size, weights)


def taps(grid: Any, space: Sequence[int], mode: int, padding: int, align: bool) -> list[Taps]:
    """The taps of every dimension of space; the grid names the last one first."""
    found = []
    for d, size in enumerate(space):
        x, slope = _place(grid[..., len(space) - 1 - d], size, align)
        if mode == BICUBIC:
            found.append(_cubic(x, np.broadcast_to(slope, x.shape), size, padding, align))
            continue
        x, slope = _padded(x, slope, size, padding, align)
        found.append((_closest if mode == NEAREST else _linear)(x, slope, size))
    return found


def _each(every: Sequence[Taps], orders: Sequence[int]) -> Iterator[tuple[Any, Any]]:
    """For every tap of space its place in the flattened space and its weight: (N, *out)."""
    for at in itertools.product(*(range(len(t.index)) for t in every)):
        weight: Any = 1
        inside: Any = True
        for t, k, order in zip(every, at, orders, strict=True):
            weight = weight * t.weights[order][k]
            inside = inside & t.inside[k]
        yield [t.index[k] for t, k in zip(every, at, strict=True)], np.where(inside, weight, 0)


def _flat(index: Sequence[Any], space: Sequence[int]) -> Any:
    found: Any = 0
    for i, n in zip(index, space, strict=True):
        found = found * n + i
    return found


def read(x: Any, every: Sequence[Taps], orders: Sequence[int]) -> Any:
    """(N, C, *out): the samples, or a derivative of them by the coordinates of the grid."""
    space = x.shape[2:]
    lines = x.reshape(*x.shape[:2], math.prod(space))
    out_shape = every[0].index.shape[1:]
    out = np.zeros((*x.shape[:2], math.prod(out_shape[1:])), x.dtype)
    for index, weight in _each(every, orders):
        at = _flat(index, space).reshape(len(x), 1, -1)
        part = np.take_along_axis(lines, np.broadcast_to(at, out.shape), 2)
        out += part * weight.reshape(len(x), 1, -1).astype(x.dtype)
    return out.reshape(*x.shape[:2], *out_shape[1:])


def put(grad: Any, sizes: Sequence[int], every: Sequence[Taps], orders: Sequence[int]) -> Any:
    """What `read` sends back to the image."""
    space = tuple(sizes[2:])
    out = np.zeros((*sizes[:2], math.prod(space)), grad.dtype)
    flat = grad.reshape(*grad.shape[:2], -1)
    rows, channels = np.indices(tuple(sizes[:2]), sparse=True)
    for index, weight in _each(every, orders):
        at = _flat(index, space).reshape(len(grad), 1, -1)
        part = flat * weight.reshape(len(grad), 1, -1).astype(grad.dtype)
        np.add.at(out, (rows[..., None], channels[..., None], at), part)
    return out.reshape(tuple(sizes))
