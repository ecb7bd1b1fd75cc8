"""Modules of the standard library as lesson code gets them: those that compute and touch nothing.

What a lesson names is a stand-in; what a call of it runs is a guard of the runtime's own, charged
like everything else. `random` draws from a stream that begins anew with every program.
"""

import abc
import contextlib
import copy
import functools
import operator
import random
import string
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradtui.language import dataclass, iterators
from gradtui.language.tables import words

if TYPE_CHECKING:
    from gradtui.language.runtime import Runtime

RANDOM = words("""
    seed random randint randrange uniform gauss normalvariate choice choices sample shuffle
    expovariate betavariate triangular
""")
FUNCTOOLS = words("cache lru_cache partial reduce wraps")
OPERATOR = words("add sub mul truediv neg itemgetter attrgetter eq lt gt le ge ne")
DATACLASSES = words("asdict dataclass field fields replace")
WARNINGS = words("catch_warnings filterwarnings simplefilter resetwarnings")
STRING = words("ascii_letters ascii_lowercase ascii_uppercase digits hexdigits punctuation")


class Named:
    """A function of a module as a lesson holds it."""

    def __init__(self, module: str, name: str) -> None:
        self.__name__ = self.__qualname__ = name
        self.__module__ = module

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError(f"{self.__name__} can only be called from lesson code")

    def __repr__(self) -> str:
        return f"<function {self.__name__}>"


class Chain(Named):
    """`itertools.chain`, which has a function of its own."""

    from_iterable = Named("itertools", "from_iterable")


def _named(module: str, names: list[str]) -> dict[str, Any]:
    return {name: Named(module, name) for name in names}


MODULES: dict[str, dict[str, Any]] = {
    "itertools": {**_named("itertools", iterators.NAMES), "chain": Chain("itertools", "chain")},
    "functools": _named("functools", FUNCTOOLS),
    "operator": _named("operator", OPERATOR),
    "random": _named("random", RANDOM),
    "copy": _named("copy", ["copy", "deepcopy"]),
    "dataclasses": {
        **_named("dataclasses", DATACLASSES),
        "FrozenInstanceError": dataclass.FrozenInstanceError,
    },
    "contextlib": _named("contextlib", ["contextmanager", "nullcontext"]),
    "warnings": _named("warnings", WARNINGS),
    "string": {name: getattr(string, name) for name in STRING},
    "abc": {"ABC": abc.ABC, **_named("abc", ["abstractmethod"])},
}
"""What of each module a lesson may name."""


def standard_guards(runtime: "Runtime") -> dict[int, Callable[..., Any]]:
    """For each stand-in, by identity: what a call of it runs."""
    rows: dict[str, Callable[[str], Callable[..., Any]]] = {
        "itertools": lambda name: iterators.iterator(runtime, name),
        "functools": _Functions(runtime).named,
        "operator": lambda name: _operator(runtime, name),
        "random": lambda name: _draw(runtime, name),
        "copy": lambda name: Copies(runtime, name == "deepcopy"),
        "dataclasses": lambda name: _dataclasses(runtime)[name],
        "abc": lambda name: _abstract(runtime),
        "contextlib": lambda name: (
            contextlib.nullcontext if name == "nullcontext" else contextlib.contextmanager
        ),
    }
    rows["warnings"] = lambda name: _Silence if name == "catch_warnings" else _no_filter
    found: dict[int, Callable[..., Any]] = {
        id(stand_in): make(name)
        for module, make in rows.items()
        for name, stand_in in MODULES[module].items()
        if isinstance(stand_in, Named)
    }
    found[id(Chain.from_iterable)] = iterators.chain_from_iterable(runtime)
    return found


def _dataclasses(runtime: "Runtime") -> dict[str, Callable[..., Any]]:
    return {
        "dataclass": dataclass.dataclass(runtime),
        "field": dataclass.Field,
        "fields": lambda kind: tuple(dataclass.fields_of(kind)),
        "asdict": dataclass.asdict(runtime),
        "replace": dataclass.replace,
    }


