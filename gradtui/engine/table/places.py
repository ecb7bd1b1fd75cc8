"""Shape and place on arrays: views as numpy makes them, with torch's checks and messages."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from gradtui.engine.errors import wrap_dim


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


def can_view(x: Any, shape: tuple[int, ...]) -> bool:
    """Whether `shape` can be had without copying."""
    try:
        return bool(np.shares_memory(x.reshape(shape, copy=False), x)) or x.size == 0
    except ValueError:
        return False


def view(x: Any, size: Sequence[int]) -> Any:
    shape = inferred(size, x.size)
    if not can_view(x, shape):
        raise RuntimeError(
            "view size is not compatible with input tensor's size and stride (at least one dimension "
            "spans across two contiguous subspaces). Use .reshape(...) instead."
        )
    return x.reshape(shape)


def reshaped_copy(x: Any, size: Sequence[int]) -> Any:
    return np.array(x.reshape(inferred(size, x.size)))


def transpose(x: Any, a: int, b: int) -> Any:
    a, b = wrap_dim(a, x.ndim), wrap_dim(b, x.ndim)
    return np.swapaxes(x, a, b) if x.ndim else x[...]


def t(x: Any) -> Any:
    if x.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {x.ndim}D")
    return x.T if x.ndim == 2 else x[...]


def permute(x: Any, dims: Sequence[int]) -> Any:
    if len(dims) != x.ndim:
        raise RuntimeError(
            "permute(sparse_coo): number of dimensions in the tensor input does not match the length "
            f"of the desired ordering of dimensions i.e. input.dim() = {x.ndim} is not equal to "
            f"len(dims) = {len(dims)}"
        )
    wrapped = [wrap_dim(d, x.ndim) for d in dims]
    if len(set(wrapped)) != len(wrapped):
        raise RuntimeError("permute(): duplicate dims are not allowed.")
    return np.transpose(x, wrapped)


def expand(x: Any, size: Sequence[int], _implicit: bool = False) -> Any:
    if len(size) < x.ndim:
        raise RuntimeError(
            f"expand(torch.FloatTensor{{{list(x.shape)}}}, size={list(size)}): the number of sizes "
            f"provided ({len(size)}) must be greater or equal to the number of dimensions in the "
            f"tensor ({x.ndim})"
        )
    lead = len(size) - x.ndim
    shape = [x.shape[i - lead] if n == -1 and i >= lead else n for i, n in enumerate(size)]
    for i, (n, have) in enumerate(zip(shape[lead:], x.shape, strict=True)):
        if have not in (1, n):
            raise RuntimeError(
                f"The expanded size of the tensor ({n}) must match the existing size ({have}) at "
                f"non-singleton dimension {i + lead}.  Target sizes: {list(size)}.  Tensor sizes: "
                f"{list(x.shape)}"
            )
    strides = [0] * lead + [
        0 if have == 1 and n != 1 else s
        for n, have, s in zip(shape[lead:], x.shape, x.strides, strict=True)
    ]
    return as_strided(x, shape, strides)


def squeeze(x: Any, dim: Any = None) -> Any:
    if dim is None:
        return x.reshape([n for n in x.shape if n != 1])
    dims = {wrap_dim(d, x.ndim) for d in ((dim,) if isinstance(dim, int) else dim)}
    keep = [i for i in range(x.ndim) if i not in dims or x.shape[i] != 1]
    return as_strided(x, [x.shape[i] for i in keep], [x.strides[i] for i in keep])


def unsqueeze(x: Any, dim: int) -> Any:
    return np.expand_dims(x, wrap_dim(dim, x.ndim + 1))


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


def narrow(x: Any, dim: int, start: int, length: int) -> Any:
    if x.ndim == 0:
        raise RuntimeError("narrow() cannot be applied to a 0-dim tensor.")
    dim = wrap_dim(dim, x.ndim)
    size = x.shape[dim]
    if not -size <= start <= size:
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-size}, {size}], but got {start})"
            if start < -size
            else f"start ({start}) + length ({length}) exceeds dimension size ({size})."
        )
    begin = start + size if start < 0 else start
    if length < 0:
        raise RuntimeError("narrow(): length must be non-negative.")
    if begin + length > size:
        raise RuntimeError(f"start ({start}) + length ({length}) exceeds dimension size ({size}).")
    return x[(slice(None),) * dim + (slice(begin, begin + length),)]


def diagonal(x: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    return np.diagonal(x, offset, wrap_dim(dim1, x.ndim), wrap_dim(dim2, x.ndim))


def diagonal_into(part: Any, sizes: Any, offset: int, dim1: int, dim2: int) -> Any:
    out = np.zeros(sizes, part.dtype)
    view_ = np.diagonal(out, offset, dim1, dim2)
    view_.flags.writeable = True
    view_[...] = part
    return out


def diag_embed(x: Any, offset: int = 0) -> Any:
    n = x.shape[-1] + abs(offset)
    return diagonal_into(x, (*x.shape[:-1], n, n), offset, -2, -1)


def unbind(x: Any, dim: int = 0) -> list[Any]:
    if x.ndim == 0:
        raise RuntimeError("Dimension specified as 0 but tensor has no dimensions")
    dim = wrap_dim(dim, x.ndim)
    return [x[(slice(None),) * dim + (i, ...)] for i in range(x.shape[dim])]


def split(x: Any, size: Any, dim: int = 0) -> list[Any]:
    dim = wrap_dim(dim, x.ndim)
    total = x.shape[dim]
    if isinstance(size, int):
        if size < 0 or (size == 0 and total):
            raise RuntimeError(f"split expects split_size be non-negative, but got split_size={size}")
        size = [size] * max(math.ceil(total / size), 1) if size else [0]
    elif sum(size) != total:
        raise RuntimeError(
            f"split_with_sizes expects split_sizes to sum exactly to {total} (input tensor's size at "
            f"dimension {dim}), but got split_sizes={list(size)}"
        )
    edges = np.cumsum([0, *size])
    lead = (slice(None),) * dim
    return [x[(*lead, slice(int(a), int(b)))] for a, b in zip(edges, edges[1:], strict=False)]


def unfold(x: Any, dimension: int, size: int, step: int) -> Any:
    dimension = wrap_dim(dimension, x.ndim)
    count = (x.shape[dimension] - size) // step + 1
    shape = [*x.shape, size]
    shape[dimension] = count
    strides = [*x.strides, x.strides[dimension]]
    strides[dimension] *= step
    return as_strided(x, shape, strides)


def roll(x: Any, shifts: Any, dims: Any = ()) -> Any:
    if not dims:
        return np.roll(x, shifts[0] if isinstance(shifts, tuple) else shifts)
    return np.roll(x, shifts, dims)


def flip(x: Any, dims: Any) -> Any:
    return np.flip(x, tuple(wrap_dim(d, x.ndim) for d in dims)).copy()


def repeat(x: Any, repeats: Sequence[int]) -> Any:
    if len(repeats) < x.ndim:
        raise RuntimeError(
            "Number of dimensions of repeat dims can not be smaller than number of dimensions of "
            "tensor"
        )
    return np.tile(x, repeats)


def tril(x: Any, diagonal_: int = 0) -> Any:
    return np.tril(x, diagonal_)


def triu(x: Any, diagonal_: int = 0) -> Any:
    return np.triu(x, diagonal_)


def place(sizes: Any, dim: int, start: Any, end: Any, step: int) -> tuple[Any, ...]:
    """The index of a slice along one dimension."""
    return (slice(None),) * (dim % len(sizes)) + (slice(start, end, step),)


def place_into(part: Any, sizes: Any, where: Any) -> Any:
    out = np.zeros(sizes, part.dtype)
    out[where] = part
    return out


def put_strided(x: Any, part: Any, geometry: Any) -> Any:
    out = np.array(x, order="C")
    geometry.within(out)[...] = part
    return out
