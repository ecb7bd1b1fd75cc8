"""The arithmetic of optimizers: tensors changed in place, rounded as torch's kernels round.

A multiply-add is rounded once. While nothing is recorded these skip the table and work on the
storage; otherwise (a tape is open, or the step is differentiable) they are the tensor's methods.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine import state
from gradtui.engine.fma import fma32, fma64
from gradtui.engine.tensor import TENSORS, Tensor, bump, storage, wrap

_MASK = np.int64((1 << 29) - 1)
_TIE = np.int64(1 << 28)  # the bits float32 drops from a float64 half-way between two float32
_LEAST = 2.0**-126
_F32, _F64 = np.dtype(np.float32), np.dtype(np.float64)


def _plain(target: Tensor, *others: Any) -> bool:
    """Whether the storage may be worked on directly: one shape and dtype, nobody watching."""
    if state.grad_enabled or state.tape is not None:
        return False
    data = target._data
    kind, shape = data.dtype, data.shape
    if kind is not _F32 and kind is not _F64:
        return False
    return all(
        isinstance(o, Tensor) and o._data.dtype is kind and o._data.shape == shape for o in others
    )


def _put(target: Tensor, values: Any) -> Tensor:
    np.copyto(storage(target), values, casting="same_kind")
    bump(target)
    return target


def scaled_sum(x: Any, alpha: float, c: Any) -> Any:
    """x·alpha + c of equally shaped arrays, rounded once; float32 may come back as float64."""
    if alpha == 1:
        return x + c
    if c.dtype is _F64:
        return fma64(x, alpha, c)
    factor = np.float32(alpha)
    total = np.asarray(x, _F64) * np.float64(factor)
    total = np.asarray(total + c)
    ties = np.count_nonzero((total.view(np.int64) & _MASK) == _TIE)
    if ties or (total.size and np.minimum.reduce(np.abs(total), axis=None) < _LEAST):
        return fma32(x, factor, c)
    return total


def add(target: Tensor, x: Tensor, alpha: float) -> Tensor:
    """target += alpha·x."""
    if alpha.__class__ in TENSORS or not _plain(target, x):
        return target.add_(x, alpha=alpha)  # type: ignore[no-any-return]
    return _put(target, scaled_sum(x._data, alpha, target._data))


def added(target: Tensor, x: Tensor, alpha: float) -> Tensor:
    """target + alpha·x, as a new tensor."""
    if alpha.__class__ in TENSORS or not _plain(target, x):
        return target.add(x, alpha=alpha)  # type: ignore[no-any-return]
    data = target._data
    return wrap(scaled_sum(x._data, alpha, data).astype(data.dtype))


def scale(target: Tensor, factor: float) -> Tensor:
    """target *= factor."""
    if factor.__class__ in TENSORS or not _plain(target):
        return target.mul_(factor)  # type: ignore[no-any-return]
    array = storage(target)
    np.multiply(array, array.dtype.type(factor), out=array)
    bump(target)
    return target
