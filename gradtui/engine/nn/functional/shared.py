"""What the functions share: broadcasting without needless copies, and the arithmetic of C++."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from gradtui.engine import errors, state
from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.tensor import wrap


def broadcast(*tensors: Any) -> tuple[Any, ...]:
    """All in one shape; those that have it already stay as they are."""
    try:
        shape = np.broadcast_shapes(*[t._data.shape for t in tensors])
    except ValueError:
        raise errors.broadcast(*[t._data.shape for t in tensors]) from None
    return tuple(t if t._data.shape == shape else FUNCTIONS["expand"](t, shape) for t in tensors)


def native(function: Callable[..., Any]) -> Callable[..., Any]:
    """Marks what torch computes in C++, where `x * 2` is another operation than in Python."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        before, state.native = state.native, True
        try:
            return function(*args, **kwargs)
        finally:
            state.native = before

    return call


def number(value: float, like: Any) -> Any:
    """A number as a 0-d tensor."""
    return wrap(np.asarray(value, like._data.dtype)[()])
