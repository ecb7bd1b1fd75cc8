"""The replay as linear text, for pipes, CI and screen readers."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from gradtui.tape.tape import Tape


class Verdict(Protocol):
    """What the comparison with torch says of an event."""

    @property
    def kind(self) -> str: ...  # "same", "close", "differs", "waiting", "not compared"
    @property
    def text(self) -> str: ...  # one line


def lines(
    tape: Tape,
    verdicts: Sequence[Verdict | None] | None = None,
    width: int = 80,
    sources: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """Every step, line by line. `sources` maps a step's id to its code; `verdicts` is by event."""
    raise NotImplementedError


def describe(tape: Tape, position: int) -> str:
    """One line for the event that has just happened."""
    raise NotImplementedError
