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
        kw_only: bool | None = None,
        **rest: Any,
    ) -> None:
        if default is not MISSING and default_factory is not MISSING:
            raise ValueError("cannot specify both default and default_factory")
        self.name = ""
        self.default, self.default_factory = default, default_factory
        self.init, self.repr, self.compare, self.kw_only = init, repr, compare, kw_only
        self.passed = False  # an InitVar: given to __post_init__, kept nowhere

    @property
    def optional(self) -> bool:
        return self.default is not MISSING or self.default_factory is not MISSING


class Marker:
    """`KW_ONLY` and `InitVar`, which stand in annotations; those are kept as text."""

    def __init__(self, name: str) -> None:
        self.__name__ = name

    def __repr__(self) -> str:
        return f"dataclasses.{self.__name__}"


KW_ONLY, InitVar = Marker("KW_ONLY"), Marker("InitVar")


def fields_of(kind: Any) -> list[Field]:
    """The fields of a dataclass, in order; TypeError for anything else."""
    found = getattr(kind, FIELDS, None)
    if found is None:
        raise TypeError("must be called with a dataclass type or instance")
    return [field for field in found.values() if not field.passed]


def _meant(annotation: str) -> str:
    """What an annotation is: `ClassVar`, `InitVar`, `KW_ONLY`, or the name of a type."""
    return annotation.strip("'\"").partition("[")[0].rpartition(".")[2]


def _collect(cls: type, kw_only: bool) -> dict[str, Field]:
    fields: dict[str, Field] = {}
    for base in reversed(cls.__mro__[1:]):
        fields.update(base.__dict__.get(FIELDS, {}))
    for name, annotation in vars(cls).get("__annotations__", {}).items():
        meant = _meant(annotation)
        if meant in ("ClassVar", "KW_ONLY"):
            kw_only = kw_only or meant == "KW_ONLY"
            continue
        if not (isinstance(name, str) and name.isidentifier()) or is_dunder(name):
            raise TypeError(f"{name!r} cannot be a field in the lesson language")
        given = cls.__dict__.get(name, MISSING)
        made = given if isinstance(given, Field) else Field(default=given)
        made.name, made.passed = name, meant == "InitVar"
        made.kw_only = kw_only if made.kw_only is None else made.kw_only
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
    _check_order([f for f in fields.values() if f.init and not f.kw_only])
    return fields


def _check_order(fields: list[Field]) -> None:
    seen = False
    for field in fields:
        if seen and not field.optional:
            raise TypeError(f"non-default argument '{field.name}' follows default argument")
        seen = seen or field.optional


def _initialiser(runtime: "Runtime", cls: type, fields: list[Field]) -> Callable[..., None]:
    given_by_name = [f for f in fields if f.init]
    wanted = [f for f in given_by_name if not f.kw_only]
    passed = [f.name for f in fields if f.passed]
    where = f"{cls.__qualname__}.__init__()"

    store = setattr if "__setattr__" in cls.__dict__ else object.__setattr__

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
            if all(f.name != name for f in given_by_name):
                raise TypeError(f"{where} got an unexpected keyword argument '{name}'")
            given[name] = value
        lacking = [f for f in given_by_name if not f.optional and f.name not in given]
        _check_given(where, [f.name for f in lacking if not f.kw_only])
        _check_given(where, [f.name for f in lacking if f.kw_only], "keyword-only")
        for f in fields:
            value = given[f.name] if f.name in given else _default(runtime, f)
            if f.passed:
                given[f.name] = value
            elif value is not MISSING:
                store(self, f.name, value)
        if hasattr(type(self), "__post_init__"):
            self.__post_init__(*[given[name] for name in passed])

    return __init__


