"""Images, lines and volumes at another size: each new entry is a few old ones, weighted.

One dimension after the other is resampled, since the weights of a place are products of weights of
its coordinates. `Taps` says for every new coordinate of one dimension which old ones count, and how
much. The source of the weights is `ATen/native/UpSample.h`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Taps:
    """For one dimension: `index` and `weight` of shape (new size, number of taps)."""

    index: Any
    weight: Any  # None: every weight is 1, and there is one tap
    size: int  # of the old dimension


def ratio(size: int, out: int, align: bool, scale: float | None) -> float:
    """How many old coordinates a new one is."""
    if align:
        return (size - 1) / (out - 1) if out > 1 else 0.0
    return 1.0 / scale if scale is not None and scale > 0 else size / out


def _centres(size: int, out: int, align: bool, scale: float | None, kind: Any) -> Any:
    """Where every new entry lies among the old ones, computed in `kind` as torch computes it."""
    step = kind.type(ratio(size, out, align, scale))
    places = np.arange(out, dtype=kind)
    return step * places if align else step * (places + kind.type(0.5)) - kind.type(0.5)


def nearest(size: int, out: int, scale: float | None, exact: bool, kind: Any) -> Taps:
    """The old entry a new one lies in: by its corner, or by its centre where `exact`."""
    step = np.float32(ratio(size, out, False, scale))
    places = np.arange(out, dtype=np.float32) + np.float32(0.5 if exact else 0)
    found = np.minimum(np.floor(places * step).astype(np.int64), size - 1)
    return Taps(found[:, None], None, size)


def linear(size: int, out: int, align: bool, scale: float | None, kind: Any) -> Taps:
    """The two neighbours, weighted by how near they are."""
    at = np.maximum(_centres(size, out, align, scale, kind), kind.type(0))
    if size == out:
        at = np.arange(out, dtype=kind)
    low = np.minimum(at.astype(np.int64), size - 1)
    high = np.minimum(low + 1, size - 1)
    far = np.clip(at - low.astype(kind), kind.type(0), kind.type(1))
    return Taps(np.stack([low, high], 1), np.stack([kind.type(1) - far, far], 1), size)


_A = -0.75


def _near(x: Any) -> Any:
    return ((_A + 2) * x - (_A + 3)) * x * x + 1


def _far(x: Any) -> Any:
    return ((_A * x - 5 * _A) * x + 8 * _A) * x - 4 * _A


def cubic(size: int, out: int, align: bool, scale: float | None, kind: Any) -> Taps:
    """Four neighbours, weighted by Keys' cubic convolution (a = -0.75)."""
    at = _centres(size, out, align, scale, kind)
    first = np.floor(at).astype(np.int64)
    t = np.clip(at - first.astype(kind), kind.type(0), kind.type(1))
    weights = np.stack([_far(t + 1), _near(t), _near(1 - t), _far(2 - t)], 1).astype(kind)
    index = np.clip(first[:, None] + np.arange(-1, 3), 0, size - 1)
    return Taps(index, weights, size)


def _triangle(x: Any) -> Any:
    return np.maximum(1.0 - np.abs(x), 0.0)


def _keys(x: Any) -> Any:
    a, x = -0.5, np.abs(x)
    inner = ((a + 2.0) * x - (a + 3.0)) * x * x + 1
    outer = (((x - 5) * x + 8) * x - 4) * a
    return np.where(x < 1.0, inner, np.where(x < 2.0, outer, 0.0))


_FILTERS: dict[str, tuple[Callable[[Any], Any], int]] = {
    "linear": (_triangle, 2),
    "cubic": (_keys, 4),
}


def smooth(
    size: int, out: int, align: bool, scale: float | None, kind: Any, filter: str = "linear"
) -> Taps:
    """As many old entries as a new one covers, so that a smaller image has no aliases."""
    weigh, width = _FILTERS[filter]
    step = ratio(size, out, align, scale)
    reach = width * 0.5 * max(step, 1.0)
    taps = math.ceil(reach) * 2 + 1
    index, weight = np.zeros((out, taps), np.int64), np.zeros((out, taps), kind)
    for i in range(out):
        centre = step * (i + 0.5)
        low = max(int(centre - reach + 0.5), 0)
        count = min(int(centre + reach + 0.5), size) - low
        near = weigh((np.arange(count) + low - centre + 0.5) / max(step, 1.0))
        weight[i, :count] = near / near.sum()
        index[i, :count] = np.arange(low, low + count)
    return Taps(index, weight, size)


def resample(x: Any, taps: Sequence[Taps]) -> Any:
    """The last dimensions of x at other sizes."""
    for back, t in enumerate(reversed(taps), 1):
        axis = x.ndim - back
        x = _along(x, axis, t)
    return np.ascontiguousarray(x)


def _along(x: Any, axis: int, taps: Taps) -> Any:
    if taps.weight is None:
        return np.take(x, taps.index[:, 0], axis)
    shape = (-1,) + (1,) * (x.ndim - 1 - axis)
    out = np.take(x, taps.index[:, 0], axis) * taps.weight[:, 0].astype(x.dtype).reshape(shape)
    for k in range(1, taps.index.shape[1]):
        weight = taps.weight[:, k].astype(x.dtype).reshape(shape)
        out += np.take(x, taps.index[:, k], axis) * weight
    return out


def collect(grad: Any, taps: Sequence[Taps]) -> Any:
    """What old entries get back: every new one they counted for, times its weight."""
    if taps[0].weight is None:
        return _collect_nearest(grad, taps)
    for back, t in enumerate(reversed(taps), 1):
        axis = grad.ndim - back
        moved = np.moveaxis(grad, axis, 0)
        out = np.zeros((t.size, *moved.shape[1:]), grad.dtype)
        for k in range(t.index.shape[1]):
            part = moved
            if t.weight is not None:
                part = moved * t.weight[:, k].astype(grad.dtype).reshape(
                    -1, *(1,) * (grad.ndim - 1)
                )
            np.add.at(out, t.index[:, k], part)
        grad = np.moveaxis(out, 0, axis)
    return np.ascontiguousarray(grad)


def _collect_nearest(grad: Any, taps: Sequence[Taps]) -> Any:
    """The same where every new entry is one old one: summed in the order of the new ones."""
    dims, sizes = len(taps), tuple(t.size for t in taps)
    lead = grad.shape[: grad.ndim - dims]
    places = np.arange(math.prod(sizes)).reshape(sizes)[np.ix_(*[t.index[:, 0] for t in taps])]
    out = np.zeros((math.prod(lead), math.prod(sizes)), grad.dtype)
    at: Any = (slice(None), places.reshape(-1))
    np.add.at(out, at, grad.reshape(len(out), -1))
    return out.reshape(*lead, *sizes)
