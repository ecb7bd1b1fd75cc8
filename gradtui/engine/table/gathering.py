"""Rows that put one tensor into another: into a slice, or where several entries meet at a place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradtui.engine.kernels import gathering as G
from gradtui.engine.kernels import places, shapes
from gradtui.engine.lift import (
    FUNCTIONS,
    array_of,
    cast,
    dtype_of,
    is_tensor,
    lifted,
    masked_fill,
    ones,
    where,
    zeros,
    zeros_like,
)
from gradtui.engine.rows import row
from gradtui.engine.strided import Geometry, steps_of
from gradtui.engine.table import checks
from gradtui.engine.table.indexing import (
    gather,
    index_fill,
    index_select,
    scatter,
    scatter_add,
)

# -- a part of a tensor put in its place -----------------------------------------------------------


def replaced(x: Any, source: Any, part: Callable[[Any], Any]) -> Any:
    """A copy of x with `source` in the part of it that the function shows."""
    out = np.array(x, order="C")
    seen = part(out)
    if seen.shape != source.shape:
        raise RuntimeError(
            "expected src to have a size equal to the slice of self. src size = "
            f"{list(source.shape)}, slice size = {list(seen.shape)}"
        )
    seen[...] = source
    return out


def _selected(x: Any, source: Any, dim: int, index: int) -> Any:
    shapes.select(x, dim, index)
    dim %= x.ndim
    index %= x.shape[dim]
    return replaced(
        x, source, lambda o: shapes.slice_(o, dim, index, index + 1, 1).squeeze(dim)
    )


def _sliced(x: Any, source: Any, dim: int, start: Any, end: Any, step: int) -> Any:
    return replaced(x, source, lambda o: shapes.slice_(o, dim, start, end, step))


def _on_diagonal(x: Any, source: Any, offset: int, dim1: int, dim2: int) -> Any:
    return replaced(x, source, lambda o: shapes.diagonal(o, offset, dim1, dim2))


def _strided(x: Any, source: Any, size: Any, stride: Any, offset: int | None) -> Any:
    flat = np.array(shapes.storage_of(x)).reshape(-1)
    start = shapes.origin(x) if offset is None else offset
    shapes.as_strided(x, size, stride, offset)  # refuses what lies beyond the storage
    own = Geometry(x.shape, steps_of(x), shapes.origin(x))
    part = Geometry(tuple(size), tuple(stride), start)
    if part.shape != source.shape:
        raise RuntimeError(
            "expected src to have a size equal to the slice of self. src size = "
            f"{list(source.shape)}, slice size = {list(part.shape)}"
        )
    part.within(flat)[...] = source
    return np.array(own.within(flat), order="C")


select = lifted("select", shapes.select)
slice_ = lifted("slice", shapes.slice_)
diagonal = lifted("diagonal", shapes.diagonal)
select_scatter, slice_scatter = (
    lifted("select_scatter", _selected),
    lifted("slice_scatter", _sliced),
)
diagonal_scatter = lifted("diagonal_scatter", _on_diagonal)
as_strided = lifted("as_strided", shapes.as_strided)

row(
    "select_scatter(Tensor self, Tensor src, int64_t dim, int64_t index)",
    "SelectScatterBackward0",
    _selected,
    jvp="auto_linear",
    self=lambda grad, src_sizes, dim, index: select_scatter(
        grad, zeros(grad, src_sizes), dim, index
    ),
    src=lambda grad, dim, index: select(grad, dim, index),
)
row(
    "slice_scatter(Tensor self, Tensor src, int64_t dim=0, int64_t? start=None, "
    "int64_t? end=None, int64_t step=1)",
    "SliceScatterBackward0",
    _sliced,
    jvp="auto_linear",
    self=lambda grad, src_sizes, dim, start, end, step: slice_scatter(
        grad, zeros(grad, src_sizes), dim, start, end, step
    ),
    src=lambda grad, dim, start, end, step: slice_(grad, dim, start, end, step),
)
row(
    "diagonal_scatter(Tensor self, Tensor src, int64_t offset=0, int64_t dim1=0, int64_t dim2=1)",
    "DiagonalScatterBackward0",
    _on_diagonal,
    jvp="auto_linear",
    self=lambda grad, src_sizes, offset, dim1, dim2: diagonal_scatter(
        grad, zeros(grad, src_sizes), offset, dim1, dim2
    ),
    src=lambda grad, offset, dim1, dim2: diagonal(grad, offset, dim1, dim2),
)
row(
    "as_strided_scatter(Tensor self, Tensor src, IntArrayRef size, IntArrayRef stride, "
    "int64_t? storage_offset=None)",
    "AsStridedScatterBackward0",
    _strided,
    jvp="auto_linear",
    self=lambda grad, self_sizes, size, stride, storage_offset: _through(
        grad, self_sizes, size, stride, storage_offset
    ),
    src=lambda grad, size, stride, storage_offset: as_strided(
        _in_order(grad), size, stride, storage_offset
    ),
)


def _through(grad: Any, sizes: Any, size: Any, stride: Any, offset: int | None) -> Any:
    """What torch's `as_strided_scatter_backward` gives: the part that was replaced, in zeros."""
    if not is_tensor(grad):
        part = shapes.as_strided(grad, size, stride, offset)
        return _strided(np.zeros(sizes, grad.dtype), part, size, stride, offset)
    found = zeros(grad, sizes)
    steps = found.stride()
    as_strided(found, size, stride, offset).copy_(as_strided(grad, size, stride, offset))
    return as_strided(found, sizes, steps, 0)


