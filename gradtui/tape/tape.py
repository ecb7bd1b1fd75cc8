"""The tape: the events of one run as immutable data, indexed, saved and opened again.

tape = Tape(events)                  # or TapeBuilder().append(event)….tape()
tape.steps[0]                        # StepRange(id='track-x', start=0, stop=7)
tape.nodes[3].name                   # 'MulBackward0'
tape.save(path); Tape.load(path)
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from gradtui.tape.events import AnyEvent, Node


class TapeError(Exception):
    """A file that is not a tape this version can open; the message is one line."""


@dataclass(frozen=True, slots=True)
class StepRange:
    """The events of one step: `tape.events[start:stop]`, from StepBegan to StepEnded."""

    id: str
    start: int
    stop: int


class Tape:
    """An immutable run. Positions count events that have happened: 0 to `len(tape)`."""

    events: tuple[AnyEvent, ...]
    steps: tuple[StepRange, ...]
    nodes: Mapping[int, Node]

    def __init__(self, events: Iterable[AnyEvent] = ()) -> None:
        self.events = tuple(events)

    def __len__(self) -> int:
        return len(self.events)

    def save(self, path: Path | str) -> None:
        """Write the tape as msgpack."""
        raise NotImplementedError

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Open a saved tape; TapeError says in one line why it cannot be."""
        raise NotImplementedError


class TapeBuilder:
    """Collects events as they come."""

    def append(self, event: AnyEvent) -> Self:
        raise NotImplementedError

    def tape(self) -> Tape:
        raise NotImplementedError
