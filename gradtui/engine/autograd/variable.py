"""`torch.autograd.Variable`: what a tensor that autograd follows was called once.

>>> import gradtui.engine as torch
>>> torch.autograd.Variable(torch.ones(2), requires_grad=True)
tensor([1., 1.], requires_grad=True)
"""

from __future__ import annotations

from typing import Any

from gradtui.engine.creation import tensor
from gradtui.engine.tensor import TENSORS

__all__ = ["Variable", "VariableMeta"]


class VariableMeta(type):
    """Makes every tensor an instance."""

    def __instancecheck__(cls, value: object) -> bool:
        return value.__class__ in TENSORS


class Variable(metaclass=VariableMeta):
    """Called, it is the tensor it is given, outside its graph."""

    __module__ = "torch.autograd.variable"

    def __new__(cls, data: Any = None, requires_grad: bool = False, volatile: Any = None) -> Any:
        if data is None:
            return tensor([], requires_grad=requires_grad)
        if data.__class__ not in TENSORS:
            raise TypeError(f"Variable data has to be a tensor, but got {type(data).__name__}")
        return data.detach().requires_grad_(requires_grad)
