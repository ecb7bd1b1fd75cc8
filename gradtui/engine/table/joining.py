"""Rows that join tensors: cat and stack, each input's gradient its part of the whole."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine import dtypes
from gradtui.engine.errors import wrap_dim
from gradtui.engine.lift import FUNCTIONS, is_tensor
from gradtui.engine.rows import row


def _common(arrays: Any) -> list[Any]:
    kind = arrays[0].dtype
    for a in arrays[1:]:
        kind = dtypes.promote_types(dtypes.of(kind), dtypes.of(a.dtype)).numpy
    return [a if a.dtype == kind else a.astype(kind) for a in arrays]


def _legacy(a: Any) -> bool:
    return bool(a.shape == (0,))


def cat(tensors: Any, dim: int = 0) -> Any:
    if not len(tensors):
        raise RuntimeError("torch.cat(): expected a non-empty list of Tensors")
    for i, a in enumerate(tensors):
        if a.ndim == 0:
            raise RuntimeError(f"zero-dimensional tensor (at position {i}) cannot be concatenated")
    arrays = [a for a in tensors if not _legacy(a)] or list(tensors)
    dim = wrap_dim(dim, arrays[0].ndim)
    _check(arrays, dim)
    return np.concatenate(_common(arrays), dim)


def _check(arrays: list[Any], dim: int) -> None:
    first = arrays[0].shape
    for number, a in enumerate(arrays[1:], 1):
        if a.ndim != len(first):
            raise RuntimeError(
                f"Tensors must have same number of dimensions: got {len(first)} and {a.ndim}"
            )
        for i, (x, y) in enumerate(zip(first, a.shape, strict=True)):
            if i != dim and x != y:
                raise RuntimeError(
                    f"Sizes of tensors must match except in dimension {dim}. Expected size {x} but "
                    f"got size {y} for tensor number {number} in the list."
                )


def stack(tensors: Any, dim: int = 0) -> Any:
    if not len(tensors):
        raise RuntimeError("stack expects a non-empty TensorList")
    first = tensors[0].shape
    for i, a in enumerate(tensors):
        if a.shape != first:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {list(first)} at entry 0 and "
                f"{list(a.shape)} at entry {i}"
            )
    return np.stack(_common([np.asarray(a) for a in tensors]), wrap_dim(dim, len(first) + 1))


def _parts(grad: Any, tensors_sizes: Any, dim: int) -> list[Any]:
    shapes = list(tensors_sizes)
    axis = wrap_dim(dim, len(grad.shape))
    found, start = [], 0
    for shape in shapes:
        if shape == (0,) and len(grad.shape) != 1:
            found.append(None)
            continue
        end = start + shape[axis]
        found.append(grad[(slice(None),) * axis + (slice(start, end),)])
        start = end
    return found


def _slices(grad: Any, dim: int) -> list[Any]:
    axis = wrap_dim(dim, len(grad.shape))
    if is_tensor(grad):
        return list(FUNCTIONS["unbind"](grad, axis))
    return [grad[(slice(None),) * axis + (i,)] for i in range(grad.shape[axis])]


row("cat(TensorList tensors, int64_t dim=0)", "CatBackward0", cat,
    tensors=lambda grad, tensors_sizes, dim: _parts(grad, tensors_sizes, dim))
row("stack(TensorList tensors, int64_t dim=0)", "StackBackward0", stack,
    tensors=lambda grad, dim: _slices(grad, dim))
