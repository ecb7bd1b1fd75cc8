"""Reductions other than sums: spreads, products, norms, soft maxima, running sums, extremes.

`axes` is an axis, a tuple of axes or None for all. Integers become int64 where torch makes them so.
"""

from __future__ import annotations

import importlib
import math
from typing import Any

import numpy as np

from gradtui.engine.fma import fma64
from gradtui.engine.kernels.bare import bare
from gradtui.engine.kernels.sums import IN_ORDER, VECTOR_BYTES, in_order, mean_, sum_
from gradtui.engine.kernels.unary import exp, log

Array = np.ndarray[Any, np.dtype[Any]]
_core: Any = importlib.import_module("numpy._core._multiarray_umath")
_cpu: dict[str, bool] = getattr(_core, "__cpu_features__", {})
_F16, _F32, _F64 = np.dtype(np.float16), np.dtype(np.float32), np.dtype(np.float64)
_multiply: Any = np.multiply.reduce
_maximum: Any = np.maximum.reduce
_sum: Any = np.add.reduce

# torch's soft maxima, unlike its sums, use vectors of 64 bytes where the processor has them.
_AVX512 = ("AVX512F", "AVX512VL", "AVX512BW", "AVX512DQ")
WIDEST_VECTOR = 64 if all(_cpu.get(name) for name in _AVX512) else VECTOR_BYTES


def _axes(axes: Any, ndim: int) -> tuple[int, ...]:
    if axes is None:
        return tuple(range(ndim))
    given = (axes,) if isinstance(axes, int) else tuple(axes)
    return tuple(sorted(axis % ndim for axis in given)) if ndim else ()


def _flattened(x: Any, axes: Any) -> tuple[Array, list[int]]:
    """The array with the reduced axes made one, in front, and the shape of what is kept."""
    x = np.asarray(x)
    chosen = _axes(axes, x.ndim)
    kept = [i for i in range(x.ndim) if i not in chosen]
    shape = [x.shape[i] for i in kept]
    count = math.prod([x.shape[i] for i in chosen])
    return x.transpose([*chosen, *kept]).reshape(count, *shape), shape


def _shaped(result: Any, x: Any, axes: Any, keepdim: bool) -> Any:
    if not keepdim:
        return bare(result)
    chosen = _axes(axes, x.ndim)
    return result.reshape([1 if i in chosen else n for i, n in enumerate(x.shape)])


# ----------------------------------------------------------------------------------------- spread

_TURNED = 32  # elements of a line up to which it is compared across lines
_EXACT = 256  # up to so many float64 values Welford's recurrence is followed step by step


def var(x: Any, axes: Any = None, correction: float = 1, keepdim: bool = False) -> Any:
    """The variance, accumulated in float64: about the mean for all axes, else Welford's."""
    return _shaped(_variance(x, axes, correction).astype(x.dtype), x, axes, keepdim)


def std(x: Any, axes: Any = None, correction: float = 1, keepdim: bool = False) -> Any:
    """The square root of the variance, taken in float64."""
    root = np.sqrt(_variance(x, axes, correction))
    return _shaped(root.astype(x.dtype), x, axes, keepdim)


def _variance(x: Any, axes: Any, correction: float) -> Any:
    rows, _ = _flattened(x, axes)
    count = len(rows)
    divisor = np.float64(max(count - correction, 0))
    with np.errstate(all="ignore"):
        if not count:
            return np.full(rows.shape[1:], math.nan)
        if rows.ndim == 1 and x.dtype != _F16:
            offset = rows.astype(_F64) - np.float64(mean_(rows))
            return np.add.accumulate(offset * offset)[-1] / divisor
        if x.dtype == _F64 and count <= _EXACT:
            return _welford(rows) / divisor
        wide = rows.astype(_F64)
        offset = wide - wide.mean(0)
        return (offset * offset).sum(0) / divisor


def _welford(rows: Array) -> Any:
    mean = squares = np.zeros(rows.shape[1:])
    for i, row in enumerate(rows, 1):
        delta = row - mean
        mean = mean + delta / i
        squares = squares + delta * (row - mean)
    return squares


# ---------------------------------------------------------------------------------------- product


