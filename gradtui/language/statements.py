"""Simple statements, branches and loops."""

import ast
from typing import Any

from gradtui.language.assignments import rows, target
from gradtui.language.compiler import Compiler, statement
from gradtui.language.frames import BREAK, CONTINUE, Frame, Thunk
from gradtui.language.source import Span


@statement(ast.Expr)
def bare_expression(c: Compiler, node: ast.Expr) -> Thunk:
    value, span = c.expression(node.value), c.span(node)

    def run(frame: Frame, at: Span = span) -> None:
        value(frame)

    return run


@statement(ast.Pass)
def pass_(c: Compiler, node: ast.Pass) -> Thunk:
    return lambda frame: None


@statement(ast.Global, ast.Nonlocal)
def declaration(c: Compiler, node: ast.Global | ast.Nonlocal) -> Thunk:
    return lambda frame: None


@statement(ast.Break)
def break_(c: Compiler, node: ast.Break) -> Thunk:
    return lambda frame: BREAK


@statement(ast.Continue)
def continue_(c: Compiler, node: ast.Continue) -> Thunk:
    return lambda frame: CONTINUE


@statement(ast.If)
def if_(c: Compiler, node: ast.If) -> Thunk:
    test, then, span = c.expression(node.test), c.block(node.body), c.spans.header(node)
    otherwise = c.block(node.orelse) if node.orelse else None

    def run(frame: Frame, at: Span = span) -> Any:
        if test(frame):
            return then(frame)
        return otherwise(frame) if otherwise is not None else None

    return run


@statement(ast.Assert)
def assert_(c: Compiler, node: ast.Assert) -> Thunk:
    test, span = c.expression(node.test), c.span(node)
    message = c.expression(node.msg) if node.msg else None

    def run(frame: Frame, at: Span = span) -> None:
        if not test(frame):
            raise AssertionError(message(frame)) if message is not None else AssertionError

    return run


@statement(ast.While)
def while_(c: Compiler, node: ast.While) -> Thunk:
    test, body, span = c.expression(node.test), c.block(node.body), c.spans.header(node)
    otherwise = c.block(node.orelse) if node.orelse else None
    tick, tell, watched = c.runtime.budget.tick, c.runtime.tell_iteration, c.watched
    budget = c.runtime.budget

    def turns(frame: Frame, at: Span) -> Any:
        index = 0
        while test(frame):
            tick()
            budget.left_statements -= 1
            if watched:
                tell(at, index, "")
                index += 1
            signal = body(frame)
            if signal is not None:
                if signal is BREAK:
                    return None
                if signal is not CONTINUE:
                    return signal
        return otherwise(frame) if otherwise is not None else None

    def run(frame: Frame, at: Span = span) -> Any:
        clock = budget.enter_loop()
        try:
            return turns(frame, at)
        finally:
            budget.leave_loop(clock)

    return run


@statement(ast.For)
def for_(c: Compiler, node: ast.For) -> Thunk:
    items, store, body = loop_items(c, node), target(c, node.target), c.block(node.body)
    span, shown = c.spans.header(node), ast.unparse(node.target)
    otherwise = c.block(node.orelse) if node.orelse else None
    tick, tell, watched = c.runtime.budget.tick, c.runtime.tell_iteration, c.watched

    def run(frame: Frame, at: Span = span) -> Any:
        index = 0
        for item in items(frame):
            tick()
            if watched:
                tell(at, index, shown)
                index += 1
            store(frame, item)
            signal = body(frame)
            if signal is not None:
                if signal is BREAK:
                    return None
                if signal is not CONTINUE:
                    return signal
        return otherwise(frame) if otherwise is not None else None

    return run


def loop_items(c: Compiler, node: ast.For | ast.comprehension) -> Thunk:
    """What a loop runs over; a tensor gives its rows."""
    source, span, runtime = c.expression(node.iter), c.span(node.iter), c.runtime
    tensor, elements = runtime.world.tensor, runtime.meters.elements

    def run(frame: Frame, at: Span = span) -> Any:
        value = source(frame)
        if isinstance(value, tensor):
            elements.one(value)
            return rows(c, value, span)
        return value

    return run
