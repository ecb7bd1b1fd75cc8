"""The world of a lesson: the modules, names and attributes of one engine that its code may reach.

    world = World.over(torch)                # or World.over(gradtui.engine)
    world.modules["torch"].members["randn"]

The same tables (`tables.py`) hold for every engine; a name an engine lacks is absent from its
world.
"""

import abc
import collections
import collections.abc
import enum
import math
import sys
import time
import types
import typing
import warnings
from collections.abc import Mapping
from functools import cache
from types import ModuleType
from typing import Any

from gradtui.language import (
    arguments,
    caches,
    calendar_times,
    dataclass,
    dispatching,
    enums,
    exits,
    managers,
    partials,
    protocols,
    saving,
    standard,
    streams,
    system,
    tables,
)
from gradtui.language.guests import Guest
from gradtui.language.lazy import Generator

TYPING_NAMES = """
Annotated Any Callable ClassVar DefaultDict Deque Dict Final FrozenSet Generator Generic Hashable
Iterable Iterator List Literal Mapping MutableMapping NamedTuple NewType NoReturn Optional
OrderedDict ParamSpec Protocol Self Sequence Set Sized Tuple Type TypeAlias TypeVar Union
AbstractSet Awaitable ChainMap Collection Concatenate Container Counter ItemsView Iterable KeysView
LiteralString MutableSequence MutableSet NotRequired Required Reversible SupportsAbs SupportsFloat
SupportsInt SupportsRound Text TypeGuard TypedDict Unpack ValuesView AnyStr
"""
ABSTRACT = """
Callable Collection Container Generator Hashable Iterable Iterator Mapping MutableMapping
MutableSequence Sequence Set Sized
"""


# Types whose instances carry attributes that lesson code may add, set and read.
OPEN_TYPES = (
    "torch.Tensor",
    "torch.nn.Module",
    "torch.optim.Optimizer",
    "torch.optim.lr_scheduler.LRScheduler",
    "torch.optim.lr_scheduler.ReduceLROnPlateau",
    "torch.utils.data.Dataset",
    "torch.utils.data.Sampler",
    "torch.autograd.function.FunctionCtx",
    "torch.function.FunctionCtx",
)


DERIVABLE = (
    "torch.nn",
    "torch.optim",
    "torch.optim.lr_scheduler",
    "torch.autograd",
    "torch.utils.data",
    "torch.nn.modules.loss",
    "torch.nn.modules.batchnorm",
)
"""Modules whose classes lesson classes may derive from."""


class ModuleView:
    """What lesson code sees of a module: its allowed names and nothing else."""

    __slots__ = ("members", "module_name", "real")

    def __init__(self, name: str, members: dict[str, Any], real: ModuleType | None) -> None:
        self.module_name = name
        self.members = members
        self.real = real

    def __repr__(self) -> str:
        return f"<module '{self.module_name}'>"


class Parametrised:
    """What stands for `Generic` among the bases of a class: `Stack[int]` is Stack."""

    @classmethod
    def __class_getitem__(cls, parameters: Any) -> Any:
        return cls


