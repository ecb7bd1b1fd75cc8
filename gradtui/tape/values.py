"""Values as numpy arrays, as torch prints them, and as short text for a cell."""

from typing import Any

import numpy as np
import numpy.typing as npt

from gradtui.tape.events import Value


def array(value: Value) -> npt.NDArray[Any] | None:
    """The numbers, read-only, of the value's shape; None if only a summary was kept."""
    raise NotImplementedError


def text(value: Value, grad_fn: str | None = None) -> str:
    """As torch prints the tensor."""
    raise NotImplementedError


def cell(value: Value | None, width: int = 40) -> str:
    """`[3.173, 1.592, 6.425]`, ended with `…` beyond `width` characters."""
    raise NotImplementedError


def shape(value: Value) -> str:
    """`[3]`, `[]` for a scalar."""
    return str(list(value.shape))


__all__ = ["array", "cell", "np", "shape", "text"]