def prod(x: Any, axes: Any = None, keepdim: bool = False) -> Any:
    """The product; contiguous lines four vectors at a time, as torch's reductions go."""
    if x.dtype.kind != "f":
        return _multiply(x, axes, np.int64, None, keepdim)
    if len(_axes(axes, x.ndim)) == x.ndim and not x.flags.c_contiguous and not keepdim:
        x = x.transpose(sorted(range(x.ndim), key=lambda d: -abs(x.strides[d])))
    rows, _ = _flattened(x, axes)
    lanes = VECTOR_BYTES // x.dtype.itemsize
    count = len(rows) // (4 * lanes) * (4 * lanes) if _in_lines(x, axes) else 0
    result = np.ones(rows.shape[1:], x.dtype)
    if count:
        result = _vector_product(rows[:count], lanes)
    for row in rows[count:]:
        result = result * row
    return _shaped(np.asarray(result).astype(x.dtype), x, axes, keepdim)


def _in_lines(x: Any, axes: Any) -> bool:
    """Whether the reduced elements lie side by side: all axes, or the last ones."""
    chosen = _axes(axes, x.ndim)
    return chosen == tuple(range(x.ndim - len(chosen), x.ndim))


def _vector_product(rows: Array, lanes: int) -> Any:
    vectors = rows.reshape(len(rows) // (4 * lanes), 4, lanes, *rows.shape[1:])
    parts = vectors[0]
    for vector in vectors[1:]:
        parts = parts * vector
    together = (parts[0] * parts[1]) * (parts[2] * parts[3])
    result = together[0]
    for lane in together[1:]:
        result = result * lane
    return result


# ------------------------------------------------------------------------------------------- norm


def norm(x: Any, p: float = 2.0, axes: Any = None, keepdim: bool = False) -> Any:
    """The p-norm: 0 counts, ±inf are the extremes, else the p-th root of the sum of powers."""
    wide = x.astype(_F32) if x.dtype == _F16 else x
    rows, shape = _flattened(np.abs(wide), axes)
    if not len(rows):
        return _shaped(np.full(shape, math.inf if p < 0 else 0.0, x.dtype), x, axes, keepdim)
    if math.isinf(p):
        result = _maximum(rows, 0) if p > 0 else np.minimum.reduce(rows, 0)
    elif p == 2:
        result = np.sqrt(_squares(rows, _in_lines(x, axes)))
    else:
        result = _powers(rows, p)
    return _shaped(np.asarray(result).astype(x.dtype), x, axes, keepdim)


def _squares(rows: Array, contiguous: bool) -> Any:
    """The sum of squares: in the lanes of a vector where lines are contiguous, else one by one."""
    if not contiguous:
        return _one_by_one(rows * rows)
    lanes = VECTOR_BYTES // rows.dtype.itemsize
    count = len(rows) // lanes * lanes
    total: Any = np.zeros(rows.shape[1:], rows.dtype)
    if count:
        vectors = (rows[:count] * rows[:count]).reshape(count // lanes, lanes, *rows.shape[1:])
        total = _one_by_one(_one_by_one(vectors))
    rest = len(rows) - count
    for i, row in enumerate(rows[count:]):  # float32 is unrolled by four, not contracted there
        plain = rows.dtype == _F32 and i < rest // 4 * 4
        total = total + row * row if plain else _fused_square(row, total)
    return total


def _fused_square(x: Any, total: Any) -> Any:
    """total + x², rounded once: what is left of a line is added so."""
    if x.dtype == _F64:
        return fma64(x, x, total)
    wide = x.astype(_F64)
    return (wide * wide + total).astype(_F32)


def _powers(rows: Array, p: float) -> Any:
    if p == 0:
        return (rows != 0).astype(rows.dtype).sum(0)
    if p == 1:
        return _one_by_one(rows)
    wide = np.power(rows.astype(_F64), p)
    return np.power(_one_by_one(wide), 1.0 / p).astype(rows.dtype)


# ---------------------------------------------------------------------------------- soft maxima


def logsumexp(x: Any, axes: Any = None, keepdim: bool = False) -> Any:
    """log of the sum of exp, with the largest element taken out first."""
    chosen = _axes(axes, x.ndim)
    if not x.size:
        return bare(np.log(np.asarray(sum_(x, chosen, keepdim))))
    top = _maximum(x, chosen, keepdims=True)
    top = np.where(np.isinf(top), x.dtype.type(0), top)
    result = log(np.asarray(sum_(exp(np.asarray(x - top)), chosen or None, True))) + top
    return bare(result if keepdim else np.squeeze(result, chosen))


def _top(x: Array, axis: int) -> Any:
    """The largest along an axis of a contiguous array; short lines are turned to long rows first."""
    length = x.shape[-1]
    if axis % x.ndim != x.ndim - 1 or length > _TURNED or x.size < 8 * length:
        return _maximum(x, axis, keepdims=True)
    lines = x.reshape(-1, length)
    return _maximum(np.ascontiguousarray(lines.T), 0).reshape(*x.shape[:-1], 1)


def softmax(x: Any, axis: int = -1) -> Any:
    """exp(x) over its sum along `axis`, with the largest element taken out first."""
    if not x.size:
        return x
    if x.ndim == 0:
        return softmax(x.reshape(1), 0)[0]
    x = np.ascontiguousarray(x)
    wide = x.astype(_F32) if x.dtype == _F16 else x
    grown = exp(wide - _top(wide, axis))
    total = _line_sum(grown, axis)
    last = axis % x.ndim == x.ndim - 1
    return (grown * (1 / total) if last else grown / total).astype(x.dtype, copy=False)


def log_softmax(x: Any, axis: int = -1) -> Any:
    """x less the log of the sum of exp along `axis`."""
    if not x.size:
        return x
    if x.ndim == 0:
        return log_softmax(x.reshape(1), 0)[0]
    x = np.ascontiguousarray(x)
    wide = x.astype(_F32) if x.dtype == _F16 else x
    shifted = wide - _top(wide, axis)
    return (shifted - log(_line_sum(exp(shifted), axis))).astype(x.dtype, copy=False)


def _line_sum(x: Array, axis: int) -> Any:
    """The sum along an axis of a contiguous array, kept as a dimension of size 1.

    Contiguous lines go in the lanes of one vector, others in order.
    """
    shape = list(x.shape)
    length, shape[axis] = shape[axis], 1
    across = math.prod(shape[axis % x.ndim :])
    lanes = WIDEST_VECTOR // x.dtype.itemsize
    if across > 1:
        return in_order(x.reshape(-1, length, across)).reshape(shape)
    if length <= IN_ORDER:
        return _sum(x, axis, keepdims=True)
    lines = x.reshape(-1, length)
    if length < lanes or axis % x.ndim != x.ndim - 1:
        return _one_by_one(lines.T).reshape(shape)
    whole = length // lanes * lanes
    parts = in_order(lines[:, :whole].reshape(-1, whole // lanes, lanes)).T
    parts = np.array(parts, order="C")
    if whole < length:
        parts[: length - whole] += lines[:, whole:].T
    return _of_lanes(parts).reshape(shape)


def _of_lanes(parts: Array) -> Array:
    """The sum over the first axis, the lanes of a vector: float32 halved, float64 in order."""
    if parts.dtype == _F64:
        return _one_by_one(parts)  # type: ignore[no-any-return]
    while len(parts) > 1:
        half = len(parts) // 2
        parts = parts[:half] + parts[half:]
    return parts


def _one_by_one(rows: Array) -> Any:
    """The sum over the first axis, one row after another."""
    if rows.size == len(rows):
        return np.add.accumulate(rows, 0)[-1]
    return _sum(np.ascontiguousarray(rows), 0)


# -------------------------------------------------------------------------- running, extremes


def cumsum(x: Any, axis: int = -1) -> Any:
    """Running sums, accumulated in float64 (float16 in float32); integers give int64."""
    return _running(np.add, x, axis)


def cumprod(x: Any, axis: int = -1) -> Any:
    """Running products, accumulated in float64 (float16 in float32); integers give int64."""
    return _running(np.multiply, x, axis)


def _running(ufunc: Any, x: Any, axis: int) -> Any:
    if x.ndim == 0:
        return +x if x.dtype.kind == "f" else x.astype(np.int64)
    if x.dtype.kind != "f":
        return np.ascontiguousarray(ufunc.accumulate(x, axis, np.int64))
    out = ufunc.accumulate(x, axis, _F32 if x.dtype == _F16 else _F64)
    return (out + 0.0 if ufunc is np.add else out).astype(x.dtype, order="C")


def argmax(x: Any, axis: int | None = None, keepdim: bool = False) -> Any:
    """The place of the first largest element; a nan counts as largest."""
    return bare(np.asarray(np.argmax(x, axis=axis, keepdims=keepdim), np.int64))


def argmin(x: Any, axis: int | None = None, keepdim: bool = False) -> Any:
    """The place of the first smallest element; a nan counts as smallest."""
    return bare(np.asarray(np.argmin(x, axis=axis, keepdims=keepdim), np.int64))
