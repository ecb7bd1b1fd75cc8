"""Rows that reduce: over everything, or over dimensions that `keepdim` keeps as size 1."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradtui.engine.errors import dims_of, wrap_dim
from gradtui.engine.kernels import reductions as R
from gradtui.engine.kernels import unary
from gradtui.engine.lift import (
    array_of,
    blanked,
    cast,
    dtype_of,
    expand,
    is_tensor,
    lifted,
    masked_fill,
    mean_all,
    mean_dims,
    ones,
    over,
    reshape,
    rtimes,
    slices,
    sum_all,
    sum_dims,
    unsqueeze,
    unsqueeze_all,
    view,
    where,
    zeros_like,
)
from gradtui.engine.rows import row
from gradtui.engine.table import checks, jvps, sized_checks
from gradtui.engine.table import reducers as X
from gradtui.engine.tensor import wrap

exp, sgn, abs_ = lifted("exp", unary.exp), lifted("sgn", unary.sign), lifted("abs", np.abs)
isnan, power = lifted("isnan", np.isnan), lifted("pow", X.power)
cumsum, cumprod = lifted("cumsum", X.cumsum), lifted("cumprod", X.cumprod)
flip = lifted("flip", lambda x, dims: np.flip(x, dims).copy())
prod_dim = lifted("prod", lambda x, dim, keepdim: X.prod(x, None, (dim,), keepdim))
logical_or = lifted("logical_or", np.logical_or)


def _cat(parts: list[Any], dim: int) -> Any:
    from gradtui.engine.lift import FUNCTIONS

    if any(is_tensor(p) for p in parts):
        return FUNCTIONS["cat"](parts, dim)
    return np.concatenate(parts, dim)


def _size(sizes: tuple[int, ...], dim: Any) -> int:
    return math.prod(sizes[d] for d in dims_of(dim, len(sizes)))


def _back(x: Any, sizes: tuple[int, ...], dim: Any, keepdim: bool) -> Any:
    """A reduced value with its dimensions of size 1, to meet what was reduced."""
    return x if keepdim else unsqueeze_all(x, dims_of(dim, len(sizes)))


def _spread(grad: Any, sizes: tuple[int, ...], dim: Any, keepdim: bool) -> Any:
    """The cotangent of a sum at every entry that was added."""
    if not keepdim and sizes and dim not in (None, ()):
        grad = unsqueeze_all(grad, dims_of(dim, len(sizes)))
    return expand(grad, sizes)


# -- sums and means ------------------------------------------------------------------------------

row(
    "sum(Tensor self, *, ScalarType? dtype=None)",
    "SumBackward0",
    X.sum_all,
    self=lambda grad, self_sizes: expand(grad, self_sizes),
)
row(
    "sum(Tensor self, IntArrayRef[1]? dim, bool keepdim=False, *, ScalarType? dtype=None)",
    "SumBackward1",
    X.sum_dims,
    self=lambda grad, self_sizes, dim, keepdim: _spread(grad, self_sizes, dim, keepdim),
)
row(
    "mean(Tensor self, *, ScalarType? dtype=None)",
    "MeanBackward0",
    X.mean_all,
    check=checks.mean,
    self=lambda grad, self_sizes, self_numel: over(expand(grad, self_sizes), self_numel),
)
row(
    "mean(Tensor self, IntArrayRef[1]? dim, bool keepdim=False, *, ScalarType? dtype=None)",
    "MeanBackward1",
    X.mean_dims,
    check=checks.mean_dim,
    self=lambda grad, self_sizes, dim, keepdim: (
        over(_spread(grad, self_sizes, dim, keepdim), _size(self_sizes, dim))
    ),
)

row(
    "nansum(Tensor self, IntArrayRef[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None)",
    "NansumBackward0",
    X.nansum,
    jvp=lambda self_t, self_p, dim, keepdim: jvps.added(self_t * _known(self_p), dim, keepdim),
    self=lambda grad, self, dim, keepdim: (
        _spread(grad, tuple(self.shape), dim, keepdim) * _known(self)
    ),
)


def _known(x: Any) -> Any:
    """Where x is a number."""
    mask = ~np.isnan(array_of(x))
    return wrap(mask) if is_tensor(x) else mask


# -- products ------------------------------------------------------------------------------------


def _product_all(grad: Any, self: Any, result: Any) -> Any:
    if not self.shape:
        return grad
    zero = np.count_nonzero(array_of(self) == 0)
    if not zero:
        return grad * (result / self)
    if zero > 1 and not is_tensor(grad):
        return np.zeros_like(self)
    return view(_others(grad, reshape(self, (-1,)), 0), tuple(self.shape))


def _product(grad: Any, self: Any, result: Any, dim: int, keepdim: bool) -> Any:
    if not self.shape:
        return grad
    dim = wrap_dim(dim, len(self.shape))
    if not keepdim:
        grad, result = unsqueeze(grad, dim), unsqueeze(result, dim)
    if not np.any(array_of(self) == 0):
        return grad * (result / self)
    return _others(grad, self, dim)


def _others(grad: Any, x: Any, dim: int) -> Any:
    """grad times the product of all others: torch's way where there are zeros."""
    size = x.shape[dim]
    if size == 1:
        return grad
    one = ones(x, [1 if i == dim else n for i, n in enumerate(x.shape)])
    before = cumprod(_cat([one, slices(x, dim, 0, size - 1)], dim), dim)
    after = cumprod(_cat([one, flip(slices(x, dim, 1, size), (dim,))], dim), dim)
    return grad * (before * flip(after, (dim,)))


