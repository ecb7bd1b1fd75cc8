"""Assignments of every kind: to names, items, attributes and nested targets, in place too, and
`del`.
"""

import ast
import operator
from collections.abc import Callable
from typing import Any

from gradtui.language import names
from gradtui.language.compiler import Compiler, statement
from gradtui.language.expressions import BINARY, metered
from gradtui.language.frames import Frame, Store, Thunk
from gradtui.language.source import Span

END = object()


def target(c: Compiler, node: ast.expr) -> Store:
    """A function that stores a value where `node` says."""
    return _TARGETS[type(node)](c, node)


def _name(c: Compiler, node: ast.Name) -> Store:
    return names.store(c, node.id, c.span(node))


def _attribute(c: Compiler, node: ast.Attribute) -> Store:
    owner_of, name, span = c.expression(node.value), c.mangled(node.attr), c.span(node)
    put = attribute_writer(c, name, span)

    def store(frame: Frame, value: Any, at: Span = span) -> None:
        put(owner_of(frame), value)

    return store


def attribute_writer(c: Compiler, name: str, span: Span) -> Callable[[Any, Any], None]:
    """A function that sets attribute `name` of what it is given."""
    runtime, write = c.runtime, c.runtime.attributes.write
    is_engine = runtime.world.is_engine

    def put(owner: Any, value: Any) -> None:
        if c.watched and is_engine(owner):
            deed = lambda: write(owner, name, value)  # noqa: E731
            runtime.observe("setattr", name, span, owner, (value,), {}, deed)
        else:
            write(owner, name, value)

    return put


def _subscript(c: Compiler, node: ast.Subscript) -> Store:
    owner_of, index, span = c.expression(node.value), c.expression(node.slice), c.span(node)
    put = item_writer(c, span)

    def store(frame: Frame, value: Any, at: Span = span) -> None:
        put(owner_of(frame), index(frame), value)

    return store


def item_writer(c: Compiler, span: Span) -> Callable[[Any, Any, Any], None]:
    """A function that sets an item, charging for slices and for what they take in."""
    runtime = c.runtime
    is_engine, table = runtime.world.is_engine, runtime.meters.operators["getitem"]
    setters = runtime.meters.setters

    def put(owner: Any, key: Any, value: Any) -> None:
        meter = table[type(owner)]
        if meter is not None:
            meter(owner, key)
        setter = setters[type(owner)]
        if setter is not None:
            setter(owner, key, value)
        if isinstance(owner, list) and isinstance(key, slice) and runtime.iterable(value):
            value = list(runtime.consume(value))
            runtime.meters.extend(owner, value)
        if c.watched and is_engine(owner):
            deed = lambda: operator.setitem(owner, key, value)  # noqa: E731
            runtime.observe("setitem", "setitem", span, owner, (key, value), {}, deed)
        else:
            owner[key] = value

    return put


def _sequence(c: Compiler, node: ast.Tuple | ast.List) -> Store:
    starred = [isinstance(element, ast.Starred) for element in node.elts]
    stores = [
        target(c, element.value if isinstance(element, ast.Starred) else element)
        for element in node.elts
    ]
    span, unpack = c.span(node), unpacker(c, node, starred)

    def store(frame: Frame, value: Any, at: Span = span) -> None:
        for put, part in zip(stores, unpack(value), strict=True):
            put(frame, part)

    return store


def unpacker(c: Compiler, node: ast.expr, starred: list[bool]) -> Callable[[Any], list[Any]]:
    """A function that splits a value into as many parts as there are targets."""
    runtime, span = c.runtime, c.span(node)
    count = len(starred)
    split = _split_starred(runtime, starred) if any(starred) else None

    def unpack(value: Any) -> list[Any]:
        kind = type(value)
        if kind is tuple or kind is list:
            if len(value) == count and split is None:
                return list(value)
        elif not runtime.iterable(value):
            raise TypeError(f"cannot unpack non-iterable {kind.__name__} object")
        elif runtime.world.is_engine(value) and isinstance(value, runtime.world.tensor):
            runtime.meters.elements.one(value)
            value = rows(c, value, span)
        return split(value) if split is not None else _split_exactly(runtime, value, count)

    return unpack


def rows(c: Compiler, tensor: Any, span: Span) -> Any:
    """The rows of a tensor that is iterated over, which is an `unbind`."""
    if not c.watched:
        return tensor
    return c.runtime.observe("call", "unbind", span, tensor, (), {}, lambda: tuple(tensor))


def _split_exactly(runtime: Any, value: Any, count: int) -> list[Any]:
    parts: list[Any] = []
    for part in value:
        runtime.budget.tick()
        if len(parts) == count:
            raise ValueError(f"too many values to unpack (expected {count})")
        parts.append(part)
    if len(parts) < count:
        raise ValueError(f"not enough values to unpack (expected {count}, got {len(parts)})")
    return parts


