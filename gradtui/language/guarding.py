"""`raise`, `try` and `with`: what lesson code may catch, and how managers are entered and left.

A budget that is spent and an interrupt pass through every handler, `finally` and lesson manager
alike.
"""

import ast
import sys
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

from gradtui.language import names
from gradtui.language.assignments import target
from gradtui.language.compiler import Compiler, statement
from gradtui.language.errors import DrawMismatch, OverBudget
from gradtui.language.frames import Frame, Store, Thunk
from gradtui.language.source import Span

UNCATCHABLE = (OverBudget, DrawMismatch, KeyboardInterrupt, SystemExit, GeneratorExit)


def uncatchable(error: BaseException) -> bool:
    """Whether no lesson code may run because of, or stop, this error."""
    return isinstance(error, UNCATCHABLE)


@statement(ast.Raise)
def raise_(c: Compiler, node: ast.Raise) -> Thunk:
    span, runtime = c.span(node), c.runtime
    if node.exc is None:

        def again(frame: Frame, at: Span = span) -> None:
            error = sys.exception()
            if error is None or error is runtime.outer_error:
                raise RuntimeError("No active exception to reraise")
            raise error

        return again
    what = c.expression(node.exc)
    cause = c.expression(node.cause) if node.cause else None

    def run(frame: Frame, at: Span = span) -> None:
        error = _exception(what(frame))
        if cause is not None:
            error.__cause__ = _cause(cause(frame))
        raise error

    return run


def _exception(value: Any) -> BaseException:
    if isinstance(value, type) and issubclass(value, BaseException):
        value = value()
    if not isinstance(value, BaseException) or uncatchable(value):
        raise TypeError("exceptions must derive from BaseException")
    return value


def _cause(value: Any) -> BaseException | None:
    if value is None:
        return None
    if isinstance(value, type) and issubclass(value, BaseException):
        value = value()
    if not isinstance(value, BaseException):
        raise TypeError("exception causes must derive from BaseException")
    return value


@statement(ast.Try)
def try_(c: Compiler, node: ast.Try) -> Thunk:
    attempt = _attempt(c, node)
    if not node.finalbody:
        return attempt
    last = c.block(node.finalbody)
    span = c.spans.header(node)

    def run(frame: Frame, at: Span = span) -> Any:
        try:
            signal = attempt(frame)
        except BaseException as error:
            if not uncatchable(error):
                kept = last(frame)
                if kept is not None:
                    return kept
            raise
        value = frame[0]
        kept = last(frame)
        if kept is None:
            frame[0] = value
            return signal
        return kept

    return run


def _attempt(c: Compiler, node: ast.Try) -> Thunk:
    body = c.block(node.body)
    otherwise = c.block(node.orelse) if node.orelse else None
    find = handlers(c, node, Compiler.block) if node.handlers else None
    span = c.spans.header(node)

    def run(frame: Frame, at: Span = span) -> Any:
        try:
            signal = body(frame)
        except BaseException as error:
            handler = find(frame, error) if find is not None else None
            if handler is None:
                raise
            return _drained(handler)
        if signal is None and otherwise is not None:
            return otherwise(frame)
        return signal

    return run


def _drained(handler: Generator[Any, Any, Any]) -> Any:
    """The signal of a handler that yields nothing."""
    try:
        next(handler)
    except StopIteration as end:
        return end.value
    raise RuntimeError("a handler yielded outside a generator")


Blocks = Callable[[Compiler, Sequence[ast.stmt]], Any]


def handlers(
    c: Compiler, node: ast.Try, block: Blocks
) -> Callable[[Frame, BaseException], Generator[Any, Any, Any] | None]:
    """A function that gives the run of the first handler for an error, or None."""
    rows = [
        (
            c.expression(h.type) if h.type else None,
            names.store(c, h.name, c.span(h)) if h.name else None,
            names.forget(c, h.name) if h.name else None,
            block(c, h.body),
            c.span(h.type) if h.type else c.span(h),
        )
        for h in node.handlers
    ]

    def find(frame: Frame, error: BaseException) -> Generator[Any, Any, Any] | None:
        if uncatchable(error):
            return None
        for kind, store, forget, body, at in rows:
            if kind is None or _matches(c, error, kind(frame), at):
                return _run_handler(c, frame, error, store, forget, body)
        return None

    return find


def _matches(c: Compiler, error: BaseException, kind: Any, at: Span) -> bool:
    kinds = kind if isinstance(kind, tuple) else (kind,)
    if not all(isinstance(k, type) and issubclass(k, BaseException) for k in kinds):
        raise TypeError("catching classes that do not inherit from BaseException is not allowed")
    return isinstance(error, kinds)


def _run_handler(
    c: Compiler,
    frame: Frame,
    error: BaseException,
    store: Store | None,
    forget: Thunk | None,
    body: Any,
) -> Generator[Any, Any, Any]:
    if store is not None:
        store(frame, error)
    try:
        signal = body(frame)
        if isinstance(signal, Generator):
            signal = yield from signal
        return signal
    finally:
        if store is not None and forget is not None:
            forget(frame)


@dataclass(slots=True)
class Entered:
    """A context manager whose `__enter__` has run."""

    manager: Any
    value: Any
    span: Span


def entered(c: Compiler, manager: Any, span: Span) -> Entered:
    """Enter a manager, or raise what Python raises for something that is none."""
    kind = type(manager)
    if not hasattr(kind, "__enter__"):
        raise TypeError(f"'{kind.__name__}' object does not support the context manager protocol")
    if not hasattr(kind, "__exit__"):
        raise TypeError(
            f"'{kind.__name__}' object does not support the context manager protocol"
            " (missed __exit__ method)"
        )
    return Entered(manager, kind.__enter__(manager), span)


def leave(c: Compiler, entry: Entered, error: BaseException | None) -> bool:
    """Leave a manager; whether it stopped the error. Managers of lessons do not see a spent
    budget.
    """
    kind = type(entry.manager)
    if error is None:
        kind.__exit__(entry.manager, None, None, None)
        return False
    if uncatchable(error):
        if kind not in c.runtime.attributes.lesson_types:
            kind.__exit__(entry.manager, type(error), error, None)
        return False
    return bool(kind.__exit__(entry.manager, type(error), error, None))


@statement(ast.With)
def with_(c: Compiler, node: ast.With) -> Thunk:
    run = c.block(node.body)
    for item in reversed(node.items):
        run = _one_manager(c, item, run, c.spans.header(node))
    return run


def _one_manager(c: Compiler, item: ast.withitem, body: Thunk, header: Span) -> Thunk:
    manager, span = c.expression(item.context_expr), c.span(item.context_expr)
    store = target(c, item.optional_vars) if item.optional_vars else None

    def run(frame: Frame, at: Span = span) -> Any:
        entry = entered(c, manager(frame), span)
        try:
            if store is not None:
                store(frame, entry.value)
            signal = body(frame)
        except BaseException as error:
            if not leave(c, entry, error):
                raise
            return None
        leave(c, entry, None)
        return signal

    return run
