"""How long the names of functions mean something: until the call they were bound in is over.

    scopes = Scopes()
    scopes.statement(at, event); scopes.bound(at, event); scopes.happened(at, span)
    scopes.ends[12]                 # the position from which what event 12 bound means nothing

A tape tells how deep each statement runs, not when a call returns: that shows in the next statement
of a caller, or in what happens outside the statement that ran last in the call.
"""

from typing import Any

from gradtui.language.source import Span
from gradtui.tape.events import Bound, Statement


class _Call:
    """A call under way: how deep it is, its present statement, what was bound in it."""

    __slots__ = ("bindings", "depth", "span")

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.span: Span | None = None
        self.bindings: list[int] = []


class Scopes:
    """Reads a run event by event."""

    def __init__(self) -> None:
        self.calls: list[_Call] = []
        self.ends: dict[int, int] = {}

    def statement(self, at: int, event: Statement) -> None:
        self._enter(at, event.depth)
        if self.calls:
            self.calls[-1].span = event.span

    def bound(self, at: int, event: Bound) -> None:
        self._enter(at, event.depth)
        if self.calls:
            self.calls[-1].bindings.append(at)

    def happened(self, at: int, span: Span | None) -> None:
        """Something else happened: where it lies outside of a call's statement, the call is over."""
        while self.calls and span is not None and not _within(span, self.calls[-1].span):
            self._leave(at)

    def over(self, at: int) -> None:
        """No call is under way any more."""
        while self.calls:
            self._leave(at)

    def _enter(self, at: int, depth: int) -> None:
        while self.calls and self.calls[-1].depth > depth:
            self._leave(at + 1)
        if depth and (not self.calls or self.calls[-1].depth < depth):
            self.calls.append(_Call(depth))

    def _leave(self, at: int) -> None:
        for binding in self.calls.pop().bindings:
            self.ends[binding] = at


def _within(inner: Span, outer: Span | None) -> bool:
    if outer is None:
        return True
    first: Any = (inner.line, inner.column) >= (outer.line, outer.column)
    last: Any = (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)
    return bool(first and last)


def scoped(name: str, depth: int) -> str:
    """What the bindings of a name at a depth are found by: names of functions are others."""
    return f"{name} {depth}" if depth else name
