"""Tensors and numpy arrays over the same memory: `t.numpy()`, `from_numpy(a)`, and numpy's protocols.

>>> import numpy as np, gradtui.engine as torch
>>> a = np.ones(3)
>>> t = torch.from_numpy(a)
>>> np.add(a, 1, out=a)
array([2., 2., 2.])
>>> t
tensor([2., 2., 2.], dtype=torch.float64)

The protocols are torch's: numpy reads a tensor by `__array__`, gives results of tensors back by
`__array_wrap__`, and leaves its operators to `__array_priority__`, which is why `np.ones(3) * t` is
no operation and `t * np.ones(3)` is numpy's.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine import data, state
from gradtui.engine.tensor import Tensor, requires, storage, wrap

REFUSED = "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead."


def from_numpy(*arrays: Any) -> Tensor:
    """A tensor that shares the array's memory."""
    if len(arrays) != 1:
        raise TypeError(
            "torch._VariableFunctionsClass.from_numpy() takes exactly one argument "
            f"({len(arrays)} given)"
        )
    array = arrays[0]
    if not isinstance(array, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {data.type_name(array)})")
    return sharing(array)


def sharing(array: Any) -> Tensor:
    """A tensor over an array of the user's, however that lies; torch's errors for what it cannot."""
    data.numpy_dtype(array)
    data.check_strides(array)
    state.strided = state.strided or not array.flags.c_contiguous
    return wrap(array.view(np.ndarray))


def to_numpy(self: Tensor, *, force: bool = False) -> Any:
    """The numbers as a numpy array over the same memory."""
    if state.grad_enabled and requires(self) and not force:
        raise RuntimeError(REFUSED)
    array = storage(self)
    if not array.flags.writeable and not self._is_view():  # one number repeated, not copied
        array = self._data = np.array(array)
    return array.view()


def to_array(self: Tensor, dtype: Any = None, copy: bool | None = None) -> Any:
    """What numpy reads: `np.asarray(t)`, which shares the memory, and `np.array(t)`, which copies."""
    array = to_numpy(self)
    return array.astype(array.dtype if dtype is None else dtype, copy=bool(copy))


def from_result(self: Tensor, array: Any, context: Any = None, scalar: Any = None) -> Any:
    """What numpy made of tensors, as a tensor; truth values as uint8, as torch has them here."""
    array = np.asarray(array)
    if array.dtype == bool:
        array = array.astype(np.uint8)
    return sharing(array)


def _attach() -> None:
    Tensor.numpy = to_numpy  # type: ignore[attr-defined]
    Tensor.__array__ = to_array  # type: ignore[attr-defined]
    Tensor.__array_wrap__ = from_result  # type: ignore[attr-defined]


_attach()
