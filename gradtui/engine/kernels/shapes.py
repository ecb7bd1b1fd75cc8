"""Shape and place on arrays: views as numpy makes them, with torch's checks and messages."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided as numpy_strided

from gradtui.engine import dtypes
from gradtui.engine.errors import wrap_dim
from gradtui.engine.kernels.bare import bare
from gradtui.engine.kernels.layout import arranged, plain


def inferred(size: Sequence[int], numel: int) -> tuple[int, ...]:
    """A shape with its one -1 worked out."""
    shape = list(size)
    if any(n < -1 for n in shape):
        raise RuntimeError(f"invalid shape dimension {next(n for n in shape if n < -1)}")
    if shape.count(-1) > 1:
        raise RuntimeError("only one dimension can be inferred")
    known = math.prod(n for n in shape if n != -1)
    if -1 in shape:
        if known == 0 and numel == 0:
            raise RuntimeError(
                f"cannot reshape tensor of 0 elements into shape {shape} because the unspecified "
                "dimension size -1 can be any value and is ambiguous"
            )
        if known == 0 or numel % known:
            raise RuntimeError(f"shape '{shape}' is invalid for input of size {numel}")
        shape[shape.index(-1)] = numel // known
    elif known != numel:
        raise RuntimeError(f"shape '{list(size)}' is invalid for input of size {numel}")
    return tuple(shape)


def view_strides(x: Any, shape: Sequence[int]) -> Sequence[int] | None:
    """The strides, in bytes, with which memory is seen in another shape; None where it has to be copied.

    The source is `computeStride_impl` in `ATen/TensorUtils.cpp`: what lies in one stretch is divided anew.
    """
    old, steps = x.shape, x.strides
    if not x.size or not old:
        return steps if old == tuple(shape) else rows_of(shape, x.itemsize)
    found, at = [0] * len(shape), len(shape) - 1
    base, have, given = steps[-1], 1, 1
    for d in range(len(old) - 1, -1, -1):
        have *= old[d]
        if d and (old[d - 1] == 1 or steps[d - 1] == have * base):
            continue
        while at >= 0 and (given < have or shape[at] == 1):
            found[at] = given * base
            given *= shape[at]
            at -= 1
        if given != have:
            return None
        base, have, given = steps[d - 1], 1, 1
    return found if at == -1 else None


def rows_of(shape: Sequence[int], step: int) -> tuple[int, ...]:
    """The strides of an array in rows, whose entries lie `step` apart."""
    sizes = [max(n, 1) for n in shape]
    return tuple(step * math.prod(sizes[i + 1 :]) for i in range(len(sizes)))


def seen_as(x: Any, shape: tuple[int, ...]) -> Any:
    """The memory of an array in another shape, or None where it would have to be copied."""
    if x.flags.c_contiguous and 1 not in x.shape:
        return x.reshape(shape)
    strides = view_strides(x, shape)
    return None if strides is None else strided(x, shape, strides)


def view(x: Any, size: Sequence[int]) -> Any:
    found = seen_as(x, inferred(size, x.size))
    if found is None:
        raise RuntimeError(
            "view size is not compatible with input tensor's size and stride (at least one "
            "dimension "
            "spans across two contiguous subspaces). Use .reshape(...) instead."
        )
    return found


def reshaped_copy(x: Any, size: Sequence[int]) -> Any:
    return np.array(x.reshape(inferred(size, x.size)))


def transpose(x: Any, a: int, b: int) -> Any:
    a, b = wrap_dim(a, x.ndim), wrap_dim(b, x.ndim)
    return np.swapaxes(x, a, b) if x.ndim else x[...]


def t(x: Any, name: str = "t") -> Any:
    if x.ndim > 2:
        raise RuntimeError(f"{name}() expects a tensor with <= 2 dimensions, but self is {x.ndim}D")
    return x.T if x.ndim == 2 else x[...]


def permute(x: Any, dims: Sequence[int]) -> Any:
    if len(dims) != x.ndim:
        raise RuntimeError(
            "permute(sparse_coo): number of dimensions in the tensor input does not match the "
            "length "
            f"of the desired ordering of dimensions i.e. input.dim() = {x.ndim} is not equal to "
            f"len(dims) = {len(dims)}"
        )
    wrapped = [wrap_dim(d, x.ndim) for d in dims]
    if len(set(wrapped)) != len(wrapped):
        raise RuntimeError("permute(): duplicate dims are not allowed.")
    return np.transpose(x, wrapped)


def type_name(x: Any) -> str:
    """What C++ calls the type of a tensor."""
    return "CPUBoolType" if x.dtype.kind == "b" else f"torch.{dtypes.of(x.dtype).scalar_name}Tensor"


def expand(x: Any, size: Sequence[int], _implicit: bool = False) -> Any:
    if not x.ndim and min(size, default=0) >= 0:
        return strided(x, size, (0,) * len(size))
    if len(size) < x.ndim:
        raise RuntimeError(
            f"expand({type_name(x)}{{{list(x.shape)}}}, size={list(size)}): the number of sizes "
            f"provided ({len(size)}) must be greater or equal to the number of dimensions in the "
            f"tensor ({x.ndim})"
        )
    lead = len(size) - x.ndim
    shape = [x.shape[i - lead] if n == -1 and i >= lead else n for i, n in enumerate(size)]
    for i, (n, have) in reversed([*enumerate(zip(shape[lead:], x.shape, strict=True))]):
        if have not in (1, n):
            raise RuntimeError(
                f"The expanded size of the tensor ({n}) must match the existing size ({have}) at "
                f"non-singleton dimension {i + lead}.  Target sizes: {list(size)}.  Tensor sizes: "
                f"{list(x.shape)}"
            )
    strides = [0] * lead + [
        0 if have == 1 and n != 1 else s
        for n, have, s in zip(shape[lead:], x.shape, steps(x), strict=True)
    ]
    for i in range(lead - 1, -1, -1):  # as torch steps over new dimensions of one entry
        if shape[i] == 1 and x.ndim:
            strides[i] = shape[i + 1] * strides[i + 1]
    return strided(x, shape, strides)


def strided(x: Any, shape: Sequence[int], strides: Sequence[int]) -> Any:
    """The memory of an array from its first element on, seen with another shape and strides in bytes."""
    if x.size and x.flags.c_contiguous:  # the constructor is six times quicker
        return np.ndarray(tuple(shape), x.dtype, x, 0, tuple(strides))
    return numpy_strided(x, shape, strides)


def steps(x: Any) -> tuple[int, ...]:
    """An array's strides; numpy has none for what it made without elements."""
    if x.size or any(x.strides):
        return tuple(x.strides)
    return rows_of(x.shape, x.itemsize)


