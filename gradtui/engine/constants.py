"""Python numbers as arrays: a scalar operand is converted once and then found in a table.

A cached 0-d array of the tensor's own dtype halves the cost of `x * 2`. The zero of floats is never
kept, since `-0.0 == 0.0`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

ndarray = np.ndarray


class Constant:
    """A number an operation was given: as written, and as an array of the tensor's dtype.

    It has the parts of a tensor that saving looks at: nobody changes it, and nobody views it.
    """

    __slots__ = ("_data", "value")
    _ver = 0
    _rare = None

    def __init__(self, data: Any, value: Any) -> None:
        self._data = data
        self.value = value


ARRAYS_F32: dict[Any, dict[Any, Constant]] = {int: {}, float: {}, bool: {}}
"""The commonest ones: for arrays of float32, by class and value."""

_TABLES: dict[tuple[Any, Any, bool], dict[Any, Constant]] = {
    (kind, np.dtype(np.float32), True): table for kind, table in ARRAYS_F32.items()
}
_MOST = 4096


def constant(value: Any, like: Any) -> Constant:
    """`value` in the dtype of `like`: a 0-d array beside an array, a scalar beside a scalar."""
    try:
        return _TABLES[value.__class__, like.dtype, like.__class__ is ndarray][value]
    except KeyError:
        return _made(value, like)


def _made(value: Any, like: Any) -> Constant:
    if value.__class__ is int and not -(1 << 63) <= value < 1 << 64:
        value.to_bytes(8, signed=False)  # what torch asks of it, and Python refuses in its words
    is_array = like.__class__ is ndarray
    array = np.asarray(value).astype(like.dtype)
    array.flags.writeable = False
    found = Constant(array if is_array else array[()], value)
    table = _TABLES.setdefault((value.__class__, like.dtype, is_array), {})
    if len(table) >= _MOST:
        table.clear()
    if value or value.__class__ is not float:
        table[value] = found
    return found