class World:
    """One engine as lesson code may use it."""

    def __init__(
        self,
        engine: ModuleType,
        names: Mapping[str, str] | None = None,
        guests: tuple[Guest, ...] = (),
    ) -> None:
        self.engine = engine
        self.guests = guests
        self.present: list[Guest] = []  # those a program has named
        self.roots = (f"{engine.__name__}.", "torch.")
        self.tensor: Any = engine.Tensor
        self.shaped: tuple[Any, ...] = (engine.Tensor,)  # whatever has elements
        self.told: tuple[type, ...] = ()  # of other libraries, what an observer hears of
        self.modules: dict[str, ModuleView] = {}
        self.grown = 0  # how often something was added since
        for name, members in (names or tables.MODULES).items():
            self._add(name, members.split())
        self._add_standard()
        self._nest()
        self.origins = self._origins()
        self.attributes = self._attribute_tables()
        self.bases = self._base_classes()
        self._engine_types: dict[type, bool] = {}
        open_types = [kind for kind in map(self.part, OPEN_TYPES) if isinstance(kind, type)]
        self._open_types = (*open_types, BaseException)
        self.replaceable = frozenset(["forward"])

    @classmethod
    def over(
        cls,
        engine: ModuleType,
        names: Mapping[str, str] | None = None,
        guests: tuple[Guest, ...] = (),
    ) -> "World":
        """The world of `engine`, a module that looks like torch; `names` may replace the tables.

        A world holds nothing of a run, so there is one for each engine and its `guests`, which join
        it when a program first names them.
        """
        return cls(engine, names, guests) if names is not None else _world(engine, guests)

    def part(self, path: str) -> Any:
        """The engine's own object at a dotted path such as `torch.nn.Module`; None where it lacks
        it.
        """
        found: Any = self.engine
        for name in path.split(".")[1:]:
            found = getattr(found, name, None)
        return found

    def _add(self, name: str, members: list[str]) -> None:
        real = math if name == "math" else self.part(name)
        if real is None:
            return
        if type(real) is ModuleType:  # asking it for what it lacks costs a search for what is meant
            members = sorted({*members} & {*dir(real)})
        found = {m: getattr(real, m) for m in members if hasattr(real, m)}
        kept = {m: v for m, v in found.items() if not isinstance(v, ModuleType)}
        self.modules[name] = ModuleView(name, kept, real)

    def grow(self, name: str, members: list[str], instances: Mapping[str, str]) -> None:
        """Adds a module that a program names, and the attributes of its instances."""
        self._add(name, members)
        parent, _, child = name.rpartition(".")
        if name in self.modules and parent in self.modules:
            self.modules[parent].members[child] = self.modules[name]
        self.origins = self._origins()
        self.bases = self._base_classes()
        self.grown += 1
        for path, names in instances.items():
            kind = self.part(path)
            if path.startswith(name) and isinstance(kind, type):
                self.attributes[kind] = frozenset(names.split())

    def widen(self, name: str, members: list[str]) -> None:
        """Adds names to a module, for programs that mention them."""
        view = self.modules[name]
        found = {m: getattr(view.real, m) for m in members if hasattr(view.real, m)}
        view.members.update(found)
        self.origins = self._origins()
        self.bases = self._base_classes()
        self.grown += 1

    def welcome(self, guest: Guest) -> None:
        """Takes in a library that a program names: its modules, and what its values show."""
        for view in guest.modules(self):
            self.modules[view.module_name] = view
        self._nest()
        guest.arrive(self)
        self.present.append(guest)
        self.origins = self._origins()
        self._engine_types.clear()
        self.grown += 1

    def _add_standard(self) -> None:
        self.modules["collections"] = ModuleView(
            "collections",
            {
                "OrderedDict": collections.OrderedDict,
                "defaultdict": collections.defaultdict,
                "Counter": collections.Counter,
                "deque": collections.deque,
                "namedtuple": collections.namedtuple,
                "ChainMap": collections.ChainMap,
            },
            collections,
        )
        abstract = {name: getattr(collections.abc, name) for name in ABSTRACT.split()}
        self.modules["collections.abc"] = ModuleView("collections.abc", abstract, collections.abc)
        clocks = "time perf_counter monotonic process_time time_ns perf_counter_ns"
        self.modules["time"] = ModuleView(
            "time", {name: getattr(time, name) for name in clocks.split()}, time
        )
        for name, members in standard.MODULES.items():
            self.modules[name] = ModuleView(name, dict(members), None)
        known: dict[str, Any] = {
            **{n: getattr(typing, n) for n in TYPING_NAMES.split() if hasattr(typing, n)},
            "TYPE_CHECKING": False,
            "cast": _cast,
            "overload": _overload,
            "final": _unchanged,
            "no_type_check": _unchanged,
            "runtime_checkable": protocols.checkable,
        }
        self.modules["typing"] = ModuleView("typing", known, typing)
        self.modules["sys"] = ModuleView("sys", dict(system.MEMBERS), sys)
        self.modules["torch"].members.update(standard.SAVING)
        future = {"annotations": None}
        self.modules["__future__"] = ModuleView("__future__", dict(future), None)

    def _nest(self) -> None:
        for name, view in self.modules.items():
            parent, _, child = name.rpartition(".")
            if parent in self.modules:
                self.modules[parent].members[child] = view
        named = self.modules.get("torch.nn")
        if named is not None and "Tensor" in self.modules["torch"].members:
            self.modules["torch"].members["nn"] = named

    def _origins(self) -> dict[int, tuple[str, str]]:
        """For each function and class: the module and name by which lessons know it."""
        found: dict[int, tuple[str, str]] = {}
        for module, view in self.modules.items():
            for name, value in view.members.items():
                if callable(value):
                    found.setdefault(id(value), (module, name))
        return found

    def _attribute_tables(self) -> dict[type, frozenset[str]]:
        result = {
            kind: frozenset(names.split())
            for path, names in tables.INSTANCES.items()
            if isinstance(kind := self.part(path), type)
        }
        result.update(_builtin_attributes())
        return result

    def _base_classes(self) -> frozenset[type]:
        """What a lesson class may derive from, besides lesson classes."""
        found: set[type] = {object, abc.ABC, Parametrised, *enums.KINDS}
        for name in DERIVABLE:
            if name in self.modules:
                members = self.modules[name].members.values()
                found.update(value for value in members if isinstance(value, type))
        found.discard(self.tensor)
        found.discard(self.part("torch.utils.data.DataLoader"))  # it is made with a guard alone
        parameter = self.part("torch.nn.Parameter")
        return frozenset(kind for kind in found if kind is not parameter)

    def is_open(self, kind: type) -> bool:
        """Whether instances of `kind` may carry attributes of the lesson's own."""
        return issubclass(kind, self._open_types)

    def is_engine_made(self, kind: type) -> bool:
        """Whether the engine made `kind` for one module, whose tensors are properties of it."""
        module = self.part("torch.nn.Module")
        return module is not None and issubclass(kind, module) and "__deepcopy__" in vars(kind)

    def is_engine(self, value: Any) -> bool:
        """Whether `value` is a tensor, module, node, optimizer or anything else of the engine's."""
        kind = type(value)
        known = self._engine_types.get(kind)
        if known is None:
            known = self._engine_types[kind] = self._of_engine(kind)
        return known

    def _of_engine(self, kind: type) -> bool:
        if issubclass(kind, types.FunctionType | types.BuiltinFunctionType | BaseException):
            return False
        if issubclass(kind, self.told):
            return True
        return is_node_type(kind) or any(
            f"{base.__module__}.".startswith(self.roots) for base in kind.__mro__
        )


