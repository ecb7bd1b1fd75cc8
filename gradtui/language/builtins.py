"""Python's builtins as lesson code gets them: the same answers, each cost charged first.

Functions are replaced outright. Types stay themselves, so that `isinstance` and `type` mean what
they mean, and calling one goes through its guard.
"""

import builtins as python
import collections
from collections.abc import Callable, Iterator
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import TYPE_CHECKING, Any

from gradtui.language import lazy, streams
from gradtui.language.exits import Exit, leave
from gradtui.language.formatting import check_spec
from gradtui.language.protocols import check_known
from gradtui.language.tables import whole, words

if TYPE_CHECKING:
    from gradtui.language.runtime import Runtime

EXCEPTIONS = words("""
    ArithmeticError AssertionError AttributeError BaseException BufferError EOFError Exception
    FloatingPointError ImportError IndexError KeyError LookupError MemoryError
    ModuleNotFoundError NameError NotImplementedError OSError OverflowError RecursionError
    ReferenceError RuntimeError RuntimeWarning StopIteration SyntaxError TypeError
    UnboundLocalError UnicodeError UserWarning ValueError Warning DeprecationWarning
    FutureWarning ZeroDivisionError SyntaxWarning PendingDeprecationWarning ResourceWarning
    BrokenPipeError ConnectionError FileExistsError InterruptedError IsADirectoryError
    NotADirectoryError ProcessLookupError StopAsyncIteration TabError IndentationError
    UnicodeDecodeError UnicodeEncodeError UnicodeWarning ImportWarning
    FileNotFoundError PermissionError TimeoutError IOError
""")

MOST_FIELDS = 100
CHUNK = 1000  # items hashed between two looks at the clock
SIMPLE = frozenset({int, float, bool, str})
NUMBERS = frozenset({int, float, bool})


class Opaque:
    """The type of something lesson code may look at but not make: it has a name and `isinstance`
    knows it.
    """

    __slots__ = ("_real",)

    def __init__(self, real: type) -> None:
        self._real = real

    @property
    def __name__(self) -> str:
        return self._real.__name__

    def __repr__(self) -> str:
        return repr(self._real)


