"""Fast roads for changes in place that leave no trace but a version: `w -= step` under `no_grad`.

They serve tensors that own their storage, have no history, and are followed by nobody;
every other call goes to `fallback`, which does the same in full.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from gradtui.engine import state
from gradtui.engine.constants import constant
from gradtui.engine.rows import Row
from gradtui.engine.signature import MISSING
from gradtui.engine.tensor import TENSORS, Tensor

ndarray = np.ndarray
F32, F64 = np.dtype(np.float32), np.dtype(np.float64)
NUMBERS = frozenset({int, float})
UFUNCS: dict[Any, Any] = {
    operator.add: np.add,
    operator.sub: np.subtract,
    operator.mul: np.multiply,
    operator.truediv: np.divide,
}
"""Kernels that can write into a given array, as numpy names them."""
Call = Callable[..., Any]


def _open(tensor: Tensor) -> Any:
    """The array of a tensor that may be written to without a second thought, else None."""
    data, rare = tensor._data, tensor._rare
    if (
        data.__class__ is ndarray
        and (data.dtype is F32 or data.dtype is F64)
        and data.base is None
        and data.flags.writeable
        and tensor._node is None
        and tensor._ver >= 0
        and (rare is None or (rare.base is None and rare.owner is None))
        and not (tensor._rg and state.grad_enabled)
        and not state.duals
    ):
        return data
    return None


def binary(row: Row, fallback: Call) -> Call:
    """A change by a tensor of the same shape, or by a number: `add_`, `*=`."""
    ufunc = UFUNCS.get(row.kernel)
    if ufunc is None:
        return fallback

    def call(self: Any = MISSING, other: Any = MISSING, /, *args: Any, **kwargs: Any) -> Any:
        kind = other.__class__
        if args or kwargs or self.__class__ not in TENSORS or kind is MISSING.__class__:
            return fallback(*(v for v in (self, other) if v is not MISSING), *args, **kwargs)
        array = _open(self)
        if array is None:
            return fallback(self, other)
        if kind in TENSORS:
            more = other._data
            if (
                more.dtype is not array.dtype
                or more.shape != array.shape
                or (more.__class__ is ndarray and more.base is not None)
                or ((other._rare is not None or other._rg) and state.grad_enabled)
            ):
                return fallback(self, other)
        elif kind in NUMBERS:
            more = constant(other, array)._data
        else:
            return fallback(self, other)
        tape = state.tape
        if tape is not None:
            tape.append(("before", self, array.copy()))
        ufunc(array, more, array)
        self._ver += 1
        state.last_write = state.next_sequence()
        if tape is not None:
            tape.append((row, (self, other), self))
        return self

    return call


def zero(row: Row, fallback: Call) -> Call:
    """`zero_`."""

    def call(self: Any = MISSING, /, *args: Any, **kwargs: Any) -> Any:
        if args or kwargs or self.__class__ not in TENSORS or (array := _open(self)) is None:
            return fallback(*(() if self is MISSING else (self,)), *args, **kwargs)
        tape = state.tape
        if tape is not None:
            tape.append(("before", self, array.copy()))
        array.fill(0)
        self._ver += 1
        state.last_write = state.next_sequence()
        if tape is not None:
            tape.append((row, (self,), self))
        return self

    return call
