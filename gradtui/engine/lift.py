"""Functions for formulas, which run on arrays and, under `create_graph=True`, on tensors.

Each takes the array road when no argument is a tensor, and the operation of the same name when one is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradtui.engine.tensor import TENSORS, wrap

FUNCTIONS: dict[str, Callable[..., Any]] = {}  # torch's functions by name, filled by the surface


def lifted(name: str, kernel: Callable[..., Any]) -> Callable[..., Any]:
    """`kernel` on arrays, the operation `name` on tensors."""

    def call(first: Any, *rest: Any) -> Any:
        if first.__class__ in TENSORS or any(r.__class__ in TENSORS for r in rest):
            return FUNCTIONS[name](first, *rest)
        return kernel(first, *rest)

    call.__name__ = name
    return call


def where(mask: Any, yes: Any, no: Any) -> Any:
    """`yes` where the mask holds, else `no`; numbers take the dtype of the other branch."""
    if any(a.__class__ in TENSORS for a in (mask, yes, no)):
        mask = mask if mask.__class__ in TENSORS else wrap(mask)
        return FUNCTIONS["where"](mask, yes, no)
    like = yes if isinstance(yes, (np.ndarray, np.generic)) else no
    kind = like.dtype
    return np.where(mask, np.asarray(yes, kind), np.asarray(no, kind))


def zeros_like(x: Any) -> Any:
    if x.__class__ in TENSORS:
        return wrap(np.zeros_like(x._data))
    return np.zeros_like(x)


def is_tensor(x: Any) -> bool:
    return x.__class__ in TENSORS


def reduce_to(grad: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """The one place that undoes broadcasting: sums `grad` down to its input's shape and dtype."""
    have = grad.shape
    if have != shape:
        lead = len(have) - len(shape)
        dims = tuple(range(lead)) + tuple(
            lead + i for i, n in enumerate(shape) if n == 1 and have[lead + i] != 1
        )
        if dims:
            grad = sum_dims(grad, dims)
        if tuple(grad.shape) != shape:
            grad = reshape(grad, shape)
    if is_tensor(grad):
        return grad if grad._data.dtype == dtype else FUNCTIONS["to_copy"](grad, dtype)
    return grad if grad.dtype == dtype else grad.astype(dtype)


def sum_dims(x: Any, dims: tuple[int, ...], keepdim: bool = False) -> Any:
    if is_tensor(x):
        return FUNCTIONS["sum"](x, dims, keepdim)
    from gradtui.engine.table.base import total

    return total(x, None, dims, keepdim)


def reshape(x: Any, shape: tuple[int, ...]) -> Any:
    return FUNCTIONS["reshape"](x, shape) if is_tensor(x) else np.reshape(x, shape)


def expand(x: Any, shape: tuple[int, ...]) -> Any:
    """`x` repeated to `shape` without copying."""
    if is_tensor(x):
        return FUNCTIONS["expand"](x, shape)
    if x.shape == shape:
        return x
    if x.ndim == 0:
        return np.ndarray(shape, x.dtype, x, 0, (0,) * len(shape))
    return np.broadcast_to(x, shape)


def permute(x: Any, dims: tuple[int, ...]) -> Any:
    return FUNCTIONS["permute"](x, dims) if is_tensor(x) else np.transpose(x, dims)


def unsqueeze(x: Any, dims: tuple[int, ...]) -> Any:
    """Puts dimensions of size 1 back where a reduction over `dims` took them away."""
    if is_tensor(x):
        for dim in sorted(dims):
            x = FUNCTIONS["unsqueeze"](x, dim)
        return x
    return np.expand_dims(x, dims)


def transpose_last(x: Any) -> Any:
    return FUNCTIONS["transpose"](x, -2, -1) if is_tensor(x) else np.swapaxes(x, -2, -1)


def cast(x: Any, dtype: Any) -> Any:
    if is_tensor(x):
        return FUNCTIONS["to_copy"](x, dtype)
    return x.astype(dtype)


def take_slice(x: Any, place: Any) -> Any:
    """The part of a base that a view shows, as a new tensor or array."""
    if is_tensor(x):
        return FUNCTIONS["take_strided"](x, place)
    return place.within(np.ascontiguousarray(x)).copy()


def put_slice(x: Any, place: Any, part: Any) -> Any:
    """`x` with the part that a view shows replaced; None means zeros."""
    part = zeros_like(take_slice(x, place)) if part is None else part
    if is_tensor(x):
        return FUNCTIONS["put_strided"](x, part, place)
    out = np.array(x, order="C")
    place.within(out)[...] = part
    return out
