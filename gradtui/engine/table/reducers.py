"""Reductions with torch's arguments: `dim`, `keepdim`, `dtype` in front of the kernels that
compute.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine.errors import dims_of, wrap_dim
from gradtui.engine.kernels import arithmetic
from gradtui.engine.kernels import reductions as R
from gradtui.engine.kernels.bare import bare
from gradtui.engine.kernels.introselect import first_of
from gradtui.engine.kernels.selection import quick_select
from gradtui.engine.kernels.shapes import laid_out_like
from gradtui.engine.kernels.sums import mean_, sum_


def typed(x: Any, dtype: Any) -> Any:
    """The array in the dtype asked for, if one was."""
    return x if dtype is None else x.astype(dtype.numpy)


def power(x: Any, exponent: Any) -> Any:
    return arithmetic.power_scalar(x, exponent)


# -- sums, means, products -------------------------------------------------------------------------


def sum_all(x: Any, dtype: Any = None) -> Any:
    return sum_(x) if dtype is None else total(x, dtype, None, False)


def sum_dims(x: Any, dim: Any, keepdim: bool = False, dtype: Any = None) -> Any:
    return total(x, dtype, dims_of(dim, x.ndim), keepdim)


def total(x: Any, dtype: Any, dims: Any, keepdim: bool) -> Any:
    if dtype is None or dtype.is_floating_point:
        return sum_(typed(x, dtype), dims if x.ndim else None, keepdim)
    added: Any = np.sum(typed(x, dtype), axis=dims, dtype=np.int64, keepdims=keepdim)
    return added.astype(dtype.numpy)


def mean_all(x: Any, dtype: Any = None) -> Any:
    return mean_(x if dtype is None else typed(x, dtype))


def mean_dims(x: Any, dim: Any, keepdim: bool = False, dtype: Any = None) -> Any:
    dims = dims_of(dim, x.ndim)
    return mean_(typed(x, dtype), dims if x.ndim else None, keepdim)


def nansum(x: Any, dim: Any, keepdim: bool = False, dtype: Any = None) -> Any:
    if x.dtype.kind == "f" and np.isnan(x).any():  # else it is added up as it lies in memory
        x = bare(np.asarray(np.where(x != x, x.dtype.type(0), x)))
    return total(x, dtype, dims_of(dim, x.ndim), keepdim)


def prod_all(x: Any, dtype: Any = None) -> Any:
    return prod(x, dtype, None, False)


def prod(x: Any, dtype: Any, dim: Any, keepdim: bool) -> Any:
    x = typed(x, dtype)
    out = R.prod(x, dims_of(dim, x.ndim), keepdim)
    return out if dtype is None else out.astype(dtype.numpy)


def cumsum(x: Any, dim: int, dtype: Any = None) -> Any:
    return _running(R.cumsum, x, dim, dtype)


def cumprod(x: Any, dim: int, dtype: Any = None) -> Any:
    return _running(R.cumprod, x, dim, dtype)


def _running(kernel: Any, x: Any, dim: int, dtype: Any) -> Any:
    x = typed(x, dtype)
    out = kernel(x, wrap_dim(dim, x.ndim))
    return out if dtype is None else out.astype(dtype.numpy)


def logcumsumexp(x: Any, dim: int) -> Any:
    dim = wrap_dim(dim, x.ndim)
    if not x.ndim or not x.size:
        return x
    axis = wrap_dim(dim, x.ndim)
    return np.logaddexp.accumulate(x.astype(np.float64), axis).astype(x.dtype)


# -- spreads and norms -----------------------------------------------------------------------------


def var(x: Any, dim: Any, correction: Any, keepdim: bool) -> Any:
    return _moment(R.var, x, dim, correction, keepdim)


def std(x: Any, dim: Any, correction: Any, keepdim: bool) -> Any:
    return _moment(R.std, x, dim, correction, keepdim)


def _moment(kernel: Any, x: Any, dim: Any, correction: Any, keepdim: bool) -> Any:
    by = 1 if correction is None else correction
    return kernel(x, dims_of(dim, x.ndim), by, keepdim)


def var_mean(x: Any, dim: Any, correction: Any, keepdim: bool) -> Any:
    return var(x, dim, correction, keepdim), mean_dims(x, dim, keepdim)


def std_mean(x: Any, dim: Any, correction: Any, keepdim: bool) -> Any:
    return std(x, dim, correction, keepdim), mean_dims(x, dim, keepdim)


def norm(x: Any, ord: Any, dim: Any, keepdim: bool, dtype: Any = None) -> Any:
    return R.norm(typed(x, dtype), float(ord), dims_of(dim, x.ndim), keepdim)


# -- extremes --------------------------------------------------------------------------------------


def _refuse_empty(x: Any, name: str) -> None:
    if not x.size:
        raise RuntimeError(
            f"{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the "
            "reduction dim with the 'dim' argument."
        )


def max_all(x: Any) -> Any:
    _refuse_empty(x, "max")
    return np.maximum.reduce(x, None)


def min_all(x: Any) -> Any:
    _refuse_empty(x, "min")
    return np.minimum.reduce(x, None)


def _over(ufunc: Any, name: str) -> Any:
    def kernel(x: Any, dim: Any, keepdim: bool) -> Any:
        every = dim in (None, ())
        given = range(x.ndim) if every else (dim,) if isinstance(dim, int) else tuple(dim)
        for d in given:
            if -x.ndim <= d < x.ndim:
                _refuse_empty_dim(x, d, name, None if every else dim)
        dims = dims_of(dim, x.ndim)
        return _of_first_zero(ufunc.reduce(x, dims, keepdims=keepdim), x, dims) if x.ndim else x

    return kernel


def _of_first_zero(out: Any, x: Any, dims: tuple[int, ...]) -> Any:
    """Extremes with the sign of the first zero where they are zero; numpy gives that of the last."""
    if x.dtype.kind != "f" or np.all(out):
        return out
    kept = [d for d in range(x.ndim) if d not in dims]
    lines = x.transpose([*kept, *dims]).reshape([*(x.shape[d] for d in kept), -1])
    first = np.take_along_axis(lines, (lines == 0).argmax(-1)[..., None], -1)
    return bare(np.where(out == 0, first.reshape(np.shape(out)), out))


def _refuse_empty_dim(x: Any, dim: int, name: str, given: Any = 0) -> None:
    if x.ndim and not x.shape[dim]:
        if given is None:
            _refuse_empty(x, name)
        raise IndexError(f"{name}(): Expected reduction dim {dim} to have non-zero size.")


amax, amin = _over(np.maximum, "amax"), _over(np.minimum, "amin")


def _along(name: str, find: Any) -> Any:
    """Values and indices of what `find` picks along a dimension."""

    def kernel(x: Any, dim: int, keepdim: bool) -> Any:
        dim = wrap_dim(dim, x.ndim)
        if x.ndim == 0:
            return bare(x), np.int64(0)
        _refuse_empty_dim(x, dim, name)
        at = np.expand_dims(find(x, dim), dim)
        return _picked(x, at, dim, keepdim)

    return kernel


def _picked(x: Any, at: Any, dim: int, keepdim: bool) -> Any:
    values = np.take_along_axis(x, at, dim)
    return (values, at) if keepdim else (bare(values.squeeze(dim)), bare(at.squeeze(dim)))


def _place_of(rank: Any) -> Any:
    """The place of the entry of a rank, nan counted as the greatest."""

    def find(x: Any, axis: int) -> Any:
        order = np.argsort(x, axis=axis, kind="stable")
        return np.take(order, rank(x, axis), axis=axis)

    return find


def _median_place(x: Any, axis: int) -> Any:
    found = _place_of(lambda x, axis: (x.shape[axis] - 1) // 2)(x, axis)
    if x.dtype.kind == "f":
        missing = np.isnan(x)
        return np.where(missing.any(axis), missing.argmax(axis), found)
    return found


def _nanmedian_place(x: Any, axis: int) -> Any:
    order = np.argsort(x, axis=axis, kind="stable")
    known = (x == x).sum(axis, keepdims=True)
    rank = np.maximum((known - 1) // 2, 0)
    return np.take_along_axis(order, rank, axis).squeeze(axis)


def _mode_place(x: Any, axis: int) -> Any:
    """The last place of the most frequent value, the least of those on a tie."""
    return np.apply_along_axis(_mode_of, axis, x)


def _mode_of(line: Any) -> Any:
    values, counts = np.unique(line, return_counts=True)
    return np.flatnonzero(line == values[np.argmax(counts)])[-1]


max_dim = _along("max", lambda x, axis: np.argmax(x, axis=axis))
min_dim = _along("min", lambda x, axis: np.argmin(x, axis=axis))
median_dim, nanmedian_dim = _along("median", _median_place), _along("nanmedian", _nanmedian_place)
mode = _along("mode", _mode_place)


def median_all(x: Any) -> Any:
    return _middle(np.asarray(x).reshape(-1), _median_place)


def nanmedian_all(x: Any) -> Any:
    return _middle(np.asarray(x).reshape(-1), _nanmedian_place)


def _middle(flat: Any, place: Any) -> Any:
    if not flat.size:
        return flat.dtype.type(np.nan if flat.dtype.kind == "f" else np.iinfo(flat.dtype).min)
    return flat[place(flat, 0)]


def kthvalue(x: Any, k: int, dim: int, keepdim: bool) -> Any:
    axis = wrap_dim(dim, x.ndim)
    return _along("kthvalue", quick_select(k - 1))(x, axis, keepdim)


def aminmax(x: Any, dim: int | None, keepdim: bool) -> Any:
    dims = None if dim is None else (wrap_dim(dim, x.ndim),)
    if dims and x.ndim and not x.shape[dims[0]]:
        raise IndexError(f"aminmax: Expected reduction dim {dims[0]} to have non-zero size.")
    if dim is None and not x.size:
        raise RuntimeError(
            "aminmax(): cannot compute aminmax over an empty dimension as the operation has no "
            "identity."
        )
    return amin(x, dims, keepdim), amax(x, dims, keepdim)


def _arg(name: str, kernel: Any) -> Any:
    def place(x: Any, dim: int | None, keepdim: bool) -> Any:
        if dim is None and not x.size:
            raise IndexError(
                f"{name}(): Expected reduction dim to be specified for input.numel() == 0."
            )
        if dim is None:
            return kernel(x, None, keepdim)
        dim = wrap_dim(dim, x.ndim)
        _refuse_empty_dim(x, dim, name)
        return kernel(x, dim, keepdim) if x.ndim else np.int64(0)

    return place


argmax, argmin = _arg("argmax", R.argmax), _arg("argmin", R.argmin)


def _best_so_far(better: Any) -> Any:
    """Running extremes and their places, the latest of equals; nan, once met, stays."""

    def kernel(x: Any, dim: int) -> Any:
        dim = wrap_dim(dim, x.ndim)
        if not x.ndim:
            return x, np.int64(0)
        lines = np.moveaxis(x, dim, 0)
        places = np.zeros(lines.shape, np.int64)
        values = np.array(lines)
        for i in range(1, len(lines)):
            wins = better(lines[i], values[i - 1]) | (lines[i] != lines[i])
            values[i] = np.where(wins, lines[i], values[i - 1])
            places[i] = np.where(wins, i, places[i - 1])
        return np.moveaxis(values, 0, dim).copy(), np.moveaxis(places, 0, dim).copy()

    return kernel


cummax, cummin = _best_so_far(np.greater_equal), _best_so_far(np.less_equal)


# -- order -----------------------------------------------------------------------------------------


def sort(x: Any, stable: Any = False, dim: int = -1, descending: bool = False) -> Any:
    dim = wrap_dim(dim, x.ndim)
    if x.ndim == 0:
        return bare(x), np.int64(0)
    if descending:
        flipped = np.argsort(np.flip(x, dim), axis=dim, kind="stable")
        at = x.shape[dim] - 1 - np.flip(flipped, dim)
    else:
        at = np.argsort(x, axis=dim, kind="stable")
    return laid_out_like(np.take_along_axis(x, at, dim), x), laid_out_like(at, x)


STEPPED = 1 << 16  # entries up to which topk chooses between equal ones as C++ does


def topk(x: Any, k: int, dim: int, largest: bool, sorted_: bool) -> Any:
    if x.dtype.kind == "b":
        raise RuntimeError("topk does not support bool dtypes on CPU")
    dim = wrap_dim(dim, x.ndim)
    if not 0 <= k <= (x.shape[dim] if x.ndim else 1):
        raise RuntimeError("selected index k out of range")
    values, at = sort(x, True, dim, largest)
    if not x.ndim:
        return values, at
    cut = (slice(None),) * dim + (slice(0, k),)
    if x.size <= STEPPED and (not sorted_ or _ties(np.moveaxis(values, dim, -1)[..., : k + 1])):
        places = _chosen(np.moveaxis(x, dim, -1), k, largest, sorted_)
        at = np.ascontiguousarray(np.moveaxis(places, -1, dim))
        return np.take_along_axis(x, at, dim), at
    return values[cut].copy(), at[cut].copy()


def _ties(values: Any) -> bool:
    """Whether neighbours in sorted rows are equal."""
    a, b = values[..., 1:], values[..., :-1]
    return bool(((a == b) | ((a != a) & (b != b))).any())


def _chosen(rows: Any, k: int, largest: bool, sorted_: bool) -> Any:
    """The places of the first k of each row; nan is the greatest."""
    flat = rows.reshape(-1, rows.shape[-1])
    places = np.empty((len(flat), k), np.int64)
    for number, row in enumerate(flat):
        ranks = np.unique(row, return_inverse=True)[1]
        places[number] = first_of((-ranks if largest else ranks).tolist(), k, sorted_)
    return places.reshape(*rows.shape[:-1], k)
