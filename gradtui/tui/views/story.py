"""The left side: a step's prose, and its code as a cell with what it has printed so far."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import chain

from msgspec import Struct

from gradtui.language.source import Span
from gradtui.session import Snapshot
from gradtui.tape.events import Printed, Raised, Stopped
from gradtui.tape.state import State
from gradtui.tui.glyphs import Glyphs, in_ascii
from gradtui.tui.highlight import highlight, light
from gradtui.tui.lines import BLANK, Line, Piece, Target, cells, fit, printable, wrap
from gradtui.tui.prose import prose
from gradtui.tui.views import verdicts

EXPLORING = (("edit it", "edit"), ("change it", "toggle"), ("try code", "scratch"))
MOST_OUTPUT = 200  # lines of output that are shown, the last ones


class Story(Struct, frozen=True):
    """Lines, and the one to keep in sight: where the program is."""

    lines: tuple[Line, ...]
    focus: int


def story(snap: Snapshot, width: int, glyphs: Glyphs) -> Story:
    """The step as far as it has been replayed."""
    state = snap.state
    top = [*_title(snap, width), BLANK, *_prose(snap, width, glyphs)]
    cell, focus = _cell(snap, state, width, glyphs)
    below = list(_below(snap, width, glyphs))
    focus = len(top) + focus if focus is not None else 0
    if snap.finished and not snap.fresh:
        focus = len(top) + len(cell) + min(len(below), 4) - 1
    return Story((*top, *cell, *below), focus)


def _title(snap: Snapshot, width: int) -> list[Line]:
    number = f"{snap.at + 1}/{len(snap.scenes)} "
    source = snap.scene.source
    if len(snap.scenes) == 1:
        return wrap(Line.of(Piece(printable(snap.scene.title), "title")), width)
    gap = width - len(number) - cells(snap.scene.title) - len(source)
    tail = [Piece(" " * gap + source, "dim")] if source and gap > 1 else []
    title = Piece(printable(snap.scene.title), "title")
    return wrap(Line.of(Piece(number, "dim"), title, *tail), width, len(number))


def _prose(snap: Snapshot, width: int, glyphs: Glyphs) -> Iterator[Line]:
    said = snap.said
    if snap.variant is not None:
        yield from wrap(Line.of(Piece(snap.variant.heading, "heading")), width)
        yield BLANK
    if said:
        yield from markdown(said, width, glyphs)
        yield BLANK


def markdown(text: str, width: int, glyphs: Glyphs) -> tuple[Line, ...]:
    """Prose, in the signs this terminal knows."""
    return prose(in_ascii(text) if glyphs.ascii else text, width, glyphs)


# the cell


def _cell(
    snap: Snapshot, state: State | None, width: int, glyphs: Glyphs
) -> tuple[list[Line], int | None]:
    if not snap.code:
        return [], None
    span = None if state is None or snap.fresh else state.span
    rows = light(highlight(snap.code), span)
    new = _new_lines(snap)
    lines: list[Line] = []
    focus = None
    for number, pieces in enumerate(rows, 1):
        here = span is not None and span.line == number
        focus = len(lines) if here else focus
        lines += _code_line(number, pieces, here, number in new, width, glyphs)
    output = _output(snap, width, glyphs) if state is not None else []
    if output:
        lines.append(Line.of(Piece(glyphs.bar, "faint")))
        lines += output
    if isinstance(snap.event, Printed | Raised | Stopped) and output:
        focus = len(lines) - 1
    return [*lines, BLANK], focus


def _new_lines(snap: Snapshot) -> frozenset[int]:
    """Lines, from 1, of a what-if that the lesson's step does not have."""
    if snap.variant is None:
        return frozenset()
    matcher = SequenceMatcher(None, snap.scene.code.split("\n"), snap.code.split("\n"), False)
    blocks = [range(b, b + size) for _, b, size in matcher.get_matching_blocks()]
    old = {line for block in blocks for line in block}
    return frozenset(n + 1 for n in range(snap.code.count("\n") + 1) if n not in old)


