"""Functions made of several operations, as torch makes them: matmul, reshape, linear, norm, einsum …"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from gradtui.engine import dtypes, errors
from gradtui.engine.lift import FUNCTIONS as F
from gradtui.engine.lift import where as lift_where
from gradtui.engine.signature import is_int, is_tensor
from gradtui.engine.table.places import can_view, inferred
from gradtui.engine.tensor import TENSORS, Tensor, storage, wrap


def _ints(args: tuple[Any, ...]) -> tuple[int, ...]:
    found = args[0] if len(args) == 1 and isinstance(args[0], (tuple, list)) else args
    return tuple(int(a) for a in found)


def reshape(self: Tensor, *shape: Any, **kwargs: Any) -> Tensor:
    """A view of the new shape where the strides allow it, else a copy."""
    size = inferred(_ints(shape or (kwargs["shape"],)), self._data.size)
    if can_view(storage(self), size):
        return F["view"](self, size)  # type: ignore[no-any-return]
    copy = F["clone"](self, memory_format=dtypes.contiguous_format)
    return F["_unsafe_view"](copy, size)  # type: ignore[no-any-return]


def view(self: Tensor, *shape: Any) -> Tensor:
    """The same numbers in another shape, without a copy, or in another dtype of the same size."""
    if len(shape) == 1 and isinstance(shape[0], dtypes.dtype):
        return wrap(storage(self).view(shape[0].numpy))
    return F["view"](self, _ints(shape))  # type: ignore[no-any-return]


def flatten(self: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    shape = self._data.shape
    if not shape:
        return reshape(self, 1)
    start, end = errors.wrap_dim(start_dim, len(shape)), errors.wrap_dim(end_dim, len(shape))
    if start > end:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    if start == end:
        return self
    return reshape(self, (*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :]))


def unflatten(self: Tensor, dim: int, sizes: Sequence[int]) -> Tensor:
    shape = self._data.shape
    dim = errors.wrap_dim(dim, len(shape))
    return F["view"](self, (*shape[:dim], *inferred(sizes, shape[dim]), *shape[dim + 1 :]))  # type: ignore[no-any-return]


def matmul(self: Tensor, other: Tensor) -> Tensor:
    """The product torch calls `@`: dot, mv, mm or bmm, by the dimensions."""
    if other.__class__ not in TENSORS:
        raise TypeError(f"matmul(): argument 'other' (position 2) must be Tensor, not {type(other).__name__}")
    a, b = self._data.ndim, other._data.ndim
    if a == 0 or b == 0:
        raise RuntimeError(
            f"both arguments to matmul need to be at least 1D, but they are {a}D and {b}D"
        )
    if (a, b) in _PRODUCTS:
        return _PRODUCTS[a, b](self, other)  # type: ignore[no-any-return]
    if b <= 2 or a <= 2:
        return _folded(self, other)
    return _batched(self, other)


_PRODUCTS: dict[tuple[int, int], Any] = {
    (1, 1): lambda a, b: F["dot"](a, b),
    (2, 1): lambda a, b: F["mv"](a, b),
    (2, 2): lambda a, b: F["mm"](a, b),
    (1, 2): lambda a, b: _row_times(a, b),
}


def _row_times(a: Tensor, b: Tensor) -> Tensor:
    """A vector times a matrix: a product of one row, which torch then flattens in place."""
    product: Tensor = F["squeezed"](F["mm"](F["unsqueeze"](a, 0), b), 0)
    product._ver = 1
    return product


def _folded(a: Tensor, b: Tensor) -> Tensor:
    """A batch times one matrix is one product of a taller matrix."""
    if a._data.ndim < b._data.ndim:  # (B^T A^T)^T
        flipped = _folded(F["transpose"](b, -1, -2), a if a._data.ndim == 1 else F["t"](a))
        return flipped if a._data.ndim == 1 else F["transpose"](flipped, -1, -2)  # type: ignore[no-any-return]
    lead = a._data.shape[:-1]
    tall = reshape(a, (math.prod(lead), a._data.shape[-1]))
    if b._data.ndim == 1:
        return F["_unsafe_view"](F["mv"](tall, b), lead)  # type: ignore[no-any-return]
    return F["_unsafe_view"](F["mm"](tall, b), (*lead, b._data.shape[-1]))  # type: ignore[no-any-return]


def _batched(a: Tensor, b: Tensor) -> Tensor:
    left, right = a._data.shape, b._data.shape
    try:
        batch = np.broadcast_shapes(left[:-2], right[:-2])
    except ValueError:
        raise errors.broadcast(left[:-2], right[:-2]) from None
    if left[-1] != right[-2]:
        raise RuntimeError(
            f"Expected size for first two dimensions of batch2 tensor to be: [{math.prod(batch)}, "
            f"{left[-1]}] but got: [{math.prod(batch)}, {right[-2]}]."
        )
    a3 = reshape(F["expand"](a, (*batch, *left[-2:])), (math.prod(batch), *left[-2:]))
    b3 = reshape(F["expand"](b, (*batch, *right[-2:])), (math.prod(batch), *right[-2:]))
    return F["_unsafe_view"](F["bmm"](a3, b3), (*batch, left[-2], right[-1]))  # type: ignore[no-any-return]


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x·Wᵀ + b, as nn.Linear computes it."""
    turned = F["t"](weight)
    if bias is None:
        return matmul(input, turned)
    if input._data.ndim == 2:
        return F["addmm"](bias, input, turned)  # type: ignore[no-any-return]
    if input._data.ndim > 2:
        lead = input._data.shape[:-1]
        tall = reshape(input, (math.prod(lead), input._data.shape[-1]))
        return reshape(F["addmm"](bias, tall, turned), (*lead, weight._data.shape[0]))
    return F["add"](matmul(input, turned), bias)  # type: ignore[no-any-return]


