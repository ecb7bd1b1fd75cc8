"""Sums with torch's last bits: the cascade of `aten/src/ATen/native/cpu/SumKernel.cpp`, in numpy.

torch adds floating-point numbers in a fixed tree: 32-byte vectors, four of them side by side,
blocks of 16 and more on up to four levels. Which part of an array meets which depends on the order
of its dimensions in memory, so the order TensorIterator would choose is found first. This is what
one thread computes; torch splits sums of more than 32,768 elements among its threads.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

_add: Any = np.add.reduce

LEVELS = 4
SIDE_BY_SIDE = 4
VECTOR_BYTES = 32
_F32, _F64, _F16 = np.dtype(np.float32), np.dtype(np.float64), np.dtype(np.float16)


def sum_(a: Any, axes: Any = None, keepdim: bool = False) -> Any:
    """The sum over `axes` (all by default) of a floating-point array or numpy scalar.

    float16 is added up in float32. Integers and bools give int64.
    """
    if a.dtype.kind != "f":
        return _add(a, axes, np.int64, None, keepdim)
    if a.ndim <= 1 and a.size <= SIDE_BY_SIDE and a.dtype is not _F16:
        return _add(a, axes, None, None, keepdim) + 0.0
    dims = _normalised(axes, a.ndim)
    if len(dims) == a.ndim and a.flags.c_contiguous and a.size:
        total = _flat(a.ravel(), a.dtype)
        return total.reshape((1,) * a.ndim) if keepdim else total
    total = _general(a, dims)
    return (
        total.reshape([1 if i in dims else n for i, n in enumerate(a.shape)]) if keepdim else total
    )


def mean_(a: Any, axes: Any = None, keepdim: bool = False) -> Any:
    """The mean over `axes`: the sum, divided once; float16 is rounded at the end only."""
    if axes is None and a.ndim and a.size and a.dtype is not _F16:
        return sum_(a) / a.dtype.type(a.size)
    wide = a.astype(np.float32) if a.dtype == _F16 else a
    dims = _normalised(axes, a.ndim)
    count = math.prod([a.shape[i] for i in dims])
    with np.errstate(all="ignore"):
        return (sum_(wide, axes, keepdim) / wide.dtype.type(count)).astype(a.dtype)


def _normalised(axes: Any, ndim: int) -> tuple[int, ...]:
    if axes is None:
        return tuple(range(ndim))
    if isinstance(axes, int):
        axes = (axes,)
    return tuple(sorted(axis % ndim for axis in axes))


# ------------------------------------------------------------------------------------ the tree


def cascade(rows: Array) -> Any:
    """The sum over the first axis in blocks of 16 (or more), the blocks' sums again in blocks."""
    size = len(rows)
    power = max(4, (size - 1).bit_length() // LEVELS) if size > 1 else 4
    step = 1 << power
    if size < step:
        return _running(rows)
    blocks, rest = size // step, size % step
    level: Any = _running_blocks(rows[: blocks * step], step)
    parts = [_running(rows[blocks * step :])] if rest else []
    for _ in range(LEVELS - 2):
        whole = len(level) // step * step
        if len(level) > whole:
            parts.append(_running(level[whole:]))
        if not whole:
            break
        level = _running_blocks(level[:whole], step)
    else:
        parts.append(_running(level))
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def _running(rows: Array) -> Any:
    """The sum over the first axis, one row after another."""
    count = len(rows)
    if count < 3:
        return rows[0] + rows[1] if count == 2 else rows[0]
    if rows.ndim > 1 and rows.shape[-1] > 1 and rows.flags.c_contiguous:
        return _add(rows, 0)  # numpy adds whole rows in order where rows are contiguous
    if rows.ndim == 1 or count > 64:
        return np.add.accumulate(rows, 0)[-1]
    total = rows[0] + rows[1]
    for i in range(2, count):
        total += rows[i]
    return total


def _running_blocks(rows: Array, step: int) -> Array:
    """The sums of consecutive blocks of `step` rows."""
    blocks = rows.reshape(len(rows) // step, step, *rows.shape[1:])
    if rows.ndim > 1 and rows.shape[-1] > 1 and rows.flags.c_contiguous:
        return np.asarray(_add(blocks, 1))
    total = blocks[:, 0] + blocks[:, 1]
    for i in range(2, step):
        total += blocks[:, i]
    return total


def row_sum(rows: Array) -> Any:
    """The sum over the first axis as four sums side by side."""
    size = len(rows) // SIDE_BY_SIDE
    if not size:
        return _running(rows)
    together = rows[: size * SIDE_BY_SIDE].reshape(size, SIDE_BY_SIDE, *rows.shape[1:])
    parts = cascade(together)
    first = parts[0]
    for row in rows[size * SIDE_BY_SIDE :]:
        first = first + row
    return ((first + parts[1]) + parts[2]) + parts[3]


def _inner(rows: Array, half: bool) -> Any:
    """The sums of contiguous lines, given with the summed axis first: vectors, then their lanes."""
    lanes = VECTOR_BYTES // rows.dtype.itemsize
    width = 2 * lanes if half else lanes
    count = len(rows) // width
    vectors = rows[: count * width].reshape(count, width, *rows.shape[1:])
    if half:
        vectors = vectors[:, :lanes] + vectors[:, lanes:]
    rest = rows[count * width :]
    return _running(np.concatenate((rest, row_sum(vectors))) if len(rest) else row_sum(vectors))


def _flat(line: Array, kind: Any) -> Any:
    """The sum of a contiguous line."""
    half = kind == _F16
    if half:
        line = line.astype(_F32)
    threshold = 2 * VECTOR_BYTES // 4 if half else VECTOR_BYTES // kind.itemsize
    total = _inner(line, half) if line.size >= threshold else row_sum(line)
    return np.asarray(total + 0.0).astype(kind)[()]


# ------------------------------------------------------------------------- any dimensions


Dim = tuple[int, int, bool]  # size, stride in bytes, summed over


def _general(a: Any, axes: tuple[int, ...]) -> Any:
    """Sums over some axes, or over memory that is not contiguous."""
    kept = [n for i, n in enumerate(a.shape) if i not in axes]
    if not a.size:
        return np.zeros(kept, a.dtype)[()]
    if a.size != 1 and min(a.strides) < 0:
        a = np.ascontiguousarray(a)
    if a.ndim == 2 and len(axes) == 1 and min(a.shape) > 1:
        laid = a if axes[0] == 0 else a.T
        ways = zip(laid.shape, laid.strides, (True, False), strict=True)
        dims: list[Dim] = list(ways)
    else:
        dims = _merged(_ordered(a, axes))
        if not dims or not dims[0][2]:
            return (a.reshape(kept) + a.dtype.type(0))[()]
        laid = np.lib.stride_tricks.as_strided(a, [d[0] for d in dims], [d[1] for d in dims])
    half = a.dtype == _F16
    if half and len(dims) > 1 and dims[1][2]:  # sums in several steps go through a float32 copy
        return np.asarray(sum_(a.astype(_F32), axes)).astype(_F16)[()]
    total = _lines(laid.astype(_F32) if half else laid, dims, a.dtype.itemsize)
    return _gathered(total, dims, a.dtype).reshape(kept)[()]


def _ordered(a: Any, axes: tuple[int, ...]) -> list[Dim]:
    """TensorIterator's order: summed dimensions inmost, by stride; the kept ones as they are."""
    found: list[Dim] = []
    for axis in range(a.ndim - 1, -1, -1):
        if a.shape[axis] == 1:
            continue
        dim = (a.shape[axis], a.strides[axis], axis in axes)
        place = len(found)
        for i in range(place - 1, -1, -1):
            order = _order(found[i], dim)
            if order > 0:
                place = i
            elif order < 0:
                break
        found.insert(place, dim)
    return found


def _order(first: Dim, second: Dim) -> int:
    """Positive when the second dimension belongs inside the first, negative when outside, or 0."""
    if first[2] != second[2]:
        return 1 if second[2] else -1
    if not first[2]:
        return -1
    if not first[1] or not second[1]:
        return 0
    if first[1] == second[1]:
        return int(first[0] > second[0])
    return 1 if first[1] > second[1] else -1


def _merged(dims: list[Dim]) -> list[Dim]:
    """Neighbours of one kind made one where memory runs on."""
    merged: list[Dim] = []
    for dim in dims:
        if merged and merged[-1][2] == dim[2] and merged[-1][0] * merged[-1][1] == dim[1]:
            size, stride, summed = merged[-1]
            merged[-1] = (size * dim[0], stride, summed)
        else:
            merged.append(dim)
    return merged


def _lines(a: Array, dims: list[Dim], itemsize: int) -> Any:
    """The sums over the first dimension, each way torch goes about it."""
    size, stride, _ = dims[0]
    columns, across, _ = dims[1] if len(dims) > 1 else (1, 0, False)
    width = VECTOR_BYTES // itemsize
    if stride == itemsize and size >= width:
        return _inner(a, itemsize == 2)
    if across == itemsize and columns >= width:
        return _columns(a, SIDE_BY_SIDE * VECTOR_BYTES // a.dtype.itemsize)
    if stride < across or len(dims) == 1:
        return row_sum(a)
    return _columns(a, SIDE_BY_SIDE)


def _columns(a: Array, group: int) -> Any:
    """Whole groups of columns go down side by side; what is left goes as four sums each."""
    whole = a.shape[1] // group * group
    if whole == a.shape[1]:
        return cascade(a)
    if not whole:
        return row_sum(a)
    return np.concatenate((cascade(a[:, :whole]), row_sum(a[:, whole:])))


def _gathered(total: Array, dims: list[Dim], kind: Any) -> Array:
    """The lines' sums added into the outputs, one after another, in the outputs' own order."""
    deeper = sum(1 for dim in dims[1:] if dim[2])
    total = total.transpose() + total.dtype.type(0)
    if not deeper:
        return total.astype(kind)
    count = math.prod(total.shape[total.ndim - deeper :])
    lines = total.reshape(*total.shape[: total.ndim - deeper], count)
    return np.asarray(np.add.accumulate(lines, -1)[..., -1]).astype(kind)
