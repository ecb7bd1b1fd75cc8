"""Joining arrays as torch does: dtypes promoted, sizes checked in its words."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine import dtypes
from gradtui.engine.errors import wrap_dim
from gradtui.engine.kernels.layout import channels_last, in_channels_last


def _common(arrays: Any) -> list[Any]:
    """The arrays in the dtype they promote to; a 0-d array counts as much as any."""
    kind = arrays[0].dtype
    for a in arrays[1:]:
        kind = dtypes.promote_types(dtypes.of(kind), dtypes.of(a.dtype)).numpy
    return [a if a.dtype == kind else a.astype(kind) for a in arrays]


def _legacy(a: Any) -> bool:
    return bool(a.shape == (0,))


def cat(tensors: Any, dim: int = 0) -> Any:
    if not len(tensors):
        raise ValueError("torch.cat(): expected a non-empty list of Tensors")
    for i, a in enumerate(tensors):
        if a.ndim == 0:
            raise RuntimeError(f"zero-dimensional tensor (at position {i}) cannot be concatenated")
    common = _common(tensors)
    arrays = [a for a in common if not _legacy(a)]
    if not arrays:
        return np.array(common[0])
    dim = wrap_dim(dim, arrays[0].ndim)
    _check(arrays, dim)
    joined = np.concatenate(arrays, dim)
    if all(channels_last(a) for a in arrays):
        return in_channels_last(joined)
    return np.ascontiguousarray(joined)


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
    joined = np.stack(_common([np.asarray(a) for a in tensors]), wrap_dim(dim, len(first) + 1))
    return np.ascontiguousarray(joined)
