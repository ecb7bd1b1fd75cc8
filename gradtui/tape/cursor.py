"""Moving over a tape: every move takes a position and gives the next one, in O(log n) or better.

A position is the number of events that have happened, from 0 to `len(tape)`; after event `i` it is
`i + 1`. A move that has nowhere to go gives back the position it was given, so a caller can tell
that nothing moved. `MOVES` names the moves that need no more than a position.
"""

from array import array
from collections.abc import Callable, Mapping
from typing import TypeAlias

from gradtui.tape.index import Ints, Postings, first_from, last_before, slot
from gradtui.tape.tape import Tape

Move: TypeAlias = Callable[[Tape, int], int]
NONE: Ints = array("I")


def goto(tape: Tape, position: int) -> int:
    """`position` brought into the tape."""
    return max(0, min(position, len(tape)))


def start(tape: Tape, position: int) -> int:
    """Before everything."""
    return 0


def end(tape: Tape, position: int) -> int:
    """After everything."""
    return len(tape)


def forward(tape: Tape, position: int) -> int:
    """One event further."""
    return goto(tape, position + 1)


def back(tape: Tape, position: int) -> int:
    """One event back."""
    return goto(tape, position - 1)


def _next(events: Ints, position: int) -> int:
    """Just after the first of these events that has not happened yet."""
    found = first_from(events, position)
    return position if found is None else found + 1


def _previous(events: Ints, position: int) -> int:
    """Just after the last of these events that happened before the present one."""
    found = last_before(events, position - 1)
    return position if found is None else found + 1


def next_stop(tape: Tape, position: int) -> int:
    """The next thing worth seeing: an operation, a node, a print…; at the last one, the end."""
    found = _next(tape.index.stops, position)
    return len(tape) if found == position else found


def previous_stop(tape: Tape, position: int) -> int:
    """The thing worth seeing before; at the first one, the start."""
    found = _previous(tape.index.stops, position)
    return 0 if found == position else found


def step_start(tape: Tape, position: int) -> int:
    """Just after the current step began."""
    here = tape.step_at(position)
    return here.start + 1 if here else position


def step_end(tape: Tape, position: int) -> int:
    """When the current step is over."""
    here = tape.step_at(position)
    return here.stop if here else position


def next_step(tape: Tape, position: int) -> int:
    """Just after the next step begins."""
    return _next(tape.index.step_starts, position)


def previous_step(tape: Tape, position: int) -> int:
    """The beginning of the step before; from within a step, its own beginning first."""
    return _previous(tape.index.step_starts, position)


def _iterations(tape: Tape, position: int) -> Ints:
    """The loop iterations that count as epochs here: those no deeper than the loop we are in."""
    levels = tape.index.iterations
    at = slot(tape.index.loop_events, position)
    depth = len(tape.index.loops[at - 1]) if at else 0
    return levels[min(max(depth, 1), len(levels)) - 1] if levels else NONE


def next_epoch(tape: Tape, position: int) -> int:
    """The beginning of the next iteration of the loop we are in, or of the next loop."""
    return _next(_iterations(tape, position), position)


def previous_epoch(tape: Tape, position: int) -> int:
    """The beginning of this iteration, or of the one before."""
    return _previous(_iterations(tape, position), position)


def next_pass(tape: Tape, position: int) -> int:
    """The beginning of the next backward pass."""
    return _next(tape.index.pass_starts, position)


def previous_pass(tape: Tape, position: int) -> int:
    """The beginning of this backward pass, or of the one before."""
    return _previous(tape.index.pass_starts, position)


def step(tape: Tape, position: int, step_id: str) -> int:
    """Just after the step of that id begins."""
    return next((each.start + 1 for each in tape.steps if each.id == step_id), position)


def _next_posted(postings: Postings, key: int | None, position: int) -> int:
    found = None if key is None else postings.at_or_after(key, position)
    return position if found is None else found + 1


def _previous_posted(postings: Postings, key: int | None, position: int) -> int:
    found = None if key is None else postings.before(key, position - 1)
    return position if found is None else found + 1


def next_run(tape: Tape, position: int, step_id: str, line: int) -> int:
    """The next time line `line` (from 1) of that step is about to run."""
    return _next_posted(tape.index.statements, tape.index.lines.get((step_id, line)), position)


def previous_run(tape: Tape, position: int, step_id: str, line: int) -> int:
    """The last time before that line `line` of that step was about to run."""
    return _previous_posted(tape.index.statements, tape.index.lines.get((step_id, line)), position)


def next_change(tape: Tape, position: int, tensor: int) -> int:
    """The next time this tensor's numbers, or its `.grad`, change."""
    return _next_posted(tape.index.changes, tensor, position)


def previous_change(tape: Tape, position: int, tensor: int) -> int:
    """The last time before that this tensor's numbers, or its `.grad`, changed."""
    return _previous_posted(tape.index.changes, tensor, position)


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
