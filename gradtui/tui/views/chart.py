"""A curve as bars: eighths of a line, in ASCII of whole lines."""

from collections.abc import Collection, Iterator, Sequence
from math import isfinite
from typing import TypeAlias

from gradtui.tape.curves import Curve
from gradtui.tape.values import number
from gradtui.tui.glyphs import Glyphs
from gradtui.tui.lines import Line, Piece, cells, cut, pad
from gradtui.tui.views.cells import number as short

HEIGHT = 4  # lines of a chart, where there is room for no more
AXIS = 9  # columns at its left
WIDEST = 8  # columns of a bar
ROLES = {"loss": "strong", "weight": "forward", "gradient": "backward"}

Ends: TypeAlias = tuple[float, float]  # of the axis


def ends(values: Sequence[float]) -> Ends:
    """An axis for these values, with 0 on it."""
    return min(0.0, 0.0, *values), max(0.0, 0.0, *values)


def finite(curve: Curve) -> list[float]:
    return [value for value in curve.values if value is not None and isfinite(value)]


def told(value: float | None) -> str:
    return "" if value is None else number(value)


def span(curve: Curve, glyphs: Glyphs) -> str:
    """From its first number to its last; `✗` is what is none: `18 → nan  ✗ nan`."""
    known = [value for value in curve.values if value is not None]
    others = dict.fromkeys(number(value) for value in known if not isfinite(value))
    legend = f"  {glyphs.error} {', '.join(others)}" if others else ""
    return f"{number(known[0])} {glyphs.arrow} {number(known[-1])}{legend}"


def end(value: float) -> str:
    """A number in the room there is beside the axis."""
    forms = (number(value), *(short(value, digits) for digits in (5, 4, 3, 2, 1)))
    return next((form for form in forms if len(form) <= AXIS - 2), forms[-1])


def bars(
    curve: Curve,
    axis: Ends,
    epochs: int,
    width: int,
    glyphs: Glyphs,
    marked: Collection[int] = (),
    height: int = HEIGHT,
) -> Iterator[Line]:
    """The bars of a curve with room for all epochs, their numbers where they fit, and below
    each marked epoch a mark."""
    room = width - AXIS
    columns = min(epochs, room)
    shown = fitted(curve.values, columns)
    widths = _widths(columns, room)[: len(shown)]
    for row in reversed(range(height)):
        told_end = end(axis[1]) if row == height - 1 else end(axis[0]) if row == 0 else ""
        drawn = "".join(
            _bar(value, axis, (row, height), wide, glyphs)
            for value, wide in zip(shown, widths, strict=True)
        )
        yield Line.of(
            Piece(f"{cut(told_end, AXIS - 2):>{AXIS - 2}} ", "dim"),
            Piece(glyphs.bar, "dim"),
            Piece(drawn.rstrip(), ROLES[curve.kind]),
        )
    if all(cells(told(value)) < wide for value, wide in zip(shown, widths, strict=True)):
        labels = "".join(pad(told(value), wide) for value, wide in zip(shown, widths, strict=True))
        yield Line.of(Piece(" " * AXIS + labels.rstrip(), "dim"))
    if marked:
        signs = "".join(
            pad(glyphs.changed if _epoch(at, len(curve.values), len(shown)) in marked else "", wide)
            for at, wide in enumerate(widths)
        )
        yield Line.of(Piece(" " * AXIS + signs.rstrip(), "warning"))


def _widths(columns: int, room: int) -> list[int]:
    """Columns of each bar: all the same where there are gaps between them, else all of the room."""
    wide = max(1, min(WIDEST, room // max(1, columns)))
    if wide > 2:
        return [wide] * columns
    return [(at + 1) * room // columns - at * room // columns for at in range(columns)]


Values: TypeAlias = Sequence[float | None]


def fitted(values: Values, room: int) -> Values:
    """As many as there is room for: of several epochs in one column, the last."""
    if len(values) <= room:
        return values
    return [values[_epoch(at, len(values), room)] for at in range(room)]


def _epoch(column: int, epochs: int, columns: int) -> int:
    """The epoch a column shows."""
    return (column + 1) * epochs // columns - 1


def share(value: float, low: float, high: float) -> float:
    return (value - low) / (high - low) if high > low else 0.0


def _bar(value: float | None, ends: Ends, place: tuple[int, int], wide: int, glyphs: Glyphs) -> str:
    """One line of a bar, with a gap after it where there is room; a cross for what is no number.

    `place` is the line, from below, and how many there are.
    """
    row, height = place
    if value is None:
        return " " * wide
    gap = 1 if wide > 2 else 0
    if not isfinite(value):
        crosses = glyphs.error * (1 if gap else wide)
        return pad(crosses if row == 0 else "", wide)
    eighths = max(1, round(share(value, *ends) * 8 * height)) - 8 * row
    return _filled(eighths, glyphs) * (wide - gap) + " " * gap


def _filled(eighths: int, glyphs: Glyphs) -> str:
    if eighths <= 0:
        return " "
    if glyphs.ascii:
        return "#" if eighths >= 8 else "=" if eighths > 4 else "_"
    return glyphs.sparks[min(8, eighths) - 1]
