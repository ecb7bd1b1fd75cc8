"""`nn.Parameter`: a tensor that a module learns; `nn.Buffer`: one that it only keeps."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine.tensor import Tensor, new, owner, storage, wrap


def _share(cls: Any, data: Tensor, requires_grad: bool) -> Any:
    """A tensor of type `cls` over the storage and the version of `data`."""
    if requires_grad and data._data.dtype.kind != "f":
        raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
    made = new(cls)
    made._data = storage(data)
    made._node = made._rare = None
    made._rg = bool(requires_grad)
    made._ver = 0
    made.aside().owner = owner(data)
    return made


class Parameter(Tensor):
    """`data` as a leaf that requires grad; modules register it when it becomes their attribute."""

    __module__ = "torch.nn.parameter"

    def __new__(cls, data: Any = None, requires_grad: bool = True) -> Any:
        if data is None:
            data = wrap(np.zeros(0, np.float32))
        if not isinstance(data, Tensor):
            kind = type(data).__name__
            raise AttributeError(f"'{kind}' object has no attribute 'detach'")
        if not isinstance(requires_grad, bool):
            raise TypeError(
                "_make_subclass(): argument 'require_grad' (position 3) must be bool, not "
                + type(requires_grad).__name__
            )
        return _share(cls, data, requires_grad)

    def __init__(self, data: Any = None, requires_grad: bool = True) -> None:
        """Everything is done by `__new__`, as the storage is that of `data`."""

    def _is_parameter(self) -> bool:
        return True

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        made = type(self)(_copy(self), self._rg)
        memo[id(self)] = made
        return made


class Buffer(Tensor):
    """A tensor that a module registers as a buffer when it becomes its attribute."""

    __module__ = "torch.nn.parameter"
    persistent: bool

    def __new__(cls, data: Any = None, *, persistent: bool = True) -> Any:
        values = wrap(np.zeros(0, np.float32)) if data is None else data
        made = _share(cls, values, values._rg)
        made.persistent = persistent
        return made

    def __init__(self, data: Any = None, *, persistent: bool = True) -> None:
        """Everything is done by `__new__`, as the storage is that of `data`."""


def _copy(tensor: Tensor) -> Tensor:
    return wrap(np.array(tensor._data))
