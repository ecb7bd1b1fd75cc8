"""The turns of loops under way: which Iteration events an event lies within.

    turns = Turns()
    turns.statement(at, event, 0); turns.iteration(at, event, 0); turns.returned(at, depth)
    turns.stacks, turns.events      # stacks of Iteration events, and where each begins to hold

No event tells that a loop is over. It shows in the next statement: one of its own function that
stands no deeper than the loop's header, or one of a caller. What a call within the loop runs ends
nothing; a tape without depths knows that of calls of modules only (`around`).
"""

from array import array
from typing import NamedTuple, TypeAlias

from gradtui.language.source import Span
from gradtui.tape.events import Iteration, Statement

Ints: TypeAlias = "array[int]"


class Turn(NamedTuple):
    """A pass of a loop: the loop's header, the event that began it, the depth of its function."""

    span: Span | None
    event: int
    depth: int


class Turns:
    """Reads a run event by event; `around` is how many loops are around a module being called."""

    def __init__(self) -> None:
        self.stack: tuple[Turn, ...] = ()
        self.stacks: list[tuple[int, ...]] = []
        self.events: Ints = array("I")
        self.levels: list[Ints] = []  # at [depth], Iteration events at most that deep

    def statement(self, at: int, event: Statement, around: int) -> None:
        """A statement begins: the loops it is not in are over."""
        span = event.span
        if span is None or not self.stack:
            return
        within = (turn for turn in self.stack[around:] if _holds(turn, event.depth, span))
        self._become((*self.stack[:around], *within), at)

    def iteration(self, at: int, event: Iteration, around: int) -> None:
        """A loop begins a pass: its last one, and the loops within, are over."""
        here = Turn(event.span, at, event.depth)
        same = (
            place
            for place, turn in enumerate(self.stack)
            if place >= around and (turn.span, turn.depth) == (here.span, here.depth)
        )
        outer = self.stack[: next(same, len(self.stack))]
        self._set((*outer, here), at)
        while len(self.levels) <= len(outer):
            self.levels.append(array("I", self.levels[-1] if self.levels else ()))
        for deep in self.levels[len(outer) :]:
            deep.append(at)

    def returned(self, at: int, depth: int) -> None:
        """The calls deeper than this are over, and with them their loops."""
        self._become(tuple(turn for turn in self.stack if turn.depth <= depth), at)

    def left(self, at: int, around: int) -> None:
        """The call of a module is over, with the loops in it."""
        self._become(self.stack[:around], at)

    def began(self, at: int) -> None:
        """A step begins, in no loop."""
        self._set((), at)

    def _become(self, stack: tuple[Turn, ...], at: int) -> None:
        if len(stack) < len(self.stack):
            self._set(stack, at)

    def _set(self, stack: tuple[Turn, ...], at: int) -> None:
        self.stack = stack
        self.stacks.append(tuple(turn.event for turn in stack))
        self.events.append(at)


def _holds(turn: Turn, depth: int, statement: Span) -> bool:
    """Whether a statement at a depth is within a loop, or in a call from it."""
    if turn.depth != depth:
        return turn.depth < depth
    return turn.span is not None and turn.span.column < statement.column