def _in_order(x: Any) -> Any:
    return FUNCTIONS["contiguous"](x) if is_tensor(x) else np.array(x, order="C")


# -- where several entries meet --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Meeting:
    """How entries travel to where they meet and back, for one index along one dimension."""

    reduce: Callable[..., Any]
    add: Callable[..., Any]
    read: Callable[..., Any]
    clear: Callable[..., Any]

    def slopes(
        self,
        grad: Any,
        x: Any,
        dim: int,
        index: Any,
        source: Any,
        reduce: str,
        include_self: bool,
        result: Any,
    ) -> tuple[Any, Any]:
        """The cotangents of the tensor and of what met there (`scatter_reduce_backward`)."""
        at = (dim, index)
        if reduce == "sum":
            found = grad, self.read(grad, *at)
        elif reduce == "prod":
            found = self._of_product(grad, x, at, source, include_self, result)
        elif reduce == "mean":
            found = self._of_mean(grad, at, source, include_self)
        else:
            found = self._of_extreme(grad, x, at, source, result)
        return (found[0] if include_self else self.clear(found[0], *at, 0)), found[1]

    def _of_product(
        self, grad: Any, x: Any, at: Any, source: Any, include_self: bool, result: Any
    ) -> tuple[Any, Any]:
        """Products without one factor: where it is the only zero, they are made anew."""
        whole = masked_fill(x, x == 0, 1)
        into_x = grad * self.reduce(whole, *at, source, "prod", include_self) / whole
        none = source == 0
        count = self.read(self.add(zeros_like(x), *at, cast(none, dtype_of(x))), *at)
        single = none & (count == 1)
        rest = self.reduce(x, *at, masked_fill(source, single, 1), "prod", include_self)
        into_source = where(
            single,
            self.read(grad * rest, *at),
            self.read(grad * result, *at) / masked_fill(source, none, 1),
        )
        return into_x, into_source

    def _of_mean(self, grad: Any, at: Any, source: Any, include_self: bool) -> tuple[Any, Any]:
        count = (ones if include_self else zeros)(grad, grad.shape)
        count = self.add(count, *at, ones(source, source.shape))
        count = masked_fill(count, count == 0, 1)
        return grad / count, self.read(grad, *at) / self.read(count, *at)

    def _of_extreme(self, grad: Any, x: Any, at: Any, source: Any, result: Any) -> tuple[Any, Any]:
        """Shared out evenly among those that are the least or the greatest."""
        kind = dtype_of(x)
        held = cast(x == result, kind)
        met = cast(source == self.read(result, *at), kind)
        share = grad / self.add(held, *at, met)
        return held * share, met * self.read(share, *at)