def outer(self: Tensor, vec2: Tensor) -> Tensor:
    if self._data.ndim != 1 or vec2._data.ndim != 1:
        bad, name = (self, "self") if self._data.ndim != 1 else (vec2, "vec2")
        raise RuntimeError(f"outer: Expected 1-D argument {name}, but got {bad._data.ndim}-D")
    return F["mul"](F["unsqueeze"](self, 1), vec2)  # type: ignore[no-any-return]


def chunk(self: Tensor, chunks: int, dim: int = 0) -> Any:
    if chunks <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    size = self._data.shape[errors.wrap_dim(dim, self._data.ndim)]
    return F["split"](self, max(-(-size // chunks), 1), dim)


def tensor_split(self: Tensor, sections: Any, dim: int = 0) -> Any:
    size = self._data.shape[dim]
    if is_int(sections):
        low, extra = divmod(size, sections)
        return F["split"](self, tuple(low + (i < extra) for i in range(sections)), dim)
    edges = [0, *sections, size]
    return F["split"](self, tuple(b - a for a, b in zip(edges, edges[1:], strict=False)), dim)


def _moment(name: str) -> Any:
    """`var` and `std`, whose arguments torch overloads: (dim, unbiased) or (dim, correction=…)."""

    def call(self: Tensor, *args: Any, **kw: Any) -> Tensor:
        dim = args[0] if args and not isinstance(args[0], bool) else kw.pop("dim", kw.pop("axis", None))
        rest = [a for a in args if isinstance(a, bool)]
        unbiased = kw.pop("unbiased", rest[0] if rest else None)
        keepdim = kw.pop("keepdim", rest[1] if len(rest) > 1 else False)
        correction = kw.pop("correction", 1 if unbiased in (None, True) else 0)
        if kw:
            raise TypeError(f"{name}() got an unexpected keyword argument '{next(iter(kw))}'")
        if self._data.dtype.kind != "f":
            raise RuntimeError(f"{name}(): support for integral dtypes is not available: std and var only support floating point and complex dtypes")
        dims = None if dim is None else (dim,) if is_int(dim) else tuple(dim)
        return F["_" + name](self, dims, correction, bool(keepdim))  # type: ignore[no-any-return]

    call.__name__ = name
    return call


var, std = _moment("var"), _moment("std")


def var_mean(self: Tensor, *args: Any, **kw: Any) -> tuple[Tensor, Tensor]:
    dim = args[0] if args else kw.get("dim")
    keep = kw.get("keepdim", False)
    mean = F["mean"](self) if dim is None else F["mean"](self, dim, keep)
    return var(self, *args, **kw), mean


def norm(self: Tensor, p: Any = "fro", dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Tensor:
    order = 2.0 if p in ("fro", None) else float(p)
    dims = None if dim is None else (dim,) if is_int(dim) else tuple(dim)
    return F["linalg_vector_norm"](self, order, dims, keepdim)  # type: ignore[no-any-return]


def max_(self: Tensor, *args: Any, **kw: Any) -> Any:
    """`max()`, `max(dim)` and `max(other)`."""
    return _extreme("max", "maximum", self, args, kw)


def min_(self: Tensor, *args: Any, **kw: Any) -> Any:
    """`min()`, `min(dim)` and `min(other)`."""
    return _extreme("min", "minimum", self, args, kw)


def _extreme(name: str, pairwise: str, self: Tensor, args: Any, kw: Any) -> Any:
    other = args[0] if args else kw.get("other")
    if is_tensor(other) and other._data.ndim >= 0 and not is_int(other):
        return F[pairwise](self, other)
    return F[f"{name}_reduce"](self, *args, **kw)


def where(condition: Tensor, *args: Any) -> Any:
    """Chooses entry by entry; with the condition alone, the places where it holds."""
    if not args:
        return nonzero(condition, as_tuple=True)
    return F["where_rows"](condition, *args)


def nonzero(self: Tensor, *, as_tuple: bool = False) -> Any:
    places = np.nonzero(np.atleast_1d(self._data))
    if as_tuple:
        return tuple(wrap(p) for p in places)
    if self._data.ndim == 0:
        return wrap(np.zeros((len(places[0]), 0), np.int64))
    return wrap(np.stack(places, axis=1))


def unique(self: Tensor, sorted: bool = True, return_inverse: bool = False,
           return_counts: bool = False, dim: int | None = None) -> Any:
    found = np.unique(self._data, return_inverse=True, return_counts=True, axis=dim)
    parts = [wrap(found[0])]
    if return_inverse:
        parts.append(wrap(found[1].reshape(self._data.shape if dim is None else -1)))
    if return_counts:
        parts.append(wrap(found[2]))
    return parts[0] if len(parts) == 1 else tuple(parts)


def to(self: Tensor, *args: Any, **kw: Any) -> Tensor:
    """The tensor in another dtype; itself when it has it already."""
    wanted = kw.get("dtype")
    for arg in args:
        if isinstance(arg, dtypes.dtype):
            wanted = arg
        elif isinstance(arg, Tensor):
            wanted = arg.dtype
        elif isinstance(arg, (str, dtypes.device)):
            dtypes.cpu_only(arg)
    if kw.get("device") is not None:
        dtypes.cpu_only(kw["device"])
    if wanted is None or wanted is self.dtype:
        return F["clone"](self) if kw.get("copy") or (len(args) > 2 and args[2]) else self  # type: ignore[no-any-return]
    return F["to_copy"](self, wanted.numpy)  # type: ignore[no-any-return]


def to_type(name: str) -> Any:
    wanted = dtypes.NAMES[name]

    def call(self: Tensor) -> Tensor:
        return to(self, wanted)

    call.__name__ = name
    return call


def type_(self: Tensor, dtype: Any = None) -> Any:
    """`x.type()` names the type, `x.type(dtype)` converts."""
    if dtype is None:
        return f"torch.{self.dtype.scalar_name}Tensor"
    if isinstance(dtype, str):
        return to(self, next(d for d in dtypes.ALL if dtype == f"torch.{d.scalar_name}Tensor"))
    return to(self, dtype)


def contiguous(self: Tensor, memory_format: Any = None) -> Tensor:
    return self if self.is_contiguous() else F["clone"](self, memory_format=dtypes.contiguous_format)


def expand_as(self: Tensor, other: Tensor) -> Tensor:
    return F["expand"](self, other._data.shape)  # type: ignore[no-any-return]


def view_as(self: Tensor, other: Tensor) -> Tensor:
    return F["view"](self, other._data.shape)  # type: ignore[no-any-return]


def reshape_as(self: Tensor, other: Tensor) -> Tensor:
    return reshape(self, other._data.shape)


def movedim(self: Tensor, source: Any, destination: Any) -> Tensor:
    order = np.moveaxis(np.empty((0,) * self._data.ndim), source, destination)
    n = self._data.ndim
    src = [errors.wrap_dim(s, n) for s in ((source,) if is_int(source) else source)]
    dst = [errors.wrap_dim(d, n) for d in ((destination,) if is_int(destination) else destination)]
    rest = [d for d in range(n) if d not in src]
    for d, s in sorted(zip(dst, src, strict=True)):
        rest.insert(d, s)
    del order
    return F["permute"](self, tuple(rest))  # type: ignore[no-any-return]


def diag(self: Tensor, diagonal: int = 0) -> Tensor:
    if self._data.ndim == 1:
        return F["diag_embed"](self, diagonal)  # type: ignore[no-any-return]
    if self._data.ndim != 2:
        raise RuntimeError(f"diag(): Supports 1D or 2D tensors. Got {self._data.ndim}D")
    return F["clone"](F["diagonal"](self, diagonal))  # type: ignore[no-any-return]


def trace(self: Tensor) -> Tensor:
    if self._data.ndim != 2:
        raise RuntimeError("trace: expected a matrix")
    return F["sum"](F["diagonal"](self))  # type: ignore[no-any-return]


def tile(self: Tensor, *dims: Any) -> Tensor:
    reps = _ints(dims)
    return F["repeat"](self, (1,) * (self._data.ndim - len(reps)) + reps)  # type: ignore[no-any-return]


def repeat_interleave(self: Tensor, repeats: Any, dim: int | None = None) -> Tensor:
    source = flatten(self) if dim is None else self
    axis = 0 if dim is None else errors.wrap_dim(dim, source._data.ndim)
    counts = repeats._data if is_tensor(repeats) else repeats
    index = np.repeat(np.arange(source._data.shape[axis]), counts)
    return F["index_select"](source, axis, wrap(index))  # type: ignore[no-any-return]


def hstack(tensors: Any) -> Tensor:
    parts = [reshape(t, 1) if t._data.ndim == 0 else t for t in tensors]
    return F["cat"](parts, 0 if parts[0]._data.ndim == 1 else 1)  # type: ignore[no-any-return]


def vstack(tensors: Any) -> Tensor:
    parts = [reshape(t, (1, -1)) if t._data.ndim < 2 else t for t in tensors]
    return F["cat"](parts, 0)  # type: ignore[no-any-return]


def broadcast_to(self: Tensor, *size: Any) -> Tensor:
    return F["expand"](self, _ints(size))  # type: ignore[no-any-return]


def broadcast_tensors(*tensors: Any) -> tuple[Tensor, ...]:
    items = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)) else tensors
    shape = np.broadcast_shapes(*[t._data.shape for t in items])
    return tuple(F["expand"](t, shape) for t in items)


def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Tensor, ...]:
    items = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)) else tensors
    sizes = [t._data.size for t in items]
    grids = []
    for i, t in enumerate(items):
        shape = [1] * len(items)
        shape[i] = sizes[i]
        grids.append(F["expand"](F["view"](t, tuple(shape)), tuple(sizes)))
    if indexing == "xy" and len(grids) > 1:
        grids = [F["transpose"](g, 0, 1) for g in grids]
    return tuple(grids)


