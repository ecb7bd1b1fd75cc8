"""`dataclasses` for lesson classes, made without writing and executing code as Python's own does."""

import functools
import reprlib
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from gradtui.language.tables import is_dunder

if TYPE_CHECKING:
    from gradtui.language.runtime import Runtime

Names = Callable[[Any], Iterable[str]]

MISSING: Any = object()
FIELDS = "__dataclass_fields__"


class Field:
    """What `field(…)` says of one field."""

    def __init__(
        self,
        *,
        default: Any = MISSING,
        default_factory: Any = MISSING,
        init: bool = True,
        repr: bool = True,
        compare: bool = True,
        **rest: Any,
    ) -> None:
        if default is not MISSING and default_factory is not MISSING:
            raise ValueError("cannot specify both default and default_factory")
        self.name = ""
        self.default, self.default_factory = default, default_factory
        self.init, self.repr, self.compare = init, repr, compare

    @property
    def optional(self) -> bool:
        return self.default is not MISSING or self.default_factory is not MISSING


def fields_of(kind: Any) -> list[Field]:
    """The fields of a dataclass, in order; TypeError for anything else."""
    found = getattr(kind, FIELDS, None)
    if found is None:
        raise TypeError("must be called with a dataclass type or instance")
    return list(found.values())


def _collect(cls: type) -> dict[str, Field]:
    fields: dict[str, Field] = {}
    for base in reversed(cls.__mro__[1:]):
        fields.update(base.__dict__.get(FIELDS, {}))
    for name in vars(cls).get("__annotations__", {}):
        if not (isinstance(name, str) and name.isidentifier()) or is_dunder(name):
            raise TypeError(f"{name!r} cannot be a field in the lesson language")
        given = cls.__dict__.get(name, MISSING)
        made = given if isinstance(given, Field) else Field(default=given)
        made.name = name
        if isinstance(made.default, list | dict | set):
            raise ValueError(
                f"mutable default {type(made.default)} for field {name} is not allowed: "
                "use default_factory"
            )
        fields[name] = made
        if isinstance(given, Field):
            if made.default is MISSING:
                delattr(cls, name)
            else:
                setattr(cls, name, made.default)
    _check_order([f for f in fields.values() if f.init])
    return fields


def _check_order(fields: list[Field]) -> None:
    seen = False
    for field in fields:
        if seen and not field.optional:
            raise TypeError(f"non-default argument '{field.name}' follows default argument")
        seen = seen or field.optional


def _initialiser(runtime: "Runtime", cls: type, fields: list[Field]) -> Callable[..., None]:
    wanted = [f for f in fields if f.init]
    where = f"{cls.__qualname__}.__init__()"

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        if len(args) > len(wanted):
            most = len(wanted) + 1
            least = sum(not f.optional for f in wanted) + 1
            takes = f"from {least} to {most}" if least != most else f"{most}"
            raise TypeError(
                f"{where} takes {takes} positional argument{'s' * (most != 1)} but "
                f"{len(args) + 1} were given"
            )
        given = dict(zip((f.name for f in wanted), args, strict=False))
        for name, value in kwargs.items():
            if name in given:
                raise TypeError(f"{where} got multiple values for argument '{name}'")
            if all(f.name != name for f in wanted):
                raise TypeError(f"{where} got an unexpected keyword argument '{name}'")
            given[name] = value
        _check_given(where, [f.name for f in wanted if not f.optional and f.name not in given])
        for f in fields:
            value = given[f.name] if f.name in given else _default(runtime, f)
            if value is not MISSING:
                object.__setattr__(self, f.name, value)
        if hasattr(type(self), "__post_init__"):
            self.__post_init__()

    return __init__


def _check_given(where: str, missing: list[str]) -> None:
    if not missing:
        return
    names = [f"'{name}'" for name in missing]
    shown = (
        names[0]
        if len(names) == 1
        else " and ".join([", ".join(names[:-1]) + "," * (len(names) > 2), names[-1]])
    )
    raise TypeError(
        f"{where} missing {len(names)} required positional argument{'s' * (len(names) > 1)}: "
        f"{shown}"
    )


def _default(runtime: "Runtime", field: Field) -> Any:
    if field.default_factory is not MISSING:
        return runtime.call(field.default_factory)
    return field.default


