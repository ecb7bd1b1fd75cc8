"""Reading, binding and deleting names, by the place the scopes gave each."""

import ast
import contextlib
from collections.abc import Callable
from typing import Any

from gradtui.language.compiler import Compiler, expression
from gradtui.language.frames import UNSET, Frame, Store, Thunk
from gradtui.language.source import Span


def load(c: Compiler, name: str, at: Span) -> Thunk:
    """A thunk that reads `name`."""
    name = c.mangled(name)
    place = c.scope.place(name)
    return _LOADERS[place.kind](c, name, place.slot, at)


def _load_local(c: Compiler, name: str, slot: int, at: Span) -> Thunk:
    def run(frame: Frame, at: Span = at) -> Any:
        value = frame[slot]
        if value is UNSET:
            raise _unbound_local(name)
        return value

    return run


def _unbound_local(name: str) -> UnboundLocalError:
    return UnboundLocalError(
        f"cannot access local variable '{name}' where it is not associated with a value"
    )


def _unbound_free(name: str) -> NameError:
    return NameError(
        f"cannot access free variable '{name}' where it is not associated with a value"
        " in enclosing scope"
    )


def _load_cell(c: Compiler, name: str, slot: int, at: Span) -> Thunk:
    unbound = _unbound_local if c.scope.owns(name) else _unbound_free

    def run(frame: Frame, at: Span = at) -> Any:
        value = frame[slot].value
        if value is UNSET:
            raise unbound(name)
        return value

    return run


def _load_global(c: Compiler, name: str, slot: int, at: Span) -> Thunk:
    variables, builtins = c.runtime.globals, c.runtime.builtins

    def run(frame: Frame, at: Span = at) -> Any:
        value = variables.get(name, UNSET)
        if value is UNSET:
            value = builtins.get(name, UNSET)
            if value is UNSET:
                raise NameError(f"name '{name}' is not defined", name=name)
        return value

    return run


def _load_class(c: Compiler, name: str, slot: int, at: Span) -> Thunk:
    outer = _load_global(c, name, slot, at) if slot < 0 else _load_cell(c, name, slot, at)

    def run(frame: Frame, at: Span = at) -> Any:
        namespace = frame[0]
        return namespace[name] if name in namespace else outer(frame)

    return run


_LOADERS: dict[str, Callable[[Compiler, str, int, Span], Thunk]] = {
    "local": _load_local,
    "cell": _load_cell,
    "global": _load_global,
    "class": _load_class,
}


@expression(ast.Name)
def name(c: Compiler, node: ast.Name) -> Thunk:
    return load(c, node.id, c.span(node))


def store(c: Compiler, name: str, at: Span) -> Store:
    """A function that binds `name` in a frame, and tells the observer."""
    name = c.mangled(name)
    bind = _plain_store(c, name)
    if not c.watched or c.scope.kind in ("comprehension", "class"):
        return bind
    outlives = c.scope.place(name).kind == "global"
    tell = c.runtime.tell_global if outlives else c.runtime.tell_bind

    def watched(frame: Frame, value: Any) -> None:
        bind(frame, value)
        tell(name, value, at)

    return watched


def _plain_store(c: Compiler, name: str) -> Store:
    kind, slot = c.scope.place(name)
    variables = c.runtime.globals

    def local(frame: Frame, value: Any) -> None:
        frame[slot] = value

    def cell(frame: Frame, value: Any) -> None:
        frame[slot].value = value

    def class_(frame: Frame, value: Any) -> None:
        frame[0][name] = value

    def global_(frame: Frame, value: Any) -> None:
        variables[name] = value

    return {"local": local, "cell": cell, "class": class_, "global": global_}[kind]


def delete(c: Compiler, name: str, at: Span) -> Thunk:
    """A thunk that unbinds `name`."""
    name = c.mangled(name)
    kind, slot = c.scope.place(name)
    read = load(c, name, at)
    variables = c.runtime.globals

    def local(frame: Frame, at: Span = at) -> None:
        read(frame)
        frame[slot] = UNSET

    def cell(frame: Frame, at: Span = at) -> None:
        read(frame)
        frame[slot].value = UNSET

    def spaced(frame: Frame, at: Span = at) -> None:
        space = variables if kind == "global" else frame[0]
        if name not in space:
            raise NameError(f"name '{name}' is not defined", name=name)
        del space[name]

    return {"local": local, "cell": cell}.get(kind, spaced)


def forget(c: Compiler, name: str) -> Thunk:
    """A thunk that unbinds `name` if it is bound, as the end of a handler does."""
    remove = delete(c, name, Span(1, 0, 1, 0))

    def run(frame: Frame) -> None:
        with contextlib.suppress(NameError):
            remove(frame)

    return run