def _code_line(
    number: int, pieces: tuple[Piece, ...], here: bool, new: bool, width: int, glyphs: Glyphs
) -> Iterator[Line]:
    """A line of code; in a what-if, lines the lesson's step does not have are marked."""
    code = "".join(piece.text for piece in pieces)
    hang = min(len(code) - len(code.lstrip()) + 4, width // 2)  # the rest of it, within its block
    target = Target("line", number)
    gutter = Piece(f"{glyphs.bar} ", "faint")
    first = Piece(f"{glyphs.changed} ", "warning") if new else gutter
    first = Piece(f"{glyphs.current} ", "marker") if here else first
    for row, line in enumerate(wrap(Line(pieces), width - 2, hang)):
        mark = gutter if row else first
        yield Line((mark, *line.pieces), "here" if here else "", target)


def _output(snap: Snapshot, width: int, glyphs: Glyphs) -> list[Line]:
    """What has been printed and raised, each with torch's verdict in the margin."""
    lines: list[Line] = []
    for at, text, role in _said(snap):
        mark = verdicts.sign(verdicts.at(snap.verdicts, at), glyphs)
        for part in text.removesuffix("\n").split("\n"):
            for row in wrap(Line.of(Piece(printable(part), role)), width - 2, _hang(part, width)):
                lines.append(Line((mark, Piece(" "), *row.pieces), "", Target("goto", at + 1)))
                mark = Piece(" ")
    return lines[-MOST_OUTPUT:]


def _hang(text: str, width: int) -> int:
    """How far the rest of a long line of output is moved right, to be seen as its rest."""
    return min(len(text) - len(text.lstrip()) + 2, width // 3)


def _said(snap: Snapshot) -> Iterator[tuple[int, str, str]]:
    """Prints and errors of the scene that have happened: event, text, role."""
    if snap.tape is None or snap.range is None:
        return
    index = snap.tape.index
    spoken = [
        _between(each, snap.range.start, snap.position) for each in (index.prints, index.errors)
    ]
    end = len(snap.tape) - 1
    last = [end] if end < snap.position and isinstance(snap.tape.events[end], Stopped) else []
    for at in sorted({*chain(*spoken), *last}):
        event = snap.tape.events[at]
        if isinstance(event, Printed):
            yield at, event.text, "output"
        elif isinstance(event, Raised) and not event.caught:
            yield at, f"{event.type}: {event.message}", "error"
        elif isinstance(event, Stopped):
            yield at, event.reason, "error"


def _between(events: Sequence[int], start: int, stop: int) -> Sequence[int]:
    return events[bisect_left(events, start) : bisect_left(events, stop)][-MOST_OUTPUT:]


# below the cell


def _below(snap: Snapshot, width: int, glyphs: Glyphs) -> Iterator[Line]:
    if snap.tape is None:
        yield Line.of(Piece("recording the run" + glyphs.ellipsis, "dim"))
        return
    asks = snap.scene.question and snap.variant is None and snap.scene.id not in snap.answered
    if snap.fresh and asks:
        when = "you skipped this" if snap.scene.id in snap.skipped else "before it does"
        words = f"predict what will happen, {when}"
        yield _invite(words, "ask", width, glyphs)
    if snap.fresh and snap.range is not None and not snap.finished:
        yield _invite("run it, one stop at a time", "forward", width, glyphs)
    if not snap.finished:
        return
    if snap.explained:
        yield from markdown(snap.explained, width, glyphs)
        yield BLANK
    yield from _onwards(snap, width, glyphs)


def _onwards(snap: Snapshot, width: int, glyphs: Glyphs) -> Iterator[Line]:
    if snap.variant is not None:
        yield _invite("back to the lesson's own code", "what_if", width, glyphs)
        yield from _invites((("both tapes", "compare"), *EXPLORING), width, glyphs)
        return
    if snap.scene.task:
        words = "the exercise again" if snap.scene.id in snap.solved else "your turn: an exercise"
        yield _invite(words, "exercise", width, glyphs)
    if snap.scene.variants:
        label = snap.scene.variants[0].label
        yield _invite(f"what if: {label}", "what_if", width, glyphs)
    if snap.code:
        yield from _invites(EXPLORING, width, glyphs)
    if snap.at + 1 < len(snap.scenes):
        title = snap.scenes[snap.at + 1].title
        yield _invite(f"next: {title}", "next_step", width, glyphs)
    elif len(snap.scenes) > 1:
        yield Line.of(Piece("This is the end of the lesson.", "dim"))


def _invite(text: str, action: str, width: int, glyphs: Glyphs) -> Line:
    pieces = Piece(f" {glyphs.key(action)} ", "key"), Piece(" " + printable(text))
    return fit(Line.of(*pieces, target=Target(action)), width, glyphs.ellipsis)


def _invites(those: Sequence[tuple[str, str]], width: int, glyphs: Glyphs) -> Iterator[Line]:
    """Several in a line, each to be clicked; those it has no room for in the next."""
    row: list[Piece] = []
    for text, action in those:
        key = Piece(f" {glyphs.key(action)} ", "key", Target(action))
        said = Piece(f" {text}  ", "", Target(action))
        if row and cells("".join(p.text for p in (*row, key, said)).rstrip()) > width:
            yield Line.of(*row)
            row = []
        row += [key, said]
    yield fit(Line.of(*row), width, glyphs.ellipsis)


def lit_lines(lines: Sequence[Line]) -> list[str]:
    """The lit text of each line that has any: what runs at the moment."""
    lit = ("".join(p.text for p in line.pieces if "lit" in p.role.split()) for line in lines)
    return [text for text in lit if text]


__all__ = ["Span", "Story", "lit_lines", "markdown", "story"]
