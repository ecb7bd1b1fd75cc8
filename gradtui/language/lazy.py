"""Lazy iterators for lesson code: as Python's own, but every item is charged before it is asked
for.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradtui.language.runtime import Runtime

FINITE = (list, tuple, str, dict, set, frozenset, range)
NESTING = 50  # lazy iterators that may read from one another


class Lazy:
    """An iterator that charges each step and knows how deep it reaches into others."""

    def __init__(self, runtime: "Runtime", *sources: Any) -> None:
        self._runtime = runtime
        self._sources = tuple(runtime.iterator(source) for source in sources)
        self._depth = 1 + max((getattr(s, "_depth", 0) for s in self._sources), default=0)
        if self._depth > NESTING:
            raise RecursionError("too many iterators within one another")

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        self._runtime.budget.tick()
        return self._step()

    def _step(self) -> Any:
        raise StopIteration


class Until(Lazy):
    def __init__(self, runtime: "Runtime", function: Any, sentinel: Any) -> None:
        if not callable(function):
            raise TypeError("iter(v, w): v must be callable")
        super().__init__(runtime)
        self._function, self._sentinel = function, sentinel

    def _step(self) -> Any:
        value = self._runtime.call(self._function)
        if value == self._sentinel:
            raise StopIteration
        return value


class Map(Lazy):
    def __init__(self, runtime: "Runtime", function: Any, sources: tuple[Any, ...]) -> None:
        super().__init__(runtime, *sources)
        self._function = runtime.safe(function)

    def _step(self) -> Any:
        return self._function(*[next(source) for source in self._sources])


class Filter(Lazy):
    def __init__(self, runtime: "Runtime", function: Any, source: Any) -> None:
        super().__init__(runtime, source)
        self._function = bool if function is None else runtime.safe(function)

    def _step(self) -> Any:
        tick = self._runtime.budget.tick
        for item in self._sources[0]:
            tick()
            if self._function(item):
                return item
        raise StopIteration


class Enumerate(Lazy):
    def __init__(self, runtime: "Runtime", source: Any, start: int) -> None:
        super().__init__(runtime, source)
        self._index = start - 1

    def _step(self) -> Any:
        item = next(self._sources[0])
        self._index += 1
        return self._index, item


class Zip(Lazy):
    def __init__(self, runtime: "Runtime", sources: tuple[Any, ...], strict: bool) -> None:
        super().__init__(runtime, *sources)
        self._zipped = zip(*self._sources, strict=strict)

    def _step(self) -> Any:
        return next(self._zipped)


for _kind in (Map, Filter, Enumerate, Zip):
    _kind.__name__ = _kind.__qualname__ = _kind.__name__.lower()
    _kind.__module__ = "builtins"


class Generator:
    """A lesson's generator: charged for each item, and no deeper within others than allowed."""

    def __init__(
        self, runtime: "Runtime", steps: Iterator[Any], name: str, source: Any = None
    ) -> None:
        self._budget = runtime.budget
        self._steps: Any = steps
        self._name = name
        self._depth = 1 + getattr(source, "_depth", 0)
        if self._depth > NESTING:
            raise RecursionError("too many generators within one another")

    def __iter__(self) -> "Generator":
        return self

    def __next__(self) -> Any:
        return self._resume(self._steps.__next__)

    def send(self, value: Any) -> Any:
        return self._resume(self._steps.send, value)

    def throw(self, error: Any, value: Any = None, traceback: Any = None) -> Any:
        return self._resume(self._steps.throw, error if value is None else value)

    def close(self) -> None:
        self._resume(self._steps.close)

    def _resume(self, resume: Callable[..., Any], *args: Any) -> Any:
        self._budget.enter()
        try:
            return resume(*args)
        finally:
            self._budget.depth -= 1

    def __repr__(self) -> str:
        return f"<generator object {self._name} at {id(self):#x}>"


Generator.__name__ = Generator.__qualname__ = "generator"
Generator.__module__ = "builtins"
