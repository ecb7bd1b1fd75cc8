"""Modules of the standard library as lesson code gets them: those that compute and touch nothing.

What a lesson names is a stand-in; what a call of it runs is a guard of the runtime's own, charged
like everything else. `random` draws from a stream that begins anew with every program.
"""

import abc
import contextlib
import copy
import functools
import numbers
import operator
import random
import string
import sys
import traceback
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from gradtui.language import (
    caches,
    calendar_times,
    dataclass,
    dispatching,
    enums,
    iterators,
    library,
    managers,
    partials,
    saving,
    streams,
    warned,
)
from gradtui.language.tables import whole, words

if TYPE_CHECKING:
    from gradtui.language.runtime import Runtime

RANDOM = words("""
    seed random randint randrange uniform gauss normalvariate choice choices sample shuffle
    getrandbits expovariate betavariate triangular lognormvariate gammavariate paretovariate weibullvariate
""")
FUNCTOOLS = words("""
    cache cached_property cmp_to_key lru_cache partial reduce singledispatch singledispatchmethod
    total_ordering update_wrapper wraps
""")
OPERATOR = words("""
    add sub mul truediv neg itemgetter attrgetter eq lt gt le ge ne floordiv mod matmul and_ or_ xor
    not_ truth contains pow methodcaller getitem is_ is_not abs pos inv invert lshift
    rshift
""")
DATACLASSES = words("asdict astuple dataclass field fields is_dataclass replace")
CONTEXTS = words(
    "closing contextmanager nullcontext redirect_stderr redirect_stdout suppress ExitStack"
)
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
    "random": _named("random", [*RANDOM, "Random"]),
    "copy": _named("copy", ["copy", "deepcopy"]),
    "dataclasses": {
        **_named("dataclasses", DATACLASSES),
        "KW_ONLY": dataclass.KW_ONLY,
        "InitVar": dataclass.InitVar,
        "MISSING": dataclass.MISSING,
        "FrozenInstanceError": dataclass.FrozenInstanceError,
    },
    "contextlib": {
        **_named("contextlib", CONTEXTS),
        "ContextDecorator": contextlib.ContextDecorator,
        "AbstractContextManager": contextlib.AbstractContextManager,
    },
    "warnings": _named("warnings", warned.NAMES),
    "enum": enums.MEMBERS,
    "datetime": calendar_times.MEMBERS,
    "traceback": _named("traceback", ["print_exc"]),
    "numbers": {name: getattr(numbers, name) for name in ("Number", "Real", "Integral")},
    **{module: _named(module, names) for module, names in library.NAMES.items()},
    "io": {"StringIO": streams.StringIO, "BytesIO": saving.Memory},
    "string": {name: getattr(string, name) for name in STRING},
    "abc": {"ABC": abc.ABC, "ABCMeta": abc.ABCMeta, **_named("abc", ["abstractmethod"])},
}
"""What of each module a lesson may name."""
SAVING = _named("torch", [*saving.NAMES])
"""What stands in `torch` for functions that reach files."""


def standard_guards(runtime: "Runtime") -> dict[int, Callable[..., Any]]:
    """For each stand-in, by identity: what a call of it runs."""
    rows: dict[str, Callable[[str], Callable[..., Any]]] = {
        "itertools": lambda name: iterators.iterator(runtime, name),
        "functools": _Functions(runtime).named,
        "operator": lambda name: _operator(runtime, name),
        "random": lambda name: (
            _stream(runtime) if name == "Random" else _draw(runtime, name, lambda: runtime.dice)
        ),
        "copy": lambda name: Copies(runtime, name == "deepcopy"),
        "dataclasses": lambda name: _dataclasses(runtime)[name],
        "abc": lambda name: _abstract(runtime),
        "contextlib": lambda name: _context(runtime, name),
        "traceback": lambda name: lambda: runtime.print_error(_last_error()),
        "warnings": lambda name: warned.function(runtime, name),
    }
    rows |= {module: partial(library.function, runtime, module) for module in library.NAMES}
    found: dict[int, Callable[..., Any]] = {
        id(stand_in): make(name)
        for module, make in rows.items()
        for name, stand_in in MODULES[module].items()
        if isinstance(stand_in, Named)
    }
    found |= {id(each): saving.function(runtime, name) for name, each in SAVING.items()}
    found[id(Chain.from_iterable)] = iterators.chain_from_iterable(runtime)
    found.update({id(kind): enums.not_called for kind in (*enums.KINDS, abc.ABCMeta)})
    return found


def _dataclasses(runtime: "Runtime") -> dict[str, Callable[..., Any]]:
    return {
        "dataclass": dataclass.dataclass(runtime),
        "field": dataclass.Field,
        "fields": lambda kind: tuple(dataclass.fields_of(kind)),
        "asdict": dataclass.asdict(runtime),
        "astuple": dataclass.astuple(runtime),
        "is_dataclass": lambda value: hasattr(value, dataclass.FIELDS),
        "replace": dataclass.replace,
    }


