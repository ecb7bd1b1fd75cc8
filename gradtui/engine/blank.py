"""Tensors of a given layout, whose entries nobody has set yet; and the order dimensions lie in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradtui.engine import creation, dtypes
from gradtui.engine.tensor import Tensor, wrap


def empty_strided(
    size: Sequence[int],
    stride: Sequence[int],
    *,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """Entries `stride` apart, in elements."""
    if len(size) != len(stride):
        raise RuntimeError(
            f"dimensionality of sizes ({len(size)}) must match dimensionality of strides "
            f"({len(stride)})"
        )
    kind = (dtype or dtypes.get_default_dtype()).numpy
    reach = 0 if 0 in size else 1 + sum((n - 1) * s for n, s in zip(size, stride, strict=True))
    steps = tuple(s * kind.itemsize for s in stride)
    whole = np.zeros(reach, kind)
    made = np.ndarray(tuple(size), kind, whole, 0, steps) if reach else np.zeros(size, kind)
    return creation.made(made[()] if not size else made, requires_grad)


def new_empty_strided(self: Tensor, size: Any, stride: Any, **options: Any) -> Tensor:
    """The same, of the dtype of another tensor."""
    return empty_strided(size, stride, **({"dtype": self.dtype} | options))


def empty_permuted(size: Sequence[int], physical_layout: Sequence[int], **options: Any) -> Tensor:
    """A tensor whose dimensions lie in memory in another order, the outermost first."""
    if len(size) != len(physical_layout):
        raise RuntimeError(
            "Number of dimensions in size does not match the length of the physical_layout; i.e. "
            f"len(size) = {len(size)} is not equal to len(physical_layout) = "
            f"{len(physical_layout)}"
        )
    for place, dim in enumerate(physical_layout):
        if not 0 <= dim < len(size):
            raise RuntimeError(
                f"Dimension out of range (expected to be between 0 and {len(size) - 1}, but got "
                f"{dim} at index {place}).  NB: negative dims not currently supported; file an "
                "issue if you want it."
            )
    if len(set(physical_layout)) != len(size):
        raise RuntimeError("Duplicate dim not allowed")
    dense = creation.empty([size[d] for d in physical_layout], **options)
    back = np.argsort(physical_layout).tolist()
    return wrap(dense._data.transpose(back)).requires_grad_(dense.requires_grad)


def dim_order(self: Tensor, *, ambiguity_check: Any = False) -> tuple[int, ...]:
    """The dimensions from the outermost in memory to the innermost."""
    steps = self.stride()
    return tuple(sorted(range(len(steps)), key=lambda d: (-steps[d], d)))