def equal(self: Tensor, other: Tensor) -> bool:
    return bool(np.array_equal(self._data, other._data))


def allclose(self: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08,
             equal_nan: bool = False) -> bool:
    if self._data.dtype != other._data.dtype:
        from gradtui.engine.tensor import _c_name

        raise RuntimeError(f"{_cap(self)} did not match {_cap(other)}" if not _c_name(self) else
                           f"{_cap(self)} did not match {_cap(other)}")
    return bool(np.allclose(self._data, other._data, rtol, atol, equal_nan))


def _cap(tensor: Tensor) -> str:
    return tensor.dtype.scalar_name


def einsum(equation: str, *operands: Any) -> Tensor:
    """Products of tensors by index letters: permuted, multiplied in broadcast, summed."""
    items = operands[0] if len(operands) == 1 and isinstance(operands[0], (list, tuple)) else operands
    text = equation.replace(" ", "")
    left, arrow, right = text.partition("->")
    terms = left.split(",")
    if len(terms) != len(items):
        raise RuntimeError(
            "einsum(): more operands were provided than specified in the equation"
            if len(items) > len(terms)
            else "einsum(): fewer operands were provided than specified in the equation"
        )
    if not arrow:
        letters = left.replace(",", "")
        right = "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    order = right + "".join(sorted(set(left) - set(right) - {","}))
    product = None
    for term, item in zip(terms, items, strict=True):
        aligned = _aligned(term, item, order)
        product = aligned if product is None else F["mul"](product, aligned)
    assert product is not None
    extra = tuple(range(len(right), len(order)))
    return F["sum"](product, extra) if extra else product  # type: ignore[no-any-return]


