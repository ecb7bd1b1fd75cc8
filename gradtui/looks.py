"""Looks at the nodes of a recorded run, one after another: for text that waits for its answers.

rows(program, tape)[7]               # "3 of 3 rows of J the same": torch's word on event 7
ask_own(program, tape, ONES)         # J·u of the lesson's own Functions is known from then on
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import gradtui.engine as engine
from gradtui.language.program import Look, Program
from gradtui.oracle.rows import compare_rows
from gradtui.tape import pictures
from gradtui.tape.events import AnyEvent, NodeRan
from gradtui.tape.recorder import play
from gradtui.tape.tangents import Direction, answer, question
from gradtui.tape.tape import Tape
from gradtui.tape.whole import TOTAL, Lacking, fill, lacking, replay

MOST = 200  # looks at one run: each runs the program again


def rows(program: Program, tape: Tape) -> Mapping[int, str]:
    """What torch says of the rows of each node's Jacobians, by event; nothing without torch."""
    from gradtui.oracle.client import OracleError, run_many

    wanted = [
        (at, _look(program, Look(event.number, event.node)))
        for at, event in enumerate(tape.events)
        if isinstance(event, NodeRan) and tape.nodes[event.node].leaf is None
    ][:MOST]
    found: dict[int, str] = {}
    try:
        for index, events in run_many([looking for _, looking in wanted], jobs=2):
            at, looking = wanted[index]
            ours, theirs = _told(_played(looking)), _told(events)
            if ours is not None:
                pictures.keep(tape, ours.node, ours.jacobians)
            if ours is not None and theirs is not None:
                found[at] = compare_rows(ours.jacobians, theirs.jacobians).text
    except OracleError:
        return {}
    return found


def ask_whole(program: Program, tape: Tape) -> None:
    """Runs the program again for the numbers of large tensors that forward mode goes through."""
    runs = [at for at, event in enumerate(tape.events) if isinstance(event, NodeRan)]
    wanted: dict[int, int] = {}
    for at in runs[:MOST]:
        lacks = lacking(tape, at)
        more = wanted if lacks is None else {**wanted, **lacks.events}
        wanted = more if sum(more.values()) <= TOTAL else wanted
    if wanted:
        fill(tape, runs[-1], replay(program, engine, Lacking(wanted)))


def ask_own(program: Program, tape: Tape, direction: Direction) -> None:
    """Asks the lesson's own Functions for the J·u that forward mode waits for."""
    asked = 0
    for at in range(len(tape)):
        waits = question(tape, at, direction)
        while waits is not None and asked < MOST:
            asked += 1
            look = Look(*waits)
            ours = _told(_played(_look(program, look)))
            answer(tape, look.node, look.tangents, () if ours is None else ours.products)
            waits = question(tape, at, direction)


def _look(program: Program, look: Look) -> Program:
    return replace(program, look=look, then=())


def _played(program: Program) -> list[AnyEvent]:
    events: list[AnyEvent] = []
    play(program, engine, events.append)
    return events


def _told(events: Sequence[AnyEvent]) -> NodeRan | None:
    return next((event for event in events if isinstance(event, NodeRan)), None)
