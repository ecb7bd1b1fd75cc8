"""What the functions share: broadcasting without needless copies, and the arithmetic of C++."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine import errors
from gradtui.engine.lift import FUNCTIONS, native
from gradtui.engine.tensor import wrap


def broadcast(*tensors: Any) -> tuple[Any, ...]:
    """All in one shape; those that have it already stay as they are."""
    try:
        shape = np.broadcast_shapes(*[t._data.shape for t in tensors])
    except ValueError:
        raise errors.broadcast(*[t._data.shape for t in tensors]) from None
    return tuple(t if t._data.shape == shape else FUNCTIONS["expand"](t, shape) for t in tensors)


def number(value: float, like: Any) -> Any:
    """A number as a 0-d tensor."""
    return wrap(np.asarray(value, like._data.dtype)[()])


def check_floating(name: str, input: Any) -> None:
    """What a kernel of torch's says of whole numbers."""
    if input._data.dtype.kind != "f":
        raise NotImplementedError(f"\"{name}\" not implemented for '{input.dtype.scalar_name}'")


__all__ = ["broadcast", "check_floating", "native", "number"]