row("prod(Tensor self, *, ScalarType? dtype=None)", "ProdBackward0", X.prod_all,
    jvp=lambda self_t, self_p, result: sum_all(
        _product_all(ones(result, ()), self_p, result) * self_t
    ), self=_product_all)
row(
    "prod(Tensor self, int64_t dim, bool keepdim=False, *, ScalarType? dtype=None)",
    "ProdBackward1",
    lambda x, dim, keepdim, dtype: X.prod(x, dtype, (dim,), keepdim),
    jvp=lambda self_t, self_p, result, dim, keepdim: jvps.added(
        _product(ones(result, result.shape), self_p, result, dim, keepdim) * self_t, (dim,), keepdim
    ),
    self=_product,
)

# -- spreads -------------------------------------------------------------------------------------


def _var_slope(grad: Any, self: Any, dim: Any, correction: Any, keepdim: bool) -> Any:
    sizes = tuple(self.shape)
    correction = 1 if correction is None else correction
    if not sizes or dim is None:
        dof = math.prod(sizes) - correction
        if dof <= 0:
            return grad * where(self == mean_all(self), math.nan, zeros_like(self) + math.inf)
        return rtimes(self - mean_all(self), (2.0 / dof) * grad)
    if not keepdim and len(sizes) > 1:
        grad = unsqueeze_all(grad, dims_of(dim, len(sizes)))
    dof = _size(sizes, dim) - correction
    factor = 2.0 / dof if dof else math.inf
    return rtimes(self - mean_dims(self, dims_of(dim, len(sizes)), True), factor * grad)


def _std_slope(grad: Any, self: Any, result: Any, dim: Any, correction: Any, keepdim: bool) -> Any:
    steep = blanked(grad / (result * 2), result == 0)
    return _var_slope(steep, self, dim, correction, keepdim)


row(
    "_var(Tensor self, IntArrayRef[1]? dim=None, *, Number? correction=None, bool keepdim=False)",
    "VarBackward0",
    X.var,
    jvp=lambda self_t, self_p, dim, correction, keepdim: _var_jvp(
        self_t, self_p, dim, correction, keepdim
    ),
    self=_var_slope,
)
row(
    "_std(Tensor self, IntArrayRef[1]? dim=None, *, Number? correction=None, bool keepdim=False)",
    "StdBackward0",
    X.std,
    jvp=lambda self_t, self_p, result, dim, correction, keepdim: _std_jvp(
        self_t, self_p, result, dim, correction, keepdim
    ),
    self=_std_slope,
)
row(
    "_var_mean(Tensor self, IntArrayRef[1]? dim=None, *, Number? correction=None, "
    "bool keepdim=False)",
    "VarMeanBackward0",
    X.var_mean,
    outputs=("result0", "result1"),
    jvp=lambda self_t, self_p, dim, correction, keepdim: (
        _var_jvp(self_t, self_p, dim, correction, keepdim),
        jvps.mean(self_t, dim, keepdim),
    ),
    self=lambda grads, self, dim, correction, keepdim: _both_slopes(
        grads, self, None, dim, correction, keepdim
    ),
)
row(
    "_std_mean(Tensor self, IntArrayRef[1]? dim=None, *, Number? correction=None, "
    "bool keepdim=False)",
    "StdMeanBackward0",
    X.std_mean,
    outputs=("result0", "result1"),
    jvp=lambda self_t, self_p, result0, dim, correction, keepdim: (
        _std_jvp(self_t, self_p, result0, dim, correction, keepdim),
        jvps.mean(self_t, dim, keepdim),
    ),
    self=lambda grads, self, result0, dim, correction, keepdim: _both_slopes(
        grads, self, result0, dim, correction, keepdim
    ),
)