def _context(runtime: "Runtime", name: str) -> Callable[..., Any]:
    own: dict[str, Callable[..., Any]] = {
        "ExitStack": managers.ExitStack,
        "closing": managers.Closing,
        "redirect_stdout": streams.Redirect,
        "redirect_stderr": streams.RedirectErrors,
    }
    found: Callable[..., Any] = getattr(contextlib, name)
    return partial(own[name], runtime) if name in own else found


def _last_error() -> str:
    report = traceback.format_exception_only(sys.exception())
    return f"Traceback (most recent call last):\n{''.join(report)}"


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
        return partials.partial(self.runtime, function, *args, **kwargs)

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
            if self.runtime.is_lesson_function(wrapped):
                function.__dict__["__wrapped__"] = wrapped
            return function

        return rename

    def update_wrapper(self, wrapper: Any, wrapped: Any) -> Any:
        return self.wraps(wrapped)(wrapper)

    def singledispatch(self, function: Any) -> Any:
        return dispatching.Dispatched(self.runtime, function)

    def singledispatchmethod(self, function: Any) -> Any:
        return dispatching.DispatchedMethod(self.runtime, function)

    def cache(self, function: Any) -> Any:
        return self.lru_cache(None)(function)

    def lru_cache(self, maxsize: Any = 128, typed: bool = False) -> Any:
        if callable(maxsize):
            return self.lru_cache()(maxsize)
        return lambda function: caches.Cached(self.runtime, function, maxsize)

    def cached_property(self, function: Any) -> Any:
        if not self.runtime.is_lesson_function(function):
            raise TypeError("cached_property takes a function of the lesson's own")
        return functools.cached_property(function)

    def total_ordering(self, cls: Any) -> Any:
        if cls not in self.runtime.attributes.lesson_types:
            raise TypeError("total_ordering takes a class of the lesson's own")
        return functools.total_ordering(cls)

    def cmp_to_key(self, compare: Any) -> Any:
        return functools.cmp_to_key(self.runtime.safe(compare))


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


def _attributes(runtime: "Runtime", owner: Any, paths: tuple[str, ...]) -> Any:
    found = [functools.reduce(runtime.attributes.read, path.split("."), owner) for path in paths]
    return found[0] if len(found) == 1 else tuple(found)


def _operator(runtime: "Runtime", name: str) -> Callable[..., Any]:
    if name == "itemgetter":
        return _item_getter(runtime)
    if name == "attrgetter":
        return lambda *paths: lambda x: _attributes(runtime, x, paths)
    if name == "add":
        return runtime.add
    if name == "methodcaller":
        return lambda method, *args, **kwargs: (
            lambda x: runtime.call(runtime.attributes.read(x, method), *args, **kwargs)
        )
    if name == "getitem":
        return lambda owner, key: _item_getter(runtime)(key)(owner)
    if name in ("is_", "is_not"):
        return getattr(operator, name)  # type: ignore[no-any-return]
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


def _draw(runtime: "Runtime", name: str, stream: Callable[[], random.Random]) -> Callable[..., Any]:
    """A draw from a stream; the program's own is Python's only once it has been seeded."""

    def draw(*args: Any, **kwargs: Any) -> Any:
        if name == "betavariate":
            _check_shapes(*args, *kwargs.values())
        sizes = [kwargs.get("k"), *args[1:]] if name in ("choices", "sample") else []
        for size in sizes:
            runtime.budget.items(max(whole(size) or 0, 0), name)
        for value in args[:1]:
            if name == "getrandbits":
                runtime.budget.integer(whole(value) or 0)
            if isinstance(value, list | tuple | str | deque):
                runtime.budget.items(len(value), name)
            runtime.budget.integer((whole(value) or 0).bit_length() + 1)
        return getattr(stream(), name)(*args, **kwargs)

    return draw


class Stream:
    """`random.Random(seed)`: draws of its own."""

    def __init__(self, runtime: "Runtime", seed: Any = 0) -> None:
        if not (seed is None or isinstance(seed, int | float | str)):
            raise TypeError("the seed of Random is a number or a string in the lesson language")
        made = random.Random(0 if seed is None else seed)
        for name in RANDOM:
            setattr(self, name, _draw(runtime, name, lambda: made))


def _stream(runtime: "Runtime") -> Callable[..., Any]:
    return lambda *seed: Stream(runtime, *seed)


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
        if not self.runtime.world.is_engine(value):
            return value
        if isinstance(value, self.runtime.world.told):
            self._charge(value)
        return copy.copy(value)

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
        elements, shaped = self.runtime.meters.elements, self.runtime.world.shaped
        if isinstance(value, shaped):
            elements.one(value)
        elif hasattr(value, "parameters"):
            for part in (*value.parameters(), *value.buffers()):
                elements.one(part)