class Builtins:
    """Makes the tables of one runtime: `names` by name, `guards` by identity of what they stand
    for.
    """

    def __init__(self, runtime: "Runtime") -> None:
        self.runtime = runtime
        self.budget = runtime.budget
        self.meters = runtime.meters
        self.type_stand_in = Opaque(type)
        self.opaque: dict[type, Opaque] = {type: self.type_stand_in}
        self.names: dict[str, Any] = {n: getattr(python, n) for n in EXCEPTIONS}
        self.names |= {"SystemExit": Exit, "exit": leave, "quit": leave}
        self.names.update(self._types())
        self.names.update(self._functions())
        self.names.update(
            {"NotImplemented": NotImplemented, "Ellipsis": Ellipsis, "__debug__": True}
        )
        self.guards = self._guards()
        self.known = {v for v in self.names.values() if isinstance(v, type)} | {type(None)}

    def _types(self) -> dict[str, Any]:
        kinds = (
            int, float, str, bool, complex, list, tuple, dict, set, frozenset, range, slice, object,
            property, staticmethod, classmethod, super,
        )  # fmt: skip
        return {**{kind.__name__: kind for kind in kinds}, "type": self.type_stand_in}

    def _functions(self) -> dict[str, Any]:
        found = {
            name[:-1]: getattr(self, name)
            for name in dir(type(self))
            if name.endswith("_") and not name.startswith("_")
        }
        for name, method in found.items():
            method.__func__.__qualname__ = name
        plain = {n: getattr(python, n) for n in words("callable id chr ord bin hex oct")}
        return {**{n: named(f, n) for n, f in found.items()}, **plain}

    def _guards(self) -> dict[int, Callable[..., Any]]:
        rows: dict[Any, Callable[..., Any]] = {
            list: self.make_list,
            tuple: self.make_tuple,
            set: self.make_set,
            frozenset: self.make_frozenset,
            dict: lambda *a, **k: self.make_dict(dict, *a, **k),
            collections.OrderedDict: lambda *a, **k: self.make_dict(
                collections.OrderedDict, *a, **k
            ),
            collections.Counter: lambda *a, **k: self.make_dict(collections.Counter, *a, **k),
            collections.defaultdict: self.make_defaultdict,
            collections.namedtuple: self.make_namedtuple,
            collections.deque: self.make_deque,
            collections.ChainMap: self.make_chain_map,
            streams.StringIO: lambda *a, **k: streams.StringIO(self.runtime, *a, **k),
            range: self.make_range,
            int: self.make_int,
            str: self.make_str,
            self.type_stand_in: self.type_of,
            float: self.make_float,
        }
        for callee, guard in rows.items():
            if isinstance(guard, MethodType) and isinstance(callee, type | FunctionType):
                guard.__func__.__qualname__ = callee.__name__
        return {id(callee): guard for callee, guard in rows.items()}

    # Types.

    def knows_type(self, kind: type) -> bool:
        """Whether lesson code may hold `kind` itself."""
        return (
            kind in self.known
            or kind in self.runtime.attributes.lesson_types
            or id(kind) in self.runtime.world.origins
            or issubclass(kind, Exception)
        )

    def type_of_type(self, kind: type) -> Any:
        """`kind`, or what lesson code sees instead of it."""
        if kind is not type and self.knows_type(kind):
            return kind
        if kind not in self.opaque:
            self.opaque[kind] = Opaque(kind)
        return self.opaque[kind]

    def type_of(self, *args: Any) -> Any:
        """`type(x)`."""
        if len(args) != 1:
            raise TypeError("the lesson language has type() with 1 argument only")
        if type(args[0]) is Opaque:
            return self.type_stand_in
        if type(args[0]) is FunctionType and self.names.get(args[0].__name__) is args[0]:
            return self.type_of_type(BuiltinFunctionType)
        if isinstance(args[0], type):
            return self.type_stand_in
        return self.type_of_type(type(args[0]))

    def real_types(self, info: Any) -> Any:
        """The second argument of `isinstance` with stand-ins replaced by what they stand for."""
        if type(info) is Opaque:
            return info._real
        if type(info) is tuple:
            self.meters.weigh(info)
            return tuple(self.real_types(kind) for kind in info)
        return info

    def isinstance_(self, value: Any, info: Any, /) -> bool:
        check_known(info)
        return (isinstance(value, self.real_types(info)) and type(value) is not Opaque) or (
            type(value) is Opaque and self.real_types(info) in (type, object)
        )

    def issubclass_(self, kind: Any, info: Any, /) -> bool:
        return issubclass(self.real_types(kind), self.real_types(info))

    # Making values.

    def make_list(self, *args: Any) -> list[Any]:
        return list(*map(self.runtime.consume, args[:1]), *args[1:])

    def make_tuple(self, *args: Any) -> tuple[Any, ...]:
        return tuple(*map(self.runtime.consume, args[:1]), *args[1:])

    def make_set(self, *args: Any) -> set[Any]:
        if len(args) != 1 or not self.runtime.iterable(args[0]):
            return set(*args)
        return self.hashed(args[0])

    def hashed(self, iterable: Any) -> set[Any]:
        """The set of what `iterable` gives, made with an eye on the clock: hashes may collide."""
        values = list(self.runtime.consume(iterable))
        self.meters.weigh(values)
        made: set[Any] = set()
        for start in range(0, len(values), CHUNK):
            made.update(values[start : start + CHUNK])
            self.budget.tick()
        return made

    def make_frozenset(self, *args: Any) -> frozenset[Any]:
        return frozenset(*map(self.make_set, args[:1]), *args[1:])

    def make_dict(self, kind: Any, *args: Any, **kwargs: Any) -> Any:
        return kind(*self.entries(args, kind), **kwargs)

    def entries(self, args: tuple[Any, ...], kind: Any = dict) -> list[Any]:
        """The arguments of `dict` or `update`, read out, charged and hashed chunk by chunk."""
        ready: list[Any] = []
        for value in args:
            if not hasattr(type(value), "keys") and self.runtime.iterable(value):
                value = list(self.runtime.consume(value))
                self.meters.weigh(value)
                keys = value if kind is collections.Counter else [_first(pair) for pair in value]
                self.hashed([key for key in keys if type(key) in SIMPLE])
            elif hasattr(type(value), "__len__"):
                self.budget.items(len(value))
            ready.append(value)
        return ready

    def make_defaultdict(self, *args: Any, **kwargs: Any) -> Any:
        if args and not isinstance(args[0], type):
            args = (self.runtime.safe(args[0]), *args[1:])
        return collections.defaultdict(*args[:1], *self.entries(args[1:]), **kwargs)

    def make_deque(self, *args: Any, maxlen: Any = None) -> Any:
        bound = args[1] if len(args) > 1 else maxlen
        return collections.deque(*map(self.runtime.consume, args[:1]), maxlen=bound)

    def make_chain_map(self, *maps: Any) -> Any:
        if not all(isinstance(each, dict) for each in maps):
            raise TypeError("ChainMap takes dicts in the lesson language")
        return collections.ChainMap(*maps)

    def make_namedtuple(
        self, typename: str, field_names: Any, *, defaults: Any = None, rename: bool = False
    ) -> type:
        names = (
            field_names.replace(",", " ").split() if isinstance(field_names, str) else field_names
        )
        names = [str(name) for name in self.runtime.consume(names)]
        if len(names) > MOST_FIELDS:
            self.budget.refuse("text", "namedtuple")
        options: dict[str, Any] = {"defaults": defaults, "rename": bool(rename)}
        make: Any = collections.namedtuple
        made: type = make(str(typename), names, module="__main__", **options)
        self.known.add(made)
        return made

    def make_range(self, *args: Any) -> range:
        made = range(*args)
        try:
            size = len(made)
        except OverflowError:
            size = self.budget.limits.operations + 1
        if size > self.budget.limits.operations:
            self.budget.refuse("operations", "range")
        return made

    def make_int(self, *args: Any, **kwargs: Any) -> int:
        if args and isinstance(args[0], str):
            self.budget.integer(len(args[0]) if len(args) == 1 else len(args[0]) * 5)
        return int(*args, **kwargs)

    def make_float(self, *args: Any) -> float:
        return float(*args)

    def make_str(self, *args: Any, **kwargs: Any) -> str:
        if len(args) == 1:
            self.meters.spelled(args[0])
        elif len(args) > 1:
            raise TypeError("decoding str is not supported")
        return str(*args, **kwargs)

    # Functions, each named as in Python with a `_` behind.

    def print_(
        self, *args: Any, sep: Any = None, end: Any = None, file: Any = None, flush: Any = False
    ) -> None:
        text = self.printed(args, sep, end)
        if file is None:
            self.runtime.print(text, None)
        else:
            streams.write(self.runtime, file, text)

    def printed(self, args: tuple[Any, ...], sep: Any = None, end: Any = None) -> str:
        """What `print` writes."""
        for name, value in (("sep", sep), ("end", end)):
            if value is not None and not isinstance(value, str):
                kind = type(value).__name__
                raise TypeError(f"{name} must be None or a string, not {kind}")
        texts = [self.make_str(value) for value in args]
        joint = " " if sep is None else sep
        self.budget.output(0)
        self.budget.text(sum(map(len, texts)) + len(joint) * len(texts))
        return joint.join(texts) + ("\n" if end is None else end)

    def len_(self, value: Any, /) -> int:
        return len(value)

    def repr_(self, value: Any, /) -> str:
        self.meters.spelled(value)
        return repr(value)

    def ascii_(self, value: Any, /) -> str:
        self.meters.spelled(value)
        return ascii(value)

    def format_(self, value: Any, spec: str = "", /) -> str:
        check_spec(self.budget, spec)
        self.meters.spelled(value)
        return format(value, spec)

    def hash_(self, value: Any, /) -> int:
        self.meters.weigh_key(value)
        return hash(value)

    def abs_(self, value: Any, /) -> Any:
        self.meters.unary(value)
        return abs(value)

    def round_(self, number: Any, ndigits: Any = None) -> Any:
        if isinstance(number, int) and (whole(ndigits) or 0) < 0:
            self.budget.integer(-(whole(ndigits) or 0) * 4)
        self.meters.unary(number)
        return round(number) if ndigits is None else round(number, ndigits)

    def divmod_(self, a: Any, b: Any, /) -> Any:
        self.meters.compare(a, b)
        return divmod(a, b)

    def pow_(self, base: Any, exp: Any, mod: Any = None) -> Any:
        if mod is None:
            self.meters.power(base, exp)
            return pow(base, exp)
        if isinstance(exp, int) and isinstance(mod, int):
            words = 1 + mod.bit_length() // 64
            self.budget.operations(exp.bit_length() * (1 + words**2 // 2))
        return pow(base, exp, mod)

    def sum_(self, iterable: Any, /, start: Any = 0) -> Any:
        values = list(self.runtime.consume(iterable))
        if type(start) in NUMBERS and set(map(type, values)) <= NUMBERS:
            return sum(values, start)
        if isinstance(start, str):
            raise TypeError("sum() can't sum strings [use ''.join(seq) instead]")
        add = self.runtime.add
        for value in values:
            start = add(start, value)
        return start

    def _extreme(self, choose: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        if len(args) != 1:
            return self._extreme(choose, (args,), options) if args else choose(**options)
        values = list(self.runtime.consume(args[0]))
        key = options.pop("key", None)
        keys = values if key is None else [self.runtime.call(key, value) for value in values]
        if not set(map(type, keys)) <= SIMPLE:
            self.meters.compare(keys, keys)
        if key is None or not values:
            return choose(values, **options)
        return values[choose(range(len(keys)), key=keys.__getitem__)]

    def min_(self, *args: Any, **options: Any) -> Any:
        return self._extreme(min, args, options)

    def max_(self, *args: Any, **options: Any) -> Any:
        return self._extreme(max, args, options)

    def sorted_(self, iterable: Any, /, *, key: Any = None, reverse: Any = False) -> list[Any]:
        values = list(self.runtime.consume(iterable))
        return self.in_order(values, key, reverse)

    def in_order(self, values: list[Any], key: Any, reverse: Any) -> list[Any]:
        """`values` sorted, every key made and every comparison charged beforehand."""
        self.budget.operations(len(values) * 4)
        keys = values if key is None else [self.runtime.call(key, value) for value in values]
        if not set(map(type, keys)) <= SIMPLE:
            self.meters.compare(keys, keys)
        if key is None:
            return sorted(values, reverse=reverse)
        order = sorted(range(len(keys)), key=keys.__getitem__, reverse=reverse)
        return [values[index] for index in order]

    def any_(self, iterable: Any, /) -> bool:
        return any(self.runtime.consume(iterable))

    def all_(self, iterable: Any, /) -> bool:
        return all(self.runtime.consume(iterable))

    def iter_(self, *args: Any) -> Iterator[Any]:
        if len(args) == 2:
            return lazy.Until(self.runtime, *args)
        return self.runtime.iterator(args[0]) if len(args) == 1 else iter(*args)

    def next_(self, iterator: Any, /, *default: Any) -> Any:
        self.budget.tick()
        return next(iterator, *default)

    def zip_(self, *iterables: Any, strict: Any = False) -> Iterator[Any]:
        if all(type(i) in lazy.FINITE for i in iterables):
            return zip(*iterables, strict=strict)
        return lazy.Zip(self.runtime, iterables, bool(strict))

    def enumerate_(self, iterable: Any, start: int = 0) -> Iterator[Any]:
        if type(iterable) in lazy.FINITE:
            return enumerate(iterable, start)
        return lazy.Enumerate(self.runtime, iterable, start)

    def map_(self, function: Any, iterable: Any, /, *others: Any) -> Iterator[Any]:
        return lazy.Map(self.runtime, function, (iterable, *others))

    def filter_(self, function: Any, iterable: Any, /) -> Iterator[Any]:
        return lazy.Filter(self.runtime, function, iterable)

    def reversed_(self, value: Any, /) -> Any:
        return reversed(value)

    def getattr_(self, owner: Any, name: Any, /, *default: Any) -> Any:
        self._check_name(name)
        try:
            return self.runtime.attributes.read(owner, name)
        except AttributeError:
            if default:
                return default[0]
            raise

    def hasattr_(self, owner: Any, name: Any, /) -> bool:
        self._check_name(name)
        try:
            self.runtime.attributes.read(owner, name)
        except AttributeError:
            return False
        return True

    def setattr_(self, owner: Any, name: Any, value: Any, /) -> None:
        self._check_name(name)
        self.runtime.attributes.write(owner, name, value)

    def delattr_(self, owner: Any, name: Any, /) -> None:
        self._check_name(name)
        self.runtime.attributes.delete(owner, name)

    def vars_(self, owner: Any, /) -> Any:
        if not hasattr(owner, "__dict__"):
            raise TypeError("vars() argument must have __dict__ attribute")
        return self.runtime.attributes.entries(owner)

    def _check_name(self, name: Any) -> None:
        if type(name) is not str:
            raise TypeError(f"attribute name must be string, not '{type(name).__name__}'")


def _first(pair: Any) -> Any:
    return pair[0] if isinstance(pair, tuple | list) and pair else None


def named(method: Any, name: str) -> FunctionType:
    """A function of that name which does what the bound `method` does."""

    def function(*args: Any, **kwargs: Any) -> Any:
        return method(*args, **kwargs)

    function.__name__ = function.__qualname__ = name
    function.__module__ = "builtins"
    return function  # type: ignore[return-value]
