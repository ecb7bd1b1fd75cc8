"""Generators: lesson functions with `yield`, and generator expressions.

A statement that holds a `yield` is compiled to a Python generator over frames; all others run as
they do everywhere else. `yield` may stand as a statement, or be all that is assigned or returned.
"""

import ast
from collections.abc import Callable, Generator, Sequence
from typing import Any, TypeAlias

from gradtui.language.assignments import target
from gradtui.language.compiler import Compiler
from gradtui.language.frames import BREAK, CONTINUE, RETURN, Frame
from gradtui.language.source import Span

Steps: TypeAlias = Callable[
    [Frame], Generator[Any, Any, Any]
]  # yields what the lesson yields, returns a signal


def yields(node: ast.AST) -> bool:
    """Whether running `node` may yield: a `yield` in it that is not an inner function's."""
    if isinstance(node, ast.Yield | ast.YieldFrom):
        return True
    if isinstance(node, ast.FunctionDef | ast.Lambda | ast.ClassDef):
        return False
    return any(yields(child) for child in ast.iter_child_nodes(node))


def generator_block(c: Compiler, nodes: Sequence[ast.stmt]) -> Steps:
    """The body of a generator function: what it yields, ending with its return value."""
    steps = block(c, nodes)

    def run(frame: Frame) -> Generator[Any, Any, Any]:
        yield from steps(frame)
        return frame[0]

    return run


def block(c: Compiler, nodes: Sequence[ast.stmt]) -> Steps:
    """Statements in order, as a generator of what they yield."""
    parts = [(_steps(c, node), c.spans.header(node)) for node in nodes]
    budget, tell, watched = c.runtime.budget, c.runtime.tell_statement, c.watched

    def run(frame: Frame) -> Generator[Any, Any, Any]:
        for steps, at in parts:
            budget.statements(1)
            if watched:
                tell(at)
            signal = yield from steps(frame)
            if signal is not None:
                return signal
        return None

    return run


def _steps(c: Compiler, node: ast.stmt) -> Steps:
    compiler = _COMPILERS.get(type(node))
    if compiler is not None and yields(node):
        return compiler(c, node)
    plain = c.statement(node)

    def run(frame: Frame) -> Generator[Any, Any, Any]:
        return plain(frame)
        yield

    return run


def _yield(c: Compiler, node: ast.expr | None) -> Steps:
    """The value of an expression that is one `yield`, or that has none."""
    if isinstance(node, ast.YieldFrom):
        source, span = c.expression(node.value), c.span(node)

        def delegate(frame: Frame, at: Span = span) -> Generator[Any, Any, Any]:
            return (yield from source(frame))

        return delegate
    if isinstance(node, ast.Yield):
        value = c.optional(node.value)
        span = c.span(node)

        def give(frame: Frame, at: Span = span) -> Generator[Any, Any, Any]:
            return (yield value(frame))

        return give
    plain = c.optional(node)

    def run(frame: Frame) -> Generator[Any, Any, Any]:
        return plain(frame)
        yield

    return run


def _expression(c: Compiler, node: ast.Expr) -> Steps:
    value = _yield(c, node.value)

    def run(frame: Frame) -> Generator[Any, Any, Any]:
        yield from value(frame)

    return run


def _assign(c: Compiler, node: ast.Assign) -> Steps:
    value, stores = _yield(c, node.value), [target(c, each) for each in node.targets]

    def run(frame: Frame) -> Generator[Any, Any, Any]:
        result = yield from value(frame)
        for store in stores:
            store(frame, result)

    return run


def _return(c: Compiler, node: ast.Return) -> Steps:
    value = _yield(c, node.value)

    def run(frame: Frame) -> Generator[Any, Any, Any]:
        frame[0] = yield from value(frame)
        return RETURN

    return run


def _if(c: Compiler, node: ast.If) -> Steps:
    test, then, otherwise = c.expression(node.test), block(c, node.body), block(c, node.orelse)
    span = c.spans.header(node)

    def run(frame: Frame, at: Span = span) -> Generator[Any, Any, Any]:
        return (yield from (then if test(frame) else otherwise)(frame))

    return run


def _while(c: Compiler, node: ast.While) -> Steps:
    test, body, otherwise = c.expression(node.test), block(c, node.body), block(c, node.orelse)
    runtime = c.runtime
    span = c.spans.header(node)

    def run(frame: Frame, at: Span = span) -> Generator[Any, Any, Any]:
        index = 0
        while test(frame):
            runtime.budget.tick()
            runtime.tell_iteration(at, index, "")
            index += 1
            signal = yield from body(frame)
            if signal is BREAK:
                return None
            if signal is RETURN:
                return signal
        return (yield from otherwise(frame))

    return run


def _for(c: Compiler, node: ast.For) -> Steps:
    from gradtui.language.statements import loop_items

    items, store = loop_items(c, node), target(c, node.target)
    body, otherwise = block(c, node.body), block(c, node.orelse)
    runtime, shown = c.runtime, ast.unparse(node.target)
    span = c.spans.header(node)

    def run(frame: Frame, at: Span = span) -> Generator[Any, Any, Any]:
        for index, item in enumerate(items(frame)):
            runtime.budget.tick()
            runtime.tell_iteration(at, index, shown)
            store(frame, item)
            signal = yield from body(frame)
            if signal is not None and signal is not CONTINUE:
                return None if signal is BREAK else signal
        return (yield from otherwise(frame))

    return run


def _with(c: Compiler, node: ast.With) -> Steps:
    from gradtui.language.guarding import entered, leave

    items = [
        (c.expression(i.context_expr), target(c, i.optional_vars) if i.optional_vars else None,
         c.span(i.context_expr))
        for i in node.items
    ]  # fmt: skip
    body = block(c, node.body)

    def nested(frame: Frame, depth: int) -> Generator[Any, Any, Any]:
        if depth == len(items):
            return (yield from body(frame))
        expression, store, span = items[depth]
        manager = entered(c, expression(frame), span)
        try:
            if store is not None:
                store(frame, manager.value)
            signal = yield from nested(frame, depth + 1)
        except BaseException as error:
            if not leave(c, manager, error):
                raise
            return None
        leave(c, manager, None)
        return signal

    span = c.spans.header(node)

    def run(frame: Frame, at: Span = span) -> Generator[Any, Any, Any]:
        return (yield from nested(frame, 0))

    return run


def _try(c: Compiler, node: ast.Try) -> Steps:
    from gradtui.language.guarding import handlers, uncatchable

    body, otherwise, last = block(c, node.body), block(c, node.orelse), block(c, node.finalbody)
    found = handlers(c, node, block)

    def attempt(frame: Frame) -> Generator[Any, Any, Any]:
        try:
            signal = yield from body(frame)
        except BaseException as error:
            handler = found(frame, error)
            if handler is None:
                raise
            return (yield from handler)
        return signal if signal is not None else (yield from otherwise(frame))

    span = c.spans.header(node)

    def run(frame: Frame, at: Span = span) -> Generator[Any, Any, Any]:
        kept = None
        try:
            signal = yield from attempt(frame)
        except BaseException as error:
            if not uncatchable(error) or isinstance(error, GeneratorExit):
                kept = yield from last(frame)
            if kept is not None:
                return kept
            raise
        value = frame[0]
        kept = yield from last(frame)
        if kept is None:
            frame[0] = value
        return signal if kept is None else kept

    return run


_COMPILERS: dict[type[ast.stmt], Callable[[Compiler, Any], Steps]] = {
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.Return: _return,
    ast.If: _if,
    ast.While: _while,
    ast.For: _for,
    ast.With: _with,
    ast.Try: _try,
}