def _cast(kind: Any, value: Any) -> Any:
    return value


def _unchanged(made: Any) -> Any:
    """A decorator that matters to type checkers alone."""
    return made


def _overload(function: Any) -> Any:
    """What stands for a function until its body is defined below."""
    return None


@cache
def _world(engine: ModuleType, guests: tuple[Guest, ...]) -> World:
    return World(engine, guests=guests)


def is_node_type(kind: type) -> bool:
    """Whether `kind` is the type of a node of the backward graph."""
    return hasattr(kind, "next_functions") and hasattr(kind, "register_prehook")


def _builtin_attributes() -> dict[type, frozenset[str]]:
    kinds: dict[str, type] = {
        **{
            kind.__name__: kind
            for kind in (
                int, float, bool, complex, str, list, tuple, dict, set, frozenset, range, slice,
                property, BaseException,
            )
        },
        "deque": collections.deque,
        "Enum": enum.Enum,
        "WarningMessage": warnings.WarningMessage,
        "dict_keys": type({}.keys()),
        "dict_items": type({}.items()),
    }  # fmt: skip
    found = {kinds[name]: frozenset(names.split()) for name, names in tables.BUILTIN_TYPES.items()}
    found[standard.Chain] = frozenset(["from_iterable"])
    found[dispatching.Dispatched] = dispatching.ATTRIBUTES
    found[dispatching.DispatchedMethod] = dispatching.ATTRIBUTES
    found[arguments.Arguments] = arguments.ATTRIBUTES
    found[collections.ChainMap] = frozenset("maps parents new_child get items keys values".split())
    found |= calendar_times.ATTRIBUTES
    found[partials.Partial] = partials.ATTRIBUTES
    found[saving.Memory] = saving.ATTRIBUTES
    found[managers.ExitStack] = managers.ATTRIBUTES
    found[exits.Exit] = frozenset(["code"])
    found[streams.Output], found[streams.StringIO] = streams.OUTPUT, streams.BUFFER
    found[dataclass.Field] = frozenset(["name", "default", "init", "repr"])
    found[caches.Cached] = caches.ATTRIBUTES
    found[standard.Stream] = frozenset(standard.RANDOM)
    found[Generator] = frozenset(["send", "throw", "close"])
    found[collections.OrderedDict] = frozenset(["move_to_end"])
    found[collections.Counter] = frozenset(["elements", "most_common", "subtract", "total"])
    return found
