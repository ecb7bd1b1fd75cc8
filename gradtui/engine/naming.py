"""`torch.typename`: what torch calls the type of a value in its messages."""

from __future__ import annotations

from typing import Any

from gradtui.engine.tensor import Tensor


def typename(value: Any) -> str:
    """`torch.FloatTensor` for tensors, else the type with its module, `builtins` left out."""
    if isinstance(value, Tensor):
        return str(value.type())
    kind = value if hasattr(value, "__qualname__") else type(value)
    module = getattr(kind, "__module__", None)
    name = str(kind.__qualname__)
    return name if module in (None, "", "builtins", "__builtin__") else f"{module}.{name}"
