"""Attributes as lesson code may read, set and delete them: what is not on a list is not there.

A lesson's own classes and what it stored itself are open to it; of everything else only the names
in `tables.py` are.
"""

import abc
from functools import partial
from types import FunctionType, GetSetDescriptorType
from typing import TYPE_CHECKING, Any, NoReturn

from gradtui.language import bare, tables
from gradtui.language.enums import is_enum
from gradtui.language.kinds import kind_name
from gradtui.language.tables import is_dunder
from gradtui.language.world import ModuleView, Parametrised, is_node_type

if TYPE_CHECKING:
    from gradtui.language.runtime import Runtime

NOWHERE = object()


def inherited(kind: type, name: str) -> Any:
    """The class among the bases of `kind` that defines `name`, or NOWHERE."""
    for base in kind.__mro__:
        if name in base.__dict__:
            return base
    return NOWHERE


def is_error(kind: type) -> bool:
    """Whether `kind` is an exception type of Python's."""
    return issubclass(kind, BaseException) and kind.__module__ == "builtins"


class Attributes:
    """The attribute rules of one interpreter."""

    def __init__(self, runtime: "Runtime") -> None:
        self.runtime = runtime
        self.world = runtime.world
        self.lesson_types: set[type] = set()
        self._allowed: dict[type, frozenset[str]] = {}
        self.functions: dict[Any, str] = {}
        self.bare = bare.Bare(self)
        self.switched: dict[tuple[str, str], bool] = {}

    def allowed(self, kind: type) -> frozenset[str]:
        """The listed names of a type, those of its bases included."""
        names = self._allowed.get(kind)
        if names is None:
            found: set[str] = set()
            for base in kind.__mro__:
                found |= self.world.attributes.get(base, frozenset())
            found |= _members_of_result(kind)
            if is_node_type(kind):
                found |= set(tables.NODE.split())
            names = self._allowed[kind] = frozenset(found)
        return names

    def catch_up(self) -> None:
        """Forgets which names of a type are listed: some joined the world."""
        self._allowed.clear()

    # Reading.

    def read(self, owner: Any, name: str) -> Any:
        """`owner.name`; what must be charged when called comes back in its charged form."""
        kind = type(owner)
        if kind is ModuleView:
            return self._member(owner, name)
        if kind not in self.lesson_types:
            names = self._allowed.get(kind)
            if names is None:
                names = self.allowed(kind)
            if name in names and not isinstance(owner, type):
                charged = self.runtime.methods.bound(owner, name)
                return getattr(owner, name) if charged is None else charged
        return self.safe(self._read_open(owner, kind, name))

    def safe(self, value: Any) -> Any:
        """`value` unless it is something lesson code must not hold."""
        if isinstance(value, type) and not self.runtime.knows_type(value):
            return self.runtime.type_of_type(value)
        return value

    def _member(self, module: ModuleView, name: str) -> Any:
        try:
            member = module.members[name]
        except KeyError:
            pass
        else:
            if self.switched and (module.module_name, name) in self.switched:
                return self.switched[module.module_name, name]
            return self.runtime.held(member)
        if name in ("__name__", "__doc__"):
            return module.module_name if name == "__name__" else None
        known = hasattr(module.real, name) if module.real is not None else False
        where = " in the lesson language" if known else ""
        message = f"module '{module.module_name}' has no attribute '{name}'{where}"
        raise AttributeError(message, name=name)

    def _read_open(self, owner: Any, kind: type, name: str) -> Any:
        if name == "__class__":
            return self.runtime.type_of(owner)
        if name == "__dict__":
            return self.entries(owner)
        if kind is super:
            return self._read_super(owner, name)
        if isinstance(owner, type):
            return self._read_class(owner, name)
        if name in tables.READABLE_DUNDERS and not self._hidden_name(owner):
            return getattr(owner, name)
        if isinstance(owner, FunctionType):
            return self._read_function(owner, name)
        if self.may_read(owner, kind, name):
            charged = self.runtime.methods.bound(owner, name)
            return getattr(owner, name) if charged is None else charged
        return self._absent(owner, name)

    def entries(self, owner: Any) -> Any:
        """`owner.__dict__` of an instance that holds nothing but what the lesson put there."""
        kind = type(owner)
        plain = all(
            base in self.lesson_types or base in (object, abc.ABC, Parametrised) or is_error(base)
            for base in kind.__mro__
        )
        if kind in self.lesson_types and plain and hasattr(owner, "__dict__"):
            return owner.__dict__
        return self._absent(owner, "__dict__")

    def _hidden_name(self, owner: Any) -> bool:
        return type(owner) in self.lesson_types

    def may_read(self, owner: Any, kind: type, name: str) -> bool:
        """Whether an instance gives lesson code its attribute `name`."""
        if name in self.allowed(kind):
            return True
        if is_node_type(kind) and name.startswith("_saved_"):
            return True
        source = inherited(kind, name)
        if source is not NOWHERE:
            return source in self.lesson_types and self._may_reach(source, name)
        if is_dunder(name):
            return False
        if kind in self.lesson_types:
            return True
        return not name.startswith("_") and self._is_open(kind)

    def _may_reach(self, source: type, name: str) -> bool:
        """Whether what a lesson class defines under `name` may be read by it."""
        if name in bare.NAMES:
            made = source.__dict__[name]
            own = self.runtime.is_lesson_function(getattr(made, "__func__", made))
            return own and self.bare.is_plain(source)
        return not is_dunder(name) or name in tables.DEFINABLE_DUNDERS

    def _is_open(self, kind: type) -> bool:
        """Types of the world whose instances carry attributes of their own."""
        return self.world.is_open(kind)

    def _read_super(self, owner: Any, name: str) -> Any:
        known = tables.SUPER_DUNDERS | bare.NAMES
        if name.startswith("_") and name not in known and is_dunder(name):
            return self._absent(owner, name)
        subject = object.__getattribute__(owner, "__self__")
        kind = subject if isinstance(subject, type) else type(subject)
        start = object.__getattribute__(owner, "__thisclass__")
        rest = kind.__mro__[kind.__mro__.index(start) + 1 :] if start in kind.__mro__ else ()
        source = next((base for base in rest if name in base.__dict__), NOWHERE)
        if name == "__init_subclass__" and kind not in self.lesson_types:
            return self._absent(owner, name)
        if name in bare.NAMES and source not in self.lesson_types:
            return self._read_bare(owner, kind, name)
        fine = (
            source is NOWHERE
            or source in self.lesson_types
            or name in self.allowed(kind)
            or name in tables.SUPER_DUNDERS
        )
        return getattr(owner, name) if fine else self._absent(owner, name)

    def _read_bare(self, owner: Any, kind: type, name: str) -> Any:
        """`super().__setattr__` and its like, where no class of the lesson's defines it."""
        if not self.bare.is_plain(kind):
            return self._absent(owner, name)
        function = self.bare.functions[name]
        subject = object.__getattribute__(owner, "__self__")
        return function if name == "__new__" else partial(function, subject)

    def _read_class(self, owner: type, name: str) -> Any:
        if name in bare.NAMES and owner is object:
            return self.bare.functions[name]
        if name == "_make" and hasattr(owner, "_fields"):
            return lambda items: owner(*self.runtime.consume(items))
        if name in bare.FAMILY and owner in self.lesson_types:
            return self.bare.family(owner, name)
        if name in ("__name__", "__qualname__", "__doc__", "__module__"):
            return getattr(owner, name)
        source = inherited(owner, name)
        if source is not NOWHERE and source in self.lesson_types:
            if self._may_reach(source, name):
                return getattr(owner, name)
        elif name in self.allowed(owner) or (
            name in tables.SUPER_DUNDERS and self.world.is_open(owner)
        ):
            return self.runtime.methods.unbound(owner, name)
        return self._absent(owner, name)

    def _read_function(self, owner: FunctionType, name: str) -> Any:
        if (not name.startswith("_") or name == "__wrapped__") and self.runtime.is_lesson_function(
            owner
        ):
            try:
                return owner.__dict__[name]
            except KeyError:
                pass
        return self._absent(owner, name)

    def _absent(self, owner: Any, name: str) -> NoReturn:
        if isinstance(owner, type):
            what = f"type object '{owner.__name__}'"
        else:
            what = f"'{kind_name(self.runtime, owner)}' object"
        known = not isinstance(owner, type | super) and inherited(type(owner), name) is not NOWHERE
        if isinstance(owner, type):
            known = inherited(owner, name) is not NOWHERE or hasattr(type(owner), name)
        if known:
            raise AttributeError(f"{what} has no attribute '{name}' in the lesson language")
        raise AttributeError(f"{what} has no attribute '{name}'", name=name, obj=owner)

    # Writing.

    def write(self, owner: Any, name: str, value: Any) -> None:
        """`owner.name = value`."""
        if type(owner) is ModuleView and (owner.module_name, name) in tables.SWITCHES:
            self.switched[owner.module_name, name] = bool(value)
            return
        self.check_write(owner, name, "set")
        if isinstance(owner, type) or name in self.world.replaceable:
            value = self.runtime.safe(value)
        setattr(owner, name, value)

    def delete(self, owner: Any, name: str) -> None:
        """`del owner.name`."""
        self.check_write(owner, name, "delete")
        delattr(owner, name)

    def check_write(self, owner: Any, name: str, verb: str) -> None:
        """AttributeError or TypeError where lesson code may not `verb` ("set") the attribute."""
        kind = type(owner)
        if kind is ModuleView:
            raise AttributeError(f"cannot {verb} '{name}' of module '{owner.module_name}'")
        if isinstance(owner, type):
            fine = owner in self.lesson_types and self._may_set(owner, name)
            if not fine:
                raise TypeError(
                    f"cannot {verb} '{name}' attribute of immutable type '{owner.__name__}'"
                )
            return
        if isinstance(owner, self.world.tensor) and name in tables.TENSOR_SETTABLE.split():
            return
        if isinstance(owner, FunctionType):
            if self.runtime.is_lesson_function(owner) and not name.startswith("_"):
                return
        elif self._may_set_on_instance(kind, name):
            return
        if isinstance(owner, int | float | str | list | tuple | dict | set | type(None)):
            if inherited(kind, name) is not NOWHERE:
                raise AttributeError(f"'{kind.__name__}' object attribute '{name}' is read-only")
            raise AttributeError(
                f"'{kind.__name__}' object has no attribute '{name}'", name=name, obj=owner
            )
        if isinstance(owner, self.world.tensor) and isinstance(
            getattr(kind, name, None), property | GetSetDescriptorType
        ):
            raise AttributeError(
                f"attribute '{name}' of 'torch._C.TensorBase' objects is not writable"
            )
        raise AttributeError(f"cannot {verb} '{name}' of '{kind.__name__}' in the lesson language")

    def _may_set(self, kind: type, name: str) -> bool:
        if is_dunder(name) or (name.startswith("_") and is_enum(kind)):
            return False
        source = inherited(kind, name)
        return source is NOWHERE or source in self.lesson_types or not name.startswith("_")

    def _may_set_on_instance(self, kind: type, name: str) -> bool:
        if kind in self.lesson_types:
            return self._may_set(kind, name)
        if name.startswith("_") or not self.world.is_open(kind):
            return False
        source = inherited(kind, name)
        if source is NOWHERE or name in self.world.replaceable:
            return True
        return source.__name__.startswith("Parametrized") and self.world.is_engine_made(source)


def _members_of_result(kind: type) -> set[str]:
    """The fields of a named tuple, or of an engine's named result such as that of `max(dim)`."""
    if not issubclass(kind, tuple) or kind is tuple:
        return set()
    fields = getattr(kind, "_fields", None)
    if isinstance(fields, tuple):
        return {*fields, "_fields", "_field_defaults", "_replace", "_asdict", "count", "index"}
    own = {n for n in kind.__dict__ if not n.startswith("_") and not n.startswith("n_")}
    return own | {"count", "index"}
