"""Classes: real types over the bases a lesson may use, their bodies run in a namespace of their
own.
"""

import ast
import functools
import types
from typing import TYPE_CHECKING, Any

from gradtui.language import names, tables
from gradtui.language.compiler import Compiler, statement
from gradtui.language.frames import UNSET, Cell, Frame, Thunk
from gradtui.language.functions import captured
from gradtui.language.source import Span
from gradtui.language.tables import is_dunder

if TYPE_CHECKING:
    from gradtui.language.runtime import Runtime


@statement(ast.ClassDef)
def class_definition(c: Compiler, node: ast.ClassDef) -> Thunk:
    inner = c.inside(node)
    body, bases = inner.block(node.body), c.expressions(node.bases)
    decorators = [(c.expression(d), c.span(d)) for d in node.decorator_list]
    header = c.spans.header(node)
    bind, runtime = names.store(c, node.name, header), c.runtime
    make_frame = _framer(c, inner)
    qualname, doc = f"{c.scope.qualified}{node.name}", ast.get_docstring(node, clean=False)
    cell_slot = inner.scope.slots.get("__class__")

    def run(frame: Frame, at: Span = header) -> None:
        chosen = [(thunk(frame), span) for thunk, span in decorators]
        parents = [base(frame) for base in bases]
        namespace: dict[str, Any] = {"__module__": "__main__", "__qualname__": qualname}
        if doc is not None:
            namespace["__doc__"] = doc
        own = make_frame(frame, namespace)
        body(own)
        made: Any = make_class(runtime, node.name, parents, namespace)
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
    runtime: "Runtime", name: str, parents: list[Any], namespace: dict[str, Any]
) -> type:
    """A new lesson class, or TypeError for a base or a special method that lessons may not use."""
    known = runtime.attributes.lesson_types
    for base in parents:
        if not (isinstance(base, type) and _may_derive(runtime, base)):
            shown = getattr(base, "__name__", None) or type(base).__name__
            raise TypeError(f"a class cannot derive from '{shown}' in the lesson language")
    allowed = tables.DEFINABLE_DUNDERS | {"__module__", "__qualname__"}
    for key in namespace:
        if is_dunder(key) and key not in allowed:
            raise TypeError(f"{name}.{key} cannot be defined in the lesson language")
    charged = {key: _charged(runtime, key, value, parents) for key, value in namespace.items()}
    made = types.new_class(name, tuple(parents), {}, lambda space: space.update(charged))
    known.add(made)
    return made


def _charged(runtime: "Runtime", key: str, value: Any, parents: list[Any]) -> Any:
    """What Python or the engine will call of a class, in the form that is charged when called."""
    if key == "__len__" and isinstance(value, types.FunctionType):
        return _bounded_length(runtime, value)
    if id(value) in runtime.builtin:
        return staticmethod(value)
    if not (is_dunder(key) or any(hasattr(base, key) for base in parents)):
        return value
    if isinstance(value, staticmethod | classmethod):
        return type(value)(runtime.safe(value.__func__))
    if isinstance(value, property):
        return property(*map(runtime.safe, (value.fget, value.fset, value.fdel)))
    return runtime.safe(value)


def _bounded_length(runtime: "Runtime", length: types.FunctionType) -> Any:
    """`__len__`, no longer than a list may be: the engine takes it for how often to turn."""

    @functools.wraps(length)
    def bounded(self: Any) -> Any:
        count = length(self)
        if isinstance(count, int) and count > runtime.budget.limits.text:
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
