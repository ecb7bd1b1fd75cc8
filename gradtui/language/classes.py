"""Classes: real types over the bases a lesson may use, their bodies run in a namespace of their
own.
"""

import abc
import ast
import collections
import functools
import types
import typing
from typing import TYPE_CHECKING, Any

from gradtui.language import bare, enums, names, protocols, tables
from gradtui.language.compiler import Compiler, statement
from gradtui.language.frames import UNSET, Cell, Frame, Thunk
from gradtui.language.functions import captured
from gradtui.language.source import Span
from gradtui.language.tables import is_dunder, whole
from gradtui.language.world import Parametrised

if TYPE_CHECKING:
    from gradtui.language.runtime import Runtime


@statement(ast.ClassDef)
def class_definition(c: Compiler, node: ast.ClassDef) -> Thunk:
    inner = c.inside(node)
    body, bases = inner.block(node.body), c.expressions(node.bases)
    decorators = [(c.expression(d), c.span(d)) for d in node.decorator_list]
    keywords = [(k.arg or "", c.expression(k.value)) for k in node.keywords]
    header = c.spans.header(node)
    bind, runtime = names.store(c, node.name, header), c.runtime
    make_frame = _framer(c, inner)
    qualname, doc = f"{c.scope.qualified}{node.name}", ast.get_docstring(node, clean=False)
    cell_slot = inner.scope.slots.get("__class__")

    def run(frame: Frame, at: Span = header) -> None:
        chosen = [(thunk(frame), span) for thunk, span in decorators]
        parents = [base(frame) for base in bases]
        options = {key: thunk(frame) for key, thunk in keywords}
        namespace = enums.namespace(node.name, parents)
        namespace |= {"__module__": "__main__", "__qualname__": qualname}
        if doc is not None:
            namespace["__doc__"] = doc
        own = make_frame(frame, namespace)
        body(own)
        made: Any = make_class(runtime, node.name, parents, namespace, options)
        if cell_slot is not None:
            own[cell_slot].value = made
        for decorator, span in reversed(chosen):
            made = runtime.invoke(decorator, [made], {}, span)
        bind(frame, made)

    return run


def _framer(c: Compiler, inner: Compiler) -> Any:
    captures = captured(c.scope, inner.scope)
    size, cell = inner.scope.size, inner.scope.slots.get("__class__")

    def make(frame: Frame, namespace: dict[str, Any]) -> Frame:
        own: Frame = [UNSET] * size
        own[0] = namespace
        for slot, outer in captures:
            own[slot] = frame[outer]
        if cell is not None and "__class__" in inner.scope.cells:
            own[cell] = Cell(UNSET)
        return own

    return make


def make_class(
    runtime: "Runtime",
    name: str,
    parents: list[Any],
    namespace: dict[str, Any],
    options: dict[str, Any],
) -> type:
    """A new lesson class, or TypeError for a base or a special method that lessons may not use."""
    known = runtime.attributes.lesson_types
    allowed = tables.DEFINABLE_DUNDERS | {"__module__", "__qualname__"}
    for key in namespace:
        if is_dunder(key) and key not in allowed:
            raise TypeError(f"{name}.{key} cannot be defined in the lesson language")
    if parents == [typing.NamedTuple]:
        made = _named_tuple(runtime, name, namespace)
    elif any(map(protocols.is_typed_dict, parents)):
        made = protocols.typed_dict(runtime, name, parents, namespace)
    else:
        if any(map(protocols.is_protocol, parents)):
            namespace = {**namespace, **protocols.describe(namespace)}
            options = {"metaclass": abc.ABCMeta, **options}
        parents = list(dict.fromkeys(filter(None, map(_without_types, parents))))
        made = _derived(runtime, name, parents, namespace, options)
    known.add(made)
    return made


def _without_types(base: Any) -> Any:
    """A base as it matters when the program runs: `Protocol` does not."""
    origin = getattr(base, "__origin__", base)
    if origin is typing.Generic:
        return Parametrised
    return (Parametrised if origin is not base else None) if origin is typing.Protocol else base


