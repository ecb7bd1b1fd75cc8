"""What torch calls the type of a value in its messages, and methods called as torch calls them."""

from __future__ import annotations

from collections.abc import Iterable
from types import FunctionType
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


def named(function: Any, name: str) -> Any:
    """The same function, called `name` in messages: `ReLU.forward`."""
    made = FunctionType(
        function.__code__,
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    made.__kwdefaults__ = function.__kwdefaults__
    made.__doc__ = function.__doc__
    made.__name__ = name.rpartition(".")[2]
    made.__qualname__ = name
    return made


def rename(kinds: Iterable[type], method: str, owner: str = "") -> None:
    """Lets each class have the method as its own, or as that of a base torch has for it."""
    for kind in kinds:
        name = f"{owner or kind.__name__}.{method}"
        setattr(kind, method, named(getattr(kind, method), name))
