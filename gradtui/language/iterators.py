"""`itertools` as lesson code gets it: Python's own, every item charged before it is asked for."""

import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from gradtui.language.lazy import Lazy
from gradtui.language.tables import whole, words

if TYPE_CHECKING:
    from gradtui.language.runtime import Runtime

NAMES = words("""
    accumulate chain combinations combinations_with_replacement compress count cycle dropwhile
    filterfalse groupby islice pairwise permutations product repeat starmap takewhile tee
    zip_longest
""")
FUNCTIONS_FIRST = frozenset({"dropwhile", "filterfalse", "starmap", "takewhile"})
FUNCTIONS_SECOND = frozenset({"accumulate", "groupby"})
SOURCES = {"compress": 2, "chain": 99, "product": 99, "zip_longest": 99, "count": 0, "repeat": 0}
"""How many of the arguments are iterables, where it is not one."""
MOST_REPEATS = 100
CHOOSING = frozenset({"combinations", "combinations_with_replacement", "permutations"})
"""Those that make a list as long as what they are to choose."""


class Itertool(Lazy):
    """One of Python's iterators over sources that are charged item by item."""

    def __init__(
        self, runtime: "Runtime", make: Callable[..., Iterator[Any]], sources: tuple[Any, ...]
    ) -> None:
        super().__init__(runtime, *sources)
        self._steps = make(*map(runtime.ticking, self._sources))

    def _step(self) -> Any:
        budget = self._runtime.budget
        budget.enter()
        try:
            return next(self._steps)
        finally:
            budget.depth -= 1


def iterator(runtime: "Runtime", name: str) -> Callable[..., Any]:
    """What a call of `itertools.<name>` runs."""
    real: Any = getattr(itertools, name)
    first = int(name in FUNCTIONS_FIRST)
    count = SOURCES.get(name, 1)

    def guarded(*args: Any, **kwargs: Any) -> Any:
        args, kwargs = _safe(runtime, name, args, kwargs)
        sources = args[first : first + count]
        before, after = args[:first], args[first + len(sources) :]
        if kwargs.get("repeat", 1) > MOST_REPEATS:
            runtime.budget.refuse("text", "product")
        for size in (*after, *kwargs.values()):
            if name in CHOOSING and size is not None:
                runtime.budget.items(whole(size) or 0, name)
        return Itertool(runtime, lambda *read: real(*before, *read, *after, **kwargs), sources)

    if name == "tee":
        return lambda source, n=2: _tee(runtime, source, n)
    return guarded


def _safe(
    runtime: "Runtime", name: str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Functions among the arguments as they may be called; an iterable given by name in its place."""
    kwargs = {k: v if k == "fillvalue" else runtime.safe(v) for k, v in kwargs.items()}
    if "iterable" in kwargs:
        args = (kwargs.pop("iterable"), *args)
    place = 0 if name in FUNCTIONS_FIRST else 1 if name in FUNCTIONS_SECOND else -1
    if name == "accumulate" and len(args) < 2:
        kwargs.setdefault("func", runtime.add)
    made = [runtime.safe(a) if n == place and a is not None else a for n, a in enumerate(args)]
    return tuple(made), kwargs


def _tee(runtime: "Runtime", source: Any, n: int) -> tuple[Any, ...]:
    if n > MOST_REPEATS:
        runtime.budget.refuse("text", "tee")
    copies = itertools.tee(runtime.ticking(runtime.iterator(source)), n)
    return tuple(Itertool(runtime, lambda read: read, (copy,)) for copy in copies)


def chain_from_iterable(runtime: "Runtime") -> Callable[..., Any]:
    """`itertools.chain.from_iterable`, the iterables within it charged too."""

    def read(sources: Any) -> Iterator[Any]:
        for source in sources:
            yield from runtime.ticking(runtime.iterator(source))

    return lambda sources: Itertool(runtime, read, (sources,))
