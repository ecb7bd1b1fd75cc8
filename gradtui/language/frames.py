"""The few things every piece of compiled lesson code shares: frames, cells, signals."""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

Frame: TypeAlias = list[Any]  # slot 0: what `return` returns; in a class body, its namespace
Thunk: TypeAlias = Callable[[Frame], Any]
Store: TypeAlias = Callable[[Frame, Any], None]


class _Unset:
    """What a variable holds before anything is bound to it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<unset>"


class Cell:
    """A variable shared by a function and those defined within it."""

    __slots__ = ("value",)

    def __init__(self, value: Any = None) -> None:
        self.value = value


class Signal:
    """Why a block stopped before its end."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


UNSET: Final = _Unset()
BREAK: Final = Signal("break")
CONTINUE: Final = Signal("continue")
RETURN: Final = Signal("return")
