"""The lines around the panes that tell of the session: title, steps, timeline, status."""

from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache

from gradtui.session import Snapshot
from gradtui.tape import plain
from gradtui.tape.events import Iteration, StepBegan, StepEnded
from gradtui.tape.tape import Tape
from gradtui.tui.glyphs import Glyphs, in_ascii
from gradtui.tui.lines import Line, Piece, Target, cells, cut, fit, printable
from gradtui.tui.views import frame, verdicts


def header(snap: Snapshot, width: int, glyphs: Glyphs) -> Line:
    """`gradtui  Gradients with autograd … 1 question skipped   step 3 of 18`."""
    where = f"step {snap.at + 1} of {len(snap.scenes)}" if len(snap.scenes) > 1 else ""
    told = [*_told(snap), where]
    room = width - cells(snap.title) - len(" gradtui   ")
    while len(told) > 1 and len("   ".join(told)) > room:
        del told[0]
    return frame.header(snap.title, "   ".join(told), width, glyphs.ellipsis)


def _told(snap: Snapshot) -> list[str]:
    """What is worth knowing besides, the least needed first."""
    count = len(snap.skipped)
    skipped = [f"{count} question{'s' if count > 1 else ''} skipped"] if count else []
    return [*skipped, *(["asking at nodes"] if snap.drilling else [])]


# the timeline

DENSE = 0.75  # marks a column from which on they would fill the line
DENSE_EPOCHS = 0.4  # and epochs, which stand alone


def timeline(snap: Snapshot, width: int, glyphs: Glyphs) -> Line:
    """The events of the step from left to right, what happens in them marked, and where we are."""
    tape, here = snap.tape, snap.range
    label = _clock(snap, glyphs)
    room = width - cells(label) - 1
    if tape is None or here is None or room < 4:
        return Line.of(Piece(glyphs.future * max(0, room), "faint"), " ", Piece(label, "dim"))
    length = max(1, here.stop - here.start - 1)
    marks = _marks(tape, here.start + 1, here.stop, room)
    at = min(room - 1, (snap.position - here.start - 1) * (room - 1) // length)
    pieces = []
    for column, kind in enumerate(marks):
        target = Target("goto", here.start + 1 + -(-column * length // max(1, room - 1)))
        sign, role = _sign(kind, column <= at, glyphs)
        if column == at:
            sign, role = glyphs.here, "marker"
        pieces.append(Piece(sign, role, target))
    return Line.of(*pieces, " ", Piece(label, "dim"))


def _clock(snap: Snapshot, glyphs: Glyphs) -> str:
    sign = glyphs.playing if snap.playing else glyphs.paused
    total = snap.tape.last if snap.tape is not None else 0
    return f"{sign} {snap.speed:g}/s  {snap.position}/{total}"


def _sign(kind: str, past: bool, glyphs: Glyphs) -> tuple[str, str]:
    signs = {
        "error": (glyphs.error, "error"),
        "print": (glyphs.printed, "good" if past else "dim"),
        "epoch": (glyphs.epoch, "strong" if past else "dim"),
        "backward": (glyphs.backward, "backward" if past else "dim"),
    }
    if kind in signs:
        return signs[kind]
    return (glyphs.past, "forward") if past else (glyphs.future, "faint")


@lru_cache(maxsize=64)
def _marks(tape: Tape, start: int, stop: int, room: int) -> tuple[str, ...]:
    """What stands out in each column: errors before prints before epochs before passes."""
    index = tape.index
    marks = [""] * room
    length = max(1, stop - start)

    def put(kind: str, events: Sequence[int]) -> None:
        here = events[bisect_left(events, start) : bisect_left(events, stop)]
        most = room * (DENSE_EPOCHS if kind == "epoch" else DENSE)
        if len(here) > most and kind != "error":
            return  # what is everywhere marks nothing
        for at in here:
            marks[min(room - 1, (at + 1 - start) * (room - 1) // length)] = kind

    put("backward", index.node_runs)
    put(
        "epoch", [i for i in _iterations(index.iterations) if isinstance(tape.events[i], Iteration)]
    )
    put("print", index.prints)
    put("error", index.errors)
    return tuple(marks)


def _iterations(levels: Sequence[Sequence[int]]) -> Sequence[int]:
    return levels[0] if levels else ()


def steps(snap: Snapshot, width: int, glyphs: Glyphs) -> Line:
    """All steps of the lesson, to be clicked; `?` stands at those whose question was skipped."""
    pieces: list[Piece] = []
    for at, scene in enumerate(snap.scenes):
        role = "tab-on" if at == snap.at else "good" if at < snap.at else "dim"
        mark = "?" if scene.id in snap.skipped else ""
        text = f"[{at + 1}{mark}]" if at == snap.at else f" {at + 1}{mark or ' '}"
        pieces.append(Piece(text, role, Target("step", at)))
    line = Line.of(Piece(" steps ", "dim"), *pieces)
    if line.width <= width:
        return line
    return _window(pieces, snap.at, width, glyphs)


def _window(pieces: Sequence[Piece], at: int, width: int, glyphs: Glyphs) -> Line:
    """As many steps around the present one as there is room for."""
    first = last = at
    room = width - cells(pieces[at].text) - 2
    while True:
        grown = False
        for candidate in (last + 1, first - 1):
            if 0 <= candidate < len(pieces) and cells(pieces[candidate].text) <= room:
                room -= cells(pieces[candidate].text)
                first, last, grown = min(first, candidate), max(last, candidate), True
        if not grown:
            break
    ends = (glyphs.ellipsis if first else " ", glyphs.ellipsis if last + 1 < len(pieces) else " ")
    return Line.of(Piece(ends[0], "dim"), *pieces[first : last + 1], Piece(ends[1], "dim"))


# status


def status(snap: Snapshot, width: int, glyphs: Glyphs) -> Line:
    """The event in words at the left, torch at the right."""
    text = snap.notice or words(snap)
    text = in_ascii(text) if glyphs.ascii else printable(text)
    verdict = [] if snap.notice else _current(snap, glyphs)
    lead = sum(cells(piece.text) for piece in verdict)
    right = verdicts.summary(snap.torch, snap.tally, glyphs, short=lead + cells(text) + 36 > width)
    size = sum(cells(piece.text) for piece in right)
    if snap.notice and cells(text) + size + 3 > width:
        right, size = [], 0  # what was just asked for matters more for the moment
    room = max(10, width - size - 3 - lead)
    shown = cut(text, room, glyphs.ellipsis)
    gap = width - cells(shown) - size - 2 - lead
    line = Line.of(" ", *verdict, Piece(shown), Piece(" " * max(1, gap)), *right, " ", role="bar")
    return fit(line, width, glyphs.ellipsis)


def words(snap: Snapshot) -> str:
    """The current event in one line."""
    if snap.tape is None:
        return ""
    number = f"Step {snap.at + 1}" if len(snap.scenes) > 1 else "The script"
    match snap.event:
        case StepBegan():
            return f"{number}: nothing of it has run yet."
        case StepEnded():
            return f"{number} is over."
    return plain.describe(snap.tape, snap.position)


def _current(snap: Snapshot, glyphs: Glyphs) -> list[Piece]:
    """Torch's word on the event; at the end of a step, on all of it."""
    here, event = snap.range, snap.event
    if isinstance(event, StepEnded) and here is not None:
        verdict = verdicts.worst(snap.verdicts, range(here.start, here.stop))
    else:
        verdict = verdicts.at(snap.verdicts, snap.position - 1)
    if verdict is None or isinstance(event, StepBegan):
        return []
    return [verdicts.sign(verdict, glyphs), Piece(" ")]
