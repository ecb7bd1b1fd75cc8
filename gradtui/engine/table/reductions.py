"""Rows that reduce: over everything, or over dimensions that `keepdim` keeps as size 1."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradtui.engine.errors import wrap_dim
from gradtui.engine.lift import (
    cast,
    expand,
    is_tensor,
    lifted,
    reshape,
    sum_dims,
    unsqueeze,
    where,
    zeros_like,
)
from gradtui.engine.rows import row
from gradtui.engine.table import base as K

exp = lifted("exp", K.exp)
sign = lifted("sign", K.sign)
cumsum = lifted("cumsum", K.cumsum)
flip = lifted("flip", lambda x, dims: np.flip(x, dims))


def dims_of(dim: Any, ndim: int) -> tuple[int, ...]:
    """Dimensions from the front; none given means all."""
    if dim is None or dim == ():
        return tuple(range(ndim))
    dims = (dim,) if isinstance(dim, int) else dim
    found = tuple(wrap_dim(d, ndim) for d in dims)
    if len(set(found)) != len(found):
        twice = next(d for d in found if found.count(d) > 1)
        raise RuntimeError(f"dim {twice} appears multiple times in the list of dims")
    return () if ndim == 0 else found


def _size(sizes: tuple[int, ...], dim: Any) -> int:
    return math.prod(sizes[d] for d in dims_of(dim, len(sizes)))


def _spread(grad: Any, sizes: tuple[int, ...], dim: Any, keepdim: bool) -> Any:
    """The cotangent of a reduction at every entry that was reduced."""
    dims = dims_of(dim, len(sizes))
    return expand(grad if keepdim else unsqueeze(grad, dims), sizes)


def _restore(value: Any, sizes: tuple[int, ...], dim: Any, keepdim: bool) -> Any:
    """A reduced value with its dimensions of size 1, to meet what was reduced."""
    return value if keepdim else unsqueeze(value, dims_of(dim, len(sizes)))


row("sum(Tensor self, *, ScalarType dtype=None)", "SumBackward0",
    lambda x, dtype: K.total(x, dtype),
    self=lambda grad, self_sizes: expand(grad, self_sizes))
row("sum(Tensor self, IntArrayRef[1] dim, bool keepdim=False, *, ScalarType dtype=None)",
    "SumBackward1", lambda x, dim, keepdim, dtype: K.total(x, dtype, dims_of(dim, x.ndim), keepdim),
    self=lambda grad, self_sizes, dim, keepdim: _spread(grad, self_sizes, dim, keepdim))
row("mean(Tensor self, *, ScalarType dtype=None)", "MeanBackward0",
    lambda x, dtype: K.mean(x, dtype),
    self=lambda grad, self_sizes, self_numel: expand(grad, self_sizes) / self_numel)
row("mean(Tensor self, IntArrayRef[1] dim, bool keepdim=False, *, ScalarType dtype=None)",
    "MeanBackward1", lambda x, dim, keepdim, dtype: K.mean(x, dtype, dims_of(dim, x.ndim), keepdim),
    self=lambda grad, self_sizes, dim, keepdim: (
        _spread(grad, self_sizes, dim, keepdim) / _size(self_sizes, dim)))


def _prod_all(grad: Any, self: Any, result: Any) -> Any:
    """Exact also with zeros: the product of all the others."""
    values = self if not is_tensor(self) else self._data
    if not np.any(values == 0):
        return grad * (result / self)
    return grad * reshape(_others(reshape(self, (-1,))), tuple(self.shape))


def _others(x: Any) -> Any:
    n = x.shape[0]
    products = []
    for i in range(n):
        keep = [j for j in range(n) if j != i]
        part = x[keep]
        product = 1.0
        for j in range(n - 1):
            product = part[j] * product
        products.append(product)
    return lifted("stack", lambda xs: np.stack(xs))(products) if not is_tensor(x) else _stack(products)


def _stack(parts: list[Any]) -> Any:
    from gradtui.engine.lift import FUNCTIONS

    return FUNCTIONS["stack"](parts)


row("prod(Tensor self, *, ScalarType dtype=None)", "ProdBackward0", lambda x, dtype: K.prod(x, dtype),
    self=_prod_all)
row("prod(Tensor self, int64_t dim, bool keepdim=False, *, ScalarType dtype=None)", "ProdBackward1",
    lambda x, dim, keepdim, dtype: K.prod(x, dtype, dims_of(dim, x.ndim), keepdim),
    self=lambda grad, self, dim, keepdim, result: (
        _restore(grad * result, self.shape, dim, keepdim) / self))


def _var_all(grad: Any, self: Any, correction: float, mean: Any) -> Any:
    n = math.prod(self.shape)
    return (2.0 / (n - correction)) * grad * (self - mean(self))


def _mean(x: Any, dims: tuple[int, ...]) -> Any:
    if is_tensor(x):
        return x.mean(dims, True)
    return K.mean(x, None, dims, True)


def _var_slope(grad: Any, self: Any, dim: Any, correction: Any, keepdim: bool) -> Any:
    dims = dims_of(dim, len(self.shape))
    dof = _size(tuple(self.shape), dim) - correction
    spread = _restore(grad, tuple(self.shape), dim, keepdim)
    return (2.0 / dof) * spread * (self - _mean(self, dims))


def _std_slope(grad: Any, self: Any, result: Any, dim: Any, correction: Any, keepdim: bool) -> Any:
    ratio = grad / (result * 2)
    ratio = where(result == 0, 0, ratio)
    return _var_slope(ratio, self, dim, correction, keepdim)


for _name, _kernel, _node in (("var", K.var, "VarBackward0"), ("std", K.std, "StdBackward0")):
    _slope: Any = (
        (lambda grad, self, dim, correction, keepdim: _var_slope(grad, self, dim, correction, keepdim))
        if _name == "var"
        else (lambda grad, self, result, dim, correction, keepdim: _std_slope(
            grad, self, result, dim, correction, keepdim))
    )
    row(f"_{_name}(Tensor self, IntArrayRef[1] dim=None, double correction=1, bool keepdim=False)",
        _node,
        lambda x, dim, correction, keepdim, k=_kernel: k(x, dims_of(dim, x.ndim), correction, keepdim),
        self=_slope)


# -- extremes ----------------------------------------------------------------------------------------


def _evenly(grad: Any, self: Any, result: Any) -> Any:
    """A full reduction's gradient is shared by all entries that reach the extreme."""
    mask = (self == result) | ((self != self) & (result != result))
    mask = mask._data if is_tensor(mask) else mask
    return where(mask, grad / float(np.count_nonzero(mask)), zeros_like(self))