def _derived(
    runtime: "Runtime",
    name: str,
    parents: list[Any],
    namespace: dict[str, Any],
    options: dict[str, Any],
) -> type:
    for base in parents:
        if not (isinstance(base, type) and _may_derive(runtime, base)):
            shown = getattr(base, "__name__", None) or type(base).__name__
            raise TypeError(f"a class cannot derive from '{shown}' in the lesson language")
    for key in bare.NAMES & namespace.keys():
        if not all(
            base in bare.PLAIN or runtime.attributes.bare.is_plain(base) for base in parents
        ):
            raise TypeError(
                f"{name}.{key} cannot be defined beside such bases in the lesson language"
            )
    if options.get("metaclass", abc.ABCMeta) is not abc.ABCMeta:
        raise TypeError("a metaclass other than ABCMeta is not in the lesson language")
    if any(map(enums.is_enum, parents)):
        enums.check_members(name, namespace)
        options = {"metaclass": enums.LessonEnum}
    charged = {key: _charged(runtime, key, value, parents) for key, value in namespace.items()}
    charged["__array_ufunc__"] = None  # arrays leave operators to it, and never look into it
    return types.new_class(name, tuple(parents), options, lambda space: space.update(charged))


def _named_tuple(runtime: "Runtime", name: str, namespace: dict[str, Any]) -> type:
    """What `class name(NamedTuple)` makes: a named tuple of the annotated names, with methods."""
    fields = list(namespace.get("__annotations__", {}))
    for key in bare.NAMES & namespace.keys():
        raise AttributeError(f"Cannot overwrite NamedTuple attribute {key}")
    make = runtime.guards[id(collections.namedtuple)]
    made: type = make(name, fields, defaults=[namespace[f] for f in fields if f in namespace])
    for key, value in namespace.items():
        if key in ("__init__", "__slots__", "__module__"):
            continue
        if key not in fields and key != "__annotations__":
            setattr(made, key, _charged(runtime, key, value, [tuple]))
    return made


def _charged(runtime: "Runtime", key: str, value: Any, parents: list[Any]) -> Any:
    """What Python or the engine will call of a class, in the form that is charged when called."""
    if key == "__len__" and isinstance(value, types.FunctionType):
        return _bounded_length(runtime, value)
    if key == "__init_subclass__":
        return _told_of_heirs(runtime, value)
    if id(value) in runtime.builtin:
        return staticmethod(value)
    if not (is_dunder(key) or any(hasattr(base, key) for base in parents)):
        return value
    if isinstance(value, staticmethod | classmethod):
        return type(value)(runtime.safe(value.__func__))
    if isinstance(value, property):
        return property(*map(runtime.safe, (value.fget, value.fset, value.fdel)))
    return runtime.safe(value)


def _told_of_heirs(runtime: "Runtime", value: Any) -> Any:
    """`__init_subclass__`, to which the new class is already the lesson's own."""
    function = runtime.safe(value.__func__ if isinstance(value, classmethod) else value)

    def told(cls: type, /, **options: Any) -> None:
        runtime.attributes.lesson_types.add(cls)
        function(cls, **options)

    return classmethod(told)


def _bounded_length(runtime: "Runtime", length: types.FunctionType) -> Any:
    """`__len__`, no longer than a list may be: the engine takes it for how often to turn."""

    @functools.wraps(length)
    def bounded(self: Any) -> Any:
        count = length(self)
        if (whole(count) or 0) > runtime.budget.limits.text:
            runtime.budget.refuse("text", "len")
        return count

    return bounded


def _may_derive(runtime: "Runtime", base: type) -> bool:
    world = runtime.world
    return (
        base in runtime.attributes.lesson_types
        or base in world.bases
        or (issubclass(base, Exception) and base.__module__ == "builtins")
        or base is BaseException
    )
