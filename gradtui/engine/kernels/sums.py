"""Sums with torch's last bits: the cascade of `aten/src/ATen/native/cpu/SumKernel.cpp`, in numpy.

torch adds floating-point numbers in a fixed tree: 32-byte vectors, four of them side by side,
blocks of 16 and more on up to four levels. Which part of an array meets which depends on the order
of its dimensions in memory, so the order TensorIterator would choose is found first. This is what
one thread computes; torch splits sums of more than 32,768 elements among its threads.

numpy adds whole rows in order when it reduces the first axis of a contiguous array, and is quick
where rows are long: the functions here bring what is added in order to the front.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from gradtui.engine.kernels.bare import bare

Array = np.ndarray[Any, np.dtype[Any]]

_add: Any = np.add.reduce
_accumulate: Any = np.add.accumulate

LEVELS = 4
SIDE_BY_SIDE = 4
VECTOR_BYTES = 32
_F32, _F64, _F16 = np.dtype(np.float32), np.dtype(np.float64), np.dtype(np.float16)
_LANES = {_F32: 8, _F64: 4}  # elements of a vector
_ZERO = {kind: np.zeros((), kind) for kind in (_F16, _F32, _F64)}
IN_ORDER = 7  # numpy adds so many numbers of a line one after another, more in a tree of its own
_FEW, _NARROW = 64, 8  # rows that are added as they are; elements of a row that is no vector
_CACHED = 1 << 16  # elements of a matrix that are turned at once


def sum_(a: Any, axes: Any = None, keepdim: bool = False) -> Any:
    """The sum over `axes` (all by default) of a floating-point array or numpy scalar.

    float16 is added up in float32. Integers and bools give int64.
    """
    kind, ndim = a.dtype, a.ndim
    if ndim <= 1 and a.size <= SIDE_BY_SIDE and (kind is _F32 or kind is _F64):
        return _add(a, axes, None, None, keepdim) + 0.0
    if kind.kind != "f":
        return _add(a, axes, np.int64, None, keepdim)
    if axes is None:
        total = _whole(a)
        return total.reshape((1,) * ndim) if keepdim else total
    dims = _normalised(axes, ndim)
    total = _whole(a) if len(dims) == ndim else _some(a, dims)
    if not keepdim:
        return total
    shape = list(a.shape)
    for i in dims:
        shape[i] = 1
    return total.reshape(shape)


def mean_(a: Any, axes: Any = None, keepdim: bool = False) -> Any:
    """The mean over `axes`: the sum, divided once; float16 is rounded at the end only."""
    kind = a.dtype
    if kind is _F16:
        return mean_(_widened(a), axes, keepdim).astype(_F16)
    if axes is None:
        count = a.size
    else:
        axes = _normalised(axes, a.ndim)
        count = _count(a.shape, axes)
    if count:
        return sum_(a, axes, keepdim) / kind.type(count)
    with np.errstate(all="ignore"):
        return sum_(a, axes, keepdim) / kind.type(count)


def _widened(a: Any) -> Any:
    """float16 as float32, laid out as torch's copy is: contiguous where elements are repeated."""
    return a.astype(_F32, order="C" if a.ndim and 0 in a.strides else "K")


def _normalised(axes: Any, ndim: int) -> tuple[int, ...]:
    if axes.__class__ is int:
        return (axes % ndim,)
    if len(axes) == 1:
        return (axes[0] % ndim,)
    return tuple(sorted([axis % ndim for axis in axes]))


def _count(shape: tuple[int, ...], dims: tuple[int, ...]) -> int:
    count = 1
    for i in dims:
        count *= shape[i]
    return count


def _whole(a: Any) -> Any:
    """The sum of all elements."""
    if a.size:
        flags = a.flags
        if flags.c_contiguous:
            return _flat(a if a.ndim == 1 else a.ravel(), a.dtype)
        if flags.f_contiguous:
            return _flat(a.T.ravel(), a.dtype)
    return _general(a, tuple(range(a.ndim)))


