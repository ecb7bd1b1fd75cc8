"""Two runs side by side, one under the other where it is narrow: same scale, what differs marked."""

from collections.abc import Iterator, Sequence

from gradtui.session import Snapshot
from gradtui.tape.curves import Curve, Loop
from gradtui.tape.values import number
from gradtui.tape.versus import Beside, reasons
from gradtui.tui.glyphs import Glyphs, in_ascii
from gradtui.tui.lines import BLANK, Line, Piece, cells, cut, fit, printable, wrap
from gradtui.tui.views import chart

SIDE_BY_SIDE = 66  # columns from which two charts stand beside each other
GAP = 3
ORIGINAL = "the original"


def charts(
    snap: Snapshot,
    other: Loop,
    loop: Loop,
    pairs: Sequence[Beside],
    width: int,
    glyphs: Glyphs,
) -> Iterator[Line]:
    """What differs and why, then a pair of charts for each curve."""
    yield from why(snap, width, glyphs)
    epochs = max(len(loop.passes), len(other.passes))
    for pair in pairs:
        yield from _pair(snap, pair, epochs, width, glyphs)
        yield BLANK


def why(snap: Snapshot, width: int, glyphs: Glyphs) -> Iterator[Line]:
    """Why the two runs part, once the what-if's step is over or has shown it."""
    if snap.beside is None:
        return
    for reason in reasons(*snap.beside):
        text = in_ascii(reason) if glyphs.ascii else printable(reason)
        yield from wrap(Line.of(Piece(f"{glyphs.changed} ", "warning"), Piece(text)), width, 2)
    yield BLANK


def heading(snap: Snapshot) -> str:
    """What the other version of the step is called."""
    return printable(snap.variant.heading) if snap.variant is not None else ""


def _pair(snap: Snapshot, pair: Beside, epochs: int, width: int, glyphs: Glyphs) -> Iterator[Line]:
    curve = pair.ours or pair.theirs
    assert curve is not None
    numbers = [*_finite(pair.ours), *_finite(pair.theirs)]
    head = [Piece(printable(curve.name), "strong")]
    head += [Piece(f"  {curve.measure}", "dim")] if curve.measure else []
    if pair.ours is not None and pair.theirs is not None and not pair.parting:
        yield fit(Line.of(*head, *_alike(pair.ours, numbers, glyphs)), width, glyphs.ellipsis)
        return
    yield Line.of(*head)
    beside = width >= SIDE_BY_SIDE
    room = (width - GAP) // 2 if beside else width
    axis = chart.ends(numbers)
    mine = _half(pair.ours, heading(snap), axis, epochs, room, glyphs, pair.parting)
    yours = _half(pair.theirs, ORIGINAL, axis, epochs, room, glyphs)
    yield from _joined(mine, yours, room) if beside else (*mine, *yours)


def _finite(curve: Curve | None) -> list[float]:
    return [] if curve is None else chart.finite(curve)


def _alike(curve: Curve, numbers: Sequence[float], glyphs: Glyphs) -> Iterator[Piece]:
    if not numbers:
        yield Piece("  no number so far", "dim")
        return
    first, last = numbers[0], chart.finite(curve)[-1]
    span = number(first) if first == last else f"{number(first)} {glyphs.arrow} {number(last)}"
    yield Piece(f"  {glyphs.same} the same in both: {span}", "good")


def _half(
    curve: Curve | None,
    title: str,
    axis: chart.Ends,
    epochs: int,
    width: int,
    glyphs: Glyphs,
    parting: Sequence[int] = (),
) -> list[Line]:
    """One run's chart under its title."""
    finite = _finite(curve)
    span = "" if curve is None or not finite else f"  {chart.span(curve, glyphs)}"
    head = Line.of(
        Piece(cut(title, width - cells(span), glyphs.ellipsis), "heading"), Piece(span, "dim")
    )
    if curve is None or not finite:
        return [head, Line.of(Piece("no number of that name", "dim"))]
    return [head, *chart.bars(curve, axis, epochs, width, glyphs, parting)]


def _joined(left: Sequence[Line], right: Sequence[Line], room: int) -> Iterator[Line]:
    for at in range(max(len(left), len(right))):
        mine = left[at] if at < len(left) else BLANK
        yours = right[at] if at < len(right) else BLANK
        gap = " " * (room + GAP - mine.width)
        yield Line((*mine.pieces, Piece(gap), *yours.pieces))