def _var_jvp(self_t: Any, self_p: Any, dim: Any, correction: Any, keepdim: bool) -> Any:
    return jvps.added(_var_slope(self_t, self_p, dim, correction, True), dim, keepdim)


def _std_jvp(self_t: Any, self_p: Any, std: Any, dim: Any, correction: Any, keepdim: bool) -> Any:
    slope = _var_jvp(self_t, self_p, dim, correction, keepdim) / (2.0 * std)
    return masked_fill(slope, std == 0, 0)


def _both_slopes(grads: Any, self: Any, std: Any, dim: Any, correction: Any, keepdim: bool) -> Any:
    spread, mean = grads
    total = None
    if spread is not None and std is None:
        total = _var_slope(spread, self, dim, correction, keepdim)
    elif spread is not None:
        total = _std_slope(spread, self, std, dim, correction, keepdim)
    if mean is None:
        return total
    sizes = tuple(self.shape)
    part = _spread(mean, sizes, dim, keepdim) / _size(sizes, dim)
    return part if total is None else total + part


# -- running totals ------------------------------------------------------------------------------


def _from_the_end(x: Any, dim: int) -> Any:
    return flip(cumsum(flip(x, (dim,)), dim), (dim,))


def _cumsum_slope(grad: Any, self_dtype: Any, dim: int) -> Any:
    grad = grad if grad.dtype == self_dtype or is_tensor(grad) else cast(grad, self_dtype)
    if math.prod(grad.shape) <= 1 or grad.shape[dim] == 1:
        return grad
    return _from_the_end(grad, dim)


def _cumprod_slope(grad: Any, self: Any, result: Any, dim: int) -> Any:
    if math.prod(self.shape) <= 1:
        return grad
    dim = wrap_dim(dim, len(self.shape))
    size = self.shape[dim]
    if size == 1:
        return grad
    if not np.any(array_of(self) == 0):
        return _from_the_end(result * grad, dim) / self
    parts = (_one_cumprod_slope(grad, self, dim, k, size) for k in range(size))
    if not is_tensor(grad):
        return np.stack(list(parts), dim)
    made: Any = zeros_like(self).zero_()
    for k, part in enumerate(parts):
        made.select(dim, k).copy_(part)
    return made


def _one_cumprod_slope(grad: Any, x: Any, dim: int, k: int, size: int) -> Any:
    """The derivative by entry k: every later product with that entry left out."""
    before = prod_dim(slices(x, dim, 0, k), dim, True) if k else None
    after = cumprod(slices(x, dim, k + 1, size), dim) if k < size - 1 else None
    shape = [1 if i == dim else n for i, n in enumerate(x.shape)]
    if before is None:
        omitted = _cat([ones(x, shape), after], dim)
    elif after is None:
        omitted = before
    else:
        omitted = _cat([before, expand(before, tuple(after.shape)) * after], dim)
    return sum_dims(slices(grad, dim, k, size) * omitted, (dim,))


row(
    "cumsum(Tensor self, int64_t dim, *, ScalarType? dtype=None)",
    "CumsumBackward0",
    X.cumsum,
    check=sized_checks.running("cumsum"),
    self=_cumsum_slope,
)
row(
    "cumprod(Tensor self, int64_t dim, *, ScalarType? dtype=None)",
    "CumprodBackward0",
    X.cumprod,
    check=sized_checks.running("cumprod"),
    jvp=lambda self_t, self_p, result, dim: jvps.cumprods(self_t, self_p, result, dim),
    self=_cumprod_slope,
)
row(
    "logcumsumexp(Tensor self, int64_t dim)",
    "LogcumsumexpBackward0",
    X.logcumsumexp,
    check=checks.only_floats("logcumsumexp_out_cpu"),
    jvp=lambda self_p, self_t, dim: jvps.logcumsumexp(self_p, self_t, dim),
    self=lambda grad, self, result, dim: _logcumsumexp_slope(grad, self, result, dim),
)