def _some(a: Any, dims: tuple[int, ...]) -> Any:
    """The sum over some axes; a contiguous array is a matrix when they are the first or the last."""
    size, flags = a.size, a.flags
    if a.ndim == 2 and len(dims) == 1 and flags.f_contiguous and not flags.c_contiguous:
        a, dims, flags = a.T, (1 - dims[0],), a.T.flags
    if not dims or not size or a.dtype is _F16 or not flags.c_contiguous:
        return _general(a, dims)
    many, shape = len(dims), a.shape
    if dims[-1] == many - 1:
        count, kept = _count(shape, dims), shape[many:]
        total = _down(a if len(shape) == 2 else a.reshape(count, size // count))
    elif dims[0] == len(shape) - many:
        count, kept = _count(shape, dims), shape[: dims[0]]
        total = _across(a if len(shape) == 2 else a.reshape(size // count, count))
    else:
        return _general(a, dims)
    return total if len(kept) == 1 else total.reshape(kept)


# --------------------------------------------------------------------------- sums of rows, in order


@functools.cache
def _unit(size: int) -> Any:
    """A dtype of so many bytes, whose elements numpy copies as they are."""
    return np.dtype((np.void, size))


def in_order(rows: Array) -> Array:
    """(lines, count, width) -> (lines, width): the rows of each line, one after another.

    `einsum` adds whole rows too, and is quick where they are short and many; rows of less than a
    vector are copied first: the first of every line beside one another, then the second.
    """
    lines, count, width = rows.shape
    if count == 1:
        return rows[:, 0]
    if lines == 1:
        return _add(rows[0], 0).reshape(1, width)  # type: ignore[no-any-return]
    if lines * count <= _FEW:
        return _add(rows, 1)  # type: ignore[no-any-return]
    if width >= _NARROW:
        return np.einsum("lcw->lw", rows)  # type: ignore[no-any-return]
    units = rows.view(_unit(width * rows.itemsize))[:, :, 0]
    return _add(units.T.copy().view(rows.dtype), 0).reshape(lines, width)  # type: ignore[no-any-return]


def cascade(rows: Array) -> Array:
    """(lines, count, width) -> (lines, width), in blocks of 16 or more rows, then blocks of those."""
    lines, size, width = rows.shape
    power = max(4, (size - 1).bit_length() // LEVELS)
    if size >> power == 0:
        return in_order(rows)
    total: Any = None
    for _ in range(LEVELS - 1):
        blocks = size >> power
        whole = blocks << power
        if size > whole:
            part = in_order(rows[:, whole:] if whole else rows)
            total = part if total is None else total + part
        if not blocks:
            return total  # type: ignore[no-any-return]
        if size > whole:
            rows = rows[:, :whole]
        rows = in_order(rows.reshape(lines * blocks, 1 << power, width))
        rows, size = rows.reshape(lines, blocks, width), blocks
    part = in_order(rows)
    return part if total is None else total + part


def row_sum(rows: Array) -> Array:
    """(lines, count, width) -> (width, lines), as four sums side by side."""
    lines, count, width = rows.shape
    size = count // SIDE_BY_SIDE
    whole = size * SIDE_BY_SIDE
    if not size:
        sides = np.ascontiguousarray(rows.reshape(lines, count * width).T)
    elif count == whole:
        sides = np.ascontiguousarray(cascade(rows.reshape(lines, size, -1)).T)
    else:
        four = cascade(rows[:, :whole].reshape(lines, size, -1)).T
        left = rows[:, whole:].reshape(lines, -1).T
        sides = _stacked(four[:width], left, four[width:])
    return _add(sides.reshape(-1, width, lines), 0)  # type: ignore[no-any-return]


def _stacked(*parts: Array) -> Array:
    """Matrices one under another, each row in one piece."""
    count = sum([len(part) for part in parts])
    return np.concatenate(parts, out=np.empty((count, parts[0].shape[1]), parts[0].dtype))


# ------------------------------------------------------------------------------------------ lines


def _across(a: Array) -> Array:
    """The sums of the lines of a matrix, whose elements lie side by side."""
    lines, length = a.shape
    if length == 1:
        return a[:, 0] + _ZERO[a.dtype]
    if lines == 1:
        return _flat(a[0], a.dtype).reshape(1)  # type: ignore[no-any-return]
    if a.size > _CACHED and lines > _FEW:
        pieces = np.array_split(a, a.size // _CACHED + 1)
        return np.concatenate([_across(piece) for piece in pieces])
    lanes = _LANES[a.dtype]
    if length < lanes:
        return row_sum(a.reshape(lines, length, 1))[0] + _ZERO[a.dtype]  # type: ignore[no-any-return]
    whole = length // lanes * lanes
    return _vectors(a, None) if whole == length else _vectors(a[:, :whole], a[:, whole:])


def _vectors(body: Array, rest: Any) -> Array:
    """The sums of lines of whole vectors: what is left of each line, then the vectors' lanes."""
    lines, size = body.shape
    lanes = _LANES[body.dtype]
    sums = row_sum(body.reshape(lines, size // lanes, lanes))
    if rest is not None:
        sums = _stacked(rest.T, sums)
    if lines > 1 or len(sums) <= IN_ORDER:
        return _add(sums, 0, None, None, False, 0.0)  # type: ignore[no-any-return]
    return _accumulate(sums, 0)[-1] + _ZERO[body.dtype]  # type: ignore[no-any-return]


def _flat(line: Array, kind: Any) -> Any:
    """The sum of a contiguous line."""
    if kind is _F16:
        return _flat_half(line)
    lanes, count = _LANES[kind], line.size
    whole = count // lanes * lanes
    if count < SIDE_BY_SIDE * lanes:
        return _few(line, whole, lanes) + _ZERO[kind]
    line = line.reshape(1, count)
    if whole == count:
        return _vectors(line, None)[0]
    return _vectors(line[:, :whole], line[:, whole:])[0]


def _few(line: Array, whole: int, lanes: int) -> Any:
    """The sum of less than four vectors."""
    if whole <= lanes:
        order = _order_of_few(len(line), lanes)
        line = line if order is None else line.take(order)
    else:
        sums = _add(line[:whole].reshape(-1, lanes), 0)
        line = np.concatenate((line[whole:], sums)) if whole < len(line) else sums
    return _add(line) if len(line) <= IN_ORDER else _accumulate(line)[-1]


@functools.cache
def _order_of_few(count: int, lanes: int) -> Any:
    """In which order the elements of a line of less than two vectors are added; None as they lie."""
    first = lanes if count >= lanes else SIDE_BY_SIDE
    if count <= first:
        return None
    rest = [*range(first, count)]
    return np.array([*rest, *range(first)] if count >= lanes else [0, *rest, 1, 2, 3])


def _flat_half(line: Array) -> Any:
    """The sum of a line of float16, in float32: two vectors are added as they are read."""
    wide = line.astype(_F32)
    count = line.size
    if count < _LANES[_F32] * 2:
        total = row_sum(wide.reshape(1, count, 1))[0, 0]
    else:
        total = _vectors(*_folded(wide[None]))[0]
    return (total + _ZERO[_F32]).astype(_F16)


def _folded(a: Array) -> tuple[Array, Array]:
    """Lines of float16, widened: the sums of vectors two by two, and what is left."""
    lanes = _LANES[_F32]
    count = a.shape[1] // (2 * lanes)
    pairs = a[:, : 2 * lanes * count].reshape(len(a), count, 2, lanes)
    return (pairs[:, :, 0] + pairs[:, :, 1]).reshape(len(a), -1), a[:, 2 * lanes * count :]


# ---------------------------------------------------------------------------------------- columns


def _down(a: Array) -> Array:
    """The sums of the columns of a contiguous matrix."""
    count, width = a.shape
    if count == 1:
        return a[0] + _ZERO[a.dtype]  # type: ignore[no-any-return]
    if width == 1:
        return _flat(a[:, 0], a.dtype).reshape(1)  # type: ignore[no-any-return]
    lanes = _LANES[a.dtype]
    group = SIDE_BY_SIDE * (lanes if width >= lanes else 1)
    return _columns(a.reshape(1, count, width), group)[0] + _ZERO[a.dtype]  # type: ignore[no-any-return]


def _columns(rows: Array, group: int) -> Array:
    """Whole groups of columns go down side by side; what is left goes as four sums each."""
    width = rows.shape[2]
    whole = width // group * group
    if whole == width:
        return cascade(rows)
    if not whole:
        return row_sum(rows).T
    left = np.ascontiguousarray(rows[:, :, whole:])
    return np.concatenate((cascade(rows[:, :, :whole]), row_sum(left).T), 1)


# ------------------------------------------------------------------------- any dimensions


Dim = tuple[int, int, bool]  # size, stride in bytes, summed over


def _general(a: Any, axes: tuple[int, ...]) -> Any:
    """Sums over some axes, or over memory that is not contiguous."""
    kept = [n for i, n in enumerate(a.shape) if i not in axes]
    if not a.size:
        return bare(np.zeros(kept, a.dtype))
    if not any(a.strides):
        exact = _repeated(a.item(0), _count(a.shape, axes), a.dtype)
        if exact is not None:
            return bare(np.full(kept, exact, a.dtype))
    if a.size != 1 and min(a.strides) < 0:
        a = np.ascontiguousarray(a)
    if a.ndim == 2 and len(axes) == 1 and min(a.shape) > 1:
        laid = a if axes[0] == 0 else a.T
        ways = zip(laid.shape, laid.strides, (True, False), strict=True)
        dims: list[Dim] = list(ways)
    else:
        dims = _merged(_ordered(a, axes))
        if not dims or not dims[0][2]:
            return bare(np.add(a.reshape(kept), _ZERO[a.dtype], order="C"))
        laid = np.lib.stride_tricks.as_strided(a, [d[0] for d in dims], [d[1] for d in dims])
    half = a.dtype == _F16
    if half and len(dims) > 1 and dims[1][2]:  # sums in several steps go through a float32 copy
        return bare(np.asarray(sum_(_widened(a), axes)).astype(_F16))
    total = _lines(laid.astype(_F32) if half else laid, dims, a.dtype.itemsize)
    return bare(_gathered(total, dims, a.dtype).reshape(kept))


def _repeated(number: float, count: int, kind: Any) -> float | None:
    """count times a number, None where adding it up might round: it has many digits."""
    if kind is _F16 or not math.isfinite(number):
        return None
    digits = abs(number.as_integer_ratio()[0]) * count
    return number * count + 0.0 if digits <= 2 / np.finfo(kind).eps else None


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


def _lines(a: Array, dims: list[Dim], itemsize: int) -> Array:
    """The sums over the first dimension, each way torch goes about it; the others turned round."""
    size, stride, _ = dims[0]
    columns, across, _ = dims[1] if len(dims) > 1 else (1, 0, False)
    width = VECTOR_BYTES // itemsize
    turned = a.shape[:0:-1]
    if stride == itemsize and size >= width:
        lines = np.ascontiguousarray(a.T).reshape(-1, size)
        lanes = _LANES[a.dtype]
        whole = size // lanes * lanes
        parts = _folded(lines) if itemsize == 2 else (lines[:, :whole], lines[:, whole:])
        return _vectors(*parts).reshape(turned)
    rows = np.ascontiguousarray(a.T.swapaxes(-1, -2) if a.ndim > 1 else a)
    rows = rows.reshape(-1, size, columns)
    if across == itemsize and columns >= width:
        total = _columns(rows, SIDE_BY_SIDE * _LANES[a.dtype])
    elif stride < across or len(dims) == 1:
        total = row_sum(rows).T
    else:
        total = _columns(rows, SIDE_BY_SIDE)
    return total.reshape(turned)


def _gathered(total: Array, dims: list[Dim], kind: Any) -> Array:
    """The lines' sums added into the outputs, one after another, in the outputs' own order."""
    deeper = sum(1 for dim in dims[1:] if dim[2])
    total = np.add(total, _ZERO[total.dtype], order="C")
    if not deeper:
        return total.astype(kind, copy=False)
    count = math.prod(total.shape[total.ndim - deeper :])
    lines = total.reshape(*total.shape[: total.ndim - deeper], count)
    return np.asarray(_accumulate(lines, -1)[..., -1]).astype(kind)
