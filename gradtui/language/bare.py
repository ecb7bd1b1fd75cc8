"""`object.__new__`, `object.__setattr__` and `object.__delattr__` as a lesson's own classes may use
them, and the family of such a class.
"""

import abc
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradtui.language.world import Parametrised

if TYPE_CHECKING:
    from gradtui.language.attributes import Attributes

NAMES = frozenset({"__new__", "__setattr__", "__delattr__"})
"""What only a class without a base of the engine's or of Python's may define or reach."""
FAMILY = frozenset({"__mro__", "__bases__", "mro"})
PLAIN = (object, abc.ABC, Parametrised)


class Bare:
    """The functions of one interpreter, each for instances of plain lesson classes alone."""

    def __init__(self, attributes: "Attributes") -> None:
        self._attributes = attributes
        self.functions: dict[str, Callable[..., Any]] = {
            "__new__": self._new,
            "__setattr__": self._set,
            "__delattr__": self._delete,
        }

    def is_plain(self, kind: Any) -> bool:
        """Whether `kind` and its bases are the lesson's own, or `object`."""
        known = self._attributes.lesson_types
        return (
            isinstance(kind, type)
            and kind in known
            and all(base in known or base in PLAIN for base in kind.__mro__)
        )

    def _check(self, kind: Any) -> None:
        if not self.is_plain(kind):
            shown = getattr(kind, "__name__", type(kind).__name__)
            raise TypeError(f"'{shown}' is not a plain class of the lesson's own")

    def _new(self, kind: Any, /, *args: Any, **kwargs: Any) -> Any:
        self._check(kind)
        if (args or kwargs) and kind.__init__ is object.__init__:
            raise TypeError(f"{kind.__name__}() takes no arguments")
        return object.__new__(kind)

    def _set(self, owner: Any, name: Any, value: Any, /) -> None:
        self._check(type(owner))
        self._attributes.check_write(owner, name, "set")
        object.__setattr__(owner, name, value)

    def _delete(self, owner: Any, name: Any, /) -> None:
        self._check(type(owner))
        self._attributes.check_write(owner, name, "delete")
        object.__delattr__(owner, name)

    def family(self, kind: type, name: str) -> Any:
        """`kind.__mro__` and its like: classes that lesson code may hold."""
        safe = self._attributes.safe
        if name in ("__mro__", "__bases__"):
            return tuple(safe(base) for base in getattr(kind, name))
        return lambda: [safe(base) for base in kind.__mro__]
