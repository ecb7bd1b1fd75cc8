"""Moving over a tape: every move agrees with a naive search over the events."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample import Run, document

from gradtui.tape import cursor
from gradtui.tape import events as e
from gradtui.tape.tape import Tape

TAPE = document().tape()
POSITIONS = st.integers(0, len(TAPE))


def naive(wanted: type[e.Event], position: int, back: bool = False) -> int:
    """Just after the next (or previous) event of a kind, or the position itself."""
    places = [at + 1 for at, event in enumerate(TAPE.events) if isinstance(event, wanted)]
    if back:
        return max((place for place in places if place < position), default=position)
    return min((place for place in places if place > position), default=position)


@pytest.mark.parametrize(
    ("forth", "back", "kind"),
    [
        (cursor.next_step, cursor.previous_step, e.StepBegan),
        (cursor.next_epoch, cursor.previous_epoch, e.Iteration),
        (cursor.next_pass, cursor.previous_pass, e.BackwardBegan),
    ],
)
@given(position=POSITIONS)
def test_jumps(forth: cursor.Move, back: cursor.Move, kind: type[e.Event], position: int) -> None:
    assert forth(TAPE, position) == naive(kind, position)
    assert back(TAPE, position) == naive(kind, position, back=True)


@given(position=POSITIONS, name=st.sampled_from(sorted(cursor.MOVES)))
def test_every_move_stays_on_the_tape(position: int, name: str) -> None:
    assert 0 <= cursor.MOVES[name](TAPE, position) <= len(TAPE)


@given(position=st.integers(-5, len(TAPE) + 5))
def test_goto_is_brought_into_the_tape(position: int) -> None:
    assert cursor.goto(TAPE, position) == min(max(position, 0), len(TAPE))


def test_stops_there_and_back_again() -> None:
    forth, position = [0], 0
    while position < len(TAPE):
        position = cursor.next_stop(TAPE, position)
        forth.append(position)
    back = [position]
    while position > 0:
        position = cursor.previous_stop(TAPE, position)
        back.append(position)
    assert back == forth[::-1]


def test_statements_and_bindings_are_no_stops() -> None:
    passing = (e.Statement, e.Bound, e.Probed, e.StepEnded)
    stops = {at + 1 for at in TAPE.index.stops}
    for at, event in enumerate(TAPE.events):
        if isinstance(event, passing):
            assert at + 1 not in stops


def test_a_change_told_twice_is_one_stop() -> None:
    change = next(i for i, event in enumerate(TAPE.events) if isinstance(event, e.Changed))
    assert isinstance(TAPE.events[change - 1], e.Operation)
    assert cursor.previous_stop(TAPE, change + 1) < change
    assert cursor.next_stop(TAPE, change - 1) == change + 1


def test_step_ends() -> None:
    for step in TAPE.steps:
        inside = step.start + 2
        assert cursor.step_start(TAPE, inside) == step.start + 1
        assert cursor.step_end(TAPE, inside) == step.stop
        assert cursor.step(TAPE, 0, step.id) == step.start + 1


def test_next_time_a_line_runs() -> None:
    run = Run().leaf("x")
    for _ in range(3):
        run.statement(7)
    tape = run.tape()
    statements = [(i + 1, v) for i, v in enumerate(tape.events) if isinstance(v, e.Statement)]
    places = [place for place, event in statements if event.span and event.span.line == 7]
    assert [cursor.next_run(tape, p - 1, "one", 7) for p in places] == places
    assert cursor.previous_run(tape, places[2], "one", 7) == places[1]
    assert cursor.next_run(tape, places[2], "one", 7) == places[2]
    assert cursor.next_run(tape, 0, "one", 99) == 0


def test_next_time_a_tensor_changes() -> None:
    w = next(leaf for leaf in TAPE.index.leaves if leaf != 0)
    changes, position = [], 0
    while (found := cursor.next_change(TAPE, position, w)) != position:
        position = found
        changes.append(type(TAPE.events[position - 1]).__name__)
    assert changes == ["Accumulated", "Changed"] * 3
    assert cursor.previous_change(TAPE, position + 1, w) == position


def test_inner_loops_are_stepped_over_from_outside() -> None:
    run = Run()
    for outer in range(2):
        run.loop(outer, "epoch", line=1)
        for inner in range(3):
            run.loop(inner, "batch", line=2, column=4)
            run.statement(3, column=8)
    tape = run.tape()
    first = cursor.next_epoch(tape, 0)
    assert tape.events[cursor.next_epoch(tape, first) - 1].index == 1  # type: ignore[union-attr]
    inside = cursor.next_stop(tape, first)
    assert tape.events[cursor.next_epoch(tape, inside) - 1].target == "batch"  # type: ignore[union-attr]


def test_an_empty_tape_goes_nowhere() -> None:
    assert {move(Tape(), 0) for move in cursor.MOVES.values()} == {0}
