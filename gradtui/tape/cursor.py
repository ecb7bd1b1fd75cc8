"""Moving over a tape: every move takes a position and gives the next one, in O(log n) or better.

A position is the number of events that have happened, from 0 to `len(tape)`. A move that has nowhere
to go gives back the position it was given, so a caller can tell that nothing moved.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from gradtui.tape.tape import Tape

Move: TypeAlias = Callable[[Tape, int], int]


def goto(tape: Tape, position: int) -> int:
    """`position` brought into the tape."""
    raise NotImplementedError


def start(tape: Tape, position: int) -> int: ...  # type: ignore[empty-body]
def end(tape: Tape, position: int) -> int: ...  # type: ignore[empty-body]
def forward(tape: Tape, position: int) -> int: ...  # type: ignore[empty-body]
def back(tape: Tape, position: int) -> int: ...  # type: ignore[empty-body]
def next_stop(tape: Tape, position: int) -> int: ...  # type: ignore[empty-body]
def previous_stop(tape: Tape, position: int) -> int: ...  # type: ignore[empty-body]
def step_start(tape: Tape, position: int) -> int: ...  # type: ignore[empty-body]
def step_end(tape: Tape, position: int) -> int: ...  # type: ignore[empty-body]
def next_step(tape: Tape, position: int) -> int: ...  # type: ignore[empty-body]
def previous_step(tape: Tape, position: int) -> int: ...  # type: ignore[empty-body]
def next_epoch(tape: Tape, position: int) -> int: ...  # type: ignore[empty-body]
def previous_epoch(tape: Tape, position: int) -> int: ...  # type: ignore[empty-body]
def next_pass(tape: Tape, position: int) -> int: ...  # type: ignore[empty-body]
def previous_pass(tape: Tape, position: int) -> int: ...  # type: ignore[empty-body]


def step(tape: Tape, position: int, step_id: str) -> int:
    """Where the step of that id begins (just after its StepBegan)."""
    raise NotImplementedError


def next_run(tape: Tape, position: int, step_id: str, line: int) -> int:
    """The next time line `line` (from 1) of that step runs."""
    raise NotImplementedError


def previous_run(tape: Tape, position: int, step_id: str, line: int) -> int:
    raise NotImplementedError


def next_change(tape: Tape, position: int, tensor: int) -> int:
    """The next time this tensor's numbers, or its `.grad`, change."""
    raise NotImplementedError


def previous_change(tape: Tape, position: int, tensor: int) -> int:
    raise NotImplementedError


MOVES: Mapping[str, Move] = {
    "start": start,
    "end": end,
    "forward": forward,
    "back": back,
    "next_stop": next_stop,
    "previous_stop": previous_stop,
    "step_start": step_start,
    "step_end": step_end,
    "next_step": next_step,
    "previous_step": previous_step,
    "next_epoch": next_epoch,
    "previous_epoch": previous_epoch,
    "next_pass": next_pass,
    "previous_pass": previous_pass,
}