def dataclass(runtime: "Runtime") -> Callable[..., Any]:
    """The decorator: `__init__`, `__repr__`, `__eq__`, and order or frozenness where asked for."""

    def decorate(
        cls: Any = None,
        /,
        *,
        init: bool = True,
        repr: bool = True,
        eq: bool = True,
        order: bool = False,
        frozen: bool = False,
        **rest: Any,
    ) -> Any:
        if cls is None:
            options = {"init": init, "repr": repr, "eq": eq, "order": order, "frozen": frozen}
            return lambda made: decorate(made, **options)
        if cls not in runtime.attributes.lesson_types:
            raise TypeError("dataclass() takes a class of the lesson's own")
        fields = _collect(cls)
        setattr(cls, FIELDS, fields)
        rows = list(fields.values())
        made: dict[str, Any] = {}
        if init:
            made["__init__"] = _initialiser(runtime, cls, rows)
        if repr:
            made["__repr__"] = _writer(runtime, [f.name for f in rows if f.repr])
        if eq:
            made |= _comparisons(runtime, cls, [f.name for f in rows if f.compare], order)
        if frozen:
            made |= {"__setattr__": _frozen("assign to"), "__delattr__": _frozen("delete")}
        for name, function in made.items():
            if name == "__setattr__" or name not in cls.__dict__:
                function.__qualname__ = f"{cls.__qualname__}.{name}"
                setattr(cls, name, function)
        if eq:
            cls.__hash__ = _hasher(runtime, [f.name for f in rows if f.compare]) if frozen else None
        return cls

    return decorate


def charged(runtime: "Runtime", method: Callable[..., Any]) -> Callable[..., Any]:
    """A method that may reach itself through what it holds: each call is one of the lesson's."""
    budget = runtime.budget

    @functools.wraps(method)
    def call(*args: Any) -> Any:
        budget.enter()
        try:
            return method(*args)
        finally:
            budget.depth -= 1

    return call


def writer(runtime: "Runtime", begin: Callable[[Any], str], names: Names) -> Callable[..., str]:
    """`__repr__` of the attributes `names` gives; one within itself is shown as `...`."""

    def __repr__(self: Any) -> str:
        shown = runtime.builtins["repr"]
        inside = ", ".join(f"{name}={shown(getattr(self, name))}" for name in names(self))
        runtime.budget.text(len(inside))
        return f"{begin(self)}({inside})"

    return charged(runtime, reprlib.recursive_repr()(__repr__))


def _writer(runtime: "Runtime", names: list[str]) -> Callable[..., str]:
    return writer(runtime, lambda self: type(self).__qualname__, lambda self: names)


def _hasher(runtime: "Runtime", names: list[str]) -> Callable[..., int]:
    def __hash__(self: Any) -> int:
        key = tuple(getattr(self, name) for name in names)
        runtime.meters.weigh_key(key)
        return hash(key)

    return charged(runtime, __hash__)


def _comparisons(runtime: "Runtime", cls: type, names: list[str], order: bool) -> dict[str, Any]:
    def comparison(name: str) -> Callable[..., Any]:
        def compare(self: Any, other: Any) -> Any:
            if other.__class__ is not self.__class__:
                return NotImplemented
            mine, theirs = (tuple(getattr(v, n) for n in names) for v in (self, other))
            runtime.meters.compare(mine, theirs)
            return getattr(mine, name)(theirs)

        return charged(runtime, compare)

    wanted = ["__eq__", *(("__lt__", "__le__", "__gt__", "__ge__") if order else ())]
    return {name: comparison(name) for name in wanted}


class FrozenInstanceError(AttributeError):
    """A field of a frozen instance was to be changed."""


def _frozen(verb: str) -> Callable[..., None]:
    def refuse(self: Any, name: str, *value: Any) -> None:
        raise FrozenInstanceError(f"cannot {verb} field {name!r}")

    return refuse


FrozenInstanceError.__module__ = "dataclasses"


def asdict(runtime: "Runtime") -> Callable[..., Any]:
    """`asdict`: instances within it, and in lists, tuples and dicts, taken apart too."""

    def convert(value: Any) -> Any:
        runtime.budget.tick()
        if hasattr(type(value), FIELDS):
            return {f.name: convert(getattr(value, f.name)) for f in fields_of(value)}
        if isinstance(value, list | tuple):
            return type(value)([convert(v) for v in value])
        if isinstance(value, dict):
            return {k: convert(v) for k, v in value.items()}
        return value

    return lambda instance: (fields_of(instance), convert(instance))[1]


def replace(instance: Any, /, **changes: Any) -> Any:
    """A new instance with some fields changed."""
    kept = {f.name: getattr(instance, f.name) for f in fields_of(instance) if f.init}
    return type(instance)(**{**kept, **changes})