def _evenly_along(grad: Any, self: Any, result: Any, dim: Any, keepdim: bool) -> Any:
    sizes, dims = tuple(self.shape), dims_of(dim, len(self.shape))
    best = _restore(result, sizes, dim, keepdim)
    mask = self == best
    mask = mask._data if is_tensor(mask) else mask
    count = np.count_nonzero(mask, axis=dims, keepdims=True).astype(_kind(grad))
    spread = expand(_restore(grad, sizes, dim, keepdim), sizes)
    return where(mask, spread / (count if not is_tensor(grad) else _wrap(count)), 0)


def _kind(x: Any) -> Any:
    return x._data.dtype if is_tensor(x) else x.dtype


def _wrap(array: Any) -> Any:
    from gradtui.engine.tensor import wrap

    return wrap(array)


def _at(grad: Any, indices: Any, self_sizes: Any, dim: int, keepdim: bool) -> Any:
    """Puts each cotangent where the entry it belongs to was found."""
    if not self_sizes:
        return grad
    if not keepdim:
        grad, indices = unsqueeze(grad, (dim % len(self_sizes),)), _unsqueezed(indices, dim, self_sizes)
    return scatter_zeros(grad, indices, self_sizes, dim)


def _unsqueezed(indices: Any, dim: int, sizes: Any) -> Any:
    return unsqueeze(indices, (dim % len(sizes),))


def scatter_zeros(grad: Any, indices: Any, sizes: Any, dim: int) -> Any:
    """A tensor of zeros of shape `sizes` with `grad` added at `indices` along `dim`."""
    if is_tensor(grad) or is_tensor(indices):
        zeros = _wrap(np.zeros(sizes, _kind(grad)))
        index = indices if is_tensor(indices) else _wrap(indices)
        return zeros.scatter_add(dim, index, grad)
    return K.scatter_add(np.zeros(sizes, grad.dtype), dim, indices, grad)


for _name, _full, _along, _argument in (
    ("max", K.max_all, K.max_dim, "Max"), ("min", K.min_all, K.min_dim, "Min"),
):
    row(f"{_name}(Tensor self)", f"{_argument}Backward1", _full, self=_evenly)
    row(f"{_name}(Tensor self, int64_t dim, bool keepdim=False)", f"{_argument}Backward0", _along,
        outputs=("values", "indices"),
        self=lambda grad, indices, self_sizes, dim, keepdim: _at(
            grad, indices, self_sizes, dim, keepdim))
    row(f"a{_name}(Tensor self, IntArrayRef[1] dim=(), bool keepdim=False)",
        f"A{_name}Backward0",
        lambda x, dim, keepdim, k=_full: K.extreme(k, x, dims_of(dim, x.ndim), keepdim),
        self=_evenly_along)
