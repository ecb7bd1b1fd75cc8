"""`functools.singledispatch` over a lesson's functions: the first argument's type chooses one."""

import functools
import types
import typing
from collections.abc import Callable
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradtui.language.runtime import Runtime

ATTRIBUTES = frozenset({"register", "dispatch"})
ANNOTATION = "_first_annotation"
"""Where a decorated function keeps how to find the type of its first parameter."""


class Dispatched:
    """A function with a body for each type registered; the table of types is Python's own."""

    def __init__(self, runtime: "Runtime", function: Any) -> None:
        if not runtime.is_lesson_function(function):
            raise TypeError("singledispatch takes a function of the lesson's own")
        self._runtime = runtime
        self._table = functools.singledispatch(function)
        self.__name__, self.__doc__ = function.__name__, function.__doc__

    def register(self, kind: Any, function: Any = None) -> Any:
        """Take `function` for a type, or for the type its first parameter is annotated with."""
        runtime = self._runtime
        if function is None and isinstance(kind, FunctionType):
            return self._entered(_annotated(kind, self.__name__), kind)
        real = runtime.real_types(kind)
        if not isinstance(real, type | types.UnionType):
            raise TypeError(
                f"Invalid first argument to `register()`: {kind!r} is not a class or union type."
            )
        if function is None:
            return lambda made: self._entered(real, made)
        return self._entered(real, function)

    def _entered(self, kind: Any, function: Any) -> Any:
        for each in typing.get_args(kind) or (kind,):
            self._table.register(self._runtime.real_types(each), function)
        return function

    def dispatch(self, kind: Any) -> Any:
        """The function that takes instances of `kind`."""
        return self._table.dispatch(self._runtime.real_types(kind))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not args:
            raise TypeError(f"{self.__name__} requires at least 1 positional argument")
        return self._runtime.call(self._table.dispatch(type(args[0])), *args, **kwargs)

    def __get__(self, owner: Any, kind: Any = None) -> Any:
        return self if owner is None else MethodType(self, owner)


class DispatchedMethod:
    """`singledispatchmethod`: the first argument after `self` chooses."""

    def __init__(self, runtime: "Runtime", function: Any) -> None:
        self._runtime, self._dispatched = runtime, Dispatched(runtime, function)

    def register(self, kind: Any, function: Any = None) -> Any:
        """Take a method for a type."""
        return self._dispatched.register(kind, function)

    def dispatch(self, kind: Any) -> Any:
        """The method that takes instances of `kind`."""
        return self._dispatched.dispatch(kind)

    def __get__(self, owner: Any, kind: Any = None) -> Any:
        if owner is None:
            return self
        table, runtime = self._dispatched._table, self._runtime

        def method(*args: Any, **kwargs: Any) -> Any:
            if not args:
                name = self._dispatched.__name__
                raise TypeError(f"{name} requires at least 1 positional argument")
            return runtime.call(table.dispatch(type(args[0])), owner, *args, **kwargs)

        return method


Dispatched.__name__, DispatchedMethod.__name__ = "function", "singledispatchmethod"


def _annotated(function: FunctionType, name: str) -> Any:
    find: Callable[[], Any] | None = function.__dict__.get(ANNOTATION)
    if find is None:
        raise TypeError(
            f"Invalid first argument to `register()`: {function!r}. Use either "
            "`@register(some_class)` or plain `@register` on an annotated function."
        )
    return find()
