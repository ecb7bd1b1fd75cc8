"""Rows that change only shape: views where torch makes views, copies where it copies."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine.kernels import shapes as P
from gradtui.engine.lift import (
    FUNCTIONS,
    built,
    cast,
    is_tensor,
    lifted,
    reshape,
    sum_dims,
    sum_to,
    unsqueeze,
    zeros,
)
from gradtui.engine.rows import row
from gradtui.engine.strided import Geometry, scattered
from gradtui.engine.table import sized_checks

flip, roll = lifted("flip", P.flip), lifted("roll", P.roll)
permute = lifted("permute", lambda x, dims: np.transpose(x, dims))
transpose = lifted("transpose", P.transpose)
tril, triu = lifted("tril", P.tril), lifted("triu", P.triu)
diagonal = lifted("diagonal", P.diagonal)
select = lifted("select", P.select)
slice_ = lifted("slice", P.slice_)
unfold = lifted("unfold", P.unfold)
select_backward = lifted("select_backward", P.select_backward)
slice_backward = lifted("slice_backward", P.slice_backward)
diagonal_backward = lifted("diagonal_backward", P.diagonal_backward)
unfold_backward = lifted("unfold_backward", P.unfold_backward)


def _inverse(dims: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(i) for i in np.argsort([d % len(dims) for d in dims])) if dims else ()


def _unsqueezed(grad: Any, sizes: tuple[int, ...], dims: Any = None) -> Any:
    """Puts back the dimensions of size 1 that squeeze took away."""
    if not sizes:
        return grad
    wanted = range(len(sizes)) if dims is None else dims if isinstance(dims, tuple) else (dims,)
    for dim in sorted(d % len(sizes) for d in wanted):
        if sizes[dim] == 1:
            grad = unsqueeze(grad, dim)
    return grad


# -- views -----------------------------------------------------------------------------------------

row(
    "view(Tensor self, IntArrayRef size)",
    "ViewBackward0",
    P.view,
    view=True,
    self=lambda grad, self_sizes: reshape(grad, self_sizes),
)
row(
    "_reshape_alias(Tensor self, IntArrayRef size)",
    "ReshapeAliasBackward0",
    P.view,
    view=True,
    self=lambda grad, self_sizes: reshape(grad, self_sizes),
)
row(
    "transpose(Tensor self, int64_t dim0, int64_t dim1)",
    "TransposeBackward0",
    P.transpose,
    view=True,
    self=lambda grad, dim0, dim1: transpose(grad, dim0, dim1),
)
row("t(Tensor self)", "TBackward0", P.t, view=True, self=lambda grad: lifted("t", P.t)(grad))
row(
    "permute(Tensor self, IntArrayRef dims)",
    "PermuteBackward0",
    P.permute,
    view=True,
    self=lambda grad, dims: permute(grad, _inverse(dims)),
)
row(
    "expand(Tensor self, IntArrayRef size, *, bool implicit=False)",
    "ExpandBackward0",
    P.expand,
    view=True,
    self=lambda grad, self_sizes: sum_to(grad, self_sizes),
)
row(
    "squeeze(Tensor self)",
    "SqueezeBackward0",
    P.squeeze,
    view=True,
    self=lambda grad, self_sizes: _unsqueezed(grad, self_sizes),
)
row(
    "squeeze(Tensor self, int64_t dim)",
    "SqueezeBackward1",
    P.squeeze,
    view=True,
    self=lambda grad, self_sizes, dim: _unsqueezed(grad, self_sizes, dim),
)
row(
    "squeeze(Tensor self, IntArrayRef dim)",
    "SqueezeBackward2",
    P.squeeze,
    view=True,
    self=lambda grad, self_sizes, dim: _unsqueezed(grad, self_sizes, dim),
)
row(
    "squeezed(Tensor self, int64_t dim)",
    "SqueezeBackward4",
    P.squeeze,
    self=lambda grad, self_sizes, dim: _unsqueezed(grad, self_sizes, dim),
)
row(
    "unsqueeze(Tensor self, int64_t dim)",
    "UnsqueezeBackward0",
    P.unsqueeze,
    view=True,
    self=lambda grad, self_sizes, dim: _squeezed(grad, dim),
)
row("_fw_primal(Tensor self)", "Identity", lambda x: x[...], view=True, self=lambda grad: grad)
row("alias(Tensor self)", "AliasBackward0", lambda x: x[...], view=True, self=lambda grad: grad)
row(
    "select(Tensor self, int64_t dim, int64_t index)",
    "SelectBackward0",
    P.select,
    view=True,
    self=lambda grad, self_sizes, dim, index: select_backward(grad, self_sizes, dim, index),
)
row(
    "slice(Tensor self, int64_t dim=0, int64_t? start=None, int64_t? end=None, int64_t step=1)",
    "SliceBackward0",
    P.slice_,
    view=True,
    self=lambda grad, self_sizes, dim, start, end, step: slice_backward(
        grad, self_sizes, dim, start, end, step
    ),
)
row(
    "diagonal(Tensor self, int64_t offset=0, int64_t dim1=0, int64_t dim2=1)",
    "DiagonalBackward0",
    P.diagonal,
    view=True,
    self=lambda grad, self_sizes, offset, dim1, dim2: diagonal_backward(
        grad, self_sizes, offset, dim1, dim2
    ),
)
row(
    "unfold(Tensor self, int64_t dimension, int64_t size, int64_t step)",
    "UnfoldBackward0",
    P.unfold,
    view=True,
    self=lambda grad, self_sizes, dimension, size, step: unfold_backward(
        grad, self_sizes, dimension, size, step
    ),
)
row(
    "unbind(Tensor self, int64_t dim=0)",
    "UnbindBackward0",
    P.unbind,
    view=True,
    several=True,
    self=lambda grads, self_sizes, dim: _stacked(grads, self_sizes, dim),
)
row(
    "split(Tensor self, int64_t split_size, int64_t dim=0)",
    "SplitBackward0",
    P.split,
    view=True,
    several=True,
    self=lambda grads, self_sizes, split_size, dim: _joined(
        grads, self_sizes, P.lengths(self_sizes[dim], split_size), dim
    ),
)
row(
    "unsafe_split(Tensor self, int64_t split_size, int64_t dim=0)",
    "UnsafeSplitBackward0",
    P.split,
    several=True,
    jvp="auto_linear",
    self=lambda grads, self_sizes, split_size, dim: _joined(
        grads, self_sizes, P.lengths(self_sizes[dim], split_size), dim
    ),
)
row(
    "split_with_sizes(Tensor self, IntArrayRef split_sizes, int64_t dim=0)",
    "SplitWithSizesBackward0",
    P.split_with_sizes,
    view=True,
    several=True,
    self=lambda grads, self_sizes, split_sizes, dim: _joined(grads, self_sizes, split_sizes, dim),
)
row(
    "as_strided(Tensor self, IntArrayRef size, IntArrayRef stride, int64_t? storage_offset=None)",
    "AsStridedBackward0",
    P.as_strided,
    view=True,
    self=lambda grad, self_layout, size, stride, storage_offset: _unstrided(
        grad, self_layout, size, stride, storage_offset
    ),
)


# -- views that the tensor itself takes on: `t_`, `squeeze_` ---------------------------------------

row("t_(Tensor self)", "TBackward1", lambda x: P.t(x, "t_"), self=lambda grad: lifted("t", P.t)(grad))
row(
    "transpose_(Tensor self, int64_t dim0, int64_t dim1)",
    "TransposeBackward1",
    P.transpose,
    self=lambda grad, dim0, dim1: transpose(grad, dim0, dim1),
)
row(
    "squeeze_(Tensor self)",
    "SqueezeBackward3",
    P.squeeze,
    self=lambda grad, self_sizes: _unsqueezed(grad, self_sizes),
)
row(
    "squeeze_(Tensor self, int64_t dim)",
    "SqueezeBackward4",
    P.squeeze,
    self=lambda grad, self_sizes, dim: _unsqueezed(grad, self_sizes, dim),
)
row(
    "squeeze_(Tensor self, IntArrayRef dim)",
    "SqueezeBackward5",
    P.squeeze,
    self=lambda grad, self_sizes, dim: _unsqueezed(grad, self_sizes, dim),
)
row(
    "unsqueeze_(Tensor self, int64_t dim)",
    "UnsqueezeBackward1",
    P.unsqueeze,
    self=lambda grad, dim: _squeezed(grad, dim),
)
row(
    "as_strided_(Tensor self, IntArrayRef size, IntArrayRef stride, int64_t? storage_offset=None)",
    "AsStridedBackward1",
    P.as_strided,
    self=lambda grad, self_layout, size, stride, storage_offset: _unstrided(
        grad, self_layout, size, stride, storage_offset
    ),
)


def _squeezed(grad: Any, dim: int) -> Any:
    return FUNCTIONS["squeeze"](grad, dim) if is_tensor(grad) else P.squeeze(grad, dim)


def _unstrided(grad: Any, layout: Any, size: Any, stride: Any, offset: Any) -> Any:
    shape, steps, start, _ = layout
    began = start if offset is None else offset
    shared = min(start, began)
    return scattered(
        grad,
        Geometry(shape, steps, start - shared),
        Geometry(tuple(size), tuple(stride), began - shared),
    )


def _filled(grads: Any, shapes: list[Any]) -> list[Any]:
    """Zeros for the outputs nobody used."""
    some = next(g for g in grads if g is not None)
    return [zeros(some, s) if g is None else g for g, s in zip(grads, shapes, strict=True)]


def _stacked(grads: Any, sizes: Any, dim: int) -> Any:
    shape = tuple(n for i, n in enumerate(sizes) if i != dim % len(sizes))
    parts = _filled(grads, [shape] * len(grads))
    return FUNCTIONS["stack"](parts, dim) if is_tensor(parts[0]) else np.stack(parts, dim)


def _joined(grads: Any, sizes: Any, lengths: Any, dim: int) -> Any:
    axis = dim % len(sizes)
    parts = _filled(grads, [(*sizes[:axis], n, *sizes[axis + 1 :]) for n in lengths])
    return FUNCTIONS["cat"](parts, dim) if is_tensor(parts[0]) else np.concatenate(parts, dim)


# -- their derivatives, which torch differentiates as operations of their own ----------------------

row(
    "select_backward(Tensor grad_output, IntArrayRef sizes, int64_t dim, int64_t index)",
    "SelectBackwardBackward0",
    P.select_backward,
    grad_output=lambda grad, dim, index: select(grad, dim, index),
)
row(
    "slice_backward(Tensor grad_output, IntArrayRef sizes, int64_t dim, int64_t? start, "
    "int64_t? end, int64_t step)",
    "SliceBackwardBackward0",
    P.slice_backward,
    grad_output=lambda grad, dim, start, end, step: slice_(grad, dim, start, end, step),
)
row(
    "diagonal_backward(Tensor grad_output, IntArrayRef sizes, int64_t offset, int64_t dim1, "
    "int64_t dim2)",
    "DiagonalBackwardBackward0",
    P.diagonal_backward,
    grad_output=lambda grad, offset, dim1, dim2: diagonal(grad, offset, dim1, dim2),
)
row(
    "unfold_backward(Tensor grad_in, IntArrayRef sizes, int64_t dim, int64_t size, int64_t step)",
    "UnfoldBackwardBackward0",
    P.unfold_backward,
    grad_in=lambda grad, dim, size, step: unfold(grad, dim, size, step),
)
# -- copies ----------------------------------------------------------------------------------------

row(
    "clone(Tensor self, *, object? memory_format=None)",
    "CloneBackward0",
    P.clone,
    self=lambda grad: grad,
)
row(
    "to_copy(Tensor self, object dtype)",
    "ToCopyBackward0",
    lambda x, dtype: P.laid_out_like(x.astype(dtype), x),
    self=lambda grad, self_dtype: cast(grad, self_dtype),
)
row(
    "_unsafe_view(Tensor self, IntArrayRef size)",
    "UnsafeViewBackward0",
    P.view,
    self=lambda grad, self_sizes: reshape(grad, self_sizes),
)
row(
    "flip(Tensor self, IntArrayRef dims)",
    "FlipBackward0",
    P.flip,
    self=lambda grad, dims: flip(grad, dims),
)
row(
    "roll(Tensor self, IntArrayRef[1] shifts, IntArrayRef[1] dims=())",
    "RollBackward0",
    P.roll,
    self=lambda grad, shifts, dims: roll(grad, tuple(-s for s in reversed(shifts)), dims[::-1]),
)
row(
    "rot90(Tensor self, int64_t k=1, IntArrayRef dims=(0,1))",
    "Rot90Backward0",
    P.rot90,
    self=lambda grad, k, dims: lifted("rot90", P.rot90)(grad, -k, dims),
)
row(
    "repeat(Tensor self, IntArrayRef repeats)",
    "RepeatBackward0",
    P.repeat,
    self=lambda grad, self_sizes, repeats: _unrepeat(grad, self_sizes, repeats),
)
row(
    "tril(Tensor self, int64_t diagonal=0)",
    "TrilBackward0",
    P.tril,
    self=lambda grad, diagonal: tril(grad, diagonal),
)
row(
    "triu(Tensor self, int64_t diagonal=0)",
    "TriuBackward0",
    P.triu,
    self=lambda grad, diagonal: triu(grad, diagonal),
)
row(
    "diag_embed(Tensor self, int64_t offset=0, int64_t dim1=-2, int64_t dim2=-1)",
    "DiagEmbedBackward0",
    P.diag_embed,
    self=lambda grad, offset, dim1, dim2: diagonal(grad, offset, dim1, dim2),
)
row(
    "diagonal_copy(Tensor self, int64_t offset=0, int64_t dim1=0, int64_t dim2=1)",
    "DiagonalBackward0_copy",
    lambda x, *where: P.diagonal(x, *where).copy(),
    self=lambda grad, self_sizes, offset, dim1, dim2: diagonal_backward(
        grad, self_sizes, offset, dim1, dim2
    ),
)
row(
    "trace(Tensor self)",
    "TraceBackward0",
    P.trace,
    check=sized_checks.trace,
    self=lambda grad, self_sizes: _untrace(grad, self_sizes),
)


def _unrepeat(grad: Any, sizes: Any, repeats: Any) -> Any:
    """torch's repeat_backward: the copies of each entry are summed."""
    if 0 in repeats:
        return zeros(grad, sizes)
    lead = len(repeats) - len(sizes)
    for _ in range(lead):
        grad = sum_dims(grad, (0,))
    shape: list[int] = []
    dims: list[int] = []
    for times, size in zip(repeats[lead:], sizes, strict=True):
        if times != 1:
            dims.append(len(shape))
            shape.append(times)
        shape.append(size)
    return sum_dims(reshape(grad, tuple(shape)), tuple(dims)) if dims else grad


def _untrace(grad: Any, sizes: Any) -> Any:
    places = np.arange(0, sizes[0] * sizes[1], sizes[1] + 1)[: min(sizes)]
    blank = zeros(grad, (sizes[0] * sizes[1],))
    if is_tensor(grad):
        from gradtui.engine.tensor import wrap

        filled = built(FUNCTIONS["index_fill"](blank, 0, wrap(places), grad), 2)
        return FUNCTIONS["view"](filled, sizes)
    blank[places] = grad
    return blank.reshape(sizes)