class _Silence:
    """`catch_warnings`: a list of none, for a warning goes to nobody but the user."""

    def __init__(self, *, record: bool = False, **rest: Any) -> None:
        self.record = record

    def __enter__(self) -> list[Any] | None:
        return [] if self.record else None

    def __exit__(self, *error: object) -> None:
        pass


def _no_filter(*args: Any, **options: Any) -> None:
    """A lesson's warnings are shown apart from what it prints; there is nothing to filter."""


def _abstract(runtime: "Runtime") -> Callable[..., Any]:
    """`abstractmethod`, which marks what it is given, and so may be given a lesson's own alone."""

    def mark(function: Any) -> Any:
        own = runtime.is_lesson_function(function)
        if not (own or isinstance(function, property | staticmethod | classmethod)):
            raise TypeError("abstractmethod takes a function of the lesson's own")
        return abc.abstractmethod(function) if own else function

    return mark


# -- functions of functions ------------------------------------------------------------------------


class _Functions:
    """`functools` over one runtime."""

    def __init__(self, runtime: "Runtime") -> None:
        self.runtime = runtime

    def named(self, name: str) -> Callable[..., Any]:
        found: Callable[..., Any] = getattr(self, name)
        return found

    def partial(self, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        if not callable(function):
            raise TypeError("the first argument must be callable")
        runtime = self.runtime

        def call(*more: Any, **named: Any) -> Any:
            return runtime.charged_call(runtime.safe(function), more, named)

        return functools.partial(call, *args, **kwargs)

    def reduce(self, function: Any, iterable: Any, /, *initial: Any) -> Any:
        items = iter(self.runtime.consume(iterable))
        call = self.runtime.safe(function)
        try:
            value = initial[0] if initial else next(items)
        except StopIteration:
            raise TypeError("reduce() of empty iterable with no initial value") from None
        for item in items:
            self.runtime.budget.tick()
            value = call(value, item)
        return value

    def wraps(self, wrapped: Any, *rest: Any) -> Callable[..., Any]:
        def rename(function: Any) -> Any:
            if not self.runtime.is_lesson_function(function):
                return function
            for name in ("__name__", "__qualname__", "__doc__"):
                setattr(function, name, getattr(wrapped, name, None))
            return function

        return rename

    def cache(self, function: Any) -> Any:
        return self.lru_cache(None)(function)

    def lru_cache(self, maxsize: Any = 128, typed: bool = False) -> Any:
        if callable(maxsize):
            return self.lru_cache()(maxsize)
        runtime = self.runtime

        def decorate(function: Any) -> Any:
            call = runtime.safe(function)
            kept: dict[Any, Any] = {}

            def cached(*args: Any, **kwargs: Any) -> Any:
                key = (args, tuple(kwargs.items()))
                runtime.meters.weigh_key(key)
                if key not in kept:
                    kept[key] = call(*args, **kwargs)
                    if maxsize is not None and len(kept) > maxsize:
                        del kept[next(iter(kept))]
                else:
                    kept[key] = kept.pop(key)
                return kept[key]

            return functools.wraps(function)(cached) if hasattr(function, "__name__") else cached

        return decorate


def _item_getter(runtime: "Runtime") -> Callable[..., Any]:
    table = runtime.meters.operators["getitem"]

    def item(owner: Any, key: Any) -> Any:
        meter = table[type(owner)]
        if meter is not None:
            meter(owner, key)
        return owner[key]

    return lambda *keys: (
        lambda x: item(x, keys[0]) if len(keys) == 1 else tuple([item(x, key) for key in keys])
    )


def _operator(runtime: "Runtime", name: str) -> Callable[..., Any]:
    if name == "itemgetter":
        return _item_getter(runtime)
    if name == "attrgetter":
        return lambda attribute: lambda x: runtime.attributes.read(x, attribute)
    if name == "add":
        return runtime.add
    real: Callable[..., Any] = getattr(operator, name)

    table = runtime.meters.operators.get(name)

    def compute(*operands: Any) -> Any:
        if table is None or len(operands) != 2:
            runtime.meters.elements.elementwise(*operands)
            return real(*operands)
        meter = table[type(operands[0])] or table[type(operands[1])]
        if meter is not None:
            meter(*operands)
        return real(*operands)

    return compute


# -- draws -----------------------------------------------------------------------------------------


def _draw(runtime: "Runtime", name: str) -> Callable[..., Any]:
    """A draw from the program's own stream, which only its `seed` makes Python's."""

    def draw(*args: Any, **kwargs: Any) -> Any:
        if name == "betavariate":
            _check_shapes(*args, *kwargs.values())
        sizes = [kwargs.get("k"), *args[1:]] if name in ("choices", "sample") else []
        for size in sizes:
            if isinstance(size, int):
                runtime.budget.items(size, name)
        for value in args[:1]:
            if isinstance(value, list | tuple | str):
                runtime.budget.items(len(value), name)
            if isinstance(value, int):
                runtime.budget.integer(value.bit_length() + 1)
        return getattr(runtime.dice, name)(*args, **kwargs)

    return draw


def _check_shapes(*shapes: Any) -> None:
    """Python's own draw looks for ever for a number when a shape is nan or infinite."""
    if any(isinstance(shape, int | float) and not 0 < shape < 1e100 for shape in shapes):
        raise ValueError("betavariate: Conditions: alpha > 0, beta > 0, both below 1e100")


def dice() -> random.Random:
    """The stream with which a program begins."""
    return random.Random(0)


# -- copies ----------------------------------------------------------------------------------------


class Copies:
    """`copy.copy` and `copy.deepcopy`: of containers, lesson objects, tensors and modules."""

    def __init__(self, runtime: "Runtime", deep: bool) -> None:
        self.runtime, self.deep = runtime, deep

    def __call__(self, value: Any, memo: Any = None) -> Any:
        return self._copy(value, {}) if self.deep else self._shallow(value)

    def _shallow(self, value: Any) -> Any:
        if isinstance(value, list | dict | set):
            self.runtime.budget.items(len(value))
            return copy.copy(value)
        if type(value) in self.runtime.attributes.lesson_types:
            return self._remade(value, dict(vars(value)))
        return copy.copy(value) if self.runtime.world.is_engine(value) else value

    def _copy(self, value: Any, memo: dict[int, Any]) -> Any:
        self.runtime.budget.tick()
        if id(value) in memo:
            return memo[id(value)]
        kind = type(value)
        if self.runtime.world.is_engine(value):
            self._charge(value)
            made = copy.deepcopy(value)
        elif isinstance(value, list):
            made = memo[id(value)] = kind()
            made.extend(self._copy(v, memo) for v in value)
        elif isinstance(value, dict):
            made = memo[id(value)] = copy.copy(value)
            made.clear()
            made.update((self._copy(k, memo), self._copy(v, memo)) for k, v in value.items())
        elif isinstance(value, tuple):
            parts = [self._copy(v, memo) for v in value]
            made = kind(*parts) if hasattr(kind, "_fields") else tuple(parts)
        elif isinstance(value, set):
            made = kind(self._copy(v, memo) for v in value)
        elif kind in self.runtime.attributes.lesson_types:
            made = memo[id(value)] = self._remade(value, {})
            vars(made).update({k: self._copy(v, memo) for k, v in vars(value).items()})
        else:
            made = value
        memo[id(value)] = made
        return made

    def _remade(self, value: Any, entries: dict[str, Any]) -> Any:
        made = object.__new__(type(value))
        vars(made).update(entries)
        return made

    def _charge(self, value: Any) -> None:
        elements, tensor = self.runtime.meters.elements, self.runtime.world.tensor
        if isinstance(value, tensor):
            elements.one(value)
        elif hasattr(value, "parameters"):
            for part in (*value.parameters(), *value.buffers()):
                elements.one(part)