def strides_of(x: Any) -> tuple[int, ...]:
    """Steps between neighbours of each dimension, in elements."""
    size = x.itemsize
    return tuple([step // size for step in steps(x)])


def squeeze(x: Any, dim: Any = None) -> Any:
    if dim is None:
        return x.reshape([n for n in x.shape if n != 1])
    dims = {wrap_dim(d, x.ndim) for d in ((dim,) if isinstance(dim, int) else dim)}
    keep = [i for i in range(x.ndim) if i not in dims or x.shape[i] != 1]
    return strided(x, [x.shape[i] for i in keep], [x.strides[i] for i in keep])


def unsqueeze(x: Any, dim: int) -> Any:
    dim = wrap_dim(dim, x.ndim + 1)
    step = x.itemsize if dim == x.ndim else x.shape[dim] * x.strides[dim]
    return strided(
        x, (*x.shape[:dim], 1, *x.shape[dim:]), (*x.strides[:dim], step, *x.strides[dim:])
    )


def select(x: Any, dim: int, index: int) -> Any:
    if x.ndim == 0:
        raise IndexError("select() cannot be applied to a 0-dim tensor.")
    dim = wrap_dim(dim, x.ndim)
    if not -x.shape[dim] <= index < x.shape[dim]:
        raise IndexError(
            f"select(): index {index} out of range for tensor of size {list(x.shape)} at dimension "
            f"{dim}"
        )
    return x[(slice(None),) * dim + (index, ...)]


def slice_(x: Any, dim: int, start: int | None, end: int | None, step: int) -> Any:
    if x.ndim == 0:
        raise RuntimeError("slice() cannot be applied to a 0-dim tensor.")
    if step <= 0:
        raise RuntimeError("slice step must be positive")
    return x[(slice(None),) * wrap_dim(dim, x.ndim) + (slice(start, end, step),)]


def diagonal(x: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    a, b = wrap_dim(dim1, x.ndim), wrap_dim(dim2, x.ndim)
    if a == b:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    return _writeable(np.diagonal(x, offset, a, b), x)


def _writeable(view_: Any, of: Any) -> Any:
    """numpy hands out diagonals read-only; a view of a tensor may be written to."""
    if not view_.flags.writeable and of.flags.writeable:
        view_.flags.writeable = True
    return view_


def diagonal_backward(part: Any, sizes: Any, offset: int, dim1: int, dim2: int) -> Any:
    """Zeros of a size with `part` on the diagonal."""
    out = np.zeros(sizes, part.dtype)
    diagonal(out, offset, dim1, dim2)[...] = part
    return out


def diag_embed(x: Any, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    ndim = x.ndim + 1
    a, b = wrap_dim(dim1, ndim), wrap_dim(dim2, ndim)
    if a == b:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    n = x.shape[-1] + abs(offset)
    sizes = list(x.shape[:-1])
    for at in sorted((a, b)):
        sizes.insert(at, n)
    return diagonal_backward(x, sizes, offset, a, b)


def trace(x: Any) -> Any:
    if x.ndim != 2:
        raise RuntimeError(f"trace: expected a matrix, but got tensor with dim {x.ndim}")
    line = np.diagonal(x)
    if x.dtype.kind != "f":
        return line.sum(dtype=np.int64)
    return (
        (np.add.accumulate(line, dtype=np.float64)[-1] + 0.0).astype(x.dtype)  # torch begins at 0
        if line.size
        else (x.dtype.type(0))
    )


def rot90(x: Any, k: int = 1, dims: Sequence[int] = (0, 1)) -> Any:
    if len(dims) != 2:
        raise RuntimeError(f"expected total rotation dims == 2, but got dims = {len(dims)}")
    if x.ndim < 2:
        raise RuntimeError(f"expected total dims >= 2, but got total dims = {x.ndim}")
    if dims[0] == dims[1] or abs(dims[0] - dims[1]) == x.ndim:
        raise RuntimeError(
            f"expected rotation dims to be different, but got dim0 = {dims[0]} and dim1 = {dims[1]}"
        )
    for d in dims:
        wrap_dim(d, x.ndim)
    a, b = dims
    if k % 4 == 2:
        return flip(x, dims)
    if k % 4 == 0:
        return clone(x, "torch.contiguous_format")
    return np.swapaxes(flip(x, (b if k % 4 == 1 else a,)), a, b)


def unbind(x: Any, dim: int = 0) -> list[Any]:
    dim = wrap_dim(dim, x.ndim)
    if x.ndim == 0:
        raise IndexError("Dimension specified as 0 but tensor has no dimensions")
    return [x[(slice(None),) * dim + (i, ...)] for i in range(x.shape[dim])]


def lengths(total: int, size: int) -> list[int]:
    """The sizes of the pieces a dimension is split into."""
    count = max(-(-total // size), 1) if size else 1
    return [min(size, total - i * size) for i in range(count)]


def _cut(x: Any, sizes: Sequence[int], dim: int) -> list[Any]:
    edges = np.cumsum([0, *sizes])
    lead = (slice(None),) * dim
    return [x[(*lead, slice(int(a), int(b)))] for a, b in itertools.pairwise(edges)]


def split(x: Any, size: int, dim: int = 0) -> list[Any]:
    if x.ndim == 0:
        raise RuntimeError("split expects at least a 1-dimensional tensor")
    dim = wrap_dim(dim, x.ndim)
    if size < 0:
        raise RuntimeError(f"split expects split_size be non-negative, but got split_size={size}")
    if size == 0 and x.shape[dim]:
        raise RuntimeError(
            f"split_size can only be 0 if dimension size is 0, but got dimension size of "
            f"{x.shape[dim]}"
        )
    return _cut(x, lengths(x.shape[dim], size), dim)


def split_with_sizes(x: Any, sizes: Sequence[int], dim: int = 0) -> list[Any]:
    if x.ndim == 0:
        raise RuntimeError("split expects at least a 1-dimensional tensor")
    dim = wrap_dim(dim, x.ndim)
    if any(n < 0 for n in sizes):
        raise RuntimeError(
            "split_with_sizes expects split_sizes have only non-negative entries, but got "
            f"split_sizes={list(sizes)}"
        )
    if sum(sizes) != x.shape[dim]:
        raise RuntimeError(
            f"split_with_sizes expects split_sizes to sum exactly to {x.shape[dim]} (input "
            "tensor's "
            f"size at dimension {dim}), but got split_sizes={list(sizes)}"
        )
    return _cut(x, sizes, dim)


def unfold(x: Any, dimension: int, size: int, step: int) -> Any:
    dimension = wrap_dim(dimension, x.ndim)
    have = x.shape[dimension] if x.ndim else 1
    if size > have:
        raise RuntimeError(
            f"maximum size for tensor at dimension {dimension} is {have} but size is {size}"
        )
    if step <= 0:
        raise RuntimeError(f"step is {step} but must be > 0")
    if not x.ndim:
        return strided(x, (size,), (x.itemsize,))
    shape, strides = [*x.shape, size], [*x.strides, x.strides[dimension]]
    shape[dimension] = (have - size) // step + 1
    strides[dimension] *= step
    return strided(x, shape, strides)


def unfold_backward(grad: Any, sizes: Any, dimension: int, size: int, step: int) -> Any:
    """Each window's cotangent added where the window was taken."""
    out = np.zeros(sizes, grad.dtype)
    window = unfold(out, dimension, size, step)
    for i in range(size):
        window[..., i] += grad[..., i]
    return out


def as_strided(x: Any, size: Any, stride: Any, offset: int | None = None) -> Any:
    """Any view of the storage, by size, stride and offset in elements."""
    flat = storage_of(x)
    start = origin(x) if offset is None else offset
    if len(size) != len(stride):
        raise RuntimeError("mismatch in length of strides and shape")
    need = start + sum((n - 1) * s for n, s in zip(size, stride, strict=True)) + 1
    if all(size) and need > flat.size:
        raise RuntimeError(
            f"setStorage: sizes {list(size)}, strides {list(stride)}, storage offset {start}, and "
            f"itemsize {x.itemsize} requiring a storage size of {need * x.itemsize} are out of "
            f"bounds for storage of size {flat.nbytes}"
        )
    return strided(flat[start:], size, [s * x.itemsize for s in stride])


def places(size: Any, stride: Any, offset: int) -> Any:
    """The place in the storage of every element of a view."""
    found = np.full(tuple(size), offset, np.intp)
    for dim, (n, step) in enumerate(zip(size, stride, strict=True)):
        found += (np.arange(n) * step).reshape((-1,) + (1,) * (len(size) - dim - 1))
    return found


def root(array: Any) -> Any:
    """The array that owns the memory of another."""
    while (base := array.base) is not None:
        if not isinstance(base, np.ndarray):
            base = getattr(base, "base", None)  # what as_strided puts between
            if not isinstance(base, np.ndarray):
                break
        array = base
    return array


def storage_of(x: Any) -> Any:
    """All of the memory an array is a view of, flat."""
    whole = root(x)
    return strided(whole, (whole.size,), (whole.itemsize,))


def origin(x: Any) -> int:
    """Where an array begins in its storage, in elements."""
    begin = x.__array_interface__["data"][0] - storage_of(x).__array_interface__["data"][0]
    return int(begin // x.itemsize)


def roll(x: Any, shifts: Any, dims: Any = ()) -> Any:
    if not shifts:
        raise RuntimeError("`shifts` required")
    if not dims and len(shifts) == 1:
        return bare(np.ascontiguousarray(np.roll(x, shifts[0])).reshape(x.shape))
    if len(shifts) != len(dims):
        raise RuntimeError(
            f"shifts and dimensions must align. shifts: {len(shifts)}, dims:{len(dims)}"
        )
    if not x.ndim:
        raise IndexError(f"Dimension specified as {dims[0]} but tensor has no dimensions")
    return np.ascontiguousarray(np.roll(x, shifts, [wrap_dim(d, x.ndim) for d in dims]))


def flip(x: Any, dims: Any) -> Any:
    wrapped = [wrap_dim(d, x.ndim) for d in dims]
    if len(set(wrapped)) != len(wrapped):
        twice = next(d for i, d in enumerate(wrapped) if d in wrapped[:i])
        raise RuntimeError(f"dim {twice} appears multiple times in the list of dims")
    if not x.ndim:
        return x
    return laid_out_like(np.array(np.flip(x, tuple(wrapped)), order="C"), x)


def repeat(x: Any, repeats: Sequence[int]) -> Any:
    if len(repeats) < x.ndim:
        raise RuntimeError(
            "Number of dimensions of repeat dims can not be smaller than number of dimensions of "
            "tensor"
        )
    return np.tile(x, repeats)


def tril(x: Any, diagonal_: int = 0) -> Any:
    return _triangle("tril", np.tril, x, diagonal_)


def triu(x: Any, diagonal_: int = 0) -> Any:
    return _triangle("triu", np.triu, x, diagonal_)


def _triangle(name: str, part: Any, x: Any, diagonal_: int) -> Any:
    if x.ndim < 2:
        raise RuntimeError(f"{name}: input tensor must have at least 2 dimensions")
    return np.ascontiguousarray(part(x, diagonal_))


def clone(x: Any, memory_format: Any = None) -> Any:
    """A copy, laid out as the original where that has no gaps and no overlaps."""
    if not x.ndim:
        return x.copy()
    contiguous = memory_format is not None and str(memory_format) == "torch.contiguous_format"
    return np.array(x, order="C") if contiguous or plain(x) else arranged(np.array(x), (x,))


def laid_out_like(x: Any, like: Any) -> Any:
    """x with its dimensions in the order in which those of another array lie in memory."""
    return x if plain(like) else arranged(x, (like,))


def dense(x: Any) -> bool:
    """Whether every element of a stretch of memory is shown exactly once."""
    step = x.itemsize
    for stride, n in sorted((s, n) for s, n in zip(x.strides, x.shape, strict=True) if n > 1):
        if stride != step:
            return False
        step *= n
    return True


def select_backward(part: Any, sizes: Any, dim: int, index: int) -> Any:
    out = np.zeros(sizes, part.dtype)
    out[(slice(None),) * (dim % len(sizes)) + (index,)] = part
    return out


def slice_backward(
    part: Any, sizes: Any, dim: int, start: int | None, end: int | None, step: int
) -> Any:
    out = np.zeros(sizes, part.dtype)
    out[(slice(None),) * (dim % len(sizes)) + (slice(start, end, step),)] = part
    return out
