"""The tape drawn as rails, one line a record, the way `git log --graph` draws a history.

    for row in layout(tape):
        print(row.glyphs, row.label, row.detail)

Forward runs downwards; a tensor that is used later keeps a lane until its last use.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from gradtui.tape.tape import Tape

RowKind: TypeAlias = Literal[
    "leaf", "constant", "operation", "hollow", "cut", "inplace", "epoch", "step"
]


@dataclass(frozen=True, slots=True)
class Lane:
    """What a lane of a row carries: columns 2·i and 2·i + 1 of its glyphs."""

    tensor: int
    hollow: bool  # no gradient will ever flow here


@dataclass(frozen=True, slots=True)
class RailRow:
    """One line. `glyphs` and `ascii` have the same width; lane i is columns 2·i and 2·i + 1."""

    glyphs: str
    ascii: str
    kind: RowKind
    label: str  # "y = AddBackward0", "x"
    detail: str  # the reason of a cut or a hollow operation, else ""
    shape: str  # "[3]"
    tensor: int | None
    node: int | None
    event: int  # index of the event in the tape; its position is event + 1
    lanes: tuple[Lane | None, ...]


@dataclass(frozen=True, slots=True)
class RailOptions:
    """`fold`: indexes of Iteration events whose rows are folded into their header."""

    lanes: int = 12
    fold: frozenset[int] = frozenset()


class Rails(Sequence[RailRow]):
    """Rows of a layout, drawn when asked for: slices are cheap at any length."""

    def row_of_event(self, event: int) -> int | None:
        """The row that stands for an event: its own, or the last one before it."""
        raise NotImplementedError

    def row_of_node(self, node: int) -> int | None:
        raise NotImplementedError

    def row_of_tensor(self, tensor: int) -> int | None:
        raise NotImplementedError


def layout(
    tape: Tape, start: int = 0, stop: int | None = None, options: RailOptions = RailOptions()
) -> Rails:
    """The rails of `tape.events[start:stop]`."""
    raise NotImplementedError
