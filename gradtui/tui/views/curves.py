"""Curves over the epochs of a loop: the current loop's as charts, the others' a line a curve."""

from collections.abc import Iterator, Sequence
from math import isfinite

from gradtui.session import Snapshot
from gradtui.tape.curves import Curve, Loop, curves, loop_at, loops
from gradtui.tape.tape import Tape
from gradtui.tape.values import number
from gradtui.tape.versus import Beside, curves_beside
from gradtui.tui.glyphs import Glyphs
from gradtui.tui.lines import BLANK, Line, Piece, cut, fit, pad, printable, wrap
from gradtui.tui.views import chart, versus

MOST_LOOPS = 12
HIGHEST = 10  # lines of a chart
AROUND = 3  # lines of a chart that are not its bars


def charts(snap: Snapshot, width: int, glyphs: Glyphs, tall: int = 0) -> list[Line]:
    """The current loop's curves, one chart each; then what the lesson's other loops did.

    With a what-if open, both runs' curves, side by side where there is room. Of `tall` lines the
    charts take what there is.
    """
    tape = snap.tape
    loop = None if tape is None else loop_at(tape, snap.position)
    if tape is None or loop is None:
        said = "No loop has run yet. A curve has a point for each pass of a loop."
        return wrap(Line.of(Piece(said, "dim")), width)
    lines = [*_heading(snap, loop, width), BLANK]
    both, others = _both(snap, loop), list(_others(snap, tape, loop, width, glyphs))
    if both is None:
        found = curves(tape, loop, snap.position)
        height = _height(found, len(loop.passes), tall - len(lines) - len(others))
        for curve in found:
            lines += [*_chart(curve, len(loop.passes), width, glyphs, height), BLANK]
    else:
        lines += versus.charts(snap, both[0], loop, both[1], width, glyphs)
        found = tuple(curve for pair in both[1] for curve in (pair.ours, pair.theirs) if curve)
    if not found:
        lines += wrap(Line.of(Piece("It has no loss and no gradient so far.", "dim")), width)
    lines += others
    return [fit(line, width, glyphs.ellipsis) for line in lines]


def _both(snap: Snapshot, loop: Loop) -> tuple[Loop, tuple[Beside, ...]] | None:
    """The loop of the original run, and the curves of both, while a what-if is open."""
    if snap.beside is None or loop.step != snap.beside[0].step.id:
        return None
    return curves_beside(*snap.beside, loop, snap.position)


def _heading(snap: Snapshot, loop: Loop, width: int) -> list[Line]:
    begun = sum(1 for start in loop.passes if start < snap.position)
    title = printable(_title(snap, loop.step))
    count = len(loop.passes)
    text = f"   {begun} of {count} {'epoch has' if count == 1 else 'epochs have'} begun"
    return wrap(Line.of(Piece(title, "strong"), Piece(text, "dim")), width)


def _title(snap: Snapshot, step: str) -> str:
    id = step.partition("/")[0]
    return next((scene.title for scene in snap.scenes if scene.id == id), id)


def _height(found: Sequence[Curve], epochs: int, tall: int) -> int:
    """How high each chart is, so that all of them take what there is."""
    drawn = sum(chart.finite(curve) != [] and not _is_still(curve, epochs) for curve in found)
    left = tall - 2 * (len(found) - drawn)
    return max(chart.HEIGHT, min(HIGHEST, left // max(1, drawn) - AROUND))


def _is_still(curve: Curve, epochs: int) -> bool:
    """Whether it never moves; gradients that do not are still worth seeing, unless they are 0."""
    known = {value for value in curve.values if value is not None}
    return len(known) == 1 and (curve.kind != "gradient" or epochs == 1 or known == {0.0})


def _chart(curve: Curve, epochs: int, width: int, glyphs: Glyphs, height: int) -> Iterator[Line]:
    """A name with its range, and below it the bars; a curve that never moves is one line."""
    finite = chart.finite(curve)
    measure = f"  {curve.measure}" if curve.measure else ""
    head = [Piece(printable(curve.name), "strong"), Piece(measure, "dim")]
    if not finite:
        known = [value for value in curve.values if value is not None]
        told = f"{number(known[0])} in every epoch" if known else "no number so far"
        yield Line.of(*head, Piece(f"  {told}", "dim"))
        return
    if _is_still(curve, epochs):
        every = " in every epoch" if epochs > 1 else ""
        yield Line.of(*head, Piece(f"  {number(finite[0])}{every}", "dim"))
        return
    yield from wrap(Line.of(*head, Piece(f"  {chart.span(curve, glyphs)}", "dim")), width, 4)
    yield from chart.bars(curve, chart.ends(finite), epochs, width, glyphs, height=height)


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
    shown = chart.fitted(curve.values, max(4, (width - 22) // 2))
    finite = chart.finite(curve)
    ends = chart.ends(finite)
    signs = "".join(_sign(value, ends, glyphs) for value in shown)
    numbers = " ".join(map(chart.told, curve.values[:24]))
    told = cut(numbers, width - 22 - len(signs), glyphs.ellipsis)
    return Line.of("  ", Piece(name), " ", Piece(signs, chart.ROLES[curve.kind]), Piece(" " + told))


def _sign(value: float | None, ends: tuple[float, float], glyphs: Glyphs) -> str:
    if value is None or not isfinite(value):
        return " " if value is None else glyphs.error
    return glyphs.sparks[round(chart.share(value, *ends) * (len(glyphs.sparks) - 1))]