row("median(Tensor self)", "MedianBackward0", K.median_all, self=_evenly)
row("median(Tensor self, int64_t dim, bool keepdim=False)", "MedianBackward1", K.median_dim,
    outputs=("values", "indices"),
    self=lambda grad, indices, self_sizes, dim, keepdim: _at(grad, indices, self_sizes, dim, keepdim))
row("argmax(Tensor self, int64_t dim=None, bool keepdim=False)", "",
    lambda x, dim, keepdim: K.argmax(x, dim, keepdim))
row("argmin(Tensor self, int64_t dim=None, bool keepdim=False)", "",
    lambda x, dim, keepdim: K.argmin(x, dim, keepdim))
row("sort(Tensor self, int64_t dim=-1, bool descending=False)", "SortBackward0", K.sort,
    outputs=("values", "indices"),
    self=lambda grad, indices, self_sizes, dim: _at(grad, indices, self_sizes, dim, True))
row("topk(Tensor self, int64_t k, int64_t dim=-1, bool largest=True, bool sorted=True)",
    "TopkBackward0", K.topk, outputs=("values", "indices"),
    self=lambda grad, indices, self_sizes, dim: _at(grad, indices, self_sizes, dim, True))
row("argsort(Tensor self, int64_t dim=-1, bool descending=False)", "",
    lambda x, dim, descending: K.sort(x, dim, descending)[1])

# -- running totals, norms, soft maxima -----------------------------------------------------------------

row("cumsum(Tensor self, int64_t dim, *, ScalarType dtype=None)", "CumsumBackward0",
    lambda x, dim, dtype: K.cumsum(x, dim, dtype),
    self=lambda grad, dim: flip(cumsum(flip(grad, (dim,)), dim), (dim,)))
row("cumprod(Tensor self, int64_t dim, *, ScalarType dtype=None)", "CumprodBackward0",
    lambda x, dim, dtype: K.cumprod(x, dim, dtype),
    self=lambda grad, self, dim, result: (
        flip(cumsum(flip(grad * result, (dim,)), dim), (dim,)) / self))


def _norm_slope(grad: Any, self: Any, result: Any, p: float, dim: Any, keepdim: bool) -> Any:
    sizes = tuple(self.shape)
    grad, norm = _restore(grad, sizes, dim, keepdim), _restore(result, sizes, dim, keepdim)
    if p == 2:
        return where(norm == 0, 0, self * (grad / norm))
    if p == 1:
        return sign(self) * grad
    if math.isinf(p):
        mask = abs(self) == norm
        count = sum_dims(cast(mask, _kind(grad)), dims_of(dim, len(sizes)), True)
        return where(mask, sign(self) * (grad / count), 0)
    scale = abs(self) ** (p - 1) if p > 1 else where(self == 0, 0, abs(self) ** (p - 1))
    return where(norm == 0, 0, sign(self) * scale * (grad / norm ** (p - 1)))


row("linalg_vector_norm(Tensor self, Number ord=2, IntArrayRef[1] dim=None, bool keepdim=False)",
    "LinalgVectorNormBackward0",
    lambda x, p, dim, keepdim: K.norm(x, p, dims_of(dim, x.ndim), keepdim),
    self=lambda grad, self, result, ord, dim, keepdim: _norm_slope(
        grad, self, result, ord, dim, keepdim))
row("logsumexp(Tensor self, IntArrayRef[1] dim, bool keepdim=False)", "LogsumexpBackward0",
    lambda x, dim, keepdim: K.logsumexp(x, dims_of(dim, x.ndim), keepdim), floats=True,
    self=lambda grad, self, result, dim, keepdim: (
        _restore(grad, tuple(self.shape), dim, keepdim)
        * exp(self - _restore(result, tuple(self.shape), dim, keepdim))))
row("softmax(Tensor self, int64_t dim, ScalarType dtype=None)", "SoftmaxBackward0",
    lambda x, dim, dtype: K.softmax(x, wrap_dim(dim, x.ndim), dtype),
    self=lambda grad, dim, result: result * (grad - sum_dims(grad * result, (dim,), True)))
row("log_softmax(Tensor self, int64_t dim, ScalarType dtype=None)", "LogSoftmaxBackward0",
    lambda x, dim, dtype: K.log_softmax(x, wrap_dim(dim, x.ndim), dtype),
    self=lambda grad, dim, result: grad - exp(result) * sum_dims(grad, (dim,), True))