_index_add = lifted("index_add", places.index_add)


def _reducing(name: str, kernel: Any) -> Callable[..., Any]:
    def reduce(x: Any, dim: int, index: Any, source: Any, how: str, include_self: bool) -> Any:
        if is_tensor(x):
            return FUNCTIONS[name](x, dim, index, source, how, include_self=include_self)
        return kernel(x, dim, index, source, how, include_self)

    return reduce


ENTRIES = Meeting(_reducing("scatter_reduce", G.reduce_at), scatter_add, gather, scatter)
LINES = Meeting(_reducing("index_reduce", G.reduce_lines), _index_add, index_select, index_fill)


def _moved(
    self_p: Any,
    self_t: Any,
    dim: int,
    index: Any,
    src_p: Any,
    src_t: Any,
    reduce: str,
    include_self: bool,
    result: Any,
) -> Any:
    """The tangent: every partial derivative, which a cotangent of ones gives, times its tangent."""
    one = ones(result, result.shape)
    to_self, to_source = ENTRIES.slopes(
        one, self_p, dim, index, src_p, reduce, include_self, result
    )
    part = array_of(index).shape
    to_source = to_source * _front(src_t, part)
    return to_self * self_t + scatter_add(zeros_like(result), dim, index, to_source)


def _front(x: Any, shape: Any) -> Any:
    """The part of x, from its front, that an index of a shape speaks of."""
    if getattr(x, "shape", shape) == shape:
        return x
    return x[tuple(slice(0, n) for n in shape)]


def _padded(x: Any, sizes: Any) -> Any:
    """Zeros behind x, up to a size: what an index did not reach."""
    if tuple(x.shape) == tuple(sizes):
        return x
    widths = [w for n, m in zip(reversed(sizes), reversed(x.shape), strict=True) for w in (0, n - m)]
    if is_tensor(x):
        return FUNCTIONS["constant_pad_nd"](x, widths, 0)
    return np.pad(x, [(0, n - m) for n, m in zip(sizes, x.shape, strict=True)])


def _entry_slopes(
    grad: Any, x: Any, dim: int, index: Any, src: Any, reduce: str, include: bool, result: Any
) -> tuple[Any, Any]:
    part = _front(src, array_of(index).shape)
    found = ENTRIES.slopes(grad, x, dim, index, part, reduce, include, result)
    return found[0], _padded(found[1], src.shape)


row(
    "scatter_reduce(Tensor self, int64_t dim, Tensor index, Tensor src, str reduce, *, "
    "bool include_self=True)",
    "ScatterReduceBackward0",
    G.reduce_at,
    jvp=_moved,
    self=lambda grad, self, dim, index, src, reduce, include_self, result: _entry_slopes(
        grad, self, dim, index, src, reduce, include_self, result
    )[0],
    src=lambda grad, self, dim, index, src, reduce, include_self, result: _entry_slopes(
        grad, self, dim, index, src, reduce, include_self, result
    )[1],
)
row(
    "index_reduce(Tensor self, int64_t dim, Tensor index, Tensor source, str reduce, *, "
    "bool include_self=True)",
    "IndexReduceBackward0",
    G.reduce_lines,
    jvp="not_implemented",
    check=checks.index_reduce,
    self=lambda grad, self, dim, index, source, reduce, include_self, result: LINES.slopes(
        grad, self, dim, index, source, reduce, include_self, result
    )[0],
    source=lambda grad, self, dim, index, source, reduce, include_self, result: LINES.slopes(
        grad, self, dim, index, source, reduce, include_self, result
    )[1],
)
