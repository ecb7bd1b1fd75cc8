"""Curves over the epochs of a loop: bars of eighths of a line, in ASCII of whole lines."""

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import TypeAlias

from gradtui.session import Snapshot
from gradtui.tape.curves import Curve, Loop, curves, loop_at, loops
from gradtui.tape.tape import Tape
from gradtui.tape.values import number
from gradtui.tui.glyphs import Glyphs
from gradtui.tui.lines import BLANK, Line, Piece, cells, cut, fit, pad, printable, wrap

HEIGHT = 4  # lines of a chart
AXIS = 9  # columns at its left
WIDEST = 8  # columns of a bar
MOST_LOOPS = 12

_ROLES = {"loss": "strong", "weight": "forward", "gradient": "backward"}


def charts(snap: Snapshot, width: int, glyphs: Glyphs) -> list[Line]:
    """The current loop's curves, one chart each; then what the lesson's other loops did."""
    tape = snap.tape
    loop = None if tape is None else loop_at(tape, snap.position)
    if tape is None or loop is None:
        said = "No loop has run yet. A curve has a point for each pass of a loop."
        return wrap(Line.of(Piece(said, "dim")), width)
    found = curves(tape, loop, snap.position)
    lines = [*_heading(snap, loop, width), BLANK]
    if not found:
        lines += wrap(Line.of(Piece("It has no loss and no gradient so far.", "dim")), width)
    for curve in found:
        lines += [*_chart(curve, len(loop.passes), width, glyphs), BLANK]
    lines += _others(snap, tape, loop, width, glyphs)
    return [fit(line, width, glyphs.ellipsis) for line in lines]


def _heading(snap: Snapshot, loop: Loop, width: int) -> list[Line]:
    begun = sum(1 for start in loop.passes if start < snap.position)
    title = printable(_title(snap, loop.step))
    text = f"   {begun} of {len(loop.passes)} epochs have begun"
    return wrap(Line.of(Piece(title, "strong"), Piece(text, "dim")), width)


def _title(snap: Snapshot, step: str) -> str:
    id = step.partition("/")[0]
    return next((scene.title for scene in snap.scenes if scene.id == id), id)


def _finite(curve: Curve) -> list[float]:
    return [value for value in curve.values if value is not None and isfinite(value)]


def _told(value: float | None) -> str:
    return "" if value is None else number(value)


def _chart(curve: Curve, epochs: int, width: int, glyphs: Glyphs) -> Iterator[Line]:
    """A name with its range, and below it the bars; a curve that never moves is one line."""
    finite = _finite(curve)
    measure = f"  {curve.measure}" if curve.measure else ""
    head = [Piece(printable(curve.name), "strong"), Piece(measure, "dim")]
    if not finite:
        yield Line.of(*head, Piece("  no number so far", "dim"))
        return
    same = {value for value in curve.values if value is not None} == {finite[0]}
    if same and curve.kind != "gradient":
        yield Line.of(*head, Piece(f"  {number(finite[0])} in every epoch", "dim"))
        return
    span = f"  {number(finite[0])} {glyphs.arrow} {number(finite[-1])}"
    yield Line.of(*head, Piece(span, "dim"))
    yield from _bars(curve, finite, epochs, width - AXIS, glyphs)


def _bars(
    curve: Curve, finite: Sequence[float], epochs: int, room: int, glyphs: Glyphs
) -> Iterator[Line]:
    shown = _fitted(curve.values, min(epochs, room))
    wide = max(1, min(WIDEST, room // max(1, min(epochs, room))))
    low, high = min(0.0, *finite), max(0.0, *finite)
    for row in reversed(range(HEIGHT)):
        axis = number(high) if row == HEIGHT - 1 else number(low) if row == 0 else ""
        bars = "".join(_bar(value, (low, high), row, wide, glyphs) for value in shown)
        yield Line.of(
            Piece(f"{cut(axis, AXIS - 2):>{AXIS - 2}} ", "dim"),
            Piece(glyphs.bar, "dim"),
            Piece(bars.rstrip(), _ROLES[curve.kind]),
        )
    if all(cells(_told(value)) < wide for value in shown):
        labels = "".join(pad(_told(value), wide) for value in shown)
        yield Line.of(Piece(" " * AXIS + labels.rstrip(), "dim"))


Values: TypeAlias = Sequence[float | None]


def _fitted(values: Values, room: int) -> Values:
    """As many as there is room for: of several epochs in one column, the last."""
    if len(values) <= room:
        return values
    return [values[(at + 1) * len(values) // room - 1] for at in range(room)]


def _share(value: float, low: float, high: float) -> float:
    return (value - low) / (high - low) if high > low else 0.0


def _bar(
    value: float | None, ends: tuple[float, float], row: int, wide: int, glyphs: Glyphs
) -> str:
    """One line of a bar, with a gap after it where there is room; a cross for what is no number."""
    if value is None:
        return " " * wide
    if not isfinite(value):
        return pad(glyphs.error if row == 0 else " ", wide)
    gap = 1 if wide > 2 else 0
    eighths = max(1, round(_share(value, *ends) * 8 * HEIGHT)) - 8 * row
    return _filled(eighths, glyphs) * (wide - gap) + " " * gap


def _filled(eighths: int, glyphs: Glyphs) -> str:
    if eighths <= 0:
        return " "
    if glyphs.ascii:
        return "#" if eighths >= 8 else "=" if eighths > 4 else "_"
    return glyphs.sparks[min(8, eighths) - 1]


# the other loops, a line a curve


def _others(snap: Snapshot, tape: Tape, here: Loop, width: int, glyphs: Glyphs) -> Iterator[Line]:
    before = [each for each in loops(tape) if each != here and each.passes[0] < snap.position]
    told = [(loop, curves(tape, loop, snap.position)) for loop in before[-MOST_LOOPS:]]
    told = [(loop, found) for loop, found in told if found]
    if told:
        yield Line.of(Piece("The loops before", "heading"))
    for loop, found in told:
        yield Line.of(Piece(cut(printable(_title(snap, loop.step)), width, glyphs.ellipsis), "dim"))
        for curve in found:
            if curve.kind != "weight":
                yield _spark(curve, width, glyphs)


def _spark(curve: Curve, width: int, glyphs: Glyphs) -> Line:
    """`weights.grad  ▃▅▆█ 3 6 9 12`."""
    name = pad(printable(curve.name), 18, glyphs.ellipsis)
    shown = _fitted(curve.values, max(4, (width - 22) // 2))
    finite = _finite(curve)
    ends = min(0.0, *finite, 0.0), max(0.0, *finite, 0.0)
    signs = "".join(_sign(value, ends, glyphs) for value in shown)
    numbers = " ".join(map(_told, curve.values[:24]))
    told = cut(numbers, width - 22 - len(signs), glyphs.ellipsis)
    return Line.of("  ", Piece(name), " ", Piece(signs, _ROLES[curve.kind]), Piece(" " + told))


def _sign(value: float | None, ends: tuple[float, float], glyphs: Glyphs) -> str:
    if value is None or not isfinite(value):
        return " " if value is None else glyphs.error
    return glyphs.sparks[round(_share(value, *ends) * (len(glyphs.sparks) - 1))]
