"""Tangents of results that take more than a line: what the rows of reductions and their kind name.

Each is torch's function of the same name in FunctionsManual.cpp, on arrays and on tensors; `self_p`
is the primal, `self_t` its tangent.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradtui.engine.errors import dims_of, wrap_dim
from gradtui.engine.kernels import places as P
from gradtui.engine.kernels import shapes, unary
from gradtui.engine.lift import (
    array_of,
    is_tensor,
    lifted,
    masked_fill,
    mean_all,
    mean_dims,
    reshape,
    sum_all,
    sum_dims,
    unsqueeze,
    unsqueeze_all,
    where,
    zeros_like,
)
from gradtui.engine.table import reducers as X
from gradtui.engine.tensor import wrap

abs_, exp, sgn = lifted("abs", np.abs), lifted("exp", unary.exp), lifted("sgn", unary.sign)
power = lifted("pow", X.power)
amax = lifted("amax", lambda x, dim, keepdim: X.amax(x, dim, keepdim))
gather = lifted("gather", P.gather)
cumsum, cumprod = lifted("cumsum", X.cumsum), lifted("cumprod", X.cumprod)
squeeze = lifted("squeeze", lambda x, dim: shapes.squeeze(x, dim))
sigmoid = lifted("sigmoid", unary.sigmoid)


def reduced(x: Any, reduction: int) -> Any:
    """Every loss, their mean (1), or their sum (2)."""
    return x if reduction == 0 else mean_all(x) if reduction == 1 else sum_all(x)


def added(x: Any, dim: Any, keepdim: bool) -> Any:
    """The sum over dimensions; over all of them where none are named."""
    return sum_dims(x, dims_of(dim, len(x.shape)), keepdim) if x.shape else x


def mean(x: Any, dim: Any, keepdim: bool) -> Any:
    return mean_dims(x, dims_of(dim, len(x.shape)), keepdim) if x.shape else x


def restored(x: Any, like: Any, dim: Any, keepdim: bool) -> Any:
    """A reduced value with its dimensions of size 1 put back."""
    ndim = len(like.shape)
    return x if keepdim or not ndim else unsqueeze_all(x, dims_of(dim, ndim))


def equal(x: Any, y: Any) -> Any:
    """Where x equals y, as numbers of the dtype of x."""
    left, right = array_of(x), array_of(y)
    mask = (left == right).astype(left.dtype)
    return wrap(mask) if is_tensor(x) else mask


def alike(x: Any, y: Any) -> Any:
    """The same, where nan equals nan."""
    left, right = array_of(x), array_of(y)
    mask = ((left == right) | (np.isnan(left) & np.isnan(right))).astype(left.dtype)
    return wrap(mask) if is_tensor(x) else mask


# -- extremes --------------------------------------------------------------------------------------


def evenly_read(self_t: Any, self_p: Any, result: Any) -> Any:
    """The mean of the tangents of all entries that reach the extreme."""
    mask = equal(self_p, result)
    return sum_all(mask * (self_t / sum_all(mask)))


def evenly_read_along(self_t: Any, self_p: Any, result: Any, dim: Any, keepdim: bool) -> Any:
    mask = equal(self_p, restored(result, self_p, dim, keepdim))
    return added(mask * self_t, dim, keepdim) / added(mask, dim, keepdim)


def read_at(self_t: Any, dim: int, indices: Any, keepdim: bool = True) -> Any:
    """The tangent of each chosen entry."""
    if not self_t.shape:
        return self_t
    if keepdim:
        return gather(self_t, dim, indices)
    return squeeze(gather(self_t, dim, unsqueeze(indices, dim)), dim)


def read_in_space(self_t: Any, indices: Any, dims: int = 2) -> Any:
    """The tangent of each entry that a pooling over (N, C, *space) or (C, *space) chose."""
    lead, out = tuple(self_t.shape[:-dims]), math.prod(indices.shape[-dims:])
    flat = reshape(self_t, (*lead, math.prod(self_t.shape[-dims:])))
    return reshape(gather(flat, -1, reshape(indices, (*lead, out))), tuple(indices.shape))


# -- norms and soft maxima -------------------------------------------------------------------------


def logsumexp(self_p: Any, self_t: Any, dim: Any, keepdim: bool) -> Any:
    """The tangents' mean, weighted by the exponentials."""
    if not self_p.shape:
        return self_t
    dims = dims_of(dim, len(self_p.shape))
    sizes = exp(self_p - amax(self_p, dims, True)) if math.prod(self_p.shape) else exp(self_p)
    return added(sizes * self_t, dims, keepdim) / added(sizes, dims, keepdim)


def logcumsumexp(self_p: Any, self_t: Any, dim: int) -> Any:
    if not self_p.shape or not math.prod(self_p.shape):
        return self_t
    sizes = exp(self_p - amax(self_p, (wrap_dim(dim, len(self_p.shape)),), True))
    return cumsum(sizes * self_t, dim) / (cumsum(sizes, dim) + 1e-13)


def norm(self_p: Any, self_t: Any, p: float, result: Any, dim: Any, keepdim: bool) -> Any:
    """torch's norm_jvp, case by case."""
    if p == 0:
        return zeros_like(result)
    if p == 1:
        return added(sgn(self_p) * self_t, dim, keepdim)
    if p == 2:
        return masked_fill(added(self_p * self_t, dim, keepdim) / result, result == 0, 0)
    if math.isinf(p):
        mask = alike(abs_(self_p), restored(result, self_p, dim, keepdim))
        return added(sgn(self_p) * self_t * mask / added(mask, dim, True), dim, keepdim)
    if p < 1:
        steep = masked_fill(power(abs_(self_p), p - 1), self_p == 0, 0)
        return added(steep * (sgn(self_p) * self_t), dim, keepdim) * power(result, 1 - p)
    if p < 2:
        total = added(power(abs_(self_p), p - 1) * (sgn(self_p) * self_t), dim, keepdim)
    else:
        total = added(power(abs_(self_p), p - 2) * (self_p * self_t), dim, keepdim)
    return masked_fill(total / power(result, p - 1), result == 0, 0)


# -- products --------------------------------------------------------------------------------------


def cumprods(self_t: Any, self_p: Any, result: Any, dim: int) -> Any:
    """The running sum of t / x times the product; behind a first zero, the product without it."""
    zero = array_of(self_p) == 0
    if not zero.any():
        return cumsum(self_t / self_p, dim) * result if self_p.shape else self_t
    if not self_p.shape:
        return self_t
    axis = wrap_dim(dim, len(self_p.shape))
    first = zero & (np.cumsum(zero, axis) == 1)
    behind = np.cumsum(first, axis) > 0
    given = (wrap(first), wrap(behind)) if is_tensor(self_p) else (first, behind)
    without = cumprod(where(given[0], self_t, self_p), dim)
    safe = masked_fill(self_p, given[0], 1) if is_tensor(self_p) else np.where(zero, 1, self_p)
    return where(given[1], without, cumsum(self_t / safe, dim) * result)


def glu(result: Any, first_t: Any, second_p: Any, second_t: Any) -> Any:
    """The tangent of a·σ(b) from the halves of the tangent."""
    gate = sigmoid(second_p)
    return first_t * gate + result * (second_t - gate * second_t)
