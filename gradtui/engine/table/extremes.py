"""Rows of extremes: the largest, the smallest, the middle one, and where they are."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradtui.engine.errors import dims_of
from gradtui.engine.kernels import places as P
from gradtui.engine.kernels.bare import bare
from gradtui.engine.lift import (
    array_of,
    built,
    is_tensor,
    lifted,
    masked_fill,
    reshape,
    sum_to,
    unsqueeze,
    zeros,
)
from gradtui.engine.rows import row
from gradtui.engine.table import checks, jvps, sized_checks
from gradtui.engine.table import reducers as X
from gradtui.engine.table.reductions import counted
from gradtui.engine.tensor import wrap


def _evenly(grad: Any, self: Any, result: Any) -> Any:
    """A full reduction's gradient is shared by all entries that reach the extreme."""
    values, best = array_of(self), array_of(result)
    mask = np.isnan(values) if best != best else values == best
    count = np.int64(np.count_nonzero(mask))
    if is_tensor(grad):
        return built(masked_fill(zeros(grad, self.shape), wrap(mask), grad / wrap(count)))
    return built(bare(np.where(mask, grad / count.astype(grad.dtype), grad.dtype.type(0))))


def _evenly_along(grad: Any, self: Any, result: Any, dim: Any, keepdim: bool) -> Any:
    given = () if dim in (None, ()) else (dim,) if isinstance(dim, int) else tuple(dim)
    if not keepdim:
        shape = _restored(tuple(result.shape), given)
        grad, result = reshape(grad, shape), reshape(result, shape)
    mask = result == self
    count = counted(mask, dims_of(given, len(mask.shape)))
    return (grad / (count if is_tensor(grad) else count.astype(grad.dtype))) * mask


def _evenly_fitted(grad: Any, self: Any, result: Any, dim: Any, keepdim: bool) -> Any:
    """The same in the shape of what was reduced, which may be one number."""
    shared = _evenly_along(grad, self, result, dim, keepdim)
    return shared if shared.shape == self.shape else sum_to(shared, tuple(self.shape))


def _restored(shape: tuple[int, ...], dims: tuple[int, ...]) -> tuple[int, ...]:
    """A shape with the reduced dimensions put back as 1."""
    places, left = {d % (len(shape) + len(dims)) for d in dims}, list(shape)
    return tuple(1 if i in places else left.pop(0) for i in range(len(shape) + len(dims)))


def _at(grad: Any, indices: Any, self_sizes: Any, dim: int, keepdim: bool) -> Any:
    """Puts each cotangent where the entry it belongs to was found."""
    if not keepdim and self_sizes:
        grad, indices = unsqueeze(grad, dim), unsqueeze(indices, dim)
    blank = zeros(grad, self_sizes)
    return built(lifted("scatter", P.scatter)(blank, dim, indices, grad), 2)


def _read(self_t: Any, dim: int, indices: Any, keepdim: bool) -> Any:
    return jvps.read_at(self_t, dim, indices, keepdim)


for _name, _full, _along, _every in (
    ("max", X.max_all, X.max_dim, X.amax),
    ("min", X.min_all, X.min_dim, X.amin),
):
    row(
        f"{_name}(Tensor self)",
        f"{_name.title()}Backward1",
        _full,
        jvp=jvps.evenly_read,
        self=_evenly,
    )
    row(
        f"{_name}(Tensor self, int64_t dim, bool keepdim=False)",
        f"{_name.title()}Backward0",
        _along,
        outputs=("values", "indices"),
        jvp=_read,
        self=_at,
    )
    row(
        f"a{_name}(Tensor self, IntArrayRef[1]? dim=(), bool keepdim=False)",
        f"A{_name}Backward0",
        _every,
        jvp=jvps.evenly_read_along,
        self=_evenly_fitted,
    )
for _name, _full, _along in (
    ("median", X.median_all, X.median_dim),
    ("nanmedian", X.nanmedian_all, X.nanmedian_dim),
):
    row(
        f"{_name}(Tensor self)",
        f"{_name.title()}Backward0",
        _full,
        check=checks.no_bool("median_cpu"),
        jvp=jvps.evenly_read,
        self=_evenly,
    )
    row(
        f"{_name}(Tensor self, int64_t dim, bool keepdim=False)",
        f"{_name.title()}Backward1",
        _along,
        check=sized_checks.median,
        outputs=("values", "indices"),
        jvp=_read,
        self=_at,
    )