def _split_starred(runtime: Any, starred: list[bool]) -> Callable[[Any], list[Any]]:
    before = starred.index(True)
    after = len(starred) - before - 1

    def split(value: Any) -> list[Any]:
        parts = list(runtime.consume(value))
        if len(parts) < before + after:
            raise ValueError(
                f"not enough values to unpack (expected at least {before + after},"
                f" got {len(parts)})"
            )
        end = len(parts) - after
        return [*parts[:before], parts[before:end], *parts[end:]]

    return split


_TARGETS: dict[type[ast.expr], Callable[[Compiler, Any], Store]] = {
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Tuple: _sequence,
    ast.List: _sequence,
}


@statement(ast.Assign)
def assign(c: Compiler, node: ast.Assign) -> Thunk:
    value, span = c.expression(node.value), c.span(node)
    stores = [target(c, each) for each in node.targets]
    if len(stores) == 1:
        store = stores[0]

        def one(frame: Frame, at: Span = span) -> None:
            store(frame, value(frame))

        return one

    def several(frame: Frame, at: Span = span) -> None:
        result = value(frame)
        for each in stores:
            each(frame, result)

    return several


@statement(ast.AnnAssign)
def annotated(c: Compiler, node: ast.AnnAssign) -> Thunk:
    if c.scope.kind == "class" and isinstance(node.target, ast.Name):
        return _annotated_member(c, node, node.target.id)
    if node.value is None:
        return lambda frame: None
    value, store, span = c.expression(node.value), target(c, node.target), c.span(node)

    def run(frame: Frame, at: Span = span) -> None:
        store(frame, value(frame))

    return run


def _annotated_member(c: Compiler, node: ast.AnnAssign, name: str) -> Thunk:
    """In a class the annotation is kept, as text: dataclasses ask for the names."""
    text, span = ast.unparse(node.annotation), c.span(node)
    value = None if node.value is None else c.expression(node.value)
    store = None if node.value is None else target(c, node.target)

    def run(frame: Frame, at: Span = span) -> None:
        frame[0].setdefault("__annotations__", {})[name] = text
        if value is not None and store is not None:
            store(frame, value(frame))

    return run


@statement(ast.AugAssign)
def augmented(c: Compiler, node: ast.AugAssign) -> Thunk:
    name, _, apply = BINARY[type(node.op)]
    span = c.span(node)
    deed = metered(c, name, apply, span, "inplace")
    return _AUGMENTED[type(node.target)](c, node, deed, c.expression(node.value), span)


def _augmented_name(c: Compiler, node: Any, deed: Any, value: Thunk, span: Span) -> Thunk:
    read = names.load(c, node.target.id, c.span(node.target))
    store = names.store(c, node.target.id, c.span(node.target))

    def run(frame: Frame, at: Span = span) -> None:
        store(frame, deed(read(frame), value(frame)))

    return run


def _augmented_attribute(c: Compiler, node: Any, deed: Any, value: Thunk, span: Span) -> Thunk:
    owner_of, name = c.expression(node.target.value), c.mangled(node.target.attr)
    put, read = attribute_writer(c, name, span), c.runtime.attributes.read

    def run(frame: Frame, at: Span = span) -> None:
        owner = owner_of(frame)
        put(owner, deed(read(owner, name), value(frame)))

    return run


def _augmented_item(c: Compiler, node: Any, deed: Any, value: Thunk, span: Span) -> Thunk:
    owner_of, index = c.expression(node.target.value), c.expression(node.target.slice)
    get = metered(c, "getitem", operator.getitem, c.span(node.target), "getitem")
    put = item_writer(c, span)

    def run(frame: Frame, at: Span = span) -> None:
        owner, key = owner_of(frame), index(frame)
        put(owner, key, deed(get(owner, key), value(frame)))

    return run


_AUGMENTED: dict[type[ast.expr], Callable[..., Thunk]] = {
    ast.Name: _augmented_name,
    ast.Attribute: _augmented_attribute,
    ast.Subscript: _augmented_item,
}


@statement(ast.Delete)
def delete(c: Compiler, node: ast.Delete) -> Thunk:
    deeds = [_deletion(c, each) for each in node.targets]

    def run(frame: Frame) -> None:
        for deed in deeds:
            deed(frame)

    return run


def _deletion(c: Compiler, node: ast.expr) -> Thunk:
    span = c.span(node)
    if isinstance(node, ast.Name):
        return names.delete(c, node.id, span)
    if isinstance(node, ast.Attribute):
        owner_of, name, remove = (
            c.expression(node.value),
            c.mangled(node.attr),
            c.runtime.attributes,
        )

        def run_(frame: Frame, at: Span = span) -> Any:
            return remove.delete(owner_of(frame), name)

        return run_
    if isinstance(node, ast.Subscript):
        owner_of, index = c.expression(node.value), c.expression(node.slice)

        def run_(frame: Frame, at: Span = span) -> Any:
            return operator.delitem(owner_of(frame), index(frame))

        return run_
    deeds = [_deletion(c, each) for each in getattr(node, "elts", [])]

    def run(frame: Frame) -> None:
        for deed in deeds:
            deed(frame)

    return run
