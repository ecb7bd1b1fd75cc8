"""Python numbers as arrays: a scalar operand is converted once and then found in a table.

A cached 0-d array of the tensor's own dtype halves the cost of `x * 2`. Zero is never kept, since
`-0.0 == 0.0`.
"""

from __future__ import annotations

from typing import Any

import numpy as np


class Constant:
    """A number an operation was given: as written, and as an array of the tensor's dtype."""

    __slots__ = ("array", "value")

    def __init__(self, array: Any, value: Any) -> None:
        self.array = array
        self.value = value


_ARRAYS: dict[tuple[Any, Any, Any], Constant] = {}
_SCALARS: dict[tuple[Any, Any, Any], Constant] = {}
_MOST = 4096


def constant(value: Any, like: Any) -> Constant:
    """`value` in the dtype of `like`: a 0-d array beside an array, a scalar beside a scalar."""
    dtype = like.dtype
    key = (value, dtype, value.__class__)
    is_array = like.__class__ is np.ndarray
    table = _ARRAYS if is_array else _SCALARS
    found = table.get(key)
    if found is None:
        array = np.asarray(value).astype(dtype)
        array.flags.writeable = False
        found = Constant(array if is_array else array[()], value)
        if len(table) >= _MOST:
            table.clear()
        if value:
            table[key] = found
    return found