row(
    "kthvalue(Tensor self, int64_t k, int64_t dim=-1, bool keepdim=False)",
    "KthvalueBackward0",
    X.kthvalue,
    check=sized_checks.kthvalue,
    outputs=("values", "indices"),
    jvp=_read,
    self=_at,
)
row(
    "mode(Tensor self, int64_t dim=-1, bool keepdim=False)",
    "ModeBackward0",
    X.mode,
    outputs=("values", "indices"),
    jvp=_read,
    self=_at,
)
row(
    "cummax(Tensor self, int64_t dim)",
    "CummaxBackward0",
    X.cummax,
    outputs=("values", "indices"),
    jvp=lambda self_t, dim, indices: jvps.read_at(self_t, dim, indices),
    self=lambda grad, indices, self, dim: _gathered(grad, indices, self, dim),
)
row(
    "cummin(Tensor self, int64_t dim)",
    "CumminBackward0",
    X.cummin,
    outputs=("values", "indices"),
    jvp=lambda self_t, dim, indices: jvps.read_at(self_t, dim, indices),
    self=lambda grad, indices, self, dim: _gathered(grad, indices, self, dim),
)
row(
    "aminmax(Tensor self, *, int64_t? dim=None, bool keepdim=False)",
    "AminmaxBackward0",
    X.aminmax,
    outputs=("min", "max"),
    jvp=lambda self_t, self_p, min, max, dim, keepdim: tuple(
        jvps.evenly_read_along(self_t, self_p, v, None if dim is None else (dim,), keepdim)
        for v in (min, max)
    ),
    self=lambda grads, self, min, max, dim, keepdim: _two_extremes(
        grads, self, min, max, dim, keepdim
    ),
)
row("argmax(Tensor self, int64_t? dim=None, bool keepdim=False)", "", X.argmax,
    check=checks.no_bool_input("argmax"))
row("argmin(Tensor self, int64_t? dim=None, bool keepdim=False)", "", X.argmin,
    check=checks.no_bool_input("argmin"))


def _gathered(grad: Any, indices: Any, self: Any, dim: int) -> Any:
    sizes = self.shape
    if not math.prod(sizes):
        return self  # as torch has it: of nothing, the gradient is the input itself
    return built(lifted("scatter_add", P.scatter_add)(zeros(grad, sizes), dim, indices, grad), 2)


def _two_extremes(grads: Any, self: Any, low: Any, high: Any, dim: Any, keepdim: bool) -> Any:
    dims = None if dim is None else (dim,)
    parts = [
        _evenly_along(g, self, v, dims, keepdim)
        for g, v in zip(grads, (low, high), strict=True)
        if g is not None
    ]
    return parts[0] if len(parts) == 1 else parts[0] + parts[1]


row(
    "sort(Tensor self, int64_t dim=-1, bool descending=False)",
    "SortBackward0",
    lambda x, dim, descending: X.sort(x, False, dim, descending),
    outputs=("values", "indices"),
    jvp=lambda self_t, dim, indices: jvps.read_at(self_t, dim, indices),
    self=lambda grad, indices, self_sizes, dim: _at(grad, indices, self_sizes, dim, True),
)
row(
    "sort(Tensor self, *, bool? stable, int64_t dim=-1, bool descending=False)",
    "SortBackward1",
    X.sort,
    outputs=("values", "indices"),
    jvp=lambda self_t, dim, indices: jvps.read_at(self_t, dim, indices),
    self=lambda grad, indices, self_sizes, dim: _at(grad, indices, self_sizes, dim, True),
)
row(
    "argsort(Tensor self, int64_t dim=-1, bool descending=False)",
    "",
    lambda x, dim, descending: X.sort(x, False, dim, descending)[1],
)
row(
    "argsort(Tensor self, *, bool stable, int64_t dim=-1, bool descending=False)",
    "",
    lambda x, stable, dim, descending: X.sort(x, stable, dim, descending)[1],
)
row(
    "topk(Tensor self, int64_t k, int64_t dim=-1, bool largest=True, bool sorted=True)",
    "TopkBackward0",
    X.topk,
    outputs=("values", "indices"),
    jvp=lambda self_t, dim, indices: jvps.read_at(self_t, dim, indices),
    self=lambda grad, indices, self_sizes, dim: _at(grad, indices, self_sizes, dim, True),
)

