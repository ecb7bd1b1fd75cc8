"""Where a view lies in the storage it shares, and the gradient of looking at storage through it.

The source is `as_strided_backward` in `torch/csrc/autograd/FunctionsManual.cpp`: the cotangent is put
where the view showed a new storage of zeros, and the input reads its own from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from gradtui.engine.kernels.shapes import places
from gradtui.engine.lift import FUNCTIONS, is_tensor
from gradtui.engine.tensor import Tensor, wrap


@dataclass(frozen=True, slots=True)
class Geometry:
    """Shape, strides and offset of a view, in elements of a storage."""

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int

    def within(self, flat: Any) -> Any:
        """The part of a storage, one flat array, that the view shows."""
        step = flat.dtype.itemsize
        return as_strided(flat[self.offset :], self.shape, [s * step for s in self.strides])

    def of(self, storage: Tensor) -> Tensor:
        """The view of a tensor's storage."""
        view: Tensor = FUNCTIONS["as_strided"](storage, self.shape, self.strides, self.offset)
        return view

    @property
    def end(self) -> int:
        """How long a storage must be to hold the view."""
        if not all(self.shape):
            return self.offset
        steps = zip(self.shape, self.strides, strict=True)
        return self.offset + 1 + sum((n - 1) * s for n, s in steps)

    @property
    def repeats(self) -> bool:
        """Whether a dimension of several entries shows one of them again and again."""
        sizes = zip(self.shape, self.strides, strict=True)
        return all(self.shape) and any(s == 0 and n > 1 for n, s in sizes)

    @property
    def overlaps(self) -> bool:
        """Whether two entries may share their memory."""
        reach = 0
        for step, n in sorted((s, n) for n, s in zip(self.shape, self.strides, strict=True)):
            if step <= reach:
                return True
            reach += step * (n - 1)
        return False


def scattered(grad: Any, source: Geometry, view: Geometry) -> Any:
    """The gradient of `source` from the cotangent of a `view` of the same storage."""
    if not all(view.shape):
        zeros = np.zeros(source.shape, (grad._data if is_tensor(grad) else grad).dtype)
        return wrap(zeros) if is_tensor(grad) else zeros
    grad, view = _folded(grad, view)
    size = max(source.end, view.end)
    if not is_tensor(grad):
        flat = np.zeros(size, grad.dtype)
        if view.overlaps:
            np.add.at(flat, places(view.shape, view.strides, view.offset), grad)
        else:
            view.within(flat)[...] = grad
        return source.within(flat)
    storage: Any = wrap(np.zeros(size, grad._data.dtype))
    if view.overlaps:
        index = wrap(places(view.shape, view.strides, view.offset).reshape(-1))
        storage.index_add_(0, index, grad.reshape(-1))
    else:
        view.of(storage).copy_(grad)
    return source.of(storage)


def _folded(grad: Any, view: Geometry) -> tuple[Any, Geometry]:
    """Without dimensions of one entry, and summed over those that only repeat."""
    kept: list[tuple[int, int]] = []
    for dim in reversed(range(len(view.shape))):
        size, step = view.shape[dim], view.strides[dim]
        if size == 1:
            grad = grad.squeeze(dim)
        elif step == 0:
            grad = grad.sum(dim) if is_tensor(grad) else np.add.reduce(grad, dim)
        else:
            kept.insert(0, (size, step))
    shape, strides = tuple(k[0] for k in kept), tuple(k[1] for k in kept)
    return grad, Geometry(shape, strides, view.offset)


def steps_of(array: Any) -> tuple[int, ...]:
    """An array's strides in elements."""
    return tuple(s // array.dtype.itemsize for s in array.strides)
