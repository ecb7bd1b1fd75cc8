"""List, set and dict comprehensions, and generator expressions, each in a scope of its own."""

import ast
from collections.abc import Callable, Iterator
from typing import Any

from gradtui.language.assignments import target
from gradtui.language.compiler import Compiler, expression
from gradtui.language.frames import UNSET, Cell, Frame, Store, Thunk
from gradtui.language.functions import captured
from gradtui.language.lazy import Generator
from gradtui.language.scopes import Comprehension
from gradtui.language.source import Span
from gradtui.language.statements import loop_items

Clause = tuple[Thunk, Store, list[Thunk]]


def clauses(c: Compiler, node: Comprehension) -> tuple[Thunk, Compiler, list[Clause]]:
    """The first iterable, evaluated outside; the compiler inside; and each `for … if …`."""
    inner = c.inside(node)
    outermost = loop_items(c, node.generators[0])
    found: list[Clause] = []
    for index, generator in enumerate(node.generators):
        items = loop_items(inner, generator) if index else (lambda frame: frame[0])
        found.append((items, target(inner, generator.target), inner.expressions(generator.ifs)))
    return outermost, inner, found


def framer(c: Compiler, inner: Compiler) -> Callable[[Frame, Any], Frame]:
    """A function that makes the frame of a comprehension, its first iterable in slot 0."""
    captures = captured(c.scope, inner.scope)
    cells = tuple(inner.scope.slots[name] for name in inner.scope.cells)
    size = inner.scope.size

    def make(frame: Frame, items: Any) -> Frame:
        own: Frame = [UNSET] * size
        own[0] = items
        for slot, outer in captures:
            own[slot] = frame[outer]
        for slot in cells:
            own[slot] = Cell(UNSET)
        return own

    return make


def walk(c: Compiler, found: list[Clause]) -> Callable[[Frame], Iterator[None]]:
    """A generator of turns: each leaves the frame as the innermost expression is to see it."""
    tick = c.runtime.budget.tick
    (items, store, tests), *rest = found
    deeper = walk(c, rest) if rest else None

    def run(frame: Frame) -> Iterator[None]:
        for item in items(frame):
            tick()
            store(frame, item)
            for test in tests:
                if not test(frame):
                    break
            else:
                if deeper is None:
                    yield
                else:
                    yield from deeper(frame)

    return run


@expression(ast.ListComp)
def list_comprehension(c: Compiler, node: ast.ListComp) -> Thunk:
    outermost, inner, found = clauses(c, node)
    make, turns, element = framer(c, inner), walk(inner, found), inner.expression(node.elt)
    span, most, budget = c.span(node), c.runtime.budget.limits.text, c.runtime.budget
    lesson_function = inner.scope

    def run(frame: Frame, at: Span = span) -> list[Any]:
        own = make(frame, outermost(frame))
        return build(own)

    def build(frame: Frame) -> list[Any]:
        lesson_function  # noqa: B018 - read by tracebacks
        values = []
        for _ in turns(frame):
            values.append(element(frame))
            if len(values) > most:
                budget.refuse("text")
        return values

    return run


@expression(ast.SetComp)
def set_comprehension(c: Compiler, node: ast.SetComp) -> Thunk:
    outermost, inner, found = clauses(c, node)
    make, turns, element = framer(c, inner), walk(inner, found), inner.expression(node.elt)
    weigh_key = c.runtime.meters.weigh_key
    span = c.span(node)

    def run(frame: Frame, at: Span = span) -> set[Any]:
        own = make(frame, outermost(frame))
        values = set()
        for _ in turns(own):
            value = element(own)
            weigh_key(value)
            values.add(value)
        return values

    return run


@expression(ast.DictComp)
def dict_comprehension(c: Compiler, node: ast.DictComp) -> Thunk:
    outermost, inner, found = clauses(c, node)
    make, turns = framer(c, inner), walk(inner, found)
    key, value = inner.expression(node.key), inner.expression(node.value)
    weigh_key = c.runtime.meters.weigh_key
    span = c.span(node)

    def run(frame: Frame, at: Span = span) -> dict[Any, Any]:
        own = make(frame, outermost(frame))
        values = {}
        for _ in turns(own):
            name = key(own)
            weigh_key(name)
            values[name] = value(own)
        return values

    return run


@expression(ast.GeneratorExp)
def generator_expression(c: Compiler, node: ast.GeneratorExp) -> Thunk:
    outermost, inner, found = clauses(c, node)
    make, turns, element = framer(c, inner), walk(inner, found), inner.expression(node.elt)
    runtime = c.runtime

    def items(own: Frame, at: Span) -> Iterator[Any]:
        for _ in turns(own):
            yield element(own)

    span = c.span(node)

    def run(frame: Frame, at: Span = span) -> Any:
        source = iter(outermost(frame))
        return Generator(runtime, items(make(frame, source), at), "<genexpr>", source)

    return run