def _aligned(term: str, item: Tensor, order: str) -> Tensor:
    """An operand with its letters' dimensions in `order`, size 1 where it has no such letter."""
    if len(term) != item._data.ndim:
        raise RuntimeError(
            f"einsum(): the number of subscripts in the equation ({len(term)}) does not match the "
            f"number of dimensions ({item._data.ndim}) for operand 0 and no ellipsis was given"
        )
    letters = list(term)
    for letter in [c for c in term if term.count(c) > 1]:
        while letters.count(letter) > 1:
            a = letters.index(letter)
            b = letters.index(letter, a + 1)
            item = F["diagonal"](item, 0, a, b)
            letters = [c for i, c in enumerate(letters) if i not in (a, b)] + [letter]
    present = [c for c in order if c in letters]
    item = F["permute"](item, tuple(letters.index(c) for c in present))
    for place, letter in enumerate(order):
        if letter not in present:
            item = F["unsqueeze"](item, place)
    return item


def bool_where(mask: Any, yes: Any, no: Any) -> Any:
    return lift_where(mask, yes, no)


def numel(input: Tensor) -> int:
    return input.numel()


def is_floating_point(input: Tensor) -> bool:
    return input.is_floating_point()


def is_nonzero(input: Tensor) -> bool:
    return bool(input)


def cross(input: Tensor, other: Tensor, dim: int | None = None) -> Tensor:
    axis = next(i for i, n in enumerate(input._data.shape) if n == 3) if dim is None else dim
    a, b = F["unbind"](input, axis), F["unbind"](other, axis)
    return F["stack"](  # type: ignore[no-any-return]
        [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]], axis
    )
