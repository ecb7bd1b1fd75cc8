"""Rows that change only shape: views where torch makes views, copies where it copies."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine.errors import wrap_dim
from gradtui.engine.lift import (
    FUNCTIONS,
    cast,
    is_tensor,
    lifted,
    permute,
    put_slice,
    reduce_to,
    reshape,
    unsqueeze,
)
from gradtui.engine.rows import row
from gradtui.engine.table import places as P

flip = lifted("flip", lambda x, dims: np.flip(x, dims))
roll = lifted("roll", P.roll)


def _inverse(dims: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(i) for i in np.argsort([d % len(dims) for d in dims])) if dims else ()


def _swapped(x: Any, a: int, b: int) -> Any:
    return FUNCTIONS["transpose"](x, a, b) if is_tensor(x) else P.transpose(x, a, b)


row("view(Tensor self, IntArrayRef size)", "ViewBackward0", P.view, view=True,
    self=lambda grad, self_sizes: reshape(grad, self_sizes))
row("_unsafe_view(Tensor self, IntArrayRef size)", "UnsafeViewBackward0", P.reshaped_copy,
    self=lambda grad, self_sizes: reshape(grad, self_sizes))
row("transpose(Tensor self, int64_t dim0, int64_t dim1)", "TransposeBackward0", P.transpose,
    view=True, self=lambda grad, dim0, dim1: _swapped(grad, dim0, dim1))
row("t(Tensor self)", "TBackward0", P.t, view=True,
    self=lambda grad, self_sizes: grad if len(self_sizes) < 2 else _swapped(grad, 0, 1))
row("permute(Tensor self, IntArrayRef dims)", "PermuteBackward0", P.permute, view=True,
    self=lambda grad, dims: permute(grad, _inverse(dims)))
row("expand(Tensor self, IntArrayRef size, *, bool implicit=False)", "ExpandBackward0", P.expand,
    view=True, self=lambda grad, self_sizes: reduce_to(grad, self_sizes, _kind(grad)))
row("squeeze(Tensor self)", "SqueezeBackward0", P.squeeze, view=True,
    self=lambda grad, self_sizes: reshape(grad, self_sizes))
row("squeeze(Tensor self, int64_t dim)", "SqueezeBackward1", P.squeeze, view=True,
    self=lambda grad, self_sizes: reshape(grad, self_sizes))
row("squeeze(Tensor self, IntArrayRef dim)", "SqueezeBackward2", P.squeeze, view=True,
    self=lambda grad, self_sizes: reshape(grad, self_sizes))
row("squeezed(Tensor self, int64_t dim)", "SqueezeBackward4", P.squeeze,
    self=lambda grad, self_sizes: reshape(grad, self_sizes))
row("unsqueeze(Tensor self, int64_t dim)", "UnsqueezeBackward0", P.unsqueeze, view=True,
    self=lambda grad, self_sizes: reshape(grad, self_sizes))
row("alias(Tensor self)", "AliasBackward0", lambda x: x[...], view=True, self=lambda grad: grad)
row("select(Tensor self, int64_t dim, int64_t index)", "SelectBackward0", P.select, view=True,
    self=lambda grad, self_sizes, dim, index: _padded(
        unsqueeze(grad, (dim % len(self_sizes),)), self_sizes, dim, index % self_sizes[dim],
        index % self_sizes[dim] + 1, 1))
row("slice(Tensor self, int64_t dim=0, int64_t start=None, int64_t end=None, int64_t step=1)",
    "SliceBackward0", P.slice_, view=True,
    self=lambda grad, self_sizes, dim, start, end, step: _padded(
        grad, self_sizes, dim, start, end, step))
row("narrow(Tensor self, int64_t dim, int64_t start, int64_t length)", "SliceBackward0", P.narrow,
    view=True,
    self=lambda grad, self_sizes, dim, start, length: _padded(
        grad, self_sizes, dim, start % max(self_sizes[dim], 1), start % max(self_sizes[dim], 1)
        + length, 1))
row("diagonal(Tensor self, int64_t offset=0, int64_t dim1=0, int64_t dim2=1)", "DiagonalBackward0",
    lambda x, o, a, b: P.diagonal(x, o, a, b), view=True,
    self=lambda grad, self_sizes, offset, dim1, dim2: _undiagonal(
        grad, self_sizes, offset, dim1, dim2))
row("unbind(Tensor self, int64_t dim=0)", "UnbindBackward0", P.unbind, view=True, several=True,
    self=lambda grads, self_sizes, dim: _stacked(grads, self_sizes, dim))
row("split(Tensor self, int64_t split_size, int64_t dim=0)", "SplitBackward0", P.split, view=True,
    several=True, self=lambda grads, self, split_size, dim: _joined(
        grads, self, [split_size] * len(grads), dim))
row("split(Tensor self, IntArrayRef split_size, int64_t dim=0)", "SplitWithSizesBackward0",
    P.split, view=True, several=True,
    self=lambda grads, self, split_size, dim: _joined(grads, self, split_size, dim))
row("unfold(Tensor self, int64_t dimension, int64_t size, int64_t step)", "UnfoldBackward0",
    P.unfold, view=True,
    self=lambda grad, self_sizes, dimension, size, step: _folded(
        grad, self_sizes, dimension, size, step))

# -- copies ----------------------------------------------------------------------------------------

row("clone(Tensor self, *, object memory_format=None)", "CloneBackward0",
    lambda x, memory_format: np.array(x, order="K") if x.ndim else x, self=lambda grad: grad)
row("to_copy(Tensor self, object dtype)", "ToCopyBackward0", lambda x, dtype: x.astype(dtype),
    self=lambda grad, self_dtype: cast(grad, self_dtype))
row("flip(Tensor self, IntArrayRef dims)", "FlipBackward0",
    lambda x, dims: P.flip(x, dims), self=lambda grad, dims: flip(grad, dims))
row("roll(Tensor self, IntArrayRef[1] shifts, IntArrayRef[1] dims=())", "RollBackward0", P.roll,
    self=lambda grad, shifts, dims: roll(grad, tuple(-s for s in shifts), dims))
row("repeat(Tensor self, IntArrayRef repeats)", "RepeatBackward0", P.repeat,
    self=lambda grad, self_sizes, repeats: _unrepeat(grad, self_sizes, repeats))
row("tril(Tensor self, int64_t diagonal=0)", "TrilBackward0", P.tril,
    self=lambda grad, diagonal: _triangle("tril", P.tril, grad, diagonal))
row("triu(Tensor self, int64_t diagonal=0)", "TriuBackward0", P.triu,
    self=lambda grad, diagonal: _triangle("triu", P.triu, grad, diagonal))
row("diag_embed(Tensor self, int64_t offset=0)", "DiagEmbedBackward0", P.diag_embed,
    self=lambda grad, offset: _take_diagonal(grad, offset))
row("take_strided(Tensor self, object place)", "AsStridedBackward0",
    lambda x, place: place.within(np.ascontiguousarray(x)).copy(),
    self=lambda grad, self, place: put_slice(self * 0, place, grad))
row("put_strided(Tensor self, Tensor part, object place)", "CopySlices", P.put_strided,
    self=lambda grad, place: put_slice(grad, place, None),
    part=lambda grad, place: FUNCTIONS["take_strided"](grad, place) if is_tensor(grad)
    else place.within(np.ascontiguousarray(grad)).copy())


def _kind(x: Any) -> Any:
    return x._data.dtype if is_tensor(x) else x.dtype


def _padded(grad: Any, sizes: Any, dim: int, start: Any, end: Any, step: int) -> Any:
    """`grad` at its place in a tensor of zeros."""
    place = P.place(sizes, dim, start, end, step)
    if is_tensor(grad):
        return FUNCTIONS["place_into"](grad, sizes, place)
    return P.place_into(grad, sizes, place)


row("place_into(Tensor self, IntArrayRef sizes, object place)", "SliceBackward0", P.place_into,
    self=lambda grad, place: grad[place])


def _undiagonal(grad: Any, sizes: Any, offset: int, dim1: int, dim2: int) -> Any:
    if is_tensor(grad):
        return FUNCTIONS["diagonal_into"](grad, sizes, offset, dim1, dim2)
    return P.diagonal_into(grad, sizes, offset, dim1, dim2)


row("diagonal_into(Tensor self, IntArrayRef sizes, int64_t offset, int64_t dim1, int64_t dim2)",
    "DiagonalBackward0", P.diagonal_into,
    self=lambda grad, offset, dim1, dim2: FUNCTIONS["diagonal"](grad, offset, dim1, dim2)
    if is_tensor(grad) else P.diagonal(grad, offset, dim1, dim2).copy())


def _take_diagonal(grad: Any, offset: int) -> Any:
    if is_tensor(grad):
        return FUNCTIONS["diagonal"](grad, offset, -2, -1)
    return P.diagonal(grad, offset, -2, -1).copy()


def _filled(grads: Any, shapes: list[Any]) -> list[Any]:
    """Zeros for the outputs nobody used."""
    some = next(g for g in grads if g is not None)
    if is_tensor(some):
        from gradtui.engine.tensor import wrap

        make: Any = lambda s: wrap(np.zeros(s, some._data.dtype))  # noqa: E731
    else:
        make = lambda s: np.zeros(s, some.dtype)  # noqa: E731
    return [make(s) if g is None else g for g, s in zip(grads, shapes, strict=True)]


def _stacked(grads: Any, sizes: Any, dim: int) -> Any:
    shape = tuple(n for i, n in enumerate(sizes) if i != dim % len(sizes))
    parts = _filled(grads, [shape] * len(grads))
    return FUNCTIONS["stack"](parts, dim) if is_tensor(parts[0]) else np.stack(parts, dim)


def _joined(grads: Any, self: Any, lengths: Any, dim: int) -> Any:
    sizes = tuple(self.shape)
    dim = wrap_dim(dim, len(sizes))
    left, shapes = sizes[dim], []
    for length in lengths:
        here = min(length, left)
        left -= here
        shapes.append((*sizes[:dim], here, *sizes[dim + 1 :]))
    parts = _filled(grads, shapes)
    return FUNCTIONS["cat"](parts, dim) if is_tensor(parts[0]) else np.concatenate(parts, dim)


def _folded(grad: Any, sizes: Any, dimension: int, size: int, step: int) -> Any:
    if is_tensor(grad):
        raise NotImplementedError("double backward through unfold is not supported")
    out = np.zeros(sizes, grad.dtype)
    window = P.unfold(out, dimension, size, step)
    for i in range(window.shape[dimension]):
        at = [slice(None)] * window.ndim
        at[dimension] = i
        window[tuple(at)] += grad[tuple(at)]
    return out


def _unrepeat(grad: Any, sizes: Any, repeats: Any) -> Any:
    lead = len(repeats) - len(sizes)
    padded = (1,) * lead + tuple(sizes)
    shape = tuple(n for pair in zip(repeats, padded, strict=True) for n in pair)
    from gradtui.engine.lift import sum_dims

    return reshape(sum_dims(reshape(grad, shape), tuple(range(0, 2 * len(repeats), 2))), tuple(sizes))


def _triangle(name: str, kernel: Any, grad: Any, diagonal: int) -> Any:
    return FUNCTIONS[name](grad, diagonal) if is_tensor(grad) else kernel(grad, diagonal)