def _logcumsumexp_slope(grad: Any, self: Any, result: Any, dim: int) -> Any:
    """torch's logcumsumexp_backward: in logarithms, positive and negative cotangents apart."""
    if not self.shape or not math.prod(self.shape):
        return grad
    lowest = np.finfo(dtype_of(grad)).min
    logs = log(abs_(grad))
    parts = [
        exp(
            flip(logcumsumexp(flip(where(sign, logs, lowest) - result, (dim,)), dim), (dim,)) + self
        )
        for sign in (grad > 0, grad < 0)
    ]
    return parts[0] - parts[1]


logcumsumexp = lifted("logcumsumexp", X.logcumsumexp)
log = lifted("log", unary.log)

# -- norms and soft maxima -------------------------------------------------------------------------


def _norm_slope(grad: Any, self: Any, result: Any, ord: float, dim: Any, keepdim: bool) -> Any:
    """torch's norm_backward, case by case."""
    sizes, norm = tuple(self.shape), result
    if not keepdim and sizes:
        dims = dims_of(dim, len(sizes)) if dim not in (None, ()) else ()
        grad, norm = unsqueeze_all(grad, dims), unsqueeze_all(norm, dims)
    if ord == 0:
        return None
    if ord == 1:
        return sgn(self) * grad
    if ord == 2:
        return grad * blanked(self / norm, norm == 0)
    if math.isinf(ord):
        size = abs_(self)
        mask = logical_or(size == norm, isnan(size))
        return sgn(self) * ((grad / counted(mask, dims_of(dim, len(sizes)))) * mask)
    if ord < 1:
        steep = sgn(self) * blanked(power(abs_(self), ord - 1), self == 0)
        return steep * grad * power(norm, 1 - ord)
    if ord < 2:
        steep = sgn(self) * power(abs_(self), ord - 1)
    else:
        steep = self * power(abs_(self), ord - 2)
    return steep * blanked(grad / power(norm, ord - 1), norm == 0)


def counted(mask: Any, dims: tuple[int, ...]) -> Any:
    return sum_dims(mask, dims, True)


row(
    "linalg_vector_norm(Tensor self, Number ord=2, IntArrayRef[1]? dim=None, bool keepdim=False, "
    "*, ScalarType? dtype=None)",
    "LinalgVectorNormBackward0",
    X.norm,
    check=checks.vector_norm,
    jvp=lambda self_p, self_t, ord, result, dim, keepdim: jvps.norm(
        self_p, self_t, ord, result, dim, keepdim
    ),
    self=_norm_slope,
)
row(
    "dist(Tensor self, Tensor other, Number p=2)",
    "DistBackward0",
    lambda a, b, p: X.norm(a - b, p, None, False),
    kind="common",
    jvp=lambda self_p, self_t, other_p, other_t, p, result: jvps.norm(
        self_p - other_p, self_t - other_t, p, result, None, False
    ),
    self=lambda grad, self, other, result, p: _norm_slope(
        grad, self - other, result, p, None, False
    ),
    other=lambda grad, self, other, result, p: _negated(
        _norm_slope(grad, self - other, result, p, None, False)
    ),
)


def _negated(grad: Any) -> Any:
    return None if grad is None else -grad


row(
    "logsumexp(Tensor self, IntArrayRef[1] dim, bool keepdim=False)",
    "LogsumexpBackward0",
    lambda x, dim, keepdim: R.logsumexp(x, dims_of(dim, x.ndim), keepdim),
    floats=True,
    jvp=lambda self_p, self_t, dim, keepdim: jvps.logsumexp(self_p, self_t, dim, keepdim),
    self=lambda grad, self, result, dim, keepdim: (
        _back(grad, tuple(self.shape), dim, keepdim or not self.shape)
        * exp(self - _back(result, tuple(self.shape), dim, keepdim or not self.shape))
    ),
)