def _check_given(where: str, missing: list[str], kind: str = "positional") -> None:
    if not missing:
        return
    names = [f"'{name}'" for name in missing]
    shown = (
        names[0]
        if len(names) == 1
        else " and ".join([", ".join(names[:-1]) + "," * (len(names) > 2), names[-1]])
    )
    raise TypeError(
        f"{where} missing {len(names)} required {kind} argument{'s' * (len(names) > 1)}: {shown}"
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
        slots: bool = False,
        kw_only: bool = False,
        match_args: bool = True,
        **rest: Any,
    ) -> Any:
        if cls is None:
            options = {"init": init, "repr": repr, "eq": eq, "order": order, "frozen": frozen}
            options |= {"slots": slots, "kw_only": kw_only, "match_args": match_args}
            return lambda made: decorate(made, **options)
        if cls not in runtime.attributes.lesson_types:
            raise TypeError("dataclass() takes a class of the lesson's own")
        fields = _collect(cls, kw_only)
        setattr(cls, FIELDS, fields)
        rows = list(fields.values())
        if match_args and "__match_args__" not in cls.__dict__:
            positional = tuple(f.name for f in rows if f.init and not f.kw_only)
            setattr(cls, "__match_args__", positional)  # noqa: B010 - a type may lack it
        shown = [f.name for f in rows if not f.passed]
        made: dict[str, Any] = {}
        if init:
            made["__init__"] = _initialiser(runtime, cls, rows)
        if repr:
            made["__repr__"] = _writer(runtime, [f.name for f in fields_of(cls) if f.repr])
        if eq:
            compared = [f.name for f in fields_of(cls) if f.compare]
            made |= _comparisons(runtime, cls, compared, order)
            runtime.meters.parts.base[cls] = lambda self: [getattr(self, n, None) for n in shown]
            runtime.meters.parts.clear()
        if frozen:
            made |= {"__setattr__": _frozen("assign to"), "__delattr__": _frozen("delete")}
        for name, function in made.items():
            if name == "__setattr__" or name not in cls.__dict__:
                function.__qualname__ = f"{cls.__qualname__}.{name}"
                setattr(cls, name, function)
        if eq:
            own = "__hash__" in vars(cls) and vars(cls)["__hash__"] is not None
            if not own:
                cls.__hash__ = _hasher(runtime, compared) if frozen else None
        return _slotted(runtime, cls, shown) if slots else cls

    return decorate


def _slotted(runtime: "Runtime", cls: type, names: list[str]) -> type:
    """The class made again with a slot for each field."""
    inherited = {name for base in cls.__mro__[1:] for name in getattr(base, "__slots__", ())}
    members = {k: v for k, v in vars(cls).items() if k not in ("__dict__", "__weakref__", *names)}
    members["__slots__"] = tuple(name for name in names if name not in inherited)
    made = type(cls)(cls.__name__, cls.__bases__, members)
    runtime.attributes.lesson_types.add(made)
    runtime.meters.parts.base[made] = runtime.meters.parts.base.get(cls, lambda self: ())
    return made


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


def _taken_apart(runtime: "Runtime", make: Callable[[list[tuple[str, Any]]], Any]) -> Any:
    """`asdict` and `astuple`: instances within it, and in lists, tuples and dicts, taken apart."""

    def convert(value: Any) -> Any:
        if hasattr(type(value), FIELDS):
            return make([(f.name, convert(getattr(value, f.name))) for f in fields_of(value)])
        if isinstance(value, list | tuple):
            parts = [convert(v) for v in value]
            return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
        if isinstance(value, dict):
            return {k: convert(v) for k, v in value.items()}
        return value

    def taken(instance: Any) -> Any:
        if isinstance(instance, type):
            raise TypeError(f"{name}() should be called on dataclass instances")
        fields_of(instance)
        runtime.budget.items(runtime.meters.parts_in(instance))
        return convert(instance)

    name = "asdict" if make is dict else "astuple"
    return taken


def asdict(runtime: "Runtime") -> Callable[..., Any]:
    """`asdict` for one runtime."""
    found: Callable[..., Any] = _taken_apart(runtime, dict)
    return found


def astuple(runtime: "Runtime") -> Callable[..., Any]:
    """`astuple` for one runtime."""
    found: Callable[..., Any] = _taken_apart(runtime, lambda pairs: tuple(v for _, v in pairs))
    return found


def replace(instance: Any, /, **changes: Any) -> Any:
    """A new instance with some fields changed."""
    kept = {f.name: getattr(instance, f.name) for f in fields_of(instance) if f.init}
    return type(instance)(**{**kept, **changes})
