"""Functions made of several operations, as torch makes them: shapes, joins, tests, conversions."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from gradtui.engine import dtypes, errors
from gradtui.engine.kernels.shapes import inferred, seen_as
from gradtui.engine.lift import FUNCTIONS as F
from gradtui.engine.products import einsum, linear, matmul, outer, tensordot
from gradtui.engine.rows import composite
from gradtui.engine.signature import is_int
from gradtui.engine.statistics import norm, softmax
from gradtui.engine.tensor import TENSORS, Tensor, alias, storage, wrap

# -- views and copies of another shape -------------------------------------------------------------


@composite("reshape(Tensor self, IntArrayRef shape)")
def reshape(self: Tensor, shape: Sequence[int]) -> Any:
    """A view of the new shape where the strides allow it, else a copy."""
    size = inferred(shape, self._data.size)
    array = storage(self)
    if seen_as(array, size) is not None:
        return F["view" if array.flags.c_contiguous else "_reshape_alias"](self, size)
    copy = F["clone"](self, memory_format=dtypes.contiguous_format)
    return F["_unsafe_view"](copy, size)


@composite("view(Tensor self, ScalarType dtype)")
def view_dtype(self: Tensor, dtype: dtypes.dtype) -> Any:
    """The same memory read as another dtype."""
    array, size = storage(self), dtype.itemsize
    if size == array.itemsize:
        return _reread(self, dtype)
    if not self._data.ndim:
        raise RuntimeError(
            f"self.dim() cannot be 0 to view {self.dtype.scalar_name} as {dtype.scalar_name} "
            "(different element sizes)"
        )
    if size < array.itemsize and self.stride(-1) != 1:
        raise RuntimeError(
            f"self.stride(-1) must be 1 to view {self.dtype.scalar_name} as {dtype.scalar_name} "
            f"(different element sizes), but got {self.stride(-1)}"
        )
    if size > array.itemsize and self._data.shape[-1] % (size // array.itemsize):
        raise RuntimeError(
            f"self.size(-1) must be divisible by {size // array.itemsize} to view "
            f"{self.dtype.scalar_name} as {dtype.scalar_name} (different element sizes), but got "
            f"{self._data.shape[-1]}"
        )
    return _reread(self, dtype)


def _reread(self: Tensor, dtype: dtypes.dtype) -> Tensor:
    """The storage as another dtype, without history: nothing is differentiated through it."""
    made = alias(self)
    made._data = storage(self).view(dtype.numpy)
    return made


@composite("flatten(Tensor self, int64_t start_dim=0, int64_t end_dim=-1)")
def flatten(self: Tensor, start_dim: int = 0, end_dim: int = -1) -> Any:
    shape = self._data.shape
    start, end = errors.wrap_dim(start_dim, len(shape)), errors.wrap_dim(end_dim, len(shape))
    if start > end:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    if not shape:
        return reshape(self, (1,))
    if start == end:
        return self
    return reshape(self, (*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :]))


@composite("ravel(Tensor self)")
def ravel(self: Tensor) -> Any:
    return reshape(F["contiguous"](self), (-1,))


@composite("unflatten(Tensor self, int64_t dim, IntArrayRef sizes)")
def unflatten(self: Tensor, dim: int, sizes: Sequence[int]) -> Any:
    shape = self._data.shape
    dim = errors.wrap_dim(dim, len(shape))
    if not sizes:
        raise RuntimeError("unflatten: sizes must be non-empty")
    known = math.prod(n for n in sizes if n != -1)
    if (-1 not in sizes and known != shape[dim]) or (
        -1 in sizes and (known == 0 or shape[dim] % known)
    ):
        raise RuntimeError(
            f"unflatten: Provided sizes {list(sizes)} don't multiply up to the size of dim {dim} "
            f"({shape[dim]}) in the input tensor"
        )
    return F["view"](self, (*shape[:dim], *inferred(sizes, shape[dim]), *shape[dim + 1 :]))


@composite("contiguous(Tensor self, *, object memory_format=None)")
def contiguous(self: Tensor, memory_format: Any = None) -> Any:
    if self.is_contiguous():
        return self
    return F["clone"](self, memory_format=dtypes.contiguous_format)


@composite("expand_as(Tensor self, Tensor other)")
def expand_as(self: Tensor, other: Tensor) -> Any:
    return F["expand"](self, other._data.shape)


@composite("view_as(Tensor self, Tensor other)")
def view_as(self: Tensor, other: Tensor) -> Any:
    return F["view"](self, other._data.shape)


@composite("reshape_as(Tensor self, Tensor other)")
def reshape_as(self: Tensor, other: Tensor) -> Any:
    return reshape(self, other._data.shape)


@composite("broadcast_to(Tensor self, IntArrayRef size)")
def broadcast_to(self: Tensor, size: Sequence[int]) -> Any:
    return F["expand"](self, size)


@composite("sum_to_size(Tensor self, IntArrayRef size)")
def sum_to_size(self: Tensor, size: Sequence[int]) -> Any:
    from gradtui.engine.lift import sum_to

    shape = self._data.shape
    fits = len(size) <= len(shape) and all(
        n in (1, have) for n, have in zip(reversed(size), reversed(shape), strict=False)
    )
    if not fits:
        raise RuntimeError(f"size {{{list(size)}}} is not expandable to size {{{list(shape)}}}.")
    return sum_to(self, tuple(size))


def broadcast_tensors(*tensors: Any) -> tuple[Any, ...]:
    items = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)) else tensors
    shape: tuple[int, ...] = ()
    for t in items:
        shape = errors.broadcast_shape(shape, t._data.shape)
    return tuple(t if t._data.shape == shape else F["expand"](t, shape) for t in items)


def meshgrid(*tensors: Any, indexing: str | None = None) -> tuple[Any, ...]:
    items = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)) else tensors
    if indexing not in (None, "ij", "xy"):
        raise RuntimeError(
            'torch.meshgrid: indexing must be one of "xy" or "ij", but received: ' + str(indexing)
        )
    if not items:
        raise RuntimeError("meshgrid expects a non-empty TensorList")
    for t in items:
        if t._data.ndim > 1:
            raise RuntimeError(
                f"torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: {t}"
            )
    if any(t.dtype is not items[0].dtype for t in items):
        raise RuntimeError("meshgrid expects all tensors to have the same dtype")
    swap = indexing == "xy" and len(items) > 1
    order = [items[1], items[0], *items[2:]] if swap else list(items)
    sizes = tuple(t._data.size for t in order)
    grids = [
        F["expand"](F["view"](t, tuple(-1 if j == i else 1 for j in range(len(order)))), sizes)
        for i, t in enumerate(order)
    ]
    if swap:
        grids[0], grids[1] = grids[1], grids[0]
    return tuple(grids)


# -- dimensions moved, turned, repeated ------------------------------------------------------------


@composite(
    "movedim(Tensor self, int64_t source, int64_t destination)",
    "movedim(Tensor self, IntArrayRef source, IntArrayRef destination)",
    "moveaxis(Tensor self, int64_t source, int64_t destination)",
    "moveaxis(Tensor self, IntArrayRef source, IntArrayRef destination)",
)
def movedim(self: Tensor, source: Any, destination: Any) -> Any:
    n = self._data.ndim
    sources, targets = ((d,) if is_int(d) else tuple(d) for d in (source, destination))
    if len(sources) != len(targets):
        raise RuntimeError(
            "movedim: Invalid source or destination dims: source "
            f"({list(sources)} dims) should contain the same number of dims as destination "
            f"({list(targets)} dims)"
        )
    src, dst = ([errors.wrap_dim(d, n) for d in ds] for ds in (sources, targets))
    for name, dims, given in (("source", src, sources), ("destination", dst, targets)):
        if len(set(dims)) != len(dims):
            raise RuntimeError(f"movedim: repeated dim in `{name}` ({list(given)})")
    if not n:
        return F["alias"](self)
    rest = [d for d in range(n) if d not in src]
    for d, s in sorted(zip(dst, src, strict=True)):
        rest.insert(d, s)
    return F["permute"](self, tuple(rest))


@composite("tile(Tensor self, IntArrayRef dims)")
def tile(self: Tensor, dims: Sequence[int]) -> Any:
    return F["repeat"](self, (1,) * (self._data.ndim - len(dims)) + tuple(dims))


@composite("fliplr(Tensor self)")
def fliplr(self: Tensor) -> Any:
    if self._data.ndim < 2:
        raise RuntimeError("Input must be >= 2-d.")
    return F["flip"](self, (1,))


@composite("flipud(Tensor self)")
def flipud(self: Tensor) -> Any:
    if not self._data.ndim:
        raise RuntimeError("Input must be >= 1-d.")
    return F["flip"](self, (0,))


@composite("adjoint(Tensor self)")
def adjoint(self: Tensor) -> Any:
    if self._data.ndim == 1:
        raise RuntimeError(
            "tensor.adjoint() is only supported on matrices or batches of matrices. Got 1-D tensor."
        )
    return F["transpose"](self, -2, -1) if self._data.ndim else self


@composite("diag(Tensor self, int64_t diagonal=0)")
def diag(self: Tensor, diagonal: int = 0) -> Any:
    if self._data.ndim == 1:
        return F["diag_embed"](self, diagonal)
    if self._data.ndim != 2:
        raise RuntimeError(f"diag(): Supports 1D or 2D tensors. Got {self._data.ndim}D")
    return F["diagonal_copy"](self, diagonal)


@composite("diagflat(Tensor self, int64_t offset=0)")
def diagflat(self: Tensor, offset: int = 0) -> Any:
    return diag(F["view"](F["contiguous"](self), (-1,)), offset)


def repeat_interleave(
    self: Tensor, repeats: Any = None, dim: int | None = None, *, output_size: Any = None
) -> Any:
    """Every entry (or slice) several times in a row."""
    if repeats is None:  # how often each index is wanted
        return wrap(np.repeat(np.arange(self._data.size), self._data))
    source = flatten(self) if dim is None else self
    axis = errors.wrap_dim(dim or 0, source._data.ndim)
    if is_int(repeats) and repeats.__class__ not in TENSORS:
        if repeats < 0:
            raise RuntimeError("Repeats must be non-negative")
        wide = F["unsqueeze"](source, axis + 1)
        shape = list(wide._data.shape)
        shape[axis + 1] = int(repeats)
        copy = F["clone"](F["expand"](wide, tuple(shape)), memory_format=dtypes.contiguous_format)
        return flatten(copy, axis, axis + 1)
    counts = repeats if repeats.__class__ in TENSORS else wrap(np.asarray(repeats))
    size = source._data.shape[axis]
    if counts._data.ndim == 0 or counts._data.size == 1:
        counts = F["expand"](reshape(counts, (1,)), (size,))
    elif counts._data.size != size:
        raise RuntimeError(
            "repeats must have the same size as input along dim, but got repeats.size(0) = "
            f"{counts._data.size} and input.size({axis}) = {size}"
        )
    return F["index_select"](source, axis, wrap(np.repeat(np.arange(size), counts._data)))


@composite(
    "narrow(Tensor self, int64_t dim, int64_t start, int64_t length)",
    "narrow(Tensor self, int64_t dim, Tensor start, int64_t length)",
)
def narrow(self: Tensor, dim: int, start: Any, length: int) -> Any:
    """`length` entries of a dimension, from `start` on."""
    if not self._data.ndim:
        raise RuntimeError("narrow() cannot be applied to a 0-dim tensor.")
    if length < 0:
        raise RuntimeError("narrow(): length must be non-negative.")
    if start.__class__ in TENSORS and (start._data.ndim or start._data.dtype.kind not in "iu"):
        raise RuntimeError("start must be an 0-dim integral Tensor.")
    axis, begin = errors.wrap_dim(dim, self._data.ndim), int(start)
    size = self._data.shape[axis]
    if not -size <= begin <= size:
        raise IndexError(
            f"start out of range (expected to be in range of [{-size}, {size}], but got {begin})"
        )
    begin += size if begin < 0 else 0
    if begin + length > size:
        raise RuntimeError(f"start ({begin}) + length ({length}) exceeds dimension size ({size}).")
    return F["slice"](self, dim, begin, begin + length, 1)


# -- splitting and joining -------------------------------------------------------------------------


@composite("chunk(Tensor self, int64_t chunks, int64_t dim=0)")
def chunk(self: Tensor, chunks: int, dim: int = 0) -> Any:
    if not self._data.ndim:
        raise RuntimeError("chunk expects at least a 1-dimensional tensor")
    if chunks <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    size = self._data.shape[errors.wrap_dim(dim, self._data.ndim)]
    if not size:
        return F["split_with_sizes"](self, (0,) * chunks, dim)
    return F["split"](self, -(-size // chunks), dim)


@composite("split(Tensor self, IntArrayRef split_size, int64_t dim=0)")
def split(self: Tensor, split_size: Sequence[int], dim: int = 0) -> Any:
    return F["split_with_sizes"](self, split_size, dim)


@composite(
    "tensor_split(Tensor self, int64_t sections, int64_t dim=0)",
    "tensor_split(Tensor self, IntArrayRef indices, int64_t dim=0)",
    "tensor_split(Tensor self, Tensor tensor_indices_or_sections, int64_t dim=0)",
)
def tensor_split(self: Tensor, sections: Any, dim: int = 0) -> Any:
    if not self._data.ndim:
        raise RuntimeError(
            "tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims"
        )
    axis = errors.wrap_dim(dim, self._data.ndim)
    size = self._data.shape[axis]
    if sections.__class__ in TENSORS:
        sections = sections.tolist()
    if is_int(sections):
        if sections <= 0:
            raise RuntimeError(f"number of sections must be larger than 0, got {sections}")
        low, extra = divmod(size, sections)
        ends = [low * i + min(i, extra) for i in range(sections + 1)]
        return tuple(F["slice"](self, axis, a, b, 1) for a, b in itertools.pairwise(ends))
    ends = [0, *sections, size]
    return tuple(
        F["slice"](self, axis, *slice(a, b).indices(size)[:2], 1)
        for a, b in itertools.pairwise(ends)
    )


def _split_along(name: str, least: int, axis: Any) -> Any:
    def cut(self: Tensor, sections: Any) -> Any:
        if self._data.ndim < least:
            raise RuntimeError(
                f"torch.{name} requires a tensor with at least {least} dimension, but got a tensor "
                f"with {self._data.ndim} dimensions!"
            )
        dim = axis(self._data.ndim)
        size = self._data.shape[dim]
        if is_int(sections) and (not sections or size % sections):
            raise RuntimeError(
                f"torch.{name} attempted to split along dimension {dim}, but the size of the "
                f"dimension {size} is not divisible by the split_size {sections}!"
            )
        return tensor_split(self, sections, dim)

    composite(
        f"{name}(Tensor self, int64_t sections)", f"{name}(Tensor self, IntArrayRef indices)"
    )(cut)
    return cut


hsplit = _split_along("hsplit", 1, lambda ndim: 0 if ndim == 1 else 1)
vsplit = _split_along("vsplit", 2, lambda ndim: 0)
dsplit = _split_along("dsplit", 3, lambda ndim: 2)


def _at_least(least: int, grow: Any) -> Any:
    def atleast(*tensors: Any) -> Any:
        given = tensors[0] if len(tensors) == 1 else tensors
        if isinstance(given, (list, tuple)):
            return tuple(grow(t) for t in given)
        return grow(given)

    atleast.__name__ = atleast.__qualname__ = f"atleast_{least}d"
    return atleast


def _one(t: Tensor) -> Any:
    return t if t._data.ndim else reshape(t, (1,))


def _two(t: Tensor) -> Any:
    return F["unsqueeze"](t, 0) if t._data.ndim == 1 else t if t._data.ndim else reshape(t, (1, 1))


def _three(t: Tensor) -> Any:
    if not t._data.ndim:
        return reshape(t, (1, 1, 1))
    if t._data.ndim == 1:
        return F["unsqueeze"](F["unsqueeze"](t, 0), -1)
    return F["unsqueeze"](t, -1) if t._data.ndim == 2 else t


atleast_1d, atleast_2d, atleast_3d = _at_least(1, _one), _at_least(2, _two), _at_least(3, _three)


def _nonempty(name: str, tensors: Sequence[Tensor]) -> None:
    if not len(tensors):
        raise RuntimeError(f"{name} expects a non-empty TensorList")


@composite("hstack(TensorList tensors)")
def hstack(tensors: Sequence[Tensor]) -> Any:
    _nonempty("hstack", tensors)
    parts = [_one(t) for t in tensors]
    return F["cat"](parts, 0 if parts[0]._data.ndim == 1 else 1)


@composite("vstack(TensorList tensors)", "row_stack(TensorList tensors)")
def vstack(tensors: Sequence[Tensor]) -> Any:
    _nonempty("vstack", tensors)
    return F["cat"]([_two(t) for t in tensors], 0)


@composite("dstack(TensorList tensors)")
def dstack(tensors: Sequence[Tensor]) -> Any:
    _nonempty("dstack", tensors)
    return F["cat"]([_three(t) for t in tensors], 2)


@composite("column_stack(TensorList tensors)")
def column_stack(tensors: Sequence[Tensor]) -> Any:
    _nonempty("column_stack", tensors)
    return hstack([reshape(t, (t._data.size, 1)) if t._data.ndim <= 1 else t for t in tensors])


__all__ = ["einsum", "linear", "matmul", "norm", "outer", "softmax", "tensordot"]
